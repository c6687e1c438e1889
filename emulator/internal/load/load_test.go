package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/event"
	"github.com/llm-dev-ops/redshift/emulator/internal/faults"
	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

// rows is a sink that keeps what it is given, as text.
type rows struct {
	columns []Column
	lines   []string
	kept    []string // after Close
	first   func()   // before the first row
}

func (r *rows) AppendRow(values []engine.Value) error {
	if r.first != nil {
		r.first()
		r.first = nil
	}
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = show(v, r.columns[i].Type)
	}
	r.lines = append(r.lines, strings.Join(parts, " | "))
	return nil
}

func (r *rows) Close() error { r.kept = r.lines; return nil }
func (r *rows) Abort()       {}

// show prints a value, whose insides only reflection sees without a database.
func show(v engine.Value, t rstype.Type) string {
	if v == (engine.Value{}) {
		return "NULL"
	}
	s := reflect.ValueOf(v)
	num, high := s.FieldByName("num").Int(), s.FieldByName("high").Int()
	switch t.Kind {
	case rstype.Varchar, rstype.Char, rstype.Super, rstype.Geometry, rstype.Geography, rstype.HLLSketch:
		return strconv.Quote(s.FieldByName("text").String())
	case rstype.Varbyte:
		return fmt.Sprintf("%x", s.FieldByName("text").String())
	case rstype.Bool:
		return strconv.FormatBool(num != 0)
	case rstype.Float4, rstype.Float8:
		return strconv.FormatFloat(s.FieldByName("float").Float(), 'g', -1, 64)
	case rstype.Numeric:
		n := new(big.Int).Lsh(big.NewInt(high), 64)
		n.Add(n, new(big.Int).SetUint64(uint64(num)))
		return new(big.Rat).SetFrac(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(t.Scale)), nil)).FloatString(int(t.Scale))
	case rstype.Date:
		y, m, d := civil(num)
		return fmt.Sprintf("%04d-%02d-%02d", y, m, d)
	case rstype.IntervalYM:
		return strconv.FormatInt(high>>32, 10)
	case rstype.IntervalDS:
		return fmt.Sprintf("%d days %d", int32(high), num)
	case rstype.TimeTZ:
		return fmt.Sprintf("%s%+d", time.UnixMicro(num>>24).UTC().Format("15:04:05.999999"), 16*3600-1-num&0xffffff)
	case rstype.Time:
		return time.UnixMicro(num).UTC().Format("15:04:05.999999")
	case rstype.Timestamp, rstype.TimestampTZ:
		days := floorDiv(num, dayMicros)
		y, m, d := civil(days)
		out := fmt.Sprintf("%04d-%02d-%02d %s", y, m, d, time.UnixMicro(num-days*dayMicros).UTC().Format("15:04:05.999999"))
		if t.Kind == rstype.TimestampTZ {
			out += "Z"
		}
		return out
	}
	return strconv.FormatInt(num, 10)
}

// parseTable reads "a integer not null; b varchar(3) default x; c bigint identity".
func parseTable(t testing.TB, text string) Target {
	t.Helper()
	target := Target{Schema: "main", Name: "t", Display: "t", ID: 1000}
	for part := range strings.SplitSeq(text, ";") {
		words := strings.Fields(part)
		c := Column{Name: words[0]}
		typeName, rest := "", words[1:]
		var mods []int
		for len(rest) > 0 && rest[0] != "not" && rest[0] != "default" && rest[0] != "identity" && rest[0] != "bydefault" {
			typeName += rest[0] + " "
			rest = rest[1:]
		}
		typeName = strings.TrimSpace(typeName)
		if name, args, ok := strings.Cut(strings.TrimSuffix(typeName, ")"), "("); ok {
			typeName = name
			for a := range strings.SplitSeq(args, ",") {
				n, err := strconv.Atoi(a)
				if err != nil {
					t.Fatal(err)
				}
				mods = append(mods, n)
			}
		}
		var err error
		if c.Type, err = rstype.ParseName(typeName, mods); err != nil {
			t.Fatal(err)
		}
		for len(rest) > 0 {
			switch rest[0] {
			case "not":
				c.NotNull, rest = true, rest[2:]
			case "default":
				c.Default, rest = engine.Text(rest[1]), rest[2:]
			default:
				next := int64(0)
				c.Identity = func() int64 { next++; return next }
				c.ByDefault, rest = rest[0] == "bydefault", rest[1:]
			}
		}
		target.Columns = append(target.Columns, c)
	}
	return target
}

func compress(t testing.TB, how string, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	var w io.WriteCloser
	switch how {
	case "gzip":
		w = gzip.NewWriter(&out)
	case "zstd":
		z, err := zstd.NewWriter(&out)
		if err != nil {
			t.Fatal(err)
		}
		w = z
	default:
		return data
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func newStore(t testing.TB) *objstore.Store {
	t.Helper()
	s, err := objstore.Open(objstore.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for bucket, region := range map[string]string{"bkt": "us-east-1", "far": "eu-west-1"} {
		if err := s.CreateBucketIn(context.Background(), bucket, region); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func put(t testing.TB, s *objstore.Store, bucket, key string, data []byte) {
	t.Helper()
	if _, err := s.Put(context.Background(), bucket, key, objstore.Meta{}, bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
}

// change is what happens to the store while it is read.
func change(t testing.TB, s *objstore.Store, what string) func() {
	words := strings.SplitN(what, " ", 3)
	return func() {
		if words[0] == "delete" {
			if err := s.Delete(context.Background(), "bkt", words[1]); err != nil {
				t.Fatal(err)
			}
			return
		}
		text, err := strconv.Unquote(words[2])
		if err != nil {
			t.Fatal(err)
		}
		put(t, s, "bkt", words[1], []byte(text))
	}
}

// testCase runs one case of the data files. Its lines are
//
//	table: columns, parted by semicolons      columns: COPY's column list
//	from: key or URI, default "d/"            with: options
//	file: key of what follows, default d/a    compress: of what follows
//	> a line of the file                      >> "a Go string, no newline"
//	faults: rules for S3                      first: delete KEY, or put KEY "text", before the first row
func testCase(t *testing.T, d *datadriven.TestData) string {
	store := newStore(t)
	table, columns, from, with, key, how := "", "", "s3://bkt/d/", "", "d/a", ""
	files, hows := map[string][]byte{}, map[string]string{}
	rules, out := faults.New(), &rows{}
	for line := range strings.SplitSeq(d.Input, "\n") {
		if quoted, ok := strings.CutPrefix(line, ">> "); ok {
			s, err := strconv.Unquote(quoted)
			if err != nil {
				d.Fatalf(t, "%s: %v", line, err)
			}
			files[key] = append(files[key], s...)
		} else if line == ">" || strings.HasPrefix(line, "> ") {
			files[key] = append(files[key], strings.TrimPrefix(line[1:], " ")+"\n"...)
		} else {
			name, value, _ := strings.Cut(line, ": ")
			switch name {
			case "table":
				table = value
			case "columns":
				columns = "(" + value + ")"
			case "from":
				from = value
			case "with":
				with = value
			case "file":
				key, how = value, ""
				files[key] = nil
			case "compress":
				how = value
			case "faults":
				if err := rules.Replace([]byte(`{"rules":[` + value + `]}`)); err != nil {
					d.Fatalf(t, "%v", err)
				}
			case "first":
				out.first = change(t, store, value)
			default:
				d.Fatalf(t, "unknown line %q", line)
			}
		}
		hows[key] = how
	}
	for key, data := range files {
		put(t, store, "bkt", key, compress(t, hows[key], data))
	}
	auth := "IAM_ROLE default"
	for _, word := range []string{"CREDENTIALS", "ACCESS_KEY_ID", "IAM_ROLE"} {
		if strings.Contains(with, word) {
			auth = ""
		}
	}
	c, err := copycmd.ParseCopy("COPY t " + columns + " FROM '" + from + "' " + auth + " " + with)
	if err != nil {
		d.Fatalf(t, "%v", err)
	}
	zone := time.FixedZone("", -5*3600)
	log := event.New(event.Config{})
	r := Request{
		Copy: &c, Target: parseTable(t, table), Store: store, Faults: rules, Log: log, Region: "us-east-1",
		DefaultRole: "arn:aws:iam::123456789012:role/Redshift", TimeZone: zone, Query: 7, Slices: 2,
	}
	out.columns = r.Target.Columns
	_, infos, err := run(context.Background(), r, func() (sink, error) { return out, nil })
	var b strings.Builder
	for _, line := range out.kept {
		fmt.Fprintln(&b, line)
	}
	for e := range log.LoadErrors() {
		column := ""
		if e.Column != "" {
			column = fmt.Sprintf(" %s %s(%s)", e.Column, e.Type, e.Length)
		}
		fmt.Fprintf(&b, "%d %s:%d%s @%d %q: %s\n", e.Code, strings.TrimPrefix(e.File, "s3://bkt/"), e.Line, column, e.Position, e.Field, e.Reason)
	}
	if d.Cmd == "events" {
		for f := range log.LoadFiles() {
			fmt.Fprintf(&b, "file %s slice %d %s lines %d errors %d committed %v\n", f.File, f.Slice, f.Format, f.Lines, f.Errors, f.Committed)
		}
		for l := range log.Loads() {
			fmt.Fprintf(&b, "load %s %s %s rows %d bytes %d files %d of %d errors %d\n", l.Table, l.Format, l.Status, l.Rows, l.Bytes, l.Scanned, l.Files, l.Errors)
		}
		for _, i := range infos {
			fmt.Fprintln(&b, "INFO:", i)
		}
	}
	if err != nil {
		var e *Error
		if !errors.As(err, &e) {
			d.Fatalf(t, "not an *Error: %v", err)
		}
		fmt.Fprintln(&b, e.State, e.Message)
		if d.HasArg("detail") {
			fmt.Fprintln(&b, strings.TrimSpace(e.Detail))
		}
	}
	return b.String()
}

func TestCases(t *testing.T) {
	t.Parallel()
	datadriven.Walk(t, "testdata/cases", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, testCase)
	})
}
