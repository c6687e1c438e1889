package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
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
		src.cols[i] = column{name: c.Name, typ: c.Type, sql: duck + "." + quote(c.Name), hidden: c.Hidden, array: c.Array}
	}
	if t.Alias != nil {
		src.name, src.schema, src.database = b.ident(t.Alias.Name), "", ""
	}
	if err := b.aliasColumns(src, t.Alias); err != nil {
		return nil, err
	}
	rows := "rs_view(" + text(v.Schema+"."+v.Name) + ", " + text(b.env.Facts) + ")"
	if v.Counted != "" {
		rows = b.counted(v, rows)
	}
	return &fromItem{sql: rows + " AS " + duck, sources: []*source{src}}, nil
}

// counted fills in how many rows tables have. A row that is deleted is gone at
// once here, so that all counts are of the rows that one sees.
func (b *binder) counted(v *pgcatalog.View, rows string) string {
	var counts []string
	for _, r := range b.snapshot().Relations() {
		if r.Kind != catalog.Table || v.Name == "svv_table_info" && r.Database != b.env.Database {
			continue
		}
		counts = append(counts, "SELECT "+itoa(int(r.ID))+" AS id, "+itoa(int(pgcatalog.RowWidth(r)))+" AS width, count(*) AS n FROM "+quote(r.StoreSchema)+"."+quote(r.StoreName))
	}
	if len(counts) == 0 {
		counts = []string{"SELECT 0 AS id, 0 AS width, 0 AS n WHERE FALSE"}
	}
	replace, keep := "n.n // count(*) OVER (PARTITION BY v.id) + CASE WHEN v.slice < n.n % count(*) OVER (PARTITION BY v.id) THEN 1 ELSE 0 END", ""
	if v.Name == "svv_table_info" {
		// "doesn't return any information for empty tables" (r_SVV_TABLE_INFO.md)
		size := "v.size + n.n * n.width // 1048576"
		replace = "CAST(n.n AS DECIMAL(38,0)) AS tbl_rows, CAST(n.n AS DECIMAL(38,0)) AS estimated_visible_rows, " + size + " AS size, " +
			"CAST(100.0 * (" + size + ") / " + itoa(pgcatalog.Capacity) + " AS DECIMAL(10,4)) AS pct_used"
		keep = " WHERE n.n > 0"
	} else {
		replace = "CAST(" + replace + " AS BIGINT)"
		replace = replace + " AS rows, " + replace + " AS sorted_rows"
	}
	return "(SELECT v.* REPLACE (" + replace + ") FROM " + rows + " v JOIN (" + strings.Join(counts, " UNION ALL ") + ") n ON n.id = v." + v.Counted + keep + ")"
}
