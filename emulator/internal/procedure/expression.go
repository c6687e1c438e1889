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
// comparisons of integers that loops are made of.
func simple(sql string, args []Value) (Value, bool) {
	var toks [4]lex.Token
	n := 0
	l := lex.New(sql)
	for t := l.Next(); t.Kind != lex.EOF; t = l.Next() {
		if n == len(toks) {
			return Value{}, false
		}
		toks[n], n = t, n+1
	}
	switch n {
	case 1:
		return operand(toks[0], sql, args)
	case 3:
		a, ok := operand(toks[0], sql, args)
		b, ok2 := operand(toks[2], sql, args)
		if ok && ok2 {
			return integers(toks[1].Kind, a, b)
		}
	}
	return Value{}, false
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

// integers calculates with two INTEGERs; ok is false for all that may be anything
// else, or too large.
func integers(op lex.Kind, a, b Value) (Value, bool) {
	if a.Type.Kind != rstype.Int4 || b.Type.Kind != rstype.Int4 || a.Text == nil || b.Text == nil {
		return Value{}, false
	}
	x, err1 := strconv.ParseInt(*a.Text, 10, 32)
	y, err2 := strconv.ParseInt(*b.Text, 10, 32)
	if err1 != nil || err2 != nil {
		return Value{}, false
	}
	var is bool
	switch op {
	case lex.Plus, lex.Minus:
		if op == lex.Minus {
			y = -y
		}
		if x+y != int64(int32(x+y)) {
			return Value{}, false
		}
		return Value{a.Type, text(strconv.FormatInt(x+y, 10))}, true
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
		return Value{}, false
	}
	s := "f"
	if is {
		s = "t"
	}
	return Value{rstype.Type{Kind: rstype.Bool}, &s}, true
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
