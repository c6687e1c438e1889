package pgcatalog

import (
	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

// Capacity is the cluster's storage in blocks of 1 MB: that of one node of the
// smallest kind (assumed).
const Capacity = 1 << 20

// counted are the views that tell how many rows tables have.
var counted = map[string]string{"svv_table_info": "table_id", "stv_tbl_perm": "id"}

// RowWidth is about how many bytes a row of a table takes: half of what a text
// may have, up to 32 bytes (assumed).
func RowWidth(rel *catalog.Relation) int64 {
	var n int64
	for _, c := range rel.Columns {
		switch size := int64(c.Type.Size()); {
		case size > 0:
			n += size
		case c.Type.Kind == rstype.Numeric && c.Type.Precision > 18:
			n += 16
		case c.Type.Kind == rstype.Numeric:
			n += 8
		default:
			n += max(1, min(32, int64(c.Type.Len)/2))
		}
	}
	return n
}

// stv shows nothing on serverless.
func stv(of source) source {
	return func(r *record, yield func() bool) {
		if !r.facts.Serverless {
			of(r, yield)
		}
	}
}

// slicesOf is how many slices have rows of a table: DISTSTYLE ALL keeps them on
// the first slice of each node, and there is one node.
func slicesOf(r *record) int64 {
	if r.relation.DistStyle == "all" {
		return 1
	}
	return int64(max(1, r.facts.Slices))
}

// tableSlices are the tables of all databases, a row for each slice.
func tableSlices(r *record, yield func() bool) {
	allRelations(r, func() bool {
		if r.relation.Kind != catalog.Table {
			return true
		}
		for r.slice = range int(slicesOf(r)) {
			if !yield() {
				return false
			}
		}
		return true
	})
}

// minBlocks is the size of a table with few rows, in blocks of 1 MB: one for each
// column, and for three of the system's own, on each slice, twice where there is a
// sort key. It is what AWS's support tells of a table's least size.
func minBlocks(r *record) any {
	n := (int64(len(r.relation.Columns)) + 3) * slicesOf(r)
	if len(sortColumns(r.relation)) > 0 {
		n *= 2
	}
	return n
}

// node is the cluster's one node; number counts the blocks of all tables.
func node(r *record, yield func() bool) {
	blocks := 0
	allRelations(r, func() bool {
		if r.relation.Kind == catalog.Table {
			blocks += int(minBlocks(r).(int64))
		}
		return true
	})
	r.number = blocks
	yield()
}

func firstSortColumn(r *record) *catalog.Column {
	for i, c := range r.relation.Columns {
		if c.SortKey == 1 {
			return &r.relation.Columns[i]
		}
	}
	return nil
}

// tableInfoCells are SVV_TABLE_INFO's. The rows of tables and what follows from
// them are filled in by who reads the view.
var tableInfoCells = map[string]cell{
	"database": common["database_name"], "schema": common["schema_name"], "table": common["table_name"],
	"table_id": func(r *record) any { return id(r.relation.ID) },
	"encoded": func(r *record) any {
		for i := range r.relation.Columns {
			if r.column = &r.relation.Columns[i]; encoding(r) != "none" {
				return "Y"
			}
		}
		return "N"
	},
	"diststyle": showDistStyle,
	"sortkey1": func(r *record) any {
		if c := firstSortColumn(r); c != nil {
			return c.Name
		}
		if r.relation.SortKind == "auto" {
			return "AUTO(SORTKEY)"
		}
		return nil
	},
	"sortkey1_enc": func(r *record) any {
		if r.column = firstSortColumn(r); r.column != nil {
			return encoding(r)
		}
		return nil
	},
	"sortkey_num": func(r *record) any { return int64(len(sortColumns(r.relation))) },
	"max_varchar": func(r *record) any {
		longest := int64(0)
		for _, c := range r.relation.Columns {
			if c.Type.Kind == rstype.Varchar {
				longest = max(longest, int64(c.Type.Len))
			}
		}
		return longest
	},
	"size": minBlocks, "pct_used": constant(0.0), "empty": constant(int64(0)),
	// Rows have no order here, and nothing is to be vacuumed or analyzed.
	"unsorted": constant(0.0), "stats_off": constant(0.0), "vacuum_sort_benefit": constant(0.0),
	"tbl_rows": constant(int64(0)), "estimated_visible_rows": constant(int64(0)),
}

// tblPermCells are STV_TBL_PERM's; rows are filled in by who reads the view.
var tblPermCells = map[string]cell{
	"slice": func(r *record) any { return int64(r.slice) }, "id": func(r *record) any { return id(r.relation.ID) },
	"name": common["table_name"], "rows": constant(int64(0)), "sorted_rows": constant(int64(0)),
	"temp": func(r *record) any { return bit(r.relation.Temp) },
	"db_id": func(r *record) any {
		if d, ok := r.snapshot.Database(r.relation.Database); ok {
			return id(d.ID)
		}
		return nil
	},
	"insert_pristine": constant(int64(0)), "delete_pristine": constant(int64(0)),
	"backup": func(r *record) any { return bit(r.relation.Backup) }, "dist_style": effectiveDistStyle,
	"block_count": constant(int64(-1)), // "when the block count can't be calculated"
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
