package bind

import "github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"

var timeFunctions []overload

var timeSpecials = map[string]special{}

func (b *binder) extract(field string, fieldPos int, x node, offset int, whole bool) (node, error) {
	return node{}, unsupported(fieldPos, "EXTRACT")
}

func (b *binder) atTimeZone(e *ast.AtTimeZone, s *scope) (node, error) {
	return node{}, unsupported(e.Pos(), "AT TIME ZONE")
}
