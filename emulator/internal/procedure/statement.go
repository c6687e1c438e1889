package procedure

import (
	"context"
	"slices"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/plpgsql"
)

// flow is how a statement left.
type flow struct {
	kind  flowKind
	label string
}

type flowKind uint8

const (
	goOn flowKind = iota
	exiting
	continuing
	returning
)

// list runs statements. With handler the block's errors are handled one by one
// (CONTINUE_HANDLER).
func (f *frame) list(ctx context.Context, stmts []plpgsql.Stmt, handler *plpgsql.Handler) (flow, error) {
	for _, s := range stmts {
		if err := ctx.Err(); err != nil {
			return flow{}, context.Cause(ctx)
		}
		fl, err := f.stmt(ctx, s)
		if err != nil && handler != nil {
			fl, err = f.handle(ctx, handler, err)
		}
		if err != nil || fl.kind != goOn {
			return fl, err
		}
	}
	return flow{}, nil
}

func (f *frame) block(ctx context.Context, b *plpgsql.Block) (flow, error) {
	defer f.push(b.Label)()
	for i := range b.Decls {
		if err := f.declare(ctx, &b.Decls[i]); err != nil {
			return flow{}, err
		}
	}
	var each *plpgsql.Handler
	if b.Handler != nil && b.Handler.Kind == plpgsql.ContinueHandler {
		if !f.routine.NonAtomic {
			return flow{}, fail("0A000", "CONTINUE_HANDLER is for NONATOMIC procedures")
		}
		each = b.Handler
	}
	fl, err := f.list(ctx, b.Body, each)
	if err != nil && b.Handler != nil && each == nil {
		fl, err = f.handle(ctx, b.Handler, err)
	}
	if err == nil && fl.kind == exiting && fl.label != "" && fl.label == b.Label {
		fl = flow{}
	}
	return fl, err
}

// handle runs an exception handler. Without NONATOMIC its work is committed and the
// error goes on (stored-procedure-trapping-errors.md).
func (f *frame) handle(ctx context.Context, h *plpgsql.Handler, failure error) (flow, error) {
	state, message, catch := f.host.Describe(failure)
	if !catch || ctx.Err() != nil {
		return flow{}, failure
	}
	if err := f.host.Recover(ctx); err != nil {
		return flow{}, err
	}
	defer f.push("")()
	before := f.caught
	f.caught = failure
	defer func() { f.caught = before }()
	f.define("sqlstate", rstype.Type{Kind: rstype.Varchar}).value = &state
	f.define("sqlerrm", rstype.Type{Kind: rstype.Varchar}).value = &message
	fl, err := f.list(ctx, h.Body, nil)
	if err != nil {
		if state, _, _ := f.host.Describe(err); state == "25P02" { // the first error says more
			err = failure
		}
		return fl, err
	}
	switch {
	case f.routine.NonAtomic:
		return fl, f.host.Settle(ctx)
	}
	if err := f.host.Settle(ctx); err != nil {
		return flow{}, err
	}
	return flow{}, failure
}

// declare makes a block's variable.
func (f *frame) declare(ctx context.Context, d *plpgsql.Decl) error {
	if d.Alias != nil {
		v, _, err := f.target(*d.Alias)
		if err == nil {
			f.scope.vars[d.Name] = v
		}
		return err
	}
	v := &variable{name: d.Name}
	var err error
	switch d.Type.Kind {
	case plpgsql.RecordType:
		v.record = true
	case plpgsql.CursorType:
		v.typ, v.cursor = rstype.Type{Kind: rstype.Varchar, Len: 127}, true
		if d.Query != nil {
			v.bound, v.value = d, &v.name
		}
	case plpgsql.RowType:
		v.record, v.fixed = true, true
		if v.fields, err = f.host.Relation(d.Type.Of.Parts); err != nil {
			return err
		}
		v.values = make([]*string, len(v.fields))
	case plpgsql.CopyType:
		if v.typ, err = f.copied(d.Type.Of.Parts); err != nil {
			return err
		}
	default:
		if v.typ, err = f.host.Type(d.Type.Text); err != nil {
			return err
		}
	}
	if d.Default != nil {
		value, err := f.eval(ctx, *d.Default)
		if err != nil {
			return err
		}
		v.notNull = d.NotNull
		if err := f.set(ctx, v, "", value); err != nil {
			return err
		}
	}
	v.constant, v.notNull = d.Constant, d.NotNull
	f.scope.vars[d.Name] = v
	return nil
}

// copied is the type of name%TYPE: a variable's or a column's.
func (f *frame) copied(parts []string) (rstype.Type, error) {
	if v, field, used := f.scope.resolve(parts); v != nil && used == len(parts) {
		value, err := v.get(field)
		return value.Type, err
	}
	if len(parts) > 1 {
		columns, err := f.host.Relation(parts[:len(parts)-1])
		if err != nil {
			return rstype.Type{}, err
		}
		for _, c := range columns {
			if c.Name == parts[len(parts)-1] {
				return c.Type, nil
			}
		}
		return rstype.Type{}, fail("42703", "column \""+parts[len(parts)-1]+"\" of relation \""+strings.Join(parts[:len(parts)-1], ".")+"\" does not exist")
	}
	return rstype.Type{}, fail("42704", "\""+parts[0]+"\" is not a known variable")
}

func (f *frame) stmt(ctx context.Context, stmt plpgsql.Stmt) (flow, error) {
	switch s := stmt.(type) {
	case *plpgsql.Block:
		return f.block(ctx, s)
	case *plpgsql.If:
		for _, b := range s.Branches {
			if is, err := f.test(ctx, b.When[0]); err != nil {
				return flow{}, err
			} else if is {
				return f.list(ctx, b.Body, nil)
			}
		}
		return f.list(ctx, s.Else, nil)
	case *plpgsql.Case:
		return f.caseStmt(ctx, s)
	case *plpgsql.Loop:
		return f.loop(ctx, s)
	case *plpgsql.ForRange:
		return f.forRange(ctx, s)
	case *plpgsql.ForRows:
		return f.forRows(ctx, s)
	case *plpgsql.Exit:
		if s.When != nil {
			if is, err := f.test(ctx, *s.When); err != nil || !is {
				return flow{}, err
			}
		}
		if s.Continue {
			return flow{continuing, s.Label}, nil
		}
		return flow{exiting, s.Label}, nil
	case *plpgsql.Return:
		return flow{kind: returning}, nil
	}
	return flow{}, f.plain(ctx, stmt)
}

// plain runs a statement that goes on with the next.
func (f *frame) plain(ctx context.Context, stmt plpgsql.Stmt) error {
	switch s := stmt.(type) {
	case *plpgsql.Null:
		return nil
	case *plpgsql.Assign:
		v, field, err := f.target(s.Target)
		if err != nil {
			return err
		}
		value, err := f.eval(ctx, s.Value)
		if err != nil {
			return err
		}
		return f.set(ctx, v, field, value)
	case *plpgsql.GetDiagnostics:
		v, field, err := f.target(s.Target)
		if err != nil {
			return err
		}
		return f.set(ctx, v, field, Value{rstype.Type{Kind: rstype.Int8}, text(itoa(int(f.rows)))})
	case *plpgsql.Raise:
		return f.raise(ctx, s)
	case *plpgsql.Query:
		return f.query(ctx, s)
	case *plpgsql.Execute:
		sql, err := f.command(ctx, s.Command)
		if err != nil {
			return err
		}
		rows, err := f.host.Query(ctx, sql, nil)
		if err != nil {
			return err
		}
		f.rows = max(rows.Count, int64(len(rows.Rows)))
		if s.Into == nil {
			return nil
		}
		if rows.Columns == nil {
			return fail("42601", "EXECUTE … INTO needs a query")
		}
		return f.first(ctx, s.Into, rows)
	case *plpgsql.Open:
		return f.open(ctx, s)
	case *plpgsql.Fetch:
		name, _, err := f.cursor(s.Cursor)
		if err != nil {
			return err
		}
		rows, err := f.host.Fetch(ctx, name)
		if err != nil {
			return err
		}
		f.setFound(len(rows.Rows) > 0)
		return f.first(ctx, s.Into, rows)
	case *plpgsql.Close:
		name, _, err := f.cursor(s.Cursor)
		if err != nil {
			return err
		}
		return f.host.Close(name)
	}
	return fail("0A000", "not supported by the emulator: this statement in a procedure")
}

// first assigns the first row, or NULLs.
func (f *frame) first(ctx context.Context, into []plpgsql.Ref, rows *Rows) error {
	if len(rows.Rows) > 0 {
		return f.assign(ctx, into, rows.Columns, rows.Rows[0])
	}
	return f.assign(ctx, into, rows.Columns, nil)
}

// query runs a statement of SQL.
func (f *frame) query(ctx context.Context, s *plpgsql.Query) error {
	sql, args, err := f.bind(s.SQL.Text)
	if err != nil {
		return err
	}
	rows, err := f.host.Query(ctx, sql, args)
	if err != nil {
		return err
	}
	word := lex.FirstKeyword(sql)
	switch {
	case word == "call":
		return f.outputs(ctx, s.SQL.Text, rows)
	case s.Into != nil:
		f.rows = int64(min(len(rows.Rows), 1))
		f.setFound(len(rows.Rows) > 0)
		return f.first(ctx, s.Into, rows)
	case s.Perform:
		f.rows = int64(len(rows.Rows))
		f.setFound(len(rows.Rows) > 0)
		return nil
	case rows.Columns != nil && (word == "select" || word == "with"):
		return &Error{State: "42601", Message: "SELECT query has no destination for result data", Hint: "If you want to discard the results, use PERFORM instead."}
	}
	f.rows = rows.Count
	switch word {
	case "insert", "update", "delete", "merge", "with":
		f.setFound(rows.Count > 0)
	}
	return nil
}

// outputs puts what a CALL gives back into the variables that stand for the arguments.
func (f *frame) outputs(ctx context.Context, sql string, rows *Rows) error {
	if len(rows.Rows) == 0 {
		return nil
	}
	refs := callArguments(sql)
	for i, n := range rows.Outputs {
		if n < 0 || n >= len(refs) || refs[n] == nil {
			continue
		}
		v, field, used := f.scope.resolve(refs[n])
		if v == nil || used != len(refs[n]) {
			continue
		}
		if err := f.set(ctx, v, field, Value{rows.Columns[i].Type, rows.Rows[0][i]}); err != nil {
			return err
		}
	}
	return nil
}

// callArguments gives the arguments of a CALL that are names, nil for others.
func callArguments(sql string) (args [][]string) {
	l := lex.New(sql)
	depth := 0
	var cur []string
	plain := true
	for t := l.Next(); t.Kind != lex.EOF; t = l.Next() {
		switch {
		case t.Kind == lex.LParen:
			if depth++; depth > 1 {
				plain = false
			}
			continue
		case t.Kind == lex.RParen:
			depth--
		}
		switch {
		case depth == 0 && t.Kind == lex.RParen, depth == 1 && t.Kind == lex.Comma:
			if !plain {
				cur = nil
			}
			args, cur, plain = append(args, cur), nil, true
		case depth != 1, t.Kind == lex.Dot:
		case t.Kind == lex.Ident || t.Kind == lex.QuotedIdent:
			name, _ := lex.IdentValue(t.Text(sql))
			cur = append(cur, lex.Fold(name))
		case t.Kind == lex.Param:
			cur = append(cur, t.Text(sql))
		default:
			plain = false
		}
	}
	return args
}

func (f *frame) raise(ctx context.Context, s *plpgsql.Raise) error {
	if s.Level == "" {
		if f.caught == nil {
			return fail("0Z002", "RAISE without parameters cannot be used outside an exception handler")
		}
		return f.caught
	}
	var out strings.Builder
	args := s.Args
	for i := 0; i < len(s.Format); i++ {
		c := s.Format[i]
		switch {
		case c == '%' && i+1 < len(s.Format) && s.Format[i+1] == '%':
			out.WriteByte('%')
			i++
		case c == '%' && len(args) > 0:
			v, err := f.eval(ctx, args[0])
			if err != nil {
				return err
			}
			args = args[1:]
			if v.Text == nil {
				out.WriteString("<NULL>")
			} else {
				out.WriteString(*v.Text)
			}
		default:
			out.WriteByte(c)
		}
	}
	f.host.Message(s.Level, out.String(), f.line(s.Offset()))
	if s.Level == "EXCEPTION" {
		return fail("P0001", out.String())
	}
	return nil
}

func (f *frame) caseStmt(ctx context.Context, s *plpgsql.Case) (flow, error) {
	var operand *variable
	if s.Operand != nil {
		v, err := f.eval(ctx, *s.Operand)
		if err != nil {
			return flow{}, err
		}
		operand = &variable{typ: v.Type, value: v.Text}
		if v.Type.Kind == rstype.Unknown {
			operand.typ = rstype.Type{Kind: rstype.Varchar}
		}
	}
	for _, b := range s.Branches {
		for _, when := range b.When {
			is, err := f.matches(ctx, operand, when)
			if err != nil {
				return flow{}, err
			}
			if is {
				return f.list(ctx, b.Body, nil)
			}
		}
	}
	if !s.HasElse {
		return flow{}, &Error{State: "20000", Message: "case not found", Hint: "CASE statement is missing ELSE part."}
	}
	return f.list(ctx, s.Else, nil)
}

// matches tests a WHEN of CASE, against the operand where there is one.
func (f *frame) matches(ctx context.Context, operand *variable, when plpgsql.SQL) (bool, error) {
	if operand == nil {
		return f.test(ctx, when)
	}
	defer f.push("")()
	sql, args, err := f.bind(when.Text)
	if err != nil {
		return false, err
	}
	args = append(slices.Clip(args), Value{operand.typ, operand.value})
	sql = "$" + itoa(len(args)) + " = (" + sql + ")"
	rows, err := f.host.Eval(ctx, "SELECT "+sql, args)
	if err != nil {
		return false, err
	}
	return len(rows.Rows) == 1 && rows.Rows[0][0] != nil && *rows.Rows[0][0] == "t", nil
}
