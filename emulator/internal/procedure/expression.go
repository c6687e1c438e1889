package procedure

import (
	"context"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/plpgsql"
)

// eval works out an expression.
func (f *frame) eval(ctx context.Context, e plpgsql.SQL) (Value, error) {
	sql, args, err := f.bind(e.Text)
	if err != nil {
		return Value{}, err
	}
	if v, ok := simple(sql, args); ok {
		return v, nil
	}
	rows, err := f.host.Eval(ctx, "SELECT "+sql, args)
	if err != nil {
		return Value{}, err
	}
	switch {
	case len(rows.Columns) != 1:
		return Value{}, fail("42601", "query \"SELECT "+e.Text+"\" returned "+itoa(len(rows.Columns))+" columns")
	case len(rows.Rows) > 1:
		return Value{}, fail("21000", "query \"SELECT "+e.Text+"\" returned more than one row")
	case len(rows.Rows) == 0:
		return Value{Type: rows.Columns[0].Type}, nil
	}
	return Value{rows.Columns[0].Type, rows.Rows[0][0]}, nil
}

// simple works out what needs no SQL: a variable, a literal, and the sums and
// comparisons of integers that loops are made of. ok is false for all that may be
// anything else, fail, or be too large.
func simple(sql string, args []Value) (v Value, ok bool) {
	c := &calculator{sql: sql, args: args, lx: lex.New(sql)}
	c.next()
	if v, ok = c.comparison(); !ok || c.tok.Kind != lex.EOF {
		return Value{}, false
	}
	return v, true
}

// calculator reads and works out an expression of integers. What is a single operand
// may have any type.
type calculator struct {
	sql  string
	args []Value
	lx   lex.Lexer
	tok  lex.Token
}

func (c *calculator) next() { c.tok = c.lx.Next() }

func (c *calculator) comparison() (Value, bool) {
	x, ok := c.sum()
	if !ok {
		return x, false
	}
	op := c.tok.Kind
	switch op {
	case lex.Eq, lex.Ne, lex.Lt, lex.Le, lex.Gt, lex.Ge:
	default:
		return x, true
	}
	c.next()
	y, ok := c.sum()
	if !ok {
		return y, false
	}
	return integers(op, x, y)
}

func (c *calculator) sum() (Value, bool) {
	x, ok := c.product()
	for ok && (c.tok.Kind == lex.Plus || c.tok.Kind == lex.Minus) {
		op := c.tok.Kind
		c.next()
		y, is := c.product()
		if !is {
			return y, false
		}
		x, ok = integers(op, x, y)
	}
	return x, ok
}

func (c *calculator) product() (Value, bool) {
	x, ok := c.operand()
	for ok && (c.tok.Kind == lex.Star || c.tok.Kind == lex.Slash || c.tok.Kind == lex.Percent) {
		op := c.tok.Kind
		c.next()
		y, is := c.operand()
		if !is {
			return y, false
		}
		x, ok = integers(op, x, y)
	}
	return x, ok
}

func (c *calculator) operand() (Value, bool) {
	v, ok := operand(c.tok, c.sql, c.args)
	c.next()
	return v, ok
}

func operand(t lex.Token, sql string, args []Value) (Value, bool) {
	s := t.Text(sql)
	switch t.Kind {
	case lex.Param:
		n, err := strconv.Atoi(s[1:])
		if err != nil || n < 1 || n > len(args) {
			return Value{}, false
		}
		return args[n-1], true
	case lex.Int:
		if _, err := strconv.ParseInt(s, 10, 32); err != nil {
			return Value{}, false
		}
		return Value{rstype.Type{Kind: rstype.Int4}, &s}, true
	case lex.String:
		s = lex.StringValue(s)
		return Value{rstype.Type{Kind: rstype.Unknown}, &s}, true
	case lex.Ident:
		switch strings.ToLower(s) {
		case "true":
			return Value{rstype.Type{Kind: rstype.Bool}, text("t")}, true
		case "false":
			return Value{rstype.Type{Kind: rstype.Bool}, text("f")}, true
		case "null":
			return Value{}, true
		}
	}
	return Value{}, false
}

// integers calculates with two INTEGERs or BIGINTs.
func integers(op lex.Kind, a, b Value) (Value, bool) {
	x, ok := integer(a)
	y, ok2 := integer(b)
	if !ok || !ok2 {
		return Value{}, false
	}
	var is bool
	switch op {
	case lex.Eq:
		is = x == y
	case lex.Ne:
		is = x != y
	case lex.Lt:
		is = x < y
	case lex.Le:
		is = x <= y
	case lex.Gt:
		is = x > y
	case lex.Ge:
		is = x >= y
	default:
		return calculate(op, x, y, a.Type.Kind == rstype.Int4 && b.Type.Kind == rstype.Int4)
	}
	s := "f"
	if is {
		s = "t"
	}
	return Value{rstype.Type{Kind: rstype.Bool}, &s}, true
}

// integer is the number of a value that is small enough for sums and products of it
// to be exact.
func integer(v Value) (int64, bool) {
	if v.Text == nil || v.Type.Kind != rstype.Int4 && v.Type.Kind != rstype.Int8 {
		return 0, false
	}
	n, err := strconv.ParseInt(*v.Text, 10, 32)
	return n, err == nil
}

// calculate is a result of INTEGER, where both operands are and it is one, or BIGINT.
func calculate(op lex.Kind, x, y int64, small bool) (Value, bool) {
	var n int64
	switch {
	case op == lex.Plus:
		n = x + y
	case op == lex.Minus:
		n = x - y
	case op == lex.Star:
		n = x * y
	case y == 0:
		return Value{}, false
	case op == lex.Slash:
		n = x / y
	default:
		n = x % y
	}
	t := rstype.Type{Kind: rstype.Int8}
	if small {
		t.Kind = rstype.Int4
		if n != int64(int32(n)) {
			return Value{}, false
		}
	}
	return Value{t, text(strconv.FormatInt(n, 10))}, true
}

// test is a condition; NULL is false.
func (f *frame) test(ctx context.Context, e plpgsql.SQL) (bool, error) {
	v, err := f.eval(ctx, e)
	if err != nil || v.Text == nil {
		return false, err
	}
	if v.Type.Kind != rstype.Bool {
		if v, err = f.host.Convert(ctx, v, rstype.Type{Kind: rstype.Bool}); err != nil || v.Text == nil {
			return false, err
		}
	}
	return *v.Text == "t" || *v.Text == "true", nil
}

// integer is a bound of a FOR loop.
func (f *frame) integer(ctx context.Context, e plpgsql.SQL, what string) (int64, error) {
	v, err := f.eval(ctx, e)
	if err != nil {
		return 0, err
	}
	if v, err = f.convert(ctx, v, rstype.Type{Kind: rstype.Int4}); err != nil {
		return 0, err
	}
	if v.Text == nil {
		return 0, fail("22004", what+" bound of FOR loop cannot be NULL")
	}
	return strconv.ParseInt(*v.Text, 10, 32)
}

// command is the text of an EXECUTE.
func (f *frame) command(ctx context.Context, e plpgsql.SQL) (string, error) {
	v, err := f.eval(ctx, e)
	if err != nil {
		return "", err
	}
	if v.Text == nil {
		return "", fail("22004", "cannot EXECUTE a null querystring")
	}
	return *v.Text, nil
}
