package bind

import (
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/emulator/internal/sysview"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// fromSystemView reads a system view through the table function rs_view, into
// which DuckDB pushes the columns that are used.
func (b *binder) fromSystemView(v *sysview.View, t *ast.TableName) (*fromItem, error) {
	if !v.Filled() {
		return nil, unsupported(t.Pos(), "the system view %s", v.Name)
	}
	b.shared.tables = true
	duck := b.alias("t")
	src := &source{name: v.Name, schema: "pg_catalog", cols: make([]column, len(v.Columns))}
	for i, c := range v.Columns {
		typ, err := viewType(c)
		if err != nil {
			return nil, errorAt(t.Pos(), "XX000", "system view %s: column %s: %s", v.Name, c.Name, err)
		}
		src.cols[i] = column{name: c.Name, typ: typ, sql: duck + "." + quote(c.Name)}
	}
	if t.Alias != nil {
		src.name, src.schema = b.ident(t.Alias.Name), ""
	}
	if err := b.aliasColumns(src, t.Alias); err != nil {
		return nil, err
	}
	return &fromItem{sql: "rs_view(" + text(v.Name) + ", " + text(b.env.Facts) + ") AS " + duck, sources: []*source{src}}, nil
}

// viewType is the type of a system view's column.
func viewType(c sysview.Column) (rstype.Type, error) {
	var mods []int
	switch {
	case c.Length > 0:
		mods = []int{c.Length}
	case c.Precision > 0:
		mods = []int{c.Precision, c.Scale}
	}
	name := c.Type
	if name == "text" {
		mods = nil
	}
	return rstype.ParseName(name, mods)
}
