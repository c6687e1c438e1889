package bind_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// mergeRow is a row of the tables of TestMergeModel; a key of 0 is NULL.
type mergeRow struct{ key, value int }

func (r mergeRow) sql() string {
	if r.key == 0 {
		return fmt.Sprintf("(NULL, %d)", r.value)
	}
	return fmt.Sprintf("(%d, %d)", r.key, r.value)
}

// mergeModel is MERGE ON the key as r_MERGE.md has it.
func mergeModel(target, source []mergeRow, action string) ([]mergeRow, bool) {
	var out []mergeRow
	var kept []int // keys that REMOVE DUPLICATES has updated
	for _, t := range target {
		var match *mergeRow
		n := 0
		for i := range source {
			if t.key != 0 && source[i].key == t.key {
				match = &source[i]
				n++
			}
		}
		switch {
		case n > 1:
			return nil, false
		case n == 0:
			out = append(out, t)
		case action == "update":
			out = append(out, mergeRow{t.key, match.value + t.value})
		case action == "duplicates" && !slices.Contains(kept, t.key):
			kept = append(kept, t.key)
			out = append(out, *match)
		}
	}
	for _, s := range source {
		if s.key == 0 || !slices.ContainsFunc(target, func(t mergeRow) bool { return t.key == s.key }) {
			out = append(out, s)
		}
	}
	return out, true
}

// TestMergeModel compares MERGE with a model of it, over tables with duplicates and
// NULLs.
func TestMergeModel(t *testing.T) {
	t.Parallel()
	r := newRunner(t)
	for _, sql := range []string{"CREATE TABLE tgt (k INT, v INT)", "CREATE TABLE src (k INT, v INT)"} {
		if out := one(r, sql); out != "CREATE TABLE\n" {
			t.Fatal(out)
		}
	}
	forms := map[string]string{
		"update":     "WHEN MATCHED THEN UPDATE SET v = s.v + tgt.v WHEN NOT MATCHED THEN INSERT VALUES (s.k, s.v)",
		"delete":     "WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (v, k) VALUES (s.v, s.k)",
		"duplicates": "REMOVE DUPLICATES",
	}
	rapid.Check(t, func(rt *rapid.T) {
		rows := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) mergeRow {
			return mergeRow{rapid.IntRange(0, 6).Draw(rt, "key"), rapid.IntRange(0, 9).Draw(rt, "value")}
		}), 0, 6)
		target, source := rows.Draw(rt, "target"), rows.Draw(rt, "source")
		action := rapid.SampledFrom([]string{"delete", "duplicates", "update"}).Draw(rt, "action")
		for name, rows := range map[string][]mergeRow{"tgt": target, "src": source} {
			one(r, "DELETE FROM "+name)
			for _, row := range rows {
				one(r, "INSERT INTO "+name+" VALUES "+row.sql())
			}
		}
		out := one(r, "MERGE INTO tgt USING src s ON tgt.k = s.k "+forms[action])
		want, ok := mergeModel(target, source, action)
		if !ok {
			if !strings.Contains(out, "Found multiple matches to update the same tuple.") {
				rt.Fatal(out)
			}
			want = target
		} else if !strings.HasPrefix(out, "MERGE ") {
			rt.Fatal(out)
		}
		var lines []string
		for _, w := range want {
			lines = append(lines, strings.ReplaceAll(fmt.Sprintf("%d | %d", w.key, w.value), "0 |", "NULL |"))
		}
		got := strings.Split(strings.TrimSuffix(one(r, "SELECT k, v FROM tgt"), "\n"), "\n")[1:]
		slices.Sort(got)
		slices.Sort(lines)
		if !slices.Equal(got, lines) {
			rt.Fatalf("got %q, want %q", got, lines)
		}
	})
}
