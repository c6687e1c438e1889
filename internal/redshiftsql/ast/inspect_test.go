package ast_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
)

func TestInspect(t *testing.T) {
	t.Parallel()
	stmt, err := parse.Statement("SELECT a + 1 FROM t WHERE b IN (SELECT c FROM u) AND d(+) = 2 ORDER BY e")
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	ast.Inspect(stmt, func(n ast.Node) bool {
		seen = append(seen, strings.TrimPrefix(fmt.Sprintf("%T", n), "*ast."))
		_, in := n.(*ast.In)
		return !in
	})
	want := "Query Select Binary ColumnRef Literal TableName Binary In Binary OuterMark ColumnRef Literal ColumnRef"
	if got := strings.Join(seen, " "); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	ast.Inspect(ast.Expr(nil), func(ast.Node) bool { t.Error("nothing is below nil"); return true })
}
