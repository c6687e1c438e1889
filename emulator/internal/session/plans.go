package session

import (
	"context"
	"iter"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/bind"
	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/event"
	"github.com/llm-dev-ops/redshift/emulator/internal/explain"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
)

// plannedStatements is of how many statements, the newest, STL_EXPLAIN has plans.
const plannedStatements = 1000

// sysExplainColumns are SYS_QUERY_EXPLAIN's columns as STL_EXPLAIN's: user, query, child,
// node, parent, its text, its details, UUID.
var sysExplainColumns = []int{0, 1, 7, 2, 3, 4, 5, 8}

// plans are the rows of STL_EXPLAIN (r_STL_EXPLAIN.md). A plan is worked out when the
// view is read, from the catalog and the tables as they are then, so that no other
// statement pays for it.
func (b *backend) plans(columns []int) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		f := b.viewFacts()
		var newest []event.Statement
		for s := range b.core.cfg.Log.Statements() {
			if s.Family != event.Query || s.Status != event.Success || s.UserID != f.UserID && !f.Superuser {
				continue
			}
			if newest = append(newest, s); len(newest) > 2*plannedStatements {
				newest = append(newest[:0], newest[plannedStatements:]...)
			}
		}
		newest = newest[max(0, len(newest)-plannedStatements):]
		ctx := context.Background()
		conn, err := b.core.cfg.DB.Conn(ctx)
		if err != nil {
			return
		}
		defer conn.Close() // it has read, and nothing is to be said of it
		counted := map[*catalog.Relation]int64{}
		rows := func(r *catalog.Relation) (int64, error) {
			if n, ok := counted[r]; ok {
				return n, nil
			}
			text, _, err := oneValue(ctx, conn, "SELECT count(*) FROM "+quoteName(r.StoreSchema)+"."+quoteName(r.StoreName))
			if err != nil {
				return 0, err
			}
			n, err := strconv.ParseInt(text, 10, 64)
			counted[r] = n
			return n, err
		}
		row := make([]any, len(columns))
		for i := range newest {
			for _, step := range planOf(&newest[i], f.catalog, rows) {
				all := [...]any{
					int64(newest[i].UserID), newest[i].ID, int64(step.Node), int64(step.Parent), upTo(step.Text, 400), upTo(step.Info, 400), newest[i].ID, int64(1), nil,
				}
				for j, n := range columns {
					row[j] = all[n]
				}
				if !yield(row) {
					return
				}
			}
		}
	}
}

// planOf explains a statement of the record; none where it cannot be any more.
func planOf(s *event.Statement, snapshot *catalog.Snapshot, rows func(*catalog.Relation) (int64, error)) []explain.Step {
	stmt, err := parse.Statement(s.Text)
	if err != nil || !explain.Explains(stmt) {
		return nil
	}
	u, ok := snapshot.UserByID(s.UserID)
	if !ok {
		return nil
	}
	env := bind.Env{
		Text: s.Text, Catalog: snapshot, Database: s.Database, SearchPath: searchPath(sessionSettings["search_path"].def, u.Name),
		UserID: u.ID, User: u.Name, Superuser: u.Superuser, NewID: func() int32 { return 1 },
	}
	if _, err := bind.Statement(stmt, env); err != nil {
		return nil // its tables are others by now, or were found by another search path
	}
	plan, err := explain.Statement(stmt, false, explain.Env{Bind: env, Rows: rows})
	if err != nil {
		return nil
	}
	return plan.Steps()
}

// upTo cuts a text to a column's bytes.
func upTo(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "")
}
