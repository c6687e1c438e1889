package explain_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/llm-dev-ops/redshift/emulator/internal/bind"
	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/explain"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
)

// database is a catalog with numbers of rows.
type database struct {
	snapshot *catalog.Snapshot
	rows     map[string]int64
	lastID   int32
}

func newDatabase() *database {
	d := &database{rows: map[string]int64{}, lastID: 1000}
	changes, _ := catalog.SchemasOf("dev", d.newID)
	changes = append([]catalog.Change{
		{User: &catalog.User{ID: 100, Name: "ann", Superuser: true}},
		{Database: &catalog.Database{ID: 101, Name: "dev", Owner: 100}},
	}, changes...)
	d.snapshot = catalog.NewSnapshot(changes...)
	return d
}

func (d *database) newID() int32 { d.lastID++; return d.lastID }

func (d *database) env(text string) bind.Env {
	return bind.Env{
		Text: text, Catalog: d.snapshot, Database: "dev", SearchPath: []string{"public"}, UserID: 100, User: "ann", Superuser: true,
		NewID: d.newID,
	}
}

func (d *database) define(text string) error {
	for s, err := range lex.Split(text) {
		if err != nil {
			return err
		}
		stmt, err := parse.Statement(s.Text)
		if err != nil {
			return err
		}
		plan, err := bind.Statement(stmt, d.env(s.Text))
		if err != nil {
			return err
		}
		d.snapshot = d.snapshot.Apply(plan.Changes...)
	}
	return nil
}

func (d *database) explain(text string) (string, error) {
	stmt, err := parse.Statement("EXPLAIN " + text)
	if errors.Is(err, parse.ErrEmpty) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	e := stmt.(*ast.Explain)
	if !explain.Explains(e.Stmt) {
		return "not explained", nil
	}
	env := d.env("EXPLAIN " + text)
	if _, err := bind.Statement(e.Stmt, env); err != nil {
		return "", err
	}
	plan, err := explain.Statement(e.Stmt, e.Verbose, explain.Env{Bind: env, Rows: func(r *catalog.Relation) (int64, error) {
		return d.rows[r.Name], nil
	}})
	if err != nil {
		return "", err
	}
	return strings.Join(plan.Lines(), "\n"), nil
}

// TestPlans runs testdata/*: "define" makes tables, "rows" says how many rows they
// have, "explain" prints a plan.
func TestPlans(t *testing.T) {
	t.Parallel()
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		t.Parallel()
		db := newDatabase()
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "define":
				if err := db.define(d.Input); err != nil {
					return err.Error()
				}
				return ""
			case "rows":
				for _, a := range d.CmdArgs {
					n, err := strconv.ParseInt(a.Vals[0], 10, 64)
					if err != nil {
						return err.Error()
					}
					db.rows[a.Key] = n
				}
				return ""
			case "explain":
				out, err := db.explain(d.Input)
				if err != nil {
					return err.Error()
				}
				return out
			}
			return "unknown command " + d.Cmd
		})
	})
}
