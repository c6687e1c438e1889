package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// attributes applies what stands behind a table's columns.
func (c *change) attributes(t *table, a *ast.TableAttrs) error {
	if t.like && (a.Backup != ast.Unsaid || a.DistStyle != ast.DistUnsaid || a.DistKey != nil || a.SortKey != nil) {
		return errorAt(t.offset, "0A000", "table attributes cannot be specified with LIKE") // assumed text
	}
	t.Backup = t.Backup && a.Backup != ast.No
	if err := c.distribution(t, a); err != nil {
		return err
	}
	if a.SortKey == nil {
		return nil
	}
	if t.columnKeys {
		return errorAt(a.SortKey.Pos(), "42601", "multiple sort keys are not allowed for table %q", t.Name) // assumed
	}
	return c.sortKey(t, a.SortKey)
}

func (c *change) distribution(t *table, a *ast.TableAttrs) error {
	if a.DistKey != nil {
		i, err := c.keyColumn(t.Relation, *a.DistKey)
		if err != nil {
			return err
		}
		if err := t.setDistKey(&t.Columns[i], a.DistKey.Pos()); err != nil {
			return err
		}
	}
	keyed := t.DistStyle == "key" && !t.like
	switch {
	case a.DistStyle == ast.DistUnsaid:
	case a.DistStyle == ast.DistKey && !keyed:
		return errorAt(t.offset, "42601", "DISTSTYLE KEY requires a DISTKEY column") // assumed text
	case a.DistStyle != ast.DistKey && keyed:
		return errorAt(t.offset, "42601", "DISTKEY cannot be specified with DISTSTYLE %s", strings.ToUpper(a.DistStyle.String())) // assumed text
	default:
		t.DistStyle = a.DistStyle.String()
	}
	return nil
}

// setDistKey makes a column the distribution key; there is but one.
func (t *table) setDistKey(col *catalog.Column, offset int) error {
	if t.DistStyle == "key" {
		return errorAt(offset, "42601", "multiple distribution keys are not allowed for table %q", t.Name) // assumed text
	}
	if err := keyable(col, "DISTKEY", offset); err != nil {
		return err
	}
	t.DistStyle, col.DistKey = "key", true
	return nil
}

// keyable refuses the types that cannot be a distribution or sort key
// (limitations-super.md, r_VARBYTE_type.md, geospatial-limitations.md).
func keyable(col *catalog.Column, key string, offset int) error {
	switch col.Type.Kind {
	case rstype.Super, rstype.Varbyte, rstype.HLLSketch, rstype.Geometry, rstype.Geography:
		return errorAt(offset, "0A000", "column %q of type %s cannot be a %s", col.Name, col.Type.Kind, key) // assumed text
	}
	return nil
}

func sortable(col *catalog.Column, offset int) error { return keyable(col, "SORTKEY", offset) }

// sortKeys counts the columns of the sort key.
func (t *table) sortKeys() int {
	n := 0
	for _, col := range t.Columns {
		n = max(n, col.SortKey)
	}
	return n
}

// sortKey applies a SORTKEY clause, in the place of what was there.
func (c *change) sortKey(t *table, k *ast.SortKey) error {
	for i := range t.Columns {
		t.Columns[i].SortKey = 0
	}
	limit := maxCompound
	switch k.Kind {
	case ast.SortAuto:
		t.SortKind = "auto"
		return nil
	case ast.SortNone:
		t.SortKind = ""
		return nil
	case ast.SortInterleaved:
		t.SortKind, limit = "interleaved", maxInterleaved
	default:
		t.SortKind = "compound"
	}
	if len(k.Columns) > limit {
		return errorAt(k.Pos(), "54011", "cannot have more than %d %s sort key columns", limit, t.SortKind) // assumed text
	}
	for n, id := range k.Columns {
		i, err := c.keyColumn(t.Relation, id)
		if err != nil {
			return err
		}
		if t.Columns[i].SortKey != 0 {
			return errorAt(id.Pos(), "42701", "column %q appears twice in sort key", t.Columns[i].Name) // assumed text
		}
		if err := sortable(&t.Columns[i], id.Pos()); err != nil {
			return err
		}
		t.Columns[i].SortKey = n + 1
	}
	return nil
}

func (c *change) keyColumn(r *catalog.Relation, id ast.Ident) (int, error) {
	name := c.newName(id)
	if i, ok := r.Column(name); ok {
		return i, nil
	}
	return 0, errorAt(id.Pos(), "42703", "column %q named in key does not exist", name)
}

const (
	intKinds  = 1<<rstype.Int2 | 1<<rstype.Int4 | 1<<rstype.Int8
	textKinds = 1<<rstype.Char | 1<<rstype.Varchar
	dateKinds = 1<<rstype.Date | 1<<rstype.Timestamp | 1<<rstype.TimestampTZ
	timeKinds = 1<<rstype.Time | 1<<rstype.TimeTZ | 1<<rstype.IntervalYM | 1<<rstype.IntervalDS
	realKinds = 1<<rstype.Float4 | 1<<rstype.Float8
	numKind   = 1 << rstype.Numeric
)

// encodings are the kinds that each encoding is for
// (c_Compression_encodings.md; those of TIME, TIMETZ and INTERVAL beside raw
// are assumed to be az64, lzo and zstd).
var encodings = map[string]uint32{
	"raw":       1<<32 - 1,
	"az64":      intKinds | numKind | dateKinds | timeKinds,
	"bytedict":  intKinds | numKind | realKinds | textKinds | dateKinds,
	"delta":     intKinds | numKind | 1<<rstype.Date | 1<<rstype.Timestamp,
	"delta32k":  1<<rstype.Int4 | 1<<rstype.Int8 | numKind | 1<<rstype.Date | 1<<rstype.Timestamp,
	"lzo":       intKinds | numKind | textKinds | dateKinds | timeKinds | 1<<rstype.Super | 1<<rstype.Varbyte,
	"mostly8":   intKinds | numKind,
	"mostly16":  1<<rstype.Int4 | 1<<rstype.Int8 | numKind,
	"mostly32":  1<<rstype.Int8 | numKind,
	"runlength": intKinds | numKind | realKinds | textKinds | dateKinds | 1<<rstype.Bool,
	"text255":   1 << rstype.Varchar,
	"text32k":   1 << rstype.Varchar,
	"zstd":      intKinds | numKind | realKinds | textKinds | dateKinds | timeKinds | 1<<rstype.Bool | 1<<rstype.Super | 1<<rstype.Varbyte,
}

// encoding is the name of a column's encoding, "" for AUTO.
func (c *change) encoding(column string, typ rstype.Type, id ast.Ident) (string, error) {
	name := strings.ToLower(id.Name)
	if name == "auto" {
		return "", nil
	}
	kinds, ok := encodings[name]
	if !ok {
		return "", errorAt(id.Pos(), "42704", "encoding type %q does not exist", name) // assumed text
	}
	if kinds&(1<<typ.Kind) == 0 {
		return "", errorAt(id.Pos(), "0A000", "invalid encoding type specified for column %q", column) // assumed state
	}
	return name, nil
}
