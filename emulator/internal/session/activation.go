package session

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/procedure"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// maxKept bounds the statements that one call keeps bound.
const maxKept = 1000

// prepare binds a statement of a body; one that comes again is bound once.
func (h *activation) prepare(sql string, args []procedure.Value) (*statement, error) {
	b := h.backend
	types := make([]rstype.Type, len(args))
	for i, a := range args {
		types[i] = a.Type
	}
	if b.tx.failed {
		return nil, errFailedTransaction
	}
	user := b.current(b.snapshot()).ID
	if s := h.kept[sql]; s != nil && slices.Equal(s.exactly, types) && s.version == b.snapshot().Version && s.user == user {
		return s, nil
	}
	stmt, err := parseStatement(sql)
	if err != nil {
		return nil, unplaced(asError(context.Background(), err, sql, 0))
	}
	s := &statement{backend: b, text: sql, ast: stmt, given: types, exactly: slices.Clone(types), exact: true}
	if err := s.bind(); err != nil {
		return nil, unplaced(asError(context.Background(), err, sql, 0))
	}
	if s.plan != nil && s.plan.Columns != nil && len(h.kept) < maxKept {
		h.kept[sql] = s
	}
	return s, nil
}

// Query implements procedure.Host.
func (h *activation) Query(ctx context.Context, sql string, args []procedure.Value) (*procedure.Rows, error) {
	rows, err := h.query(ctx, sql, args)
	if err != nil {
		h.backend.fail(ctx)
		return nil, err
	}
	return rows, nil
}

func (h *activation) query(ctx context.Context, sql string, args []procedure.Value) (*procedure.Rows, error) {
	b := h.backend
	s, err := h.prepare(sql, args)
	if err != nil {
		return nil, err
	}
	if err := h.allowed(s); err != nil {
		return nil, err
	}
	if err := b.giveWay(ctx, s.ast); err != nil {
		return nil, err
	}
	b.number()
	r := b.record(s)
	r.end = func() {}
	caller := h.run.id
	r.child(caller)
	switch s.ast.(type) {
	case *ast.Commit, *ast.Rollback:
		_, commit := s.ast.(*ast.Commit)
		if err := h.end(ctx, commit); err != nil {
			return nil, r.failed(ctx, err)
		}
		r.succeeded(0)
		return &procedure.Rows{}, nil
	case *ast.Begin:
		h.began = true
		r.succeeded(0)
		return &procedure.Rows{}, nil
	}
	rows, err := h.start(ctx, s, args, r)
	if err != nil {
		return nil, unplaced(asError(ctx, r.failed(ctx, err), "", 0))
	}
	if h.routine.NonAtomic && !h.atomic && !h.began {
		if err := h.end(ctx, true); err != nil {
			return nil, asError(ctx, err, "", 0)
		}
	}
	return rows, nil
}

// start runs a statement and takes all its rows.
func (h *activation) start(ctx context.Context, s *statement, args []procedure.Value, r *run) (*procedure.Rows, error) {
	call := Call{}
	if s.plan != nil {
		for i := range s.plan.Params {
			if i < len(args) {
				call.Args = append(call.Args, textArg(args[i].Text))
			}
		}
	}
	p, err := s.start(ctx, call, r)
	if err != nil {
		return nil, err
	}
	out := &procedure.Rows{Columns: columnsOf(s.columns)}
	size := 0
	for {
		raw, _, done, err := p.AppendRows(ctx, nil, 0)
		if err != nil {
			return nil, err
		}
		if size += len(raw); size > maxSpool {
			_ = p.Close()
			return nil, &Error{State: "53200", Message: "not supported by the emulator: more than 256 MB of rows in a procedure"}
		}
		out.Rows = appendTexts(out.Rows, raw)
		if done {
			break
		}
	}
	tag := p.Tag()
	if err := p.Close(); err != nil {
		return nil, err
	}
	if s.plan != nil && s.plan.CountTag {
		out.Count, _ = strconv.ParseInt(tag[strings.LastIndexByte(tag, ' ')+1:], 10, 64)
	}
	if s.plan != nil && s.plan.Routine != nil {
		n := 0
		for i := range s.plan.Routine.Args {
			a := &s.plan.Routine.Args[i]
			switch {
			case a.In() && a.Out():
				out.Outputs = append(out.Outputs, n)
			case a.Out():
				out.Outputs = append(out.Outputs, -1)
			}
			if a.In() {
				n++
			}
		}
	}
	return out, nil
}

// appendTexts takes DataRows of texts apart.
func appendTexts(dst [][]*string, rows []byte) [][]*string {
	for len(rows) > 0 {
		size := rowSize(rows)
		row := rows[7:size]
		values := make([]*string, 0, binary.BigEndian.Uint16(rows[5:]))
		for len(row) > 0 {
			n := int32(binary.BigEndian.Uint32(row))
			row = row[4:]
			if n < 0 {
				values = append(values, nil)
				continue
			}
			text := string(row[:n])
			values, row = append(values, &text), row[n:]
		}
		dst, rows = append(dst, values), rows[size:]
	}
	return dst
}

// atomicHint is Redshift's (stored-procedure-transaction-management.md).
const atomicHint = "Try calling the procedure as a top-level call i.e. not from within an explicit transaction block. Or, if this procedure (or one of its ancestors in the call chain) was created with SET config options, recreate the procedure without them."

// allowed refuses statements that have no place in a procedure, or not in this one.
func (h *activation) allowed(s *statement) error {
	word := ""
	switch x := s.ast.(type) {
	case *ast.Commit:
		word = "COMMIT"
	case *ast.Rollback:
		word = "ROLLBACK"
	case *ast.Truncate:
		word = "TRUNCATE"
	case *ast.Begin:
		if !h.routine.NonAtomic {
			return &Error{State: "0A000", Message: "START TRANSACTION is for NONATOMIC procedures"} // assumed text
		}
		word = "START TRANSACTION"
		if h.began {
			return &Error{State: "25001", Message: "there is already a transaction in progress"}
		}
	case *ast.Prepare, *ast.Execute, *ast.Deallocate, *ast.DeclareCursor, *ast.Fetch, *ast.CloseCursor, *ast.SetSessionAuthorization, *ast.ResetSessionAuthorization:
		return &Error{State: "0A000", Message: fmt.Sprintf("not supported by the emulator: %s in a procedure", strings.ToUpper(strings.TrimPrefix(fmt.Sprintf("%T", x), "*ast.")))}
	}
	if word != "" && h.atomic {
		return &Error{State: "0A000", Message: word + " cannot be invoked from a procedure that is executing in an atomic context.", Hint: atomicHint}
	}
	if s.plan != nil && s.plan.NoTransaction {
		return &Error{State: "25001", Message: s.plan.Tag + " cannot be executed from a function or multi-command string"}
	}
	return nil
}

// end ends the transaction under way. The open cursor keeps its rows
// (stored-procedure-transaction-management.md).
func (h *activation) end(ctx context.Context, commit bool) error {
	b := h.backend
	c := b.tx.cursor
	if c != nil {
		c.rows.ctx = ctx
		if err := c.rows.spool(); err != nil {
			return err
		}
		b.tx.cursor = nil
	}
	h.began = false
	if commit {
		if err := b.commit(ctx); err != nil {
			return err
		}
	} else {
		b.rollback(ctx)
	}
	b.number()
	b.tx.cursor = c
	return nil
}

// Eval implements procedure.Host.
func (h *activation) Eval(ctx context.Context, sql string, args []procedure.Value) (*procedure.Rows, error) {
	b := h.backend
	s, err := h.prepare(sql, args)
	if err == nil && (s.plan == nil || s.plan.Columns == nil) {
		err = &Error{State: "42601", Message: "an expression gives a value"}
	}
	if err == nil {
		err = b.giveWay(ctx, s.ast)
	}
	var rows *procedure.Rows
	if err == nil {
		b.number()
		// It is no statement of its own in the record.
		rows, err = h.start(ctx, s, args, &run{backend: b, text: sql, ast: s.ast, over: true, end: func() {}})
	}
	if err != nil {
		b.fail(ctx)
		return nil, unplaced(asError(ctx, err, "", 0))
	}
	return rows, nil
}

// Convert implements procedure.Host.
func (h *activation) Convert(ctx context.Context, v procedure.Value, to rstype.Type) (procedure.Value, error) {
	if v.Type.Kind == rstype.Unknown {
		v.Type = rstype.Type{Kind: rstype.Varchar}
	}
	rows, err := h.Eval(ctx, "SELECT CAST($1 AS "+to.String()+")", []procedure.Value{v})
	if err != nil {
		return procedure.Value{}, err
	}
	return procedure.Value{Type: to, Text: rows.Rows[0][0]}, nil
}

// Recover implements procedure.Host. In an atomic context the transaction is the
// caller's, so that nothing but RAISE works in the handler.
func (h *activation) Recover(ctx context.Context) error {
	if h.atomic {
		h.backend.fail(ctx)
		return nil
	}
	h.began = false
	h.backend.rollback(ctx)
	h.backend.number()
	return nil
}

// Settle implements procedure.Host.
func (h *activation) Settle(ctx context.Context) error {
	if h.atomic || h.began {
		return nil
	}
	return h.end(ctx, true)
}

// Describe implements procedure.Host.
func (h *activation) Describe(err error) (state, message string, catch bool) {
	e := asError(context.Background(), procedureError(err), "", 0)
	return e.State, e.Message, e.State != "57014" && e.Severity != "FATAL"
}

// Open implements procedure.Host.
func (h *activation) Open(ctx context.Context, name, sql string, args []procedure.Value) error {
	if err := h.open(ctx, name, sql, args); err != nil {
		h.backend.fail(ctx)
		return unplaced(asError(ctx, err, "", 0))
	}
	return nil
}

func (h *activation) open(ctx context.Context, name, sql string, args []procedure.Value) error {
	b := h.backend
	inner, err := h.prepare(sql, args)
	if err != nil {
		return err
	}
	q, ok := inner.ast.(*ast.Query)
	if !ok {
		return &Error{State: "42P11", Message: "cannot open something else than a query as a cursor"}
	}
	d := &ast.DeclareCursor{Name: ast.Ident{Name: name, Quoted: true}, Query: q}
	switch c := b.tx.cursor; {
	case c != nil && c.name == b.fold(d.Name):
		return &Error{State: "42P03", Message: fmt.Sprintf("cursor %q already in use", c.name)}
	case c != nil:
		return &Error{State: "0A000", Message: "only one cursor can be open in a session", Detail: fmt.Sprintf("Cursor %q is open.", c.name)}
	}
	s := &statement{backend: b, text: sql, ast: d, given: inner.exactly, exact: true}
	if err := s.bind(); err != nil {
		return err
	}
	if err := b.giveWay(ctx, s.ast); err != nil {
		return err
	}
	var given []Arg
	for i := range s.plan.Params {
		given = append(given, textArg(args[i].Text))
	}
	values, err := s.arguments(given)
	if err != nil {
		return err
	}
	r := &run{backend: b, text: sql, ast: s.ast, over: true, end: func() {}}
	if err := s.ready(ctx, r, false); err != nil {
		return err
	}
	return s.declare(ctx, d, values, r)
}

// Fetch implements procedure.Host.
func (h *activation) Fetch(ctx context.Context, name string) (*procedure.Rows, error) {
	b := h.backend
	c := b.tx.cursor
	if c == nil || c.name != b.fold(ast.Ident{Name: name, Quoted: true}) {
		return nil, b.noCursor(name)
	}
	if err := c.encode(nil, b); err != nil {
		return nil, err
	}
	c.rows.ctx = ctx
	raw, n, _, err := c.rows.next(nil, 1)
	if err != nil {
		return nil, err
	}
	if n > 0 {
		c.current, c.stale = lastRow(c.current, raw), false
	}
	return &procedure.Rows{Columns: columnsOf(c.columns), Rows: appendTexts(nil, raw)}, nil
}

// Close implements procedure.Host.
func (h *activation) Close(name string) error {
	c := h.backend.tx.cursor
	if c == nil || c.name != h.backend.fold(ast.Ident{Name: name, Quoted: true}) {
		return h.backend.noCursor(name)
	}
	h.backend.closeCursor()
	return nil
}
