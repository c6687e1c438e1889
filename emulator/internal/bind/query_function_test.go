package bind

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
)

// documented is a function of Redshift's documents as testdata/functions.txt has it.
type documented struct {
	group, name, state, example string
	// column is the name of the column without an alias, "" where the documents do not
	// say.
	column string
}

// documentedFunctions reads testdata/functions.txt: "# group" and then lines of
// "name | state | example", with " | column" behind where the documents name the column.
func documentedFunctions(t *testing.T) []documented {
	t.Helper()
	data, err := os.ReadFile("testdata/functions.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []documented
	group := ""
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if g, ok := strings.CutPrefix(line, "# "); ok {
			group = g
			continue
		}
		if line == "" {
			continue
		}
		parts := strings.Split(line+" | ", " | ")
		if len(parts) < 4 {
			t.Fatalf("functions.txt: %q", line)
		}
		out = append(out, documented{group, parts[0], parts[1], parts[2], parts[3]})
	}
	return out
}

// TestDocumentedFunctions: each of the documented functions works, is refused, or is
// missing and said to be, as functions.txt has it and docs/emulator.md tells.
func TestDocumentedFunctions(t *testing.T) {
	t.Parallel()
	list := documentedFunctions(t)
	if len(list) != 406 {
		t.Errorf("%d functions, and 406 are documented", len(list))
	}
	seen := make(map[string]bool)
	for _, f := range list {
		if seen[f.name] {
			t.Errorf("%s is there twice", f.name)
		}
		seen[f.name] = true
		sql := "SELECT " + f.example
		if !slices.Contains([]string{"leader-node-only", "sysadmin", "sysinfo"}, f.group) {
			sql += " FROM t"
		}
		state := "works"
		stmt, err := parse.Statement(sql)
		var plan *Plan
		if err == nil {
			plan, err = Statement(stmt, sampleEnv(sql))
		}
		if err == nil && f.column != "" && plan.Columns[0].Name != f.column {
			t.Errorf("%s: the column is %q, documented %q", f.example, plan.Columns[0].Name, f.column)
		}
		if err != nil {
			state = "missing"
			if e := asError(err); !strings.HasPrefix(e.Message, "not supported by the emulator: ") {
				t.Errorf("%s: %s %s", sql, e.State, e.Message)
				continue
			}
		}
		if state != f.state && (state != "missing" || f.state != "refused") {
			t.Errorf("%s: %s, and %s in functions.txt (%v)", f.name, state, f.state, err)
		}
	}
	checkFunctionTable(t, list)
}

const (
	tableBegin = "<!-- functions: written by `go test ./emulator/internal/bind -run TestDocumentedFunctions -rewrite` -->\n"
	tableEnd   = "<!-- end of functions -->\n"
)

// checkFunctionTable compares the table of docs/emulator.md, or writes it.
func checkFunctionTable(t *testing.T, list []documented) {
	t.Helper()
	var table strings.Builder
	table.WriteString(tableBegin + "\n| functions | work | refused | missing |\n|---|---|---|---|\n")
	for len(list) > 0 {
		group := list[0].group
		names := make(map[string][]string)
		n := 0
		for ; n < len(list) && list[n].group == group; n++ {
			names[list[n].state] = append(names[list[n].state], list[n].name)
		}
		list = list[n:]
		missing := strings.Join(names["missing"], ", ")
		if len(names["missing"]) == n {
			missing = "all"
		}
		fmt.Fprintf(&table, "| %s | %d of %d | %s | %s |\n", group, len(names["works"]), n, strings.Join(names["refused"], ", "), missing)
	}
	table.WriteString("\n" + tableEnd)
	const path = "../../../docs/emulator.md"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(data), tableBegin)
	_, tail, ok2 := strings.Cut(rest, tableEnd)
	if !ok || !ok2 {
		t.Fatal("docs/emulator.md has no table of functions")
	}
	want := head + table.String() + tail
	if want == string(data) {
		return
	}
	if f := flag.Lookup("rewrite"); f != nil && f.Value.String() == "true" {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Error("docs/emulator.md is not of functions.txt: run it with -rewrite")
}
