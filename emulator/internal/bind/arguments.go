package bind

import (
	"errors"
	"fmt"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// Type is the type that a name stands for. The error is an *Error.
func Type(t ast.TypeName) (rstype.Type, error) {
	typ, err := bindType(t)
	if err != nil {
		return typ, asError(err)
	}
	return typ, nil
}

// Arguments binds the values of an EXECUTE to the types of its parameters: a query of
// one row with a VARCHAR for each, in the form that a parameter's text has. The error
// is an *Error.
func Arguments(args []ast.Expr, types []rstype.Type, env Env) (*Plan, error) {
	b := newBinder(env)
	var sql strings.Builder
	sql.WriteString("SELECT ")
	p := &Plan{Tag: "SELECT", Type: "SELECT", Columns: make([]Column, len(args))}
	s := &scope{clause: valuesClause}
	for i, arg := range args {
		value, err := b.executeArgument(arg, types[i], i+1, s)
		if err != nil {
			return nil, asError(err)
		}
		if i > 0 {
			sql.WriteString(", ")
		}
		sql.WriteString(value)
		p.Columns[i] = Column{Name: "?column?", Type: rstype.Type{Kind: rstype.Varchar}}
	}
	p.SQL = []string{sql.String()}
	return b.finish(p), nil
}

// executeArgument is one value. PostgreSQL takes no queries here, and names no columns.
func (b *binder) executeArgument(e ast.Expr, to rstype.Type, number int, s *scope) (string, error) {
	to = paramType(to)
	if q, ok := e.(*ast.Subquery); ok {
		return "", errorAt(q.Pos(), "0A000", "cannot use subquery in EXECUTE parameter")
	}
	n, err := b.expr(e, s)
	if err != nil {
		return "", err
	}
	value, err := b.assign(n, to, "", e.Pos())
	if refused := (*Error)(nil); errors.As(err, &refused) && refused.State == "42804" {
		refused.Message = fmt.Sprintf("parameter $%d of type %s cannot be coerced to the expected type %s", number, n.typ.Kind, to.Kind)
	}
	if err != nil {
		return "", err
	}
	if to.Kind == rstype.Varbyte {
		return "hex(" + value + ")", nil
	}
	return "CAST(" + value + " AS VARCHAR)", nil
}
