package pgcatalog

import (
	"slices"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

// constant is the same in every row.
func constant(v any) cell { return func(*record) any { return v } }

// userName is the name of a user by id.
func (r *record) userName(id int32) any {
	if u, ok := r.snapshot.UserByID(id); ok {
		return u.Name
	}
	return "unknown (UID=" + strconv.Itoa(int(id)) + ")"
}

func nonEmpty(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func yesNo(b bool) string {
	if b {
		return "YES"
	}
	return "NO"
}

// common are the values of columns that mean the same wherever they are.
var common = map[string]cell{
	"table_catalog": func(r *record) any { return r.relation.Database }, "table_schema": func(r *record) any { return r.relation.Schema },
	"database_name": func(r *record) any { return r.relation.Database }, "schema_name": func(r *record) any { return r.relation.Schema },
	"schemaname": func(r *record) any { return r.relation.Schema }, "tablename": func(r *record) any { return r.relation.Name },
	"viewname": func(r *record) any { return r.relation.Name }, "table_name": func(r *record) any { return r.relation.Name },
	"table_owner": func(r *record) any { return r.userName(r.relation.Owner) }, "tableowner": func(r *record) any { return r.userName(r.relation.Owner) },
	"viewowner":  func(r *record) any { return r.userName(r.relation.Owner) },
	"definition": func(r *record) any { return r.relation.Definition }, "view_definition": func(r *record) any { return r.relation.Definition },
	"table_type": tableType, "table_acl": relationACL, "column_acl": columnACL,
	"remarks": func(r *record) any {
		if r.column != nil {
			return nonEmpty(r.column.Comment)
		}
		return nonEmpty(r.relation.Comment)
	},

	"column_name": func(r *record) any { return r.column.Name }, "ordinal_position": func(r *record) any { return int64(r.number) },
	"column_default": columnDefault, "is_nullable": func(r *record) any { return yesNo(!r.column.NotNull) },
	"data_type": func(r *record) any { return r.column.Type.Kind.String() }, "character_maximum_length": maxLength,
	"numeric_precision": precision, "numeric_precision_radix": radix, "numeric_scale": scale, "datetime_precision": fraction,
	"encoding": func(r *record) any { return encoding(r) }, "distkey": func(r *record) any { return r.column.DistKey }, "sortkey": sortKey,
}

// tableType is as information_schema and SVV_TABLES tell it.
func tableType(r *record) any {
	switch {
	case r.relation.Kind != catalog.Table:
		return "VIEW"
	case r.relation.Temp:
		return "LOCAL TEMPORARY"
	}
	return "BASE TABLE"
}

// shortTableType is as SVV_ALL_TABLES and SVV_REDSHIFT_TABLES tell it.
func shortTableType(r *record) any {
	if r.relation.Kind != catalog.Table {
		return "VIEW"
	}
	return "TABLE"
}

// columnDefault is a column's default as SQL; that of an identity has the form
// that Redshift's own admin views take apart.
func columnDefault(r *record) any {
	if id := r.column.Identity; id != nil {
		return `"identity"(` + strconv.Itoa(int(r.relation.ID)) + ", " + strconv.Itoa(r.number-1) + ", '" +
			strconv.FormatInt(id.Seed, 10) + "," + strconv.FormatInt(id.Step, 10) + "'::text)"
	}
	return nonEmpty(r.column.Default)
}

func maxLength(r *record) any {
	if t := r.column.Type; t.Kind == rstype.Char || t.Kind == rstype.Varchar {
		return int64(t.Len)
	}
	return nil
}

// precision is in bits for integers and floats, as in PostgreSQL.
func precision(r *record) any {
	switch t := r.column.Type; t.Kind {
	case rstype.Int2:
		return int64(16)
	case rstype.Int4:
		return int64(32)
	case rstype.Int8:
		return int64(64)
	case rstype.Float4:
		return int64(24)
	case rstype.Float8:
		return int64(53)
	case rstype.Numeric:
		return int64(t.Precision)
	}
	return nil
}

func radix(r *record) any {
	switch r.column.Type.Kind {
	case rstype.Int2, rstype.Int4, rstype.Int8, rstype.Float4, rstype.Float8:
		return int64(2)
	case rstype.Numeric:
		return int64(10)
	}
	return nil
}

func scale(r *record) any {
	switch t := r.column.Type; t.Kind {
	case rstype.Int2, rstype.Int4, rstype.Int8:
		return int64(0)
	case rstype.Numeric:
		return int64(t.Scale)
	}
	return nil
}

func fraction(r *record) any {
	switch r.column.Type.Kind {
	case rstype.Time, rstype.TimeTZ, rstype.Timestamp, rstype.TimestampTZ:
		return int64(6)
	}
	return nil
}

// encoding is a column's encoding, or what AUTO makes it (r_CREATE_TABLE_NEW.md).
// PG_TABLE_DEF calls raw none.
func encoding(r *record) string {
	c := r.column
	switch {
	case c.Encode == "raw":
		return "none"
	case c.Encode != "":
		return c.Encode
	case r.relation.Kind != catalog.Table || r.relation.Temp || c.SortKey > 0:
		return "none"
	}
	switch c.Type.Kind {
	case rstype.Bool, rstype.Float4, rstype.Float8, rstype.Geometry, rstype.Geography, rstype.HLLSketch:
		return "none"
	case rstype.Char, rstype.Varchar, rstype.Varbyte:
		return "lzo"
	case rstype.Super:
		return "zstd"
	}
	return "az64"
}

// encodingCodes are those of pg_attribute.attencodingtype: assumed.
var encodingCodes = []string{"none", "bytedict", "delta", "delta32k", "mostly8", "mostly16", "mostly32", "runlength", "text255", "text32k", "lzo", "zstd", "az64"}

// Encodings are the names of encodings by pg_attribute.attencodingtype.
func Encodings() []string { return slices.Clone(encodingCodes) }

func encodingCode(r *record) any { return int64(slices.Index(encodingCodes, encoding(r))) }

// sortKey is a column's place in the sort key; of an interleaved one the signs
// alternate (r_PG_TABLE_DEF.md: "positive and negative values").
func sortKey(r *record) any {
	n := int64(r.column.SortKey)
	if r.relation.SortKind == "interleaved" && n%2 == 0 {
		n = -n
	}
	return n
}

// distStyle is pg_class.reldiststyle (r_PG_CLASS_INFO.md).
func distStyle(r *record) any {
	switch {
	case r.index, r.relation.Kind != catalog.Table, r.relation.DistStyle == "even":
		return int64(0)
	case r.relation.DistStyle == "key":
		return int64(1)
	case r.relation.DistStyle == "all":
		return int64(8)
	}
	return int64(9)
}

// columnNumbers is an array of column numbers as its text.
func columnNumbers(rel *catalog.Relation, names []string) any {
	if rel == nil || names == nil {
		return nil
	}
	numbers := make([]string, 0, len(names))
	for _, name := range names {
		if i, ok := rel.Column(name); ok {
			numbers = append(numbers, strconv.Itoa(i+1))
		}
	}
	return "{" + strings.Join(numbers, ",") + "}"
}

// typeNames are pg_type.typname where it is not the name that format_type has.
var typeNames = map[rstype.Kind]string{
	rstype.Bool: "bool", rstype.Int2: "int2", rstype.Int4: "int4", rstype.Int8: "int8", rstype.Float4: "float4", rstype.Float8: "float8",
	rstype.Char: "bpchar", rstype.Varchar: "varchar", rstype.Time: "time", rstype.TimeTZ: "timetz", rstype.Timestamp: "timestamp", rstype.TimestampTZ: "timestamptz",
	rstype.IntervalYM: "intervaly2m", rstype.IntervalDS: "intervald2s", rstype.Varbyte: "varbyte",
}

func typeName(k rstype.Kind) string {
	if name, ok := typeNames[k]; ok {
		return name
	}
	return k.String()
}
