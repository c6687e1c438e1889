package e2e

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/bulk"
)

// COPY from a list of objects: the manifest is written, and removed whatever
// becomes of the COPY.
func TestCopyList(t *testing.T) {
	t.Parallel()
	s, c := both(t)
	st := stage(t, s)
	exec1(t, c, "CREATE TABLE list (n INT)")
	put(t, st, "s3://emulator/list/a", "1\n2\n")
	put(t, st, "s3://emulator/list/b", "3\n")
	put(t, st, "s3://emulator/list/bad", "x\n")
	put(t, st, "s3://emulator/list/c.parquet", parquetOf(t, []struct{ N int32 }{{7}, {8}}))
	if err := c.CreateLedger(t.Context(), redshift.TableRef{Name: "loads"}); err != nil {
		t.Fatal(err)
	}
	list := func(uris ...string) redshift.S3Objects {
		l := redshift.S3Objects{Manifests: "s3://emulator/lists", Store: st}
		for _, u := range uris {
			o := redshift.S3Object{URI: "s3://emulator/list/" + strings.TrimSuffix(u, "?"), Optional: strings.HasSuffix(u, "?")}
			l.Objects = append(l.Objects, o)
		}
		return l
	}
	for name, test := range map[string]struct {
		source redshift.S3Objects
		format redshift.DataFormat
		rows   int64
		want   error
	}{
		"two":                 {source: list("b", "a"), rows: 3},
		"optional":            {source: list("b", "none?"), rows: 1},
		"missing":             {source: list("b", "none"), want: redshift.ErrCopy},
		"bad row":             {source: list("b", "bad"), want: redshift.ErrCopy},
		"parquet":             {source: list("c.parquet"), format: redshift.Parquet{}, rows: 2},
		"parquet, optional":   {source: list("c.parquet", "none?"), format: redshift.Parquet{}, rows: 2},
		"parquet, missing":    {source: list("c.parquet", "none"), format: redshift.Parquet{}, want: redshift.ErrCopy},
		"nothing there":       {source: list("none?"), format: redshift.Parquet{}, want: redshift.ErrCopy},
		"empty":               {source: list(), want: redshift.ErrUsage},
		"no place":            {source: redshift.S3Objects{Objects: list("a").Objects, Store: st}, want: redshift.ErrUsage},
		"no store":            {source: redshift.S3Objects{Objects: list("a").Objects, Manifests: "s3://emulator/lists"}, want: redshift.ErrUsage},
		"no key":              {source: list("", "a"), rows: 0, want: redshift.ErrCopy},
		"a place that is not": {source: redshift.S3Objects{Objects: list("a").Objects, Manifests: "s3://nowhere/x", Store: st}, want: errAny},
	} {
		before := value[int64](t, c, "SELECT count(*) FROM list")
		res, err := c.Copy(t.Context(), redshift.CopyCommand{Table: redshift.TableRef{Name: "list"}, Source: test.source, Format: test.format})
		switch {
		case test.want == errAny && err == nil, test.want != errAny && !errors.Is(err, test.want), test.want == nil && (err != nil || res.RowsLoaded != test.rows):
			t.Errorf("%s: %+v, %v", name, res, err)
		}
		if n := value[int64](t, c, "SELECT count(*) FROM list"); n-before != test.rows {
			t.Errorf("%s: %d rows", name, n-before)
		}
		for o := range st.List(context.Background(), "s3://emulator/lists") {
			t.Errorf("%s: left %s", name, o.URI)
		}
	}
	// The ledger knows the list again, though its manifest has another name.
	once := redshift.CopyCommand{Table: redshift.TableRef{Name: "list"}, Source: list("a"), Options: redshift.CopyOptions{ID: "a", Ledger: redshift.TableRef{Name: "loads"}}}
	for i := range 2 {
		if res, err := c.Copy(t.Context(), once); err != nil || res.RowsLoaded != 2 || res.Repeated != (i == 1) {
			t.Errorf("with a ledger: %+v, %v", res, err)
		}
	}
	once.Source = list("b")
	if _, err := c.Copy(t.Context(), once); !errors.Is(err, redshift.ErrUsage) {
		t.Errorf("the id of another list: %v", err)
	}
	// Within a transaction.
	boom := errors.New("boom")
	err := c.InTx(t.Context(), redshift.TxOptions{}, func(tx *redshift.Tx) error {
		res, err := tx.Copy(t.Context(), redshift.CopyCommand{Table: redshift.TableRef{Name: "list"}, Source: list("b")})
		if err != nil || res.RowsLoaded != 1 {
			t.Errorf("in a transaction: %+v, %v", res, err)
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Error(err)
	}
	found, err := c.ValidateCopy(t.Context(), redshift.CopyCommand{Table: redshift.TableRef{Name: "list"}, Source: list("b", "none", "bad")}, st)
	if err != nil {
		t.Fatal(err)
	}
	sameFindings(t, found, []string{"error: s3://emulator/list/none is mandatory and not there", "error: the server refuses it"})
}

var errAny = errors.New("any")

func parquetOf[T any](t *testing.T, rows []T) string {
	t.Helper()
	var b strings.Builder
	w := parquet.NewGenericWriter[T](&b)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What the footers say is what COPY then does.
func TestValidateFooters(t *testing.T) {
	t.Parallel()
	s, c := both(t)
	st := stage(t, s)
	put(t, st, "s3://emulator/f/two", parquetOf(t, []struct {
		A int64
		B string
	}{{1, "x"}}))
	put(t, st, "s3://emulator/f/nested", parquetOf(t, []struct {
		A int32
		B []string
	}{{1, []string{"x"}}}))
	put(t, st, "s3://emulator/f/broken", "PAR1 but not at the end")
	put(t, st, "s3://emulator/f/short", "PAR1")
	put(t, st, "s3://emulator/f/liar", "PAR1xxxxxxxxxxxxxxxx\xff\xff\xff\xffPAR1")
	put(t, st, "s3://emulator/f/noise", "PAR1xxxxxxxxxxxxxxxx\x08\x00\x00\x00PAR1")
	for name, test := range map[string]struct {
		file, table string
		columns     []string
		want        string // a finding of the file, "" for none
		loads       bool
	}{
		"good":       {file: "two", table: "a bigint, b varchar(5)", loads: true},
		"narrow":     {file: "two", table: "a int, b varchar(5)", want: `error: column 1 of s3://emulator/f/two, "A", is int64`},
		"text":       {file: "two", table: "a bigint, b int", want: `error: column 2 of s3://emulator/f/two, "B", is byte_array`},
		"count":      {file: "two", table: "a bigint, b varchar(5), c int", want: "error: s3://emulator/f/two has 2 columns and is to fill 3"},
		"named":      {file: "two", table: "c int, b varchar(5), a bigint", columns: []string{"a", "b"}, loads: true},
		"nested":     {file: "nested", table: "a smallint, b super", loads: true},
		"not nested": {file: "nested", table: "a int, b varchar(5)", want: `error: column 2 of s3://emulator/f/nested, "B", is a list`},
		"broken":     {file: "broken", table: "a int", want: "error: s3://emulator/f/broken has no footer"},
		"short":      {file: "short", table: "a int", want: "error: s3://emulator/f/short has no footer"},
		"liar":       {file: "liar", table: "a int", want: "error: s3://emulator/f/liar has no footer"},
		"noise":      {file: "noise", table: "a int", want: "error: s3://emulator/f/noise has no footer"},
	} {
		table := "f_" + strings.ReplaceAll(name, " ", "_")
		exec1(t, c, "CREATE TABLE "+table+" ("+test.table+")")
		cmd := redshift.CopyCommand{
			Table: redshift.TableRef{Name: table}, Columns: test.columns, Format: redshift.Parquet{},
			Source: redshift.S3Objects{Objects: []redshift.S3Object{{URI: "s3://emulator/f/" + test.file}}, Manifests: "s3://emulator/m", Store: st},
		}
		found, err := c.ValidateCopy(t.Context(), cmd, bulk.Footers(st))
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"unchecked: NOLOAD"}
		if test.want != "" {
			want = append([]string{test.want}, want...)
		}
		t.Run(name, func(t *testing.T) { sameFindings(t, found, want) })
		if res, err := c.Copy(t.Context(), cmd); (err == nil) != test.loads {
			t.Errorf("%s: the COPY: %+v, %v", name, res, err)
		}
	}
	found, err := c.ValidateCopy(t.Context(), redshift.CopyCommand{
		Table: redshift.TableRef{Name: "nowhere"}, Source: redshift.S3{Bucket: "emulator", Prefix: "f/two"}, Format: redshift.Parquet{},
	}, bulk.Footers(st))
	if err != nil {
		t.Fatal(err)
	}
	sameFindings(t, found, []string{"error: the columns of the table nowhere", "unchecked: NOLOAD"})
}
