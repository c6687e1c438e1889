package session

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/bind"
	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// statement is a bound statement. ast is nil for an empty one; plan is nil for
// one that the session runs itself.
type statement struct {
	backend *backend
	text    string
	ast     ast.Stmt
	given   []rstype.Type
	// valued: the digits of NUMERICs in given are those of the last call's values.
	valued  bool
	plan    *bind.Plan
	columns []Column
	// version is of the snapshot that plan was bound with.
	version int64
	// user is whom it was bound for: SET SESSION AUTHORIZATION may come between.
	user     int32
	planning time.Duration
	// prepare is what a PREPARE keeps; inner is what an EXECUTE runs, whose values are
	// the rows of plan.
	prepare *preparedText
	inner   *statement
	// exact: given are the types of a procedure's variables, which exactly keeps as
	// they were; called: the rows are what a CALL gives back.
	exact, called bool
	exactly       []rstype.Type
}

// env is what the statement's meaning depends on.
func (s *statement) env(snapshot *catalog.Snapshot) bind.Env {
	env := s.backend.env(s.text, s.given, snapshot)
	env.Exact = s.exact
	return env
}

// Empty implements Statement.
func (s *statement) Empty() bool { return s.ast == nil }

// Params implements Statement.
func (s *statement) Params() []uint32 {
	if s.plan == nil {
		return nil
	}
	oids := make([]uint32, len(s.plan.Params))
	for i, t := range s.plan.Params {
		oids[i] = t.OID()
	}
	return oids
}

// Columns implements Statement.
func (s *statement) Columns() []Column { return s.columns }

// Close implements Statement.
func (s *statement) Close() {}

// bind gives the statement its meaning in the catalog as it is now.
func (s *statement) bind() error { return s.bindWith(s.backend.snapshot()) }

func (s *statement) bindWith(snapshot *catalog.Snapshot) error {
	if isUtility(s.ast) {
		columns, err := s.backend.utilityColumns(s.ast)
		s.columns = columns
		return err
	}
	s.user = s.backend.current(snapshot).ID
	stmt := s.ast
	switch e := s.ast.(type) {
	case *ast.Explain:
		return s.bindExplain(e, snapshot)
	case *ast.Fetch:
		c, err := s.backend.openCursor(s.backend.fold(e.Cursor))
		if err == nil {
			s.columns = c.columns
		}
		return err
	case *ast.Prepare:
		return s.bindPrepare(e, snapshot)
	case *ast.Execute:
		return s.bindExecute(e, snapshot)
	case *ast.Call:
		return s.bindCall(e, snapshot)
	case *ast.DeclareCursor:
		stmt = e.Query
	}
	plan, err := bind.Statement(stmt, s.env(snapshot))
	if err != nil {
		return err
	}
	s.plan, s.version = plan, snapshot.Version
	if d, ok := s.ast.(*ast.DeclareCursor); ok {
		if plan.Columns == nil {
			return &Error{State: "42P11", Message: "DECLARE CURSOR cannot specify INTO", Position: position(s.text, d.Query.Pos())}
		}
		return nil
	}
	s.columns = planColumns(plan.Columns)
	s.backend.originate(s.columns, snapshot)
	return nil
}

// planColumns are a plan's columns as the client is told them.
func planColumns(columns []bind.Column) []Column {
	if columns == nil {
		return nil
	}
	out := make([]Column, len(columns))
	for i, c := range columns {
		out[i] = Column{Name: c.Name, Type: c.Type, TableID: c.TableID, Number: c.Number}
	}
	return out
}

// tag is the tag of a statement that returned rows.
func (s *statement) tag() string {
	if s.called {
		return "CALL"
	}
	return s.plan.Tag
}

// Start implements Statement.
func (s *statement) Start(ctx context.Context, call Call) (Portal, error) {
	b := s.backend
	if err := b.giveWay(ctx, s.ast); err != nil {
		return nil, err
	}
	if err := b.over(); err != nil {
		return nil, err
	}
	if b.tx.failed && !endsTransaction(s.ast) {
		return nil, errFailedTransaction
	}
	b.number()
	r := b.record(s)
	ctx, r.end = b.begun(ctx)
	p, err := s.start(ctx, call, r)
	if err != nil {
		return nil, r.failed(ctx, err)
	}
	return p, nil
}

// giveWay sees that the engine's connection is free for a statement.
func (b *backend) giveWay(ctx context.Context, next ast.Stmt) error {
	p := b.portal
	if p == nil {
		return nil
	}
	if b.tx.cursor == nil || b.tx.cursor.rows != p {
		return p.spool()
	}
	switch next.(type) {
	case *ast.Fetch, *ast.CloseCursor, *ast.Commit, *ast.Rollback:
		return nil // they go on with it, or end it
	}
	p.ctx = ctx
	if err := p.spool(); err != nil {
		b.fail(ctx)
		return err
	}
	return nil
}

func (s *statement) start(ctx context.Context, call Call, r *run) (Portal, error) {
	b := s.backend
	switch stmt := s.ast.(type) {
	case *ast.Fetch:
		return s.fetch(ctx, stmt, call, r)
	case *ast.Execute:
		return s.execute(ctx, call, r)
	case *ast.Call:
		return s.call(ctx, call, r)
	case *ast.Prepare:
		if err := b.keepPrepared(b.fold(stmt.Name), s.prepare); err != nil {
			return nil, err
		}
		r.succeeded(0)
		return &donePortal{tag: "PREPARE"}, b.afterLast(ctx, call)
	case *ast.DeclareCursor:
		if err := b.checkDeclare(stmt); err != nil {
			return nil, err
		}
	}
	if s.plan == nil {
		rows, tag, err := b.utility(ctx, s.ast)
		if err != nil {
			return nil, err
		}
		r.succeeded(int64(len(rows)))
		return &donePortal{tag: tag, rows: rows}, b.afterLast(ctx, call)
	}
	if err := s.permitted(); err != nil {
		return nil, err
	}
	args, err := s.arguments(call.Args)
	if err != nil {
		return nil, err
	}
	if err := s.numerics(call.Args); err != nil {
		return nil, err
	}
	alone := s.alone(call)
	if err := s.ready(ctx, r, alone); err != nil {
		return nil, err
	}
	begun := func() {}
	if alone {
		begun = sync.OnceFunc(b.core.gate.RUnlock)
		defer begun()
	}
	if !alone {
		s.tellNotices()
	}
	b.publishFacts()
	if e, ok := s.ast.(*ast.Explain); ok {
		rows, err := s.explain(ctx, e)
		if err != nil {
			return nil, err
		}
		r.succeeded(int64(len(rows)))
		return &donePortal{tag: s.plan.Tag, rows: rows}, b.afterLast(ctx, call)
	}
	if d, ok := s.ast.(*ast.DeclareCursor); ok {
		if err := s.declare(ctx, d, args, r); err != nil {
			return nil, err
		}
		r.succeeded(0)
		return &donePortal{tag: "DECLARE CURSOR"}, b.afterLast(ctx, call)
	}
	if s.plan.Columns != nil {
		p, err := s.rows(ctx, call, args, r, alone, begun)
		if alone { // a client that does not read holds up nobody's gate
			begun()
			s.tellNotices()
		}
		return p, err
	}
	if s.early() {
		r.succeeded(0)
		return &donePortal{tag: s.plan.Tag}, b.afterLast(ctx, call)
	}
	tag, n, err := s.change(ctx, args, r)
	if err != nil {
		return nil, err
	}
	b.tx.rows.wrote(s)
	b.tx.changes = append(b.tx.changes, s.plan.Changes...)
	b.tx.snapshot = b.tx.snapshot.Apply(s.plan.Changes...)
	for _, c := range s.plan.Changes {
		if c.Schema != nil && isTempSchema(c.Schema.Name, b.pid) {
			b.tempSchema = c.Schema.Name
		}
	}
	if s.plan.CommitAfter {
		if err := b.commit(ctx); err != nil {
			return nil, err
		}
		// A TRUNCATE in a block commits it (r_TRUNCATE.md); the block is over.
	}
	r.succeeded(n)
	return &donePortal{tag: tag}, b.afterLast(ctx, call)
}

func isTempSchema(name string, pid int32) bool { return name == fmt.Sprintf("pg_temp_%d", pid) }

// afterLast commits where nothing follows before Sync.
func (b *backend) afterLast(ctx context.Context, call Call) error {
	if call.Last {
		return b.Sync(ctx)
	}
	return nil
}

// alone: the statement is a transaction of its own, for which DuckDB needs no BEGIN
// and COMMIT.
func (s *statement) alone(call Call) bool {
	tx := &s.backend.tx
	_, query := s.ast.(*ast.Query)
	return query && s.plan.Columns != nil && call.Last && !tx.block && !tx.began
}

// ready takes the locks and the snapshots, and binds again if the catalog is
// not the one that the plan was made with. When the statement is alone only the
// catalog's is taken, and the gate is held until the engine has its own.
func (s *statement) ready(ctx context.Context, r *run, alone bool) error {
	b := s.backend
	b.number()
	r.xid(b.tx.xid)
	for range 10 {
		began := time.Now()
		for _, l := range s.plan.Locks {
			if err := b.core.locks.Acquire(b.patience(ctx), b.tx.xid, l.Table, l.Mode); err != nil {
				return err
			}
		}
		r.waited(time.Since(began))
		snapshot := b.tx.snapshot
		if s.early() {
			snapshot = b.core.cfg.Catalog.Committed()
		} else if alone {
			b.core.gate.RLock()
			b.tx.snapshot = b.core.cfg.Catalog.Committed()
			if b.tx.serializable {
				b.core.graph.Rollback(b.tx.xid) // of the round before
				b.core.graph.Begin(b.tx.xid)
			}
		} else if err := b.begin(ctx); err != nil {
			return err
		}
		if !s.early() {
			snapshot = b.tx.snapshot
		}
		if s.version == snapshot.Version && s.user == b.current(snapshot).ID {
			err := s.touch(r)
			if err != nil && alone {
				b.core.gate.RUnlock()
			}
			return err
		}
		if alone {
			b.core.gate.RUnlock()
		}
		before, locks := s.columns, s.plan.Locks
		if err := s.bindWith(snapshot); err != nil {
			return gone(err, locks, snapshot)
		}
		if before != nil && !sameColumns(before, s.columns) {
			return &Error{State: "0A000", Message: "cached plan must not change result type", Hint: "Prepare the statement again."}
		}
		// The locks of the new plan are taken in the next round.
	}
	return conflict()
}

func sameColumns(a, b []Column) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Type != b[i].Type || a[i].Name != b[i].Name {
			return false
		}
	}
	return true
}

func (s *statement) rows(ctx context.Context, call Call, args []engine.Value, r *run, alone bool, begun func()) (Portal, error) {
	b := s.backend
	types := make([]rstype.Type, len(s.plan.Columns))
	for i, c := range s.plan.Columns {
		types[i] = c.Type
	}
	encoder, err := engine.NewEncoder(types, call.Formats, b.shown())
	if err != nil {
		return nil, &Error{State: "0A000", Message: err.Error(), Hint: textHint, Cause: err}
	}
	result, err := b.query(ctx, s.plan.SQL[0], args, alone, begun)
	if err != nil {
		return nil, err
	}
	if err := encoder.Match(result.Columns()); err != nil {
		_ = result.Close()
		return nil, fmt.Errorf("%w (in %s)", err, s.plan.SQL[0])
	}
	p := &rowPortal{statement: s, run: r, ctx: ctx, result: result, encoder: encoder, last: call.Last}
	b.portal = p
	return p, nil
}

// change runs a statement without rows and gives its tag and how many rows it
// changed.
func (s *statement) change(ctx context.Context, args []engine.Value, r *run) (string, int64, error) {
	b := s.backend
	switch stmt := s.ast.(type) {
	case *ast.Copy:
		return b.copy(ctx, s, r)
	case *ast.Unload:
		return b.unload(ctx, s, stmt, args, r)
	}
	others, err := s.overtaking(ctx)
	if err != nil {
		return "", 0, err
	}
	var n int64
	for _, sql := range s.plan.SQL {
		changed, err := b.exec(ctx, sql, args)
		if err != nil {
			return "", 0, err
		}
		n += changed
	}
	if err := b.kept(ctx, others); err != nil {
		return "", 0, err
	}
	if len(s.plan.Refresh) > 0 {
		if err := b.refresh(ctx, s); err != nil {
			return "", 0, err
		}
	}
	for _, c := range s.plan.Changes {
		for _, sql := range c.SQL() {
			if _, err := b.conn.Exec(ctx, sql, nil); err != nil {
				return "", 0, err
			}
		}
	}
	if s.plan.CountTag {
		return countTag(s.plan.Tag, n), n, nil
	}
	return s.plan.Tag, 0, nil
}

// query runs a bound query. One that may come again is planned once, unless a
// system view is in it, which is told of the session when it is planned.
func (b *backend) query(ctx context.Context, sql string, args []engine.Value, alone bool, begun func()) (*engine.Result, error) {
	again := !strings.Contains(sql, ViewFunction)
	if again {
		b.keepFor(b.tx.snapshot.Version)
	}
	switch {
	case alone:
		return b.conn.QueryAlone(ctx, sql, args, again, begun)
	case again:
		return b.conn.QueryAgain(ctx, sql, args)
	}
	return b.conn.Query(ctx, sql, args)
}

// exec runs a bound statement without rows, as query does one with.
func (b *backend) exec(ctx context.Context, sql string, args []engine.Value) (int64, error) {
	if strings.Contains(sql, ViewFunction) {
		return b.conn.Exec(ctx, sql, args)
	}
	b.keepFor(b.tx.snapshot.Version)
	return b.conn.ExecAgain(ctx, sql, args)
}

// keepFor lets go of what was planned for other tables, whose rows it would keep
// in memory.
func (b *backend) keepFor(version int64) {
	if b.planned != version {
		b.planned = version
		b.conn.Forget()
	}
}
