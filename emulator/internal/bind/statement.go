package bind

import (
	"errors"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/lock"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// Statement binds one statement, whose positions count from the start of
// env.Text. The error is an *Error. The statements of transactions, settings,
// cursors and prepared statements are the session's own and are refused here.
func Statement(stmt ast.Stmt, env Env) (*Plan, error) {
	if stmt.End() > len(env.Text) {
		return nil, &Error{State: "XX000", Message: "bind: the statement is not of this text", Offset: -1}
	}
	c := &change{binder: newBinder(env)}
	if err := c.bind(stmt); err != nil {
		return nil, asError(err)
	}
	p := c.finish(&c.plan)
	p.Locks = append(p.Locks, c.nameLocks...)
	return p, nil
}

// asError sees that what leaves the package is an *Error.
func asError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{State: "XX000", Message: err.Error(), Offset: -1}
}

// change is the binding of one statement into plan. It applies its catalog
// changes to env.Catalog at once, so that later parts of the statement see them.
type change struct {
	*binder
	plan      Plan
	nameLocks []Lock
}

func (c *change) bind(stmt ast.Stmt) error {
	switch s := stmt.(type) {
	case *ast.Query:
		return c.selectQuery(s)
	case *ast.Insert:
		return c.insert(s)
	case *ast.CreateTable:
		return c.createTable(s)
	case *ast.CreateTableAs:
		return c.createTableAs(s)
	case *ast.CreateView:
		return c.createView(s)
	case *ast.RefreshMaterializedView:
		return c.refresh(s)
	case *ast.AlterMaterializedView:
		return c.alterMaterialized(s)
	case *ast.CreateSchema:
		return c.createSchema(s)
	case *ast.CreateExternalTable:
		return c.externalTable(s)
	case *ast.AlterExternalSchema:
		return c.alterExternalSchema(s)
	case *ast.AlterSchema:
		return c.alterSchema(s)
	case *ast.CreateUser:
		return c.createUser(s)
	case *ast.AlterUser:
		return c.alterUser(s)
	case *ast.CreateGroup:
		return c.createGroup(s)
	case *ast.AlterGroup:
		return c.alterGroup(s)
	case *ast.CreateRole:
		return c.createRole(s)
	case *ast.AlterRole:
		return c.alterRole(s)
	case *ast.CreateRoutine:
		return c.createRoutine(s)
	case *ast.AlterRoutine:
		return c.alterRoutine(s)
	case *ast.DropRoutine:
		return c.dropRoutine(s)
	case *ast.ShowRoutine:
		return c.showRoutine(s)
	case *ast.Grant:
		return c.grant(s)
	case *ast.Revoke:
		return c.revoke(s)
	case *ast.AlterDefaultPrivileges:
		return c.defaultPrivileges(s)
	case *ast.CreateDatabase:
		return c.createDatabase(s)
	case *ast.AlterDatabase:
		return c.alterDatabase(s)
	case *ast.AlterTable:
		return c.alterTable(s)
	case *ast.Drop:
		return c.drop(s)
	case *ast.Update:
		return c.update(s)
	case *ast.Delete:
		return c.remove(s)
	case *ast.Merge:
		return c.merge(s)
	case *ast.Truncate:
		return c.truncate(s)
	case *ast.Comment:
		return c.comment(s)
	case *ast.Vacuum:
		return c.vacuum(s)
	case *ast.Analyze:
		return c.analyze(s)
	case *ast.Lock:
		return c.lockTables(s)
	case *ast.Copy:
		return c.copyInto(s)
	case *ast.Unload:
		return c.unload(s)
	case *ast.ShowObjects:
		return c.showObjects(s)
	}
	return unsupported(stmt.Pos(), "%s", verb(c.env.Text[stmt.Pos():]))
}

// verb is the statement's first words, for messages: those of a text that holds
// no values.
func verb(text string) string {
	var words []string
	for t := range tokens(text) {
		if t.Kind != lex.Ident || len(words) == 2 {
			break
		}
		words = append(words, strings.ToUpper(t.Text(text)))
		switch words[0] {
		case "CREATE", "ALTER", "DROP", "REFRESH", "SHOW":
		default:
			return words[0]
		}
	}
	return strings.Join(words, " ")
}

// selectQuery is SELECT, and SELECT INTO, which makes a table.
func (c *change) selectQuery(q *ast.Query) error {
	c.tag("SELECT", "SELECT")
	if into := intoOf(q); into != nil {
		return c.selectInto(q, into)
	}
	bound, err := c.query(q, nil)
	if err != nil {
		return err
	}
	c.plan.SQL, c.plan.Columns = []string{bound.sql}, bound.cols
	if c.plan.Columns == nil {
		c.plan.Columns = []Column{}
	}
	return nil
}

// tag names the statement for the client and for the record.
func (c *change) tag(tag, kind string) { c.plan.Tag, c.plan.Type = tag, kind }

// run adds DuckDB statements to the plan.
func (c *change) run(sql ...string) { c.plan.SQL = append(c.plan.SQL, sql...) }

// apply makes changes of the catalog.
func (c *change) apply(changes ...catalog.Change) {
	c.plan.Changes = append(c.plan.Changes, changes...)
	c.env.Catalog = c.env.Catalog.Apply(changes...)
}

// notice tells the client something beside the result.
func (c *change) notice(severity, state, message string) {
	c.plan.Notices = append(c.plan.Notices, Notice{severity, state, message})
}

// newID numbers a new object.
func (c *change) newID() (int32, error) {
	if c.env.NewID == nil {
		return 0, errors.New("bind: no source of object ids")
	}
	return c.env.NewID(), nil
}

// lockName keeps others from making or dropping what has this name.
func (c *change) lockName(parts ...string) {
	h := fnv.New64a()
	for _, p := range parts {
		_, _ = h.Write([]byte(p))
		_, _ = h.Write([]byte{0})
	}
	// Bit 62 keeps it apart from object ids.
	l := Lock{Table: int64(h.Sum64()>>2 | 1<<62), Mode: lock.AccessExclusive}
	if !slices.Contains(c.nameLocks, l) {
		c.nameLocks = append(c.nameLocks, l)
	}
}
