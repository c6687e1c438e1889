package bind

import (
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// bound is a bound query: DuckDB SQL without parentheses around it, and what its
// columns are, none of them of an unknown type.
type bound struct {
	sql  string
	cols []Column
}

// query binds a query; outer is where the names are looked up that it does not
// know itself, nil for a query that stands alone.
func (b *binder) query(q *ast.Query, outer *scope) (*bound, error) {
	return nil, unsupported(q.Pos(), "queries")
}
