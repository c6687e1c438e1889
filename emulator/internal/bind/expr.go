package bind

import (
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// expr binds a scalar expression.
func (b *binder) expr(e ast.Expr, s *scope) (node, error) {
	return node{}, unsupported(e.Pos(), "expressions")
}

// boolean binds a condition of WHERE, HAVING, ON or QUALIFY.
func (b *binder) boolean(e ast.Expr, s *scope, clause string) (string, error) {
	return "", unsupported(e.Pos(), "conditions")
}
