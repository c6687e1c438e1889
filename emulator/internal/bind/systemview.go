package bind

import (
	"github.com/llm-dev-ops/redshift/emulator/internal/sysview"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// fromSystemView reads a system view through the table function rs_view, into
// which DuckDB pushes the columns that are used. A view that nothing fills is empty.
func (b *binder) fromSystemView(v *sysview.View, t *ast.TableName) (*fromItem, error) {
	if v.Visibility == sysview.Superuser && !b.system("access system table") {
		return nil, errorAt(t.Pos(), "42501", "permission denied for relation %s", v.Name)
	}
	b.shared.tables = true
	duck := b.alias("t")
	src := &source{name: v.Name, schema: "pg_catalog", cols: make([]column, len(v.Columns))}
	for i, c := range v.Columns {
		src.cols[i] = column{name: c.Name, typ: c.SQLType(), sql: duck + "." + quote(c.Name)}
	}
	if t.Alias != nil {
		src.name, src.schema = b.ident(t.Alias.Name), ""
	}
	if err := b.aliasColumns(src, t.Alias); err != nil {
		return nil, err
	}
	return &fromItem{sql: "rs_view(" + text(v.Name) + ", " + text(b.env.Facts) + ") AS " + duck, sources: []*source{src}}, nil
}
