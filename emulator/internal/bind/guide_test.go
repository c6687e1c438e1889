package bind_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestGuide runs the lines of testdata/guide, which have the form of those of
// testdata/query_values and are kept by the guide's chapters. Most of them are
// operators, casts and functions over awkward values; what they must give was
// worked out outside of the emulator: by PostgreSQL 15, where Redshift's rules are
// its rules, and by Python's decimal and datetime by the guide's own rules where
// they are not.
//
// Each heading says "documented:" with pages of the guide, or "assumed:". A case
// that is known to be wrong is a line of testdata/known_issues.txt, "file: expression
// -> reason", and fails once it is right.
func TestGuide(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/guide/*/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatal(err, "no files")
	}
	known := knownIssues(t)
	for _, path := range paths {
		name, _ := filepath.Rel("testdata/guide", path)
		for c := range known {
			file, expr, _ := strings.Cut(c, ": ")
			if file == name && !strings.Contains(readText(t, path), "\n"+expr+" -> ") {
				t.Errorf("known_issues.txt: %s has no case %s", file, expr)
			}
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newValues(t)
			for _, c := range readValues(t, path) {
				if !strings.HasPrefix(c.heading, "# documented: ") && !strings.HasPrefix(c.heading, "# assumed: ") {
					t.Fatalf("%s: neither documented nor assumed", c.place)
				}
				if known[name+": "+c.expr] {
					if rows, typ := c.run(r); rows == c.want && (!c.typed || typ == c.typ) {
						t.Errorf("%s: %s is right now: take it off known_issues.txt", c.place, c.expr)
					}
					continue
				}
				c.check(t, r)
			}
		})
	}
}

func readText(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// knownIssues are the cases that are listed, each with a reason.
func knownIssues(t *testing.T) map[string]bool {
	t.Helper()
	known := map[string]bool{}
	for line := range strings.Lines(readText(t, "testdata/known_issues.txt")) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		c, reason, _ := strings.Cut(line, " -> ")
		if reason == "" {
			t.Errorf("known_issues.txt: no reason for %s", c)
		}
		known[c] = true
	}
	return known
}
