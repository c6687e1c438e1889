package session

import (
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/bind"
	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/pgcatalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/sysview"
)

// viewFacts are what system views know of the session that reads them.
type viewFacts struct {
	sysview.Facts
	catalog *catalog.Snapshot
	session pgcatalog.Facts
	login   int32 // who logged in
}

// catalogView is a table or view of the catalog in the session's snapshot.
func (b *backend) catalogView(schema, name string) (engine.View, error) {
	v, ok := pgcatalog.Lookup(schema, name)
	if !ok {
		return engine.View{}, fmt.Errorf("no catalog table %q.%q", schema, name)
	}
	columns := make([]engine.ViewColumn, len(v.Columns))
	for i, col := range v.Columns {
		columns[i] = engine.ViewColumn{Name: col.Name, Type: col.Type}
	}
	return engine.View{
		Columns: columns,
		Rows: func(columns []int) iter.Seq[[]any] {
			f := b.viewFacts()
			return v.Rows(f.catalog, f.session, columns)
		},
	}, nil
}

// publishFacts lets views see the session as it is at this statement: DuckDB
// asks for the rows on threads of its own.
func (b *backend) publishFacts() {
	snapshot := b.snapshot()
	u := b.current(snapshot)
	f := viewFacts{
		Facts: sysview.Facts{
			UserID: u.ID, Superuser: seesAll(snapshot, u),
			Serverless: b.core.cfg.Serverless, Now: time.Now(),
			Slices: b.core.cfg.Slices, Locks: b.core.locks.Snapshot,
		},
		catalog: snapshot, login: b.user.ID,
		session: pgcatalog.Facts{
			Database: b.database, SearchPath: searchPath(b.get("search_path"), u.Name), TempSchema: b.tempSchema,
			UserID: u.ID, Superuser: u.Superuser, Serverless: b.core.cfg.Serverless, Slices: b.core.cfg.Slices,
			Stale: b.staleViews(snapshot), Settings: b.shownSettings(snapshot),
		},
	}
	b.mu.Lock()
	b.facts = f
	b.mu.Unlock()
}

func (b *backend) viewFacts() viewFacts {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.facts
}

// ViewFunction is the name of the table function that serves system views; its
// arguments are the view's name and bind.Env.Facts.
const ViewFunction = "rs_view"

// Register makes the engine know the functions that ask sessions. It must be called
// once, before the first statement.
func (c *Core) Register() error {
	return errors.Join(
		c.cfg.DB.RegisterView(ViewFunction, 2, c.view),
		c.cfg.DB.RegisterFunction(bind.SessionFunction, c.call),
	)
}

// view is the engine's table function ViewFunction.
func (c *Core) view(args []string) (engine.View, error) {
	if len(args) != 2 {
		return engine.View{}, fmt.Errorf("%s takes two arguments", ViewFunction)
	}
	pid, err := strconv.ParseInt(args[1], 10, 32)
	if err != nil {
		return engine.View{}, err
	}
	b, ok := c.session(int32(pid))
	if !ok {
		return engine.View{}, fmt.Errorf("no session %d", pid)
	}
	// The facts are those of each execution: a plan may run more than once.
	// The catalog's own tables have a schema before their names.
	if schema, name, ok := strings.Cut(args[0], "."); ok {
		return b.catalogView(schema, name)
	}
	v, ok := sysview.Lookup(args[0])
	if !ok {
		return engine.View{}, fmt.Errorf("no system view %q", args[0])
	}
	columns := make([]engine.ViewColumn, len(v.Columns))
	for i, col := range v.Columns {
		columns[i] = engine.ViewColumn{Name: col.Name, Type: col.SQLType()}
	}
	switch v.Name {
	case "stl_explain":
		return engine.View{Columns: columns, Rows: func(columns []int) iter.Seq[[]any] {
			if b.viewFacts().Serverless {
				return func(func([]any) bool) {}
			}
			return b.plans(columns)
		}}, nil
	case "sys_query_explain":
		return engine.View{Columns: columns, Rows: func(columns []int) iter.Seq[[]any] {
			mapped := make([]int, len(columns))
			for i, n := range columns {
				mapped[i] = sysExplainColumns[n]
			}
			return b.plans(mapped)
		}}, nil
	}
	return engine.View{
		Columns: columns,
		Rows:    func(columns []int) iter.Seq[[]any] { return v.Rows(c.cfg.Log, b.viewFacts().Facts, columns) },
	}, nil
}
