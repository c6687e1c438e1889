package redshift

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

type kept struct {
	ID      int64
	Word    string
	Maybe   *string
	Number  *int32
	Amount  *Numeric
	Day     *Date
	At      time.Time
	Bytes   []byte
	Raw     json.RawMessage
	Any     any
	Ignored string `redshift:"-"`
}

// TestRecordsAreKept: rows that are read into one struct again and again do
// not share anything, whatever comes after them.
func TestRecordsAreKept(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	cols := []Column{
		{Name: "id", Type: TypeBigInt},
		{Name: "word", Type: TypeVarchar},
		{Name: "maybe", Type: TypeVarchar},
		{Name: "number", Type: TypeInteger},
		{Name: "amount", Type: TypeNumeric},
		{Name: "day", Type: TypeDate},
		{Name: "at", Type: TypeTimestampTZ},
		{Name: "bytes", Type: TypeVarbyte},
		{Name: "raw", Type: TypeSuper},
		{Name: "any", Type: TypeVarchar},
	}
	text := func(n int) string { return fmt.Sprintf("%0*d", 1+r.IntN(n), r.IntN(4)) }
	var s scans
	var values [][]byte
	var byName, byPos, want []kept
	var texts []string
	for i := range 500 {
		if i%3 == 0 {
			s = scans{} // another result
		}
		row := []string{
			strconv.Itoa(i), text(3), text(400), strconv.Itoa(r.IntN(3)), "-1.5" + strconv.Itoa(r.IntN(3)), "2024-02-0" + strconv.Itoa(1+r.IntN(9)),
			"2024-02-03 04:05:06." + strconv.Itoa(r.IntN(1000)) + "+00", "0" + strconv.Itoa(r.IntN(9)), `["` + text(9) + `"]`, text(20),
		}
		values = values[:0]
		for c, v := range row {
			if c != 0 && c != 1 && c != 6 && r.IntN(3) == 0 {
				values = append(values, nil)
			} else {
				values = append(values, []byte(v))
			}
		}
		from := Row{cols, make([]transport.Format, len(cols)), values, &s}
		a, err1 := ByName[kept](from)
		b, err2 := ByPos[kept](from)
		c, err3 := ByPos[kept](from.Clone())
		one, err4 := ByPos[string](Row{cols[1:2], from.formats[:1], values[1:2], &scans{}})
		if err := errors.Join(err1, err2, err3, err4); err != nil {
			t.Fatal(err)
		}
		byName, byPos, want, texts = append(byName, a), append(byPos, b), append(want, c), append(texts, one)
		if one != c.Word {
			t.Fatalf("row %d: %q", i, one)
		}
		for _, v := range values {
			for i := range v {
				v[i] = 'x'
			}
		}
	}
	for i := range want {
		if !reflect.DeepEqual(byName[i], want[i]) || !reflect.DeepEqual(byPos[i], want[i]) || want[i].ID != int64(i) || texts[i] != want[i].Word {
			t.Fatalf("row %d: %+v and %+v, want %+v", i, byName[i], byPos[i], want[i])
		}
	}
}

// TestRecordFails: after a row that cannot be read, which holds nothing of the
// one before, come rows that can.
func TestRecordFails(t *testing.T) {
	t.Parallel()
	type pair struct{ A, B int8 }
	cols := []Column{{Name: "a", Type: TypeBigInt}, {Name: "b", Type: TypeBigInt}}
	var s scans
	for i, c := range []struct {
		a, b string
		want pair
		err  bool
	}{{"1", "2", pair{1, 2}, false}, {"3", "999", pair{3, 0}, true}, {"999", "4", pair{}, true}, {"5", "6", pair{5, 6}, false}} {
		got, err := ByName[pair](Row{cols, make([]transport.Format, 2), [][]byte{[]byte(c.a), []byte(c.b)}, &s})
		if got != c.want || (err != nil) != c.err {
			t.Errorf("row %d: %v, %v", i, got, err)
		}
	}
	row := Row{cols[:1], make([]transport.Format, 1), [][]byte{[]byte("7")}, &s}
	if n, err := ByPos[int](row); n != 7 || err != nil {
		t.Error(n, err)
	}
	if n, err := ByPos[*string](row); *n != "7" || err != nil {
		t.Error(n, err)
	}
	if n, err := ByPos[any](row); n != int64(7) || err != nil {
		t.Error(n, err)
	}
	if _, err := ByName[int](row); !errors.Is(err, ErrUsage) {
		t.Error(err)
	}
}

type inner struct{ A int }

// TestEmbedded: a struct within counts, one behind a pointer, which is nil,
// does not, and a value of this package is one value.
func TestEmbedded(t *testing.T) {
	t.Parallel()
	row := Row{[]Column{{Name: "a", Type: TypeInteger}}, make([]transport.Format, 1), [][]byte{[]byte("7")}, nil}
	if v, err := ByName[struct{ inner }](row); v.A != 7 || err != nil {
		t.Error(v, err)
	}
	if _, err := ByName[struct{ *inner }](row); !errors.Is(err, ErrUsage) {
		t.Error(err)
	}
	row.cols, row.values = []Column{{Name: "date", Type: TypeDate}}, [][]byte{[]byte("2024-02-03")}
	if v, err := ByName[struct{ Date }](row); (v.Date != Date{2024, 2, 3}) || err != nil {
		t.Error(v, err)
	}
}

// TestScanAllocates: what a row needs is a part of a piece of memory.
func TestScanAllocates(t *testing.T) {
	cols, rows := items()
	var s scans
	var v item
	row, dst, i := Row{cols, make([]transport.Format, len(cols)), nil, &s}, v.fields(), 0
	if n := testing.AllocsPerRun(1000, func() {
		i++
		row.values = rows[i%2]
		if err := row.Scan(dst...); err != nil {
			t.Error(err)
		}
	}); n >= 1 {
		t.Errorf("%v allocations a row", n)
	}
}
