package bind_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/llm-dev-ops/redshift/emulator/internal/bind"
	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
)

// runner is a session without locks: it binds statements and runs their plans
// in one transaction each.
type runner struct {
	conn *engine.Conn
	cat  *catalog.Catalog
	env  bind.Env
	// args are the parameters of the next statements.
	args []engine.Value
}

func newRunner(t *testing.T) *runner {
	t.Helper()
	ctx := context.Background()
	db, err := engine.Open(ctx, engine.Config{Threads: 1})
	if errors.Is(err, engine.ErrNoCgo) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(conn.Close(), db.Close()); err != nil {
			t.Error(err)
		}
	})
	cat, err := catalog.Open(ctx, conn, catalog.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return &runner{conn: conn, cat: cat, env: bind.Env{
		Database: "dev", SearchPath: []string{"awsuser", "public"}, UserID: 100, User: "awsuser", Superuser: true, PID: 7, NewID: cat.NextID,
	}}
}

// bind parses and binds one statement in the committed catalog.
func (r *runner) bind(sql string) (*bind.Plan, error) { return r.bindIn(sql, r.cat.Committed()) }

func (r *runner) bindIn(sql string, snapshot *catalog.Snapshot) (*bind.Plan, error) {
	stmt, err := parse.Statement(sql)
	if err != nil {
		return nil, err
	}
	env := r.env
	env.Text, env.Catalog = sql, snapshot
	return bind.Statement(stmt, env)
}

// block runs statements in one transaction, each seeing the changes of those
// before it, and commits it or, after an error or for "rollback", does not.
func (r *runner) block(statements []string) string {
	ctx := context.Background()
	if _, err := r.conn.Exec(ctx, "BEGIN", nil); err != nil {
		return failure(err)
	}
	var out strings.Builder
	snapshot, end := r.cat.Committed(), "COMMIT"
	var changes []catalog.Change
	for _, sql := range statements {
		if sql == "rollback" {
			end = "ROLLBACK"
			break
		}
		p, err := r.bindIn(sql, snapshot)
		var text string
		if err == nil {
			text, err = r.inside(ctx, p)
		}
		if err != nil {
			out.WriteString(failure(err))
			end = "ROLLBACK"
			break
		}
		out.WriteString(text)
		snapshot = snapshot.Apply(p.Changes...)
		changes = append(changes, p.Changes...)
	}
	out.WriteString(end + "\n")
	if _, err := r.conn.Exec(ctx, end, nil); err != nil {
		out.WriteString(failure(err))
	} else if end == "COMMIT" {
		r.cat.Commit(changes)
	}
	return out.String()
}

// exec runs a plan in a transaction and answers its tag and the rows.
func (r *runner) exec(p *bind.Plan) (string, error) {
	ctx := context.Background()
	if _, err := r.conn.Exec(ctx, "BEGIN", nil); err != nil {
		return "", err
	}
	out, err := r.inside(ctx, p)
	if err != nil {
		_, back := r.conn.Exec(ctx, "ROLLBACK", nil)
		return "", errors.Join(err, back)
	}
	if _, err := r.conn.Exec(ctx, "COMMIT", nil); err != nil {
		return "", err
	}
	r.cat.Commit(p.Changes)
	for _, c := range p.Changes {
		if c.Schema != nil && strings.HasPrefix(c.Schema.Name, "pg_temp_") {
			r.env.TempSchema = c.Schema.Name
		}
	}
	return out, nil
}

func (r *runner) inside(ctx context.Context, p *bind.Plan) (string, error) {
	if p.Columns != nil {
		return r.rows(ctx, p)
	}
	var n int64
	sql := p.SQL
	for _, c := range p.Changes {
		sql = append(sql, c.SQL()...)
	}
	if p.Copy != nil || p.UnloadColumns != nil {
		sql = nil
	}
	for i, s := range sql {
		var args []engine.Value
		if i < len(p.SQL) {
			args = r.args
		}
		changed, err := r.conn.Exec(ctx, s, args)
		if err != nil {
			return "", fmt.Errorf("%w\n  in %s", err, s)
		}
		if i < len(p.SQL) {
			n += changed
		}
	}
	switch {
	case p.CountTag && p.Tag == "INSERT":
		return fmt.Sprintf("INSERT 0 %d\n", n), nil
	case p.CountTag:
		return fmt.Sprintf("%s %d\n", p.Tag, n), nil
	}
	return p.Tag + "\n", nil
}

func (r *runner) rows(ctx context.Context, p *bind.Plan) (text string, err error) {
	result, err := r.conn.Query(ctx, p.SQL[0], r.args)
	if err != nil {
		return "", fmt.Errorf("%w\n  in %s", err, p.SQL[0])
	}
	defer func() { err = errors.Join(err, result.Close()) }()
	var out strings.Builder
	for i, c := range p.Columns {
		if i > 0 {
			out.WriteString(" | ")
		}
		fmt.Fprintf(&out, "%s %s", c.Name, c.Type)
	}
	out.WriteByte('\n')
	for {
		chunk, err := result.Next(ctx)
		if err != nil || chunk == nil {
			return out.String(), err
		}
		for row := range chunk.Len() {
			for col := range p.Columns {
				if col > 0 {
					out.WriteString(" | ")
				}
				if chunk.IsNull(col, row) {
					out.WriteString("NULL")
				} else {
					out.Write(chunk.AppendText(nil, col, row))
				}
			}
			out.WriteByte('\n')
		}
	}
}

// failure writes an error as the client is told it; the number behind @ is its
// offset.
func failure(err error) string {
	if p, ok := errors.AsType[*parse.Error](err); ok {
		return fmt.Sprintf("ERROR %s@%d: %s\n", p.SQLState, p.Offset, p.Message)
	}
	e, ok := errors.AsType[*bind.Error](err)
	if !ok {
		text := err.Error()
		if i := strings.Index(text, "\n  in "); i > 0 {
			if state, message, ok := bind.Reason(text[:i]); ok {
				return fmt.Sprintf("ERROR %s: %s\n", state, message)
			}
			state, message, ok := strings.Cut(text[:i], ": ")
			if ok && len(state) == 5 {
				return fmt.Sprintf("ERROR %s: %s\n", state, message)
			}
		}
		return "FAILED: " + text + "\n"
	}
	s := fmt.Sprintf("ERROR %s: %s\n", e.State, e.Message)
	if e.Offset >= 0 {
		s = fmt.Sprintf("ERROR %s@%d: %s\n", e.State, e.Offset, e.Message)
	}
	for _, line := range strings.Split(e.Detail, "\n") {
		if line != "" {
			s += "DETAIL: " + line + "\n"
		}
	}
	if e.Hint != "" {
		s += "HINT: " + e.Hint + "\n"
	}
	return s
}

// plan writes what a plan holds, ids as they are.
func plan(p *bind.Plan) string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s type=%s", p.Tag, p.Type)
	for _, flag := range []struct {
		on   bool
		name string
	}{{p.CountTag, " count"}, {p.CommitAfter, " commits"}, {p.NoTransaction, " no-transaction"}} {
		if flag.on {
			s.WriteString(flag.name)
		}
	}
	s.WriteByte('\n')
	for _, l := range p.Locks {
		if l.Table > 1<<31 {
			fmt.Fprintf(&s, "lock name %s\n", l.Mode)
		} else {
			fmt.Fprintf(&s, "lock %d %s\n", l.Table, l.Mode)
		}
	}
	for _, sql := range p.SQL {
		fmt.Fprintln(&s, sql)
	}
	if p.Copy != nil {
		fmt.Fprintf(&s, "copy %s %v %s\n", p.Copy.Relation.Name, p.Copy.Columns, p.Copy.Defaults)
	}
	for _, c := range p.UnloadColumns {
		fmt.Fprintf(&s, "unload %s %s\n", c.Name, c.Type)
	}
	for _, c := range p.Changes {
		switch {
		case c.User != nil:
			fmt.Fprintf(&s, "+ user %s\n", c.User.Name)
		case c.Database != nil:
			fmt.Fprintf(&s, "+ database %s\n", c.Database.Name)
		case c.Schema != nil:
			fmt.Fprintf(&s, "+ schema %s.%s in %s\n", c.Schema.Database, c.Schema.Name, c.Schema.Store)
		case c.Relation != nil:
			fmt.Fprintf(&s, "+ %s %s.%s\n", c.Relation.Kind, c.Relation.Schema, c.Relation.Name)
		case c.DropUser != nil:
			fmt.Fprintf(&s, "- user %s\n", c.DropUser.Name)
		case c.DropDatabase != nil:
			fmt.Fprintf(&s, "- database %s\n", c.DropDatabase.Name)
		case c.DropSchema != nil:
			fmt.Fprintf(&s, "- schema %s.%s\n", c.DropSchema.Database, c.DropSchema.Name)
		case c.DropRelation != nil:
			fmt.Fprintf(&s, "- %s %s.%s\n", c.DropRelation.Kind, c.DropRelation.Schema, c.DropRelation.Name)
		}
	}
	return s.String()
}

// describe writes a relation as the catalog has it.
func describe(r *catalog.Relation) string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s %s.%s dist=%s sort=%s", r.Kind, r.Schema, r.Name, r.DistStyle, r.SortKind)
	if r.Temp {
		s.WriteString(" temp")
	}
	if !r.Backup && r.Kind == catalog.Table {
		s.WriteString(" backup=no")
	}
	s.WriteByte('\n')
	for _, c := range r.Columns {
		fmt.Fprintf(&s, "  %s %s", c.Name, c.Type)
		if c.NotNull {
			s.WriteString(" not null")
		}
		if c.Default != "" {
			s.WriteString(" default " + c.Default)
		}
		if c.Identity != nil {
			fmt.Fprintf(&s, " identity(%d,%d)", c.Identity.Seed, c.Identity.Step)
			if c.Identity.ByDefault {
				s.WriteString(" by default")
			}
		}
		if c.Encode != "" {
			s.WriteString(" encode " + c.Encode)
		}
		if c.DistKey {
			s.WriteString(" distkey")
		}
		if c.SortKey > 0 {
			fmt.Fprintf(&s, " sortkey %d", c.SortKey)
		}
		if c.Comment != "" {
			fmt.Fprintf(&s, " comment %q", c.Comment)
		}
		s.WriteByte('\n')
	}
	for _, k := range r.Constraints {
		fmt.Fprintf(&s, "  constraint %s %s(%s)", k.Name, k.Kind, strings.Join(k.Columns, ","))
		if k.Kind == "f" {
			fmt.Fprintf(&s, " references (%s)", strings.Join(k.RefColumns, ","))
		}
		s.WriteByte('\n')
	}
	if r.Definition != "" {
		fmt.Fprintf(&s, "  as %s\n", r.Definition)
	}
	return s.String()
}

// TestChanges runs testdata/ddl* and testdata/dml*. Commands: "run" binds and
// runs statements that are parted by lines of "--"; "block" runs
// them in one transaction; "plan" shows a plan and
// does not run it; "table" describes a relation; "set" changes the session:
// superuser=, user=, path=, case=. "run as=u" is run by the user u; "acl" shows
// privileges.
func TestChanges(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"testdata/ddl*", "testdata/dml*"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("no test data: %v", err)
		}
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				r := newRunner(t)
				datadriven.RunTest(t, file, func(t *testing.T, d *datadriven.TestData) string { return r.command(t, d) })
			})
		}
	}
}

// as makes the session another user's, until the function that it answers.
func (r *runner) as(t *testing.T, name string) func() {
	t.Helper()
	u, ok := r.cat.Committed().User(name)
	if !ok {
		t.Fatalf("no user %s", name)
	}
	old := r.env
	r.env.User, r.env.UserID, r.env.Superuser = u.Name, u.ID, u.Superuser
	return func() { r.env.User, r.env.UserID, r.env.Superuser = old.User, old.UserID, old.Superuser }
}

// acls are the privileges on databases (d:), schemas (s:), relations and their
// columns, the members of groups (g:) and of roles (r:), and "default".
func (r *runner) acls(names []string) string {
	snapshot := r.cat.Committed()
	var out strings.Builder
	print := func(name string, acl catalog.ACL) { fmt.Fprintf(&out, "%s %s\n", name, snapshot.Text(acl)) }
	for _, name := range names {
		kind, id, _ := strings.Cut(name, ":")
		switch kind {
		case "d":
			if d, ok := snapshot.Database(id); ok {
				print(name, d.Grants())
			}
		case "s":
			if s, ok := snapshot.Schema("dev", id); ok {
				print(name, s.Grants())
			}
		case "g":
			g, ok := snapshot.Group(id)
			fmt.Fprintf(&out, "%s", name)
			for i := 0; ok && i < len(g.Users); i++ {
				fmt.Fprintf(&out, " %s", snapshot.GranteeName(catalog.UserGrantee(g.Users[i])))
			}
			out.WriteByte('\n')
		case "r":
			role, ok := snapshot.Role(id)
			fmt.Fprintf(&out, "%s", name)
			for i := 0; ok && i < len(role.Members); i++ {
				m := role.Members[i]
				fmt.Fprintf(&out, " %s:%s", m.Member.Kind, snapshot.GranteeName(m.Member))
				if m.Admin {
					out.WriteByte('*')
				}
			}
			if ok {
				fmt.Fprintf(&out, " %v\n", role.System)
			}
		case "default":
			for _, d := range snapshot.DefaultACLs() {
				print(fmt.Sprintf("%s %v", snapshot.GranteeName(catalog.UserGrantee(d.User)), d.Schema != 0), d.ACL)
			}
		default:
			schema, table, _ := strings.Cut(name, ".")
			rel, ok := snapshot.Relation("dev", schema, table)
			if !ok {
				continue
			}
			print(name, rel.Grants())
			for _, c := range rel.Columns {
				if c.ACL != nil {
					print(name+"."+c.Name, c.ACL)
				}
			}
		}
	}
	return out.String()
}

func (r *runner) command(t *testing.T, d *datadriven.TestData) string {
	t.Helper()
	var out strings.Builder
	switch d.Cmd {
	case "run":
		r.args = nil
		for _, a := range d.CmdArgs {
			if a.Key == "as" {
				defer r.as(t, a.Vals[0])()
				continue
			}
			for _, v := range a.Vals {
				r.args = append(r.args, engine.Text(v))
			}
		}
		for _, sql := range strings.Split(d.Input, "\n--\n") {
			p, err := r.bind(sql)
			if err != nil {
				out.WriteString(failure(err))
				continue
			}
			for _, n := range p.Notices {
				fmt.Fprintf(&out, "%s %s: %s\n", n.Severity, n.State, n.Message)
			}
			text, err := r.exec(p)
			if err != nil {
				text = failure(err)
			}
			out.WriteString(text)
		}
	case "acl":
		return r.acls(strings.Fields(d.Input))
	case "block":
		return r.block(strings.Split(d.Input, "\n--\n"))
	case "plan":
		p, err := r.bind(d.Input)
		if err != nil {
			return failure(err)
		}
		return plan(p)
	case "table":
		for _, name := range strings.Fields(d.Input) {
			schema, name, _ := strings.Cut(name, ".")
			rel, ok := r.cat.Committed().Relation("dev", schema, name)
			if !ok {
				fmt.Fprintf(&out, "no %s.%s\n", schema, name)
				continue
			}
			out.WriteString(describe(rel))
		}
	case "set":
		for _, a := range d.CmdArgs {
			switch v := a.Vals[0]; a.Key {
			case "superuser":
				r.env.Superuser = v == "true"
			case "user":
				r.env.User = v
				if u, ok := r.cat.Committed().User(v); ok {
					r.env.UserID = u.ID
				}
			case "case":
				r.env.CaseSensitive = v == "true"
			case "path":
				r.env.SearchPath = a.Vals
			default:
				t.Fatalf("unknown setting %q", a.Key)
			}
		}
	default:
		t.Fatalf("unknown command %q", d.Cmd)
	}
	return out.String()
}
