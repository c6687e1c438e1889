package bind

import (
	"iter"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
)

// defaultText checks a DEFAULT expression and gives its text, which is what the
// catalog keeps.
func (c *change) defaultText(col *catalog.Column, e ast.Expr) (string, error) {
	text := c.env.Text[e.Pos():e.End()]
	if err := c.constantText(text, e.Pos(), "default expression"); err != nil {
		return "", err
	}
	s := c.tableScope(nil, "")
	n, err := c.expr(e, s)
	if err != nil {
		return "", err
	}
	switch {
	case s.aggs > 0:
		return "", errorAt(e.Pos(), "42803", "cannot use aggregate function in default expression")
	case s.wins > 0:
		return "", errorAt(e.Pos(), "42803", "cannot use window function in default expression")
	}
	if _, err := c.assign(n, col.Type, col.Name, e.Pos()); err != nil {
		return "", err
	}
	return text, nil
}

// constantText refuses parameters and subqueries in a text that is kept.
func (c *change) constantText(text string, offset int, what string) error {
	for t := range tokens(text) {
		if t.Kind == lex.Ident && lex.Fold(t.Text(text)) == "select" {
			return errorAt(offset+t.Pos, "0A000", "cannot use subquery in %s", what)
		}
	}
	return noParams(text, offset)
}

// noParams refuses parameters: a text that is kept has none to come.
func noParams(text string, offset int) error {
	for t := range tokens(text) {
		if t.Kind == lex.Param {
			return errorAt(offset+t.Pos, "42P02", "there is no parameter %s", t.Text(text))
		}
	}
	return nil
}

func tokens(text string) iter.Seq[lex.Token] {
	return func(yield func(lex.Token) bool) {
		l := lex.New(text)
		for t := l.Next(); t.Kind != lex.EOF && yield(t); {
			t = l.Next()
		}
	}
}

// defaultValue is what a column gets that is given no value, as DuckDB's SQL of
// the column's type.
func (c *change) defaultValue(col *catalog.Column) (string, error) {
	switch {
	case col.Identity != nil:
		return "CAST(nextval(" + text(col.Identity.Sequence) + ") AS " + col.Type.DuckDB() + ")", nil
	case col.Default == "":
		return "CAST(NULL AS " + col.Type.DuckDB() + ")", nil
	}
	e, err := parse.Expr(col.Default)
	if err != nil {
		return "", err
	}
	// Its positions are not those of the statement.
	b := &binder{env: c.env, shared: c.shared, depth: c.depth}
	b.env.Text = col.Default
	n, err := b.expr(e, b.tableScope(nil, ""))
	if err == nil {
		var sql string
		if sql, err = b.assign(n, col.Type, col.Name, -1); err == nil {
			return sql, nil
		}
	}
	out := *asError(err)
	out.Offset = -1
	return "", &out
}

// notNull makes NULL an error where the column has none.
func notNull(sql string, col *catalog.Column) string {
	if !col.NotNull {
		return sql
	}
	// SQLSTATE 23502 is assumed. DuckDB's coalesce looks at error() for NULLs alone.
	return "coalesce(" + sql + ", CAST(error(" + text("23502: Cannot insert a NULL value into column "+col.Name) + ") AS " + col.Type.DuckDB() + "))"
}
