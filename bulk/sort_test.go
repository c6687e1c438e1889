package bulk

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/llm-dev-ops/redshift"
)

func TestSort(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		column redshift.Column
		values []any
		want   string
	}{
		"integer": {column("c", redshift.TypeInteger, -1), []any{3, nil, -1, 3, 2}, "[-1 2 3 3 NULL]"},
		"double":  {column("c", redshift.TypeDouble, -1), []any{math.NaN(), 1.5, nil, math.Inf(1), -2.5}, "[-2.5 1.5 +Inf NaN NULL]"},
		"wide":    {column("c", redshift.TypeNumeric, mod(38, 1)), []any{"1", "-1", "-300", "99999999999999999999", nil, "0"}, "[-300.0 -1.0 0.0 1.0 99999999999999999999.0 NULL]"},
		"varchar": {column("c", redshift.TypeVarchar, -1), []any{"b", "", nil, "a", "B"}, `["" "B" "a" "b" NULL]`},
		"date":    {column("c", redshift.TypeDate, -1), []any{"2026-01-02", "1969-01-01"}, "[1969-01-01 2026-01-02]"},
	} {
		b := newBatch([]redshift.Column{test.column, column("n", redshift.TypeInteger, -1)}, nil, false)
		for i, v := range test.values {
			if err := b.Column(0).Append(v); err != nil {
				t.Fatal(err)
			}
			if err := b.Column(1).Int64(int64(i)); err != nil {
				t.Fatal(err)
			}
			if err := b.EndRow(); err != nil {
				t.Fatal(err)
			}
		}
		b.sort([]int{0})
		e, got := csvEncoder{null: "NULL"}, []string{}
		for i := range b.n {
			got = append(got, string(e.field(nil, b.Column(0), i)))
		}
		if fmt.Sprint(got) != test.want {
			t.Errorf("%s: %v, want %s", name, got, test.want)
		}
		if name == "integer" && !slices.Equal(b.Column(1).ints, []int64{2, 4, 0, 3, 1}) {
			t.Errorf("the rows are not together: %v", b.Column(1).ints)
		}
	}
}

// Each file is sorted for itself.
func TestLoadSorted(t *testing.T) {
	t.Parallel()
	m := newMemory()
	c, f := client(t, two...)
	copies(t, f, m, loaded(10_000))
	res, err := Load(t.Context(), c, LoadPlan{
		Table: redshift.TableRef{Name: "t"}, Source: Structs(items(10_000, nil)), Stage: m, Prefix: "s3://bucket/p", PartSize: 50_000,
		SortBy: []string{"name", "id"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if res.Files < 2 || res.Inserted != 10_000 {
		t.Errorf("%+v", res)
	}
	for uri, data := range m.last {
		if !strings.HasSuffix(uri, ".parquet") {
			continue
		}
		rows, err := parquet.Read[struct {
			ID   int32  `parquet:"id"`
			Name string `parquet:"name"`
		}](bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range rows {
			if i > 0 && r.Name < rows[i-1].Name || r.Name != fmt.Sprint("n", r.ID) {
				t.Fatalf("%s: %+v in row %d", uri, r, i)
			}
		}
	}
	if _, err := Load(t.Context(), c, LoadPlan{Table: redshift.TableRef{Name: "t"}, Source: rowless, Stage: m, Prefix: "s3://bucket/p", SortBy: []string{"x"}}); err == nil {
		t.Error("an unknown column is taken")
	}
}
