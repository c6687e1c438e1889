package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// tableFunc is a function in FROM other than UNNEST.
func (b *binder) tableFunc(t *ast.TableFunc) (*fromItem, error) {
	name := t.Call.Name.Object().Name
	if len(t.Call.Name.Parts) > 1 && b.ident(t.Call.Name.Parts[0]) != "pg_catalog" || name != "pg_get_late_binding_view_cols" {
		return nil, unsupported(t.Pos(), "the table function %s", t.Call.Name)
	}
	if len(t.Call.Args) > 0 {
		return nil, errorAt(t.Pos(), "42883", "function %s with arguments does not exist", name)
	}
	if t.Alias == nil || len(t.Types) != len(lateBindingColumns) {
		// PostgreSQL's words for a function of records.
		return nil, errorAt(t.Pos(), "42601", "a column definition list is required for functions returning \"record\"")
	}
	if b.shared.listing {
		return nil, unsupported(t.Pos(), "%s in a late-binding view", name)
	}
	if b.shared.leader == "" {
		b.shared.leader, b.shared.leaderAt = name+"()", t.Pos()
	}
	duck := b.alias("t")
	src := &source{name: b.ident(t.Alias.Name), cols: make([]column, len(lateBindingColumns))}
	for i, typ := range lateBindingColumns {
		src.cols[i] = column{name: b.ident(t.Alias.Columns[i]), typ: typ, sql: duck + ".c" + itoa(i+1)}
	}
	return &fromItem{sql: "(" + b.lateBindingRows() + ") AS " + duck, sources: []*source{src}}, nil
}

// lateBindingColumns are the types of PG_GET_LATE_BINDING_VIEW_COLS: schema, view,
// column, its type and number.
var lateBindingColumns = []rstype.Type{{Kind: rstype.Name}, {Kind: rstype.Name}, {Kind: rstype.Name}, {Kind: rstype.Varchar}, {Kind: rstype.Int4}}

// lateBindingRows binds every late-binding view of the database now; one that
// cannot be bound has no columns.
func (b *binder) lateBindingRows() string {
	var rows []string
	for _, r := range b.ownRelations() {
		if r.Kind != catalog.LateBinding {
			continue
		}
		inner := newBinder(b.env)
		inner.shared.listing = true
		item, err := inner.fromView(r, &ast.TableName{})
		if err != nil {
			continue
		}
		for i, c := range item.sources[0].cols {
			rows = append(rows, "("+text(r.Schema)+", "+text(r.Name)+", "+text(c.name)+", "+text(c.typ.String())+", CAST("+itoa(i+1)+" AS INTEGER))")
		}
	}
	if len(rows) == 0 {
		return "SELECT '' AS c1, '' AS c2, '' AS c3, '' AS c4, CAST(0 AS INTEGER) AS c5 WHERE FALSE"
	}
	return "SELECT * FROM (VALUES " + strings.Join(rows, ", ") + ") AS v(c1, c2, c3, c4, c5)"
}
