package sample

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
)

func TestSameEveryRun(t *testing.T) {
	t.Parallel()
	digest := func(cfg Config) string {
		h := sha256.New()
		d := New(cfg)
		for _, write := range []func() (int64, error){
			func() (int64, error) { return d.WriteModels(h) },
			func() (int64, error) { return d.WriteCalls(h) },
			func() (int64, error) { return d.WriteScores(h) },
		} {
			if _, err := write(); err != nil {
				t.Fatal(err)
			}
		}
		return hex.EncodeToString(h.Sum(nil))
	}
	one := digest(Config{Calls: 3000})
	if again := digest(Config{Calls: 3000, Seed: 1}); again != one {
		t.Error("the same seed gave other files")
	}
	if other := digest(Config{Calls: 3000, Seed: 2}); other == one {
		t.Error("another seed gave the same files")
	}
}

// TestCallsReadBack reads the CSV with another reader and compares every field
// with the rows.
func TestCallsReadBack(t *testing.T) {
	t.Parallel()
	d := New(Config{Calls: 5000})
	files := []*bytes.Buffer{{}, {}, {}}
	n, err := d.WriteCalls(files[0], files[1], files[2])
	if err != nil || n != 5000 {
		t.Fatalf("wrote %d rows, error %v", n, err)
	}
	var readers []*csv.Reader
	for _, f := range files {
		r := csv.NewReader(f)
		if head, err := r.Read(); err != nil || strings.Join(head, " ") != strings.Join(CallsHeader, " ") {
			t.Fatalf("header %q, error %v", head, err)
		}
		readers = append(readers, r)
	}
	i, unanswered := 0, 0
	for c := range d.Calls() {
		got, err := readers[i%3].Read()
		i++
		if err != nil {
			t.Fatal(err)
		}
		if got[3] != c.Customer || got[6] != Dollars(c.Cost) || got[9] != c.Payload {
			t.Fatalf("call %d: read %q", c.ID, got)
		}
		if !json.Valid([]byte(c.Payload)) || !utf8.ValidString(c.Customer) {
			t.Fatalf("call %d: payload %s, customer %q", c.ID, c.Payload, c.Customer)
		}
		if (got[7] == NullMarker) != (c.LatencyMS == nil) {
			t.Fatalf("call %d: latency %q", c.ID, got[7])
		}
		if c.LatencyMS == nil {
			unanswered++
		}
	}
	if unanswered == 0 {
		t.Error("no call has a NULL latency")
	}
	for _, r := range readers {
		if rec, err := r.Read(); err != io.EOF {
			t.Errorf("a row too many: %q", rec)
		}
	}
}

func TestScoresReadBack(t *testing.T) {
	t.Parallel()
	d := New(Config{Calls: 5000})
	var f bytes.Buffer
	n, err := d.WriteScores(&f)
	if err != nil || n == 0 {
		t.Fatalf("wrote %d rows, error %v", n, err)
	}
	rows, err := parquet.Read[scoreRow](bytes.NewReader(f.Bytes()), int64(f.Len()))
	if err != nil || int64(len(rows)) != n {
		t.Fatalf("read %d of %d rows, error %v", len(rows), n, err)
	}
	i, nulls := 0, 0
	for s := range d.Scores() {
		got := rows[i]
		i++
		if got.CallID != s.CallID || got.Metric != s.Metric || got.At != s.At.UnixMicro() || (got.Value == nil) != (s.Value == nil) {
			t.Fatalf("read %+v, want %+v", got, s)
		}
		if s.Value == nil {
			nulls++
		} else if *got.Value != *s.Value || *s.Value < 0 || *s.Value > 1 {
			t.Fatalf("read %v, want %v", *got.Value, *s.Value)
		}
	}
	if nulls == 0 {
		t.Error("no score is NULL")
	}
}

func TestModelsAreJSONLines(t *testing.T) {
	t.Parallel()
	var f bytes.Buffer
	n, err := New(Config{}).WriteModels(&f)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(&f)
	dec.UseNumber()
	nulls := 0
	for range n {
		var m map[string]any
		if err := dec.Decode(&m); err != nil {
			t.Fatal(err)
		}
		if len(m) != 8 {
			t.Errorf("%d keys: %v", len(m), m)
		}
		if m["notes"] == nil {
			nulls++
		}
	}
	if dec.More() || nulls == 0 {
		t.Errorf("more after %d rows: %t; %d NULLs", n, dec.More(), nulls)
	}
}

func TestDollars(t *testing.T) {
	t.Parallel()
	for micros, want := range map[int64]string{0: "0.000000", 1: "0.000001", -1_500_000: "-1.500000", 12_345_678: "12.345678"} {
		if got := Dollars(micros); got != want {
			t.Errorf("Dollars(%d) = %s, want %s", micros, got, want)
		}
	}
}

func BenchmarkWriteCalls(b *testing.B) {
	d := New(Config{})
	for b.Loop() {
		if _, err := d.WriteCalls(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
