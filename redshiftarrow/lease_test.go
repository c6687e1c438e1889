package redshiftarrow_test

import (
	"strconv"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/redshiftarrow"
	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

// TestReuse: the memory of batches that were released is used again, that of batches and
// columns that are retained is not, and strings stay unless they are said not to.
func TestReuse(t *testing.T) {
	t.Parallel()
	a := transporttest.Answer{Columns: []transport.Column{
		{Name: "n", Type: redshift.TypeBigInt}, {Name: "s", Type: redshift.TypeVarchar, TypeMod: 104}, {Name: "tz", Type: redshift.TypeTimeTZ},
	}}
	text := func(i int) string { return "text " + strconv.Itoa(1000+i) }
	const batches = 12
	for i := range 2 * batches {
		row := [][]byte{[]byte(strconv.Itoa(i)), []byte(text(i)), []byte("01:02:03+02")}
		if i%2 == 1 {
			row[0] = nil
		}
		a.Rows = append(a.Rows, row)
	}
	for _, reuse := range []bool{false, true} {
		c, _ := client(t, a)
		r, err := redshiftarrow.Reader(query(t, c), redshiftarrow.Config{BatchRows: 2, ReuseText: reuse})
		if err != nil {
			t.Fatal(err)
		}
		var kept []arrow.RecordBatch
		var column arrow.Array
		var texts []string
		places := map[*int64]int{}
		n := 0
		for ; r.Next(); n++ {
			b := r.RecordBatch()
			numbers, s := b.Column(0).(*array.Int64), b.Column(1).(*array.String)
			if numbers.Value(0) != int64(2*n) || !numbers.IsNull(1) || s.Value(1) != text(2*n+1) || b.Column(2).NullN() != 0 {
				t.Errorf("batch %d is %v", n, b)
			}
			switch {
			case n < 2:
				b.Retain()
				kept = append(kept, b)
			case n == 2:
				column = b.Column(0)
				column.Retain()
			default:
				places[&numbers.Int64Values()[0]]++
			}
			texts = append(texts, s.Value(0))
		}
		if n != batches || r.Err() != nil {
			t.Fatalf("%d batches, %v", n, r.Err())
		}
		if len(places) > 3 {
			t.Errorf("%d batches are made in %d places", n-3, len(places))
		}
		for i, b := range kept {
			if got := b.Column(0).(*array.Int64).Value(0); got != int64(2*i) || b.Column(1).ValueStr(0) != text(2*i) {
				t.Errorf("the retained batch %d is %v", i, b)
			}
			b.Release()
		}
		if got := column.(*array.Int64).Value(0); got != 4 {
			t.Errorf("the retained column has %d", got)
		}
		column.Release()
		changed := 0
		for i, s := range texts {
			if s != text(2*i) {
				changed++
			}
		}
		if (changed > 0) != reuse {
			t.Errorf("ReuseText %v: %d strings have changed", reuse, changed)
		}
		r.Release()
	}
}
