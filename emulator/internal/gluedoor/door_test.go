package gluedoor

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsjson"
)

// call makes one call and gives the answer's status and text.
func call(t *testing.T, d *Door, operation, body string) (int, string) {
	t.Helper()
	r := httptest.NewRequest("POST", "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "AWSGlue."+operation)
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func newDoor(t *testing.T, dir string) *Door {
	t.Helper()
	d, err := New(Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// testdata/calls.txt has a call a line: operation, document, what the answer has
// in it ("!" before what makes it a refusal). With a folder, each call meets a
// catalog that was just read.
func TestCalls(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/calls.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"", t.TempDir()} {
		d, n := newDoor(t, dir), 0
		for i, line := range strings.Split(string(text), "\n") {
			if strings.HasPrefix(line, "#") || line == "" {
				continue
			}
			n++
			parts := strings.SplitN(line, "\t", 3)
			if len(parts) != 3 {
				t.Fatalf("calls.txt:%d has no three fields", i+1)
			}
			if dir != "" {
				d = newDoor(t, dir)
			}
			want, refused := strings.CutPrefix(parts[2], "!")
			status, got := call(t, d, parts[0], parts[1])
			if !strings.Contains(got, want) || (status == 400) != refused || status != 200 && status != 400 {
				t.Errorf("%q: calls.txt:%d: %s: %d %.400s", dir, i+1, parts[0], status, got)
			}
		}
		if n < 60 {
			t.Errorf("%d calls", n)
		}
	}
}

// Pages of any size and all segments together have each partition once.
func TestPages(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "")
	for _, c := range [][2]string{
		{"CreateDatabase", `{"DatabaseInput":{"Name":"d"}}`},
		{"CreateTable", `{"DatabaseName":"d","TableInput":{"Name":"t","PartitionKeys":[{"Name":"n","Type":"int"}]}}`},
	} {
		if status, got := call(t, d, c[0], c[1]); status != 200 {
			t.Fatal(got)
		}
	}
	const partitions = 230
	for i := 0; i < partitions; i += 10 {
		var list []string
		for j := range 10 {
			list = append(list, fmt.Sprintf(`{"Values":["%d"]}`, i+j))
		}
		if _, got := call(t, d, "BatchCreatePartition", `{"DatabaseName":"d","TableName":"t","PartitionInputList":[`+strings.Join(list, ",")+`]}`); !strings.Contains(got, `"Errors":[]`) {
			t.Fatal(got)
		}
	}
	for _, segments := range []int{1, 3, 10} {
		for _, size := range []int{1, 7, 1000} {
			seen := map[string]int{}
			for s := range segments {
				for token := ""; ; {
					_, got := call(t, d, "GetPartitions", fmt.Sprintf(`{"DatabaseName":"d","TableName":"t","MaxResults":%d,"NextToken":%q,"Segment":{"SegmentNumber":%d,"TotalSegments":%d},"Expression":"n >= 100"}`, size, token, s, segments))
					var out struct {
						Partitions []partition
						NextToken  string
					}
					if err := json.Unmarshal([]byte(got), &out); err != nil {
						t.Fatal(got)
					}
					for _, p := range out.Partitions {
						seen[p.Values[0]]++
					}
					if token = out.NextToken; token == "" {
						break
					}
				}
			}
			if len(seen) != partitions-100 {
				t.Errorf("%d segments, pages of %d: %d partitions", segments, size, len(seen))
			}
			for v, n := range seen {
				if n != 1 {
					t.Errorf("%s came %d times", v, n)
				}
			}
		}
	}
}

// A table whose database is gone was being deleted when the process stopped.
func TestStopped(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := newDoor(t, dir)
	call(t, d, "CreateDatabase", `{"DatabaseInput":{"Name":"d"}}`)
	call(t, d, "CreateTable", `{"DatabaseName":"d","TableInput":{"Name":"t"}}`)
	if err := os.WriteFile(filepath.Join(dir, databasesFile), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "x.json.1.tmp"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	newDoor(t, dir)
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Error(left, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "x.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Config{Dir: dir}); err == nil {
		t.Error("a damaged file was taken")
	}
}

var keys = []column{{Name: "Day", Type: "date"}, {Name: "n", Type: "int"}, {Name: "s", Type: "varchar(10)"}, {Name: "d", Type: "decimal(5,2)"}}

func TestPredicate(t *testing.T) {
	t.Parallel()
	values := []string{"2026-01-02", "9", "it's", "1.50"}
	for text, want := range map[string]string{
		"": "true", "n = 9": "true", "n < 10": "true", "'10' > n": "true", "n <> 9": "false", "n != 9": "false", "N >= 9 AND n <= 9": "true", "n = -9": "false",
		"day = '2026-01-02'": "true", "day >= date '2026-01-03'": "false", "day between '2026-01-01' and '2026-12-31'": "true", "day not between '2026-01-01' and '2026-12-31'": "false",
		"s = 'it''s'": "true", "s like 'it%'": "true", "s like '_t''_'": "true", "s not like 'x%'": "true", "s like 'i.%'": "false",
		"n in (1, 9)": "true", "n not in (1, 2)": "true", "s in ('a')": "false", "d = 1.5": "true", "d in (1, 1.50)": "true",
		"not (n = 9)": "false", "n = 1 or s = 'it''s'": "true", "n is null": "false", "n is not null": "true", "n = null": "false", "not (n = null)": "false", "true": "true",
		"n =": "Unsupported expression", "x = 1": "not a partition key", "n + 1 = 2": "Unsupported", "n": "Unsupported", "n = 'a'": "number is compared",
		"s similar to 'a'": "Unsupported", "n in (select 1)": "Unsupported", "length(s) = 1": "Unsupported", "s ilike 'a'": "Unsupported", "n = 1e5": "compared",
		"n = 1; select 2": "Unsupported",
	} {
		holds, err := predicate(text, keys)
		got := ""
		if err == nil {
			var ok bool
			ok, err = holds(values)
			got = fmt.Sprint(ok)
		}
		if err != nil {
			got = err.Error()
			if e, ok := errors.AsType[*awsjson.Error](err); !ok || e.Code != "InvalidInputException" {
				t.Errorf("%s: %v", text, err)
			}
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: %s", text, got)
		}
	}
	if _, err := predicate("s is null and s = 'x' is null", keys); err == nil {
		t.Error("IS NULL of a condition is taken")
	}
	holds, err := predicate("s is null", keys)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := holds([]string{"", "1", hiveNull, "1"}); err != nil || !ok {
		t.Error(ok, err)
	}
	if _, err := predicate("x = 1", []column{{Name: "x", Type: "array<int>"}}); err == nil {
		t.Error("a key of an array is taken")
	}
}

func FuzzPredicate(f *testing.F) {
	for _, text := range []string{"n = 1 and s like '%a_'", "day between '1' and '2' or not d in (1, 2.5)", "s is not null"} {
		f.Add(text, "2026-01-01", "5")
	}
	f.Fuzz(func(t *testing.T, text, day, n string) {
		holds, err := predicate(text, keys)
		if err != nil {
			return
		}
		a, err := holds([]string{day, n, day, n})
		if err != nil {
			return
		}
		if inverse, err := predicate("not ("+text+")", keys); err == nil && strings.TrimSpace(text) != "" && !strings.Contains(text, "--") {
			if b, err := inverse([]string{day, n, day, n}); err == nil && a && b {
				t.Errorf("%q and its inverse hold for %q, %q", text, day, n)
			}
		}
	})
}
