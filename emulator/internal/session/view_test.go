package session

import (
	"context"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift/emulator/internal/pgcatalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/sysview"
)

// TestEveryView: each view of the guide can be selected, with its columns and
// their types, provisioned and serverless, by a superuser and by a user.
func TestEveryView(t *testing.T) {
	t.Parallel()
	for _, serverless := range []bool{false, true} {
		core := newCore(t)
		core.cfg.Serverless = serverless
		c := openClient(t, core)
		t.Cleanup(c.Close)
		ctx := context.Background()
		c.script(ctx, "CREATE TABLE t (a INT PRIMARY KEY); INSERT INTO t VALUES (1); CREATE VIEW v AS SELECT a FROM t")
		c.taken()
		for _, name := range sysview.Names() {
			v, _ := sysview.Lookup(name)
			stmt, err := c.Prepare(ctx, "SELECT * FROM "+name, nil)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			for i, col := range stmt.Columns() {
				if want := v.Columns[i]; col.Name != want.Name || col.Type != want.SQLType() {
					t.Errorf("%s: column %d is %s %s, want %s %s", name, i, col.Name, col.Type, want.Name, want.SQLType())
				}
			}
			if n := len(stmt.Columns()); n != len(v.Columns) {
				t.Errorf("%s has %d columns, want %d", name, n, len(v.Columns))
			}
			stmt.Close()
			c.script(ctx, "SELECT * FROM "+name)
			out := c.taken()
			if strings.Contains(out, "ERROR") {
				t.Errorf("%s: %s", name, out)
			}
			rows := strings.Count(out, "\n") - 2
			if provisioned := regexp.MustCompile("^(stl|stv|svl|svcs)_").MatchString(name); serverless && provisioned && rows > 0 {
				t.Errorf("%s has %d rows on serverless", name, rows)
			}
		}
	}
}

// TestViewsAsDocumented: docs/emulator.md lists the views that something fills,
// and no others.
func TestViewsAsDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../docs/emulator.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## System views\n")
	section, _, _ = strings.Cut(section, "\nBeside the list:")
	listed := make(map[string]bool)
	for _, name := range regexp.MustCompile(`\b(STL|STV|SVL|SVV|SVCS|SYS|PG)_[A-Z0-9_]+`).FindAllString(section, -1) {
		listed[strings.ToLower(name)] = true
	}
	for _, name := range sysview.Names() {
		v, _ := sysview.Lookup(name)
		_, catalog := pgcatalog.Lookup("", name)
		own := name == "stl_explain" || name == "sys_query_explain" // which the session itself fills
		if filled := v.Filled() || catalog || own; filled != listed[name] {
			t.Errorf("%s: filled is %v, listed is %v", name, filled, listed[name])
		}
		delete(listed, name)
	}
	for name := range listed {
		t.Errorf("%s is listed and is no view", name)
	}
}
