package bind

import (
	"github.com/llm-dev-ops/redshift/emulator/internal/pgcatalog"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// catalogView finds the catalog table, or the view that shows the catalog, that
// a name stands for: pg_catalog is in every search path, information_schema in
// none.
func (b *binder) catalogView(name ast.Name) (*pgcatalog.View, bool) {
	switch len(name.Parts) {
	case 1:
		return pgcatalog.Lookup("", b.ident(name.Parts[0]))
	case 2:
		return pgcatalog.Lookup(b.ident(name.Parts[0]), b.ident(name.Parts[1]))
	}
	return nil, false
}

// fromCatalogView reads such a view through the table function that serves the
// system views. Queries on the catalog run on the leader node, so its functions
// go with them.
func (b *binder) fromCatalogView(v *pgcatalog.View, t *ast.TableName) (*fromItem, error) {
	duck := b.alias("t")
	src := &source{name: v.Name, schema: v.Schema, database: b.env.Database, cols: make([]column, len(v.Columns))}
	for i, c := range v.Columns {
		src.cols[i] = column{name: c.Name, typ: c.Type, sql: duck + "." + quote(c.Name), hidden: c.Hidden}
	}
	if t.Alias != nil {
		src.name, src.schema, src.database = b.ident(t.Alias.Name), "", ""
	}
	if err := b.aliasColumns(src, t.Alias); err != nil {
		return nil, err
	}
	return &fromItem{sql: "rs_view(" + text(v.Schema+"."+v.Name) + ", " + text(b.env.Facts) + ") AS " + duck, sources: []*source{src}}, nil
}
