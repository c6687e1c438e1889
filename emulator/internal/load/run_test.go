package load

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/event"
	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func request(t testing.TB, sql, table string, store *objstore.Store) Request {
	t.Helper()
	c, err := copycmd.ParseCopy(sql)
	if err != nil {
		t.Fatal(err)
	}
	return Request{
		Copy: &c, Target: parseTable(t, table), Store: store, Log: event.New(event.Config{}), Region: "us-east-1",
		DefaultRole: "arn:aws:iam::123456789012:role/Redshift",
	}
}

// TestDuckDB loads every type into the database itself.
func TestDuckDB(t *testing.T) {
	t.Parallel()
	conn := database(t, "")
	store := newStore(t)
	put(t, store, "bkt", "d/a", []byte(strings.Repeat(
		"-1|2|3|4.567|12345678901234567890123456789.0123|1.5|-2.5|t|ab |a long text of its own äöü|2024-02-29|2024-02-29 01:02:03.5|2024-02-29 01:02:03+01|04:05:06|04:05:06+02|{\"x\": [1, 2]}|6162|1-2|3 days 4:5:6\n", 3000)+
		"||||||||||||||||||\n"))
	r := request(t, "COPY t FROM 's3://bkt/d/' IAM_ROLE default BLANKSASNULL EMPTYASNULL",
		"a smallint; b integer; c bigint; d numeric(4,2); dd numeric(38,4); e real; f double precision; g boolean; h char(5); i varchar(99); j date; k timestamp; l timestamptz; ti time; tz timetz; m super; n varbyte(3); ym interval year to month; ds interval day to second", store)
	r.Conn = conn
	create(t, conn, r.Target)
	exec(t, conn, "BEGIN")
	result, infos, err := Run(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	if result.Rows != 3001 || len(infos) != 1 || infos[0] != "Load into table 't' completed, 3001 record(s) loaded successfully." {
		t.Errorf("%+v %v", result, infos)
	}
	exec(t, conn, "COMMIT")
	const want = "-1|2|3|4.56|12345678901234567890123456789.0123|1.5|-2.5|t|ab|a long text of its own äöü|2024-02-29|2024-02-29 01:02:03.5|2024-02-29 00:02:03+00|04:05:06|04:05:06+02|{\"x\":[1,2]}|6162|1 year 2 mons|3 days 04:05:06|3000\n" +
		"NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|1\n"
	if got := query(t, conn, "SELECT *, count(*) FROM t GROUP BY ALL ORDER BY 1 NULLS LAST"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestFailedLoad: the transaction can be rolled back and the connection goes on.
func TestFailedLoad(t *testing.T) {
	t.Parallel()
	conn := database(t, "")
	store := newStore(t)
	put(t, store, "bkt", "d/a", []byte(strings.Repeat("1\n", 5000)+"x\n"))
	r := request(t, "COPY t FROM 's3://bkt/d/' IAM_ROLE default", "a integer", store)
	r.Conn = conn
	create(t, conn, r.Target)
	exec(t, conn, "BEGIN")
	_, _, err := Run(context.Background(), r)
	var e *Error
	if !errors.As(err, &e) || e.State != "XX000" || e.Message != "Load into table 't' failed.  Check 'stl_load_errors' system table for details." {
		t.Fatal(err)
	}
	exec(t, conn, "ROLLBACK")
	if got := query(t, conn, "SELECT count(*) FROM t"); got != "0\n" {
		t.Errorf("%s rows", got)
	}
	r.Target.Name = "nope"
	if _, _, err := Run(context.Background(), r); !errors.As(err, &e) {
		t.Error(err)
	}
}

// stopping cancels once it has had some rows.
type stopping struct {
	nowhere
	cancel func()
	rows   int
}

func (s *stopping) AppendRow([]engine.Value) error {
	if s.rows++; s.rows == 100 {
		s.cancel()
	}
	return nil
}

func TestCancel(t *testing.T) {
	t.Parallel()
	store := newStore(t)
	put(t, store, "bkt", "d/a", []byte(strings.Repeat("1\n", 1_000_000)))
	r := request(t, "COPY t FROM 's3://bkt/d/' IAM_ROLE default", "a integer", store)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	out := &stopping{cancel: cancel}
	_, _, err := run(ctx, r, func() (sink, error) { return out, nil })
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if out.rows > 10_000 {
		t.Errorf("%d rows after the end of the context", out.rows)
	}
	for l := range r.Log.Loads() {
		if l.Status != event.Canceled || l.Rows != 0 {
			t.Errorf("%+v", l)
		}
	}
}

func TestBzip2(t *testing.T) {
	t.Parallel()
	// Two streams, as parallel compressors write them.
	data, err := hex.DecodeString("425a6839314159265359740e28e8000000c8800010200000442000219a68334d30bc5dc914e14241d038a3a0425a6839314159265359c6605b5a000000c8800010100000242000219a68334d30bc5dc914e1424319816d68")
	if err != nil {
		t.Fatal(err)
	}
	store := newStore(t)
	put(t, store, "bkt", "d/a", data)
	for n := range 2 {
		r := request(t, "COPY t FROM 's3://bkt/d/' IAM_ROLE default BZIP2", "a integer; b varchar(3)", store)
		out := &rows{columns: r.Target.Columns}
		_, _, err := run(context.Background(), r, func() (sink, error) { return out, nil })
		if n == 0 {
			if got := strings.Join(out.kept, ","); err != nil || got != `1 | "x",2 | "y"` {
				t.Errorf("%s %v", got, err)
			}
			put(t, store, "bkt", "d/a", data[:len(data)-6])
		} else if err == nil || !strings.Contains(err.Error(), "is not a valid BZIP2 file") {
			t.Error(err)
		}
	}
}

// TestTorn cuts and damages compressed files at every place: an error or the data,
// never anything else.
func TestTorn(t *testing.T) {
	t.Parallel()
	var plain bytes.Buffer
	for i := range 200 {
		fmt.Fprintf(&plain, "%d|%x\n", i, i*i*i)
	}
	for _, how := range []string{"gzip", "zstd"} {
		whole := compress(t, how, plain.Bytes())
		load := func(data []byte) (string, error) {
			store := newStore(t)
			put(t, store, "bkt", "d/a", data)
			r := request(t, "COPY t FROM 's3://bkt/d/' IAM_ROLE default "+strings.ToUpper(how), "a varchar(99); b varchar(99)", store)
			out := &rows{columns: r.Target.Columns}
			_, _, err := run(context.Background(), r, func() (sink, error) { return out, nil })
			return strings.Join(out.kept, "\n"), err
		}
		want, err := load(whole)
		if err != nil || strings.Count(want, "\n") != 199 {
			t.Fatalf("%s %v", want, err)
		}
		for n := 1; n < len(whole); n += 7 {
			if _, err := load(whole[:n]); err == nil {
				t.Errorf("%s: %d bytes of %d load", how, n, len(whole))
			}
			damaged := bytes.Clone(whole)
			damaged[n] ^= 0x55
			if got, err := load(damaged); err == nil && got != want {
				t.Errorf("%s: damage at %d loads other data", how, n)
			}
		}
	}
}

// TestLongRow: a row beyond the limit is refused, the next one is read.
func TestLongRow(t *testing.T) {
	t.Parallel()
	long := bytes.Repeat([]byte("x"), 5000)
	for _, quote := range []string{"", `"`} {
		data := "1,a\n2," + quote + string(long) + "\n3,c\n"
		w := newWindow(strings.NewReader(data), 1000)
		reader := &csvReader{w: w, delimiter: []byte{','}, quote: '"'}
		var got []string
		for {
			var rec record
			ok, bad, err := reader.next(&rec)
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				break
			}
			if bad != nil {
				got = append(got, fmt.Sprintf("%d %d", rec.line, bad.code))
			} else {
				got = append(got, fmt.Sprintf("%d %s", rec.line, rec.fields[1].data))
			}
		}
		if s := strings.Join(got, ";"); s != "1 a;2 1216;3 c" {
			t.Error(s)
		}
	}
}
