package sketch

import (
	"math"
	"strconv"
	"testing"
)

// made is the sketch of numbers.
func made(from, to int) Sketch {
	var list []uint32
	for i := from; i < to; i++ {
		list = append(list, Hash(strconv.Itoa(i)))
	}
	return FromHashes(list)
}

// TestCardinality: sparse sketches are all but exact, dense ones within 2 % (four times
// the relative error of 2^15 registers), and a union is the sketch of the union.
func TestCardinality(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 10, 1000, most, 7000, 20000, 100000} {
		s := made(0, n)
		if sparse := s.dense == nil; sparse != (n <= most) {
			t.Errorf("%d values: sparse is %v", n, sparse)
		}
		limit := 0.02 * float64(n)
		if n <= most {
			limit = 2
		}
		if got := s.Cardinality(); math.Abs(float64(got)-float64(n)) > limit {
			t.Errorf("%d values are estimated as %d", n, got)
		}
		half := Union(made(0, n/2+n/10), made(n/2, n))
		if half.dense != nil && s.dense != nil && half.Text() != s.Text() || s.dense == nil && half.Text() != s.Text() {
			t.Errorf("the union of %d values is another sketch", n)
		}
		again, err := Parse(s.Text())
		if err != nil || again.Text() != s.Text() || again.Cardinality() != s.Cardinality() {
			t.Errorf("%d values: read as another sketch, %v", n, err)
		}
	}
}

// TestDocumented reads the sketches of the guide's pages.
func TestDocumented(t *testing.T) {
	t.Parallel()
	const empty = `{"version":1,"logm":15,"sparse":{"indices":[],"values":[]}}`
	if got := (Sketch{}).Text(); got != empty {
		t.Error(got)
	}
	four := `{"version":1,"logm":15,"sparse":{"indices":[20812342,20850007,22362299,47158030],"values":[1,2,1,1]}}`
	six := `{"version":1,"logm":15,"sparse":{"indices":[20812342,20850007,22362299,40314817,42650774,47158030],"values":[1,2,1,3,2,1]}}`
	a, err := Parse(four)
	if err != nil || a.Cardinality() != 4 || a.Text() != four {
		t.Error(a.Text(), err)
	}
	b, err := Parse(six)
	if err != nil || b.Cardinality() != 6 || Union(a, b).Text() != six {
		t.Error(b.Text(), err)
	}
	if c, err := Parse(`{"logm":15,"sparse":{"indices":[4878,9559,14523],"values":[1,2,1]}}`); err != nil || c.Cardinality() != 3 {
		t.Error(c.Text(), err)
	}
	for _, bad := range []string{
		"", "x", "{}", `{"logm":14,"sparse":{"indices":[],"values":[]}}`, `{"logm":15,"sparse":{"indices":[1],"values":[]}}`,
		`{"logm":15,"sparse":{"indices":[67108864],"values":[1]}}`, `{"logm":15,"sparse":{"indices":[1],"values":[64]}}`, `{"version":2,"logm":15,"sparse":{"indices":[],"values":[]}}`,
	} {
		if _, err := Parse(bad); err == nil {
			t.Errorf("%s is read", bad)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`{"logm":15,"sparse":{"indices":[4878,9559,14523],"values":[1,2,1]}}`)
	f.Add(made(0, 7000).Text())
	f.Add(`{"version":1,"logm":15,"sparse":{"indices":[5,5,3],"values":[1,9,63]}}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(s.Text())
		if err != nil || again.Text() != s.Text() || Union(s, again).Text() != s.Text() || s.Cardinality() < 0 {
			t.Fatalf("%q: %q, %v", text, again.Text(), err)
		}
	})
}
