package datadoor

import (
	"math"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/emulator/internal/session"
)

// columnMetadata is the model's ColumnMetadata. The service fills it from its
// JDBC driver: AWS's samples show the numbers of PostgreSQL's.
type columnMetadata struct {
	ColumnDefault   *string `json:"columnDefault,omitempty"`
	IsCaseSensitive bool    `json:"isCaseSensitive"`
	IsCurrency      bool    `json:"isCurrency"`
	IsSigned        bool    `json:"isSigned"`
	Label           string  `json:"label,omitempty"`
	Length          int32   `json:"length"`
	Name            string  `json:"name"`
	Nullable        int     `json:"nullable"`
	Precision       int32   `json:"precision"`
	Scale           int32   `json:"scale"`
	SchemaName      string  `json:"schemaName"`
	TableName       string  `json:"tableName"`
	TypeName        string  `json:"typeName"`

	kind rstype.Kind
}

// JDBC's columnNoNulls, columnNullable and columnNullableUnknown.
const (
	noNulls         = 0
	nullable        = 1
	nullableUnknown = 2
)

// typeNames are the catalog's names; int4, varchar and bpchar are in AWS's
// samples.
var typeNames = map[rstype.Kind]string{
	rstype.Unknown: "unknown", rstype.Bool: "bool",
	rstype.Int2: "int2", rstype.Int4: "int4", rstype.Int8: "int8",
	rstype.Float4: "float4", rstype.Float8: "float8", rstype.Numeric: "numeric",
	rstype.Char: "bpchar", rstype.Varchar: "varchar",
	rstype.Date: "date", rstype.Time: "time", rstype.TimeTZ: "timetz",
	rstype.Timestamp: "timestamp", rstype.TimestampTZ: "timestamptz",
	rstype.IntervalYM: "intervaly2m", rstype.IntervalDS: "intervald2s",
	rstype.Super: "super", rstype.Varbyte: "varbyte", rstype.HLLSketch: "hllsketch",
	rstype.Geometry: "geometry", rstype.Geography: "geography",
	rstype.Name: "name", rstype.OID: "oid", rstype.Void: "void",
}

// typed is the metadata of a type.
func typed(t rstype.Type) columnMetadata {
	c := columnMetadata{TypeName: typeNames[t.Kind], kind: t.Kind}
	if c.TypeName == "" {
		c.TypeName = t.String()
	}
	switch t.Kind {
	case rstype.Int2:
		c.IsSigned, c.Precision = true, 5
	case rstype.Int4:
		c.IsSigned, c.Precision = true, 10
	case rstype.Int8:
		c.IsSigned, c.Precision = true, 19
	case rstype.Float4:
		c.IsSigned, c.Precision, c.Scale = true, 8, 8
	case rstype.Float8:
		c.IsSigned, c.Precision, c.Scale = true, 17, 17
	case rstype.Numeric:
		c.IsSigned, c.Precision, c.Scale = true, int32(t.Precision), int32(t.Scale)
	case rstype.OID:
		c.Precision = 10
	case rstype.Bool:
		c.Precision = 1
	case rstype.Date:
		c.Precision = 13
	case rstype.Time:
		c.Precision, c.Scale = 15, 6
	case rstype.TimeTZ:
		c.Precision, c.Scale = 21, 6
	case rstype.Timestamp:
		c.Precision, c.Scale = 29, 6
	case rstype.TimestampTZ:
		c.Precision, c.Scale = 35, 6
	case rstype.IntervalYM, rstype.IntervalDS:
		c.Precision, c.Scale = 49, 6
	case rstype.Name:
		c.IsCaseSensitive, c.Precision = true, 63
	default:
		c.IsCaseSensitive, c.Precision = true, t.Len
		if t.Len <= 0 {
			c.Precision = math.MaxInt32
		}
	}
	return c
}

// metadata describes the columns of a result.
func (d *Door) metadata(columns []session.Column) []columnMetadata {
	snapshot := d.cfg.Catalog()
	out := make([]columnMetadata, len(columns))
	for i, col := range columns {
		c := typed(col.Type)
		c.Label, c.Name = col.Name, col.Name
		c.Nullable = nullableUnknown
		if rel, ok := snapshot.RelationByID(col.TableID); ok && col.TableID != 0 {
			c.TableName = rel.Name
			if n := int(col.Number); n >= 1 && n <= len(rel.Columns) {
				c.Nullable = nullability(rel.Columns[n-1])
			}
		}
		out[i] = c
	}
	return out
}

func nullability(c catalog.Column) int {
	if c.NotNull {
		return noNulls
	}
	return nullable
}
