package session

import (
	"slices"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// Origin is what the catalog tells of a result column beyond its type. The zero value
// is that of an expression.
type Origin struct {
	// Database, Schema, Table and Column name the table's or view's column that it is,
	// and are empty for any other.
	Database, Schema, Table, Column string
	// NotNull: the table's column is NOT NULL. In the optional side of an outer join it
	// may be NULL all the same.
	NotNull bool
	// Identity: the column numbers the rows.
	Identity bool
}

// Formatter is what a Statement should be too.
type Formatter interface {
	// Formats are the formats that rows will have, of those that are asked for, for
	// Describe and for Call.Formats: what has no binary form in the session's version of
	// the protocol stays text. What Start refuses is left as it is.
	Formats(asked []int16) []int16
}

var _ Formatter = (*statement)(nil)

// Formats implements Formatter.
func (s *statement) Formats(asked []int16) []int16 {
	if !slices.Contains(asked, 1) {
		return asked
	}
	if s.textOnly() {
		return nil
	}
	protocol := s.backend.startup.ProtocolVersion
	if protocol < engine.BinaryProtocol {
		return asked
	}
	formats := make([]int16, len(s.columns))
	for i, c := range s.columns {
		if (len(asked) == 1 || asked[i] == 1) && engine.HasBinary(c.Type, protocol) {
			formats[i] = 1
		}
	}
	return formats
}

// textOnly: the session itself makes the rows, as text.
func (s *statement) textOnly() bool {
	_, explain := s.ast.(*ast.Explain)
	return explain || s.ast != nil && isUtility(s.ast)
}

// shown is how values are written to the client.
func (b *backend) shown() engine.Session {
	return engine.Session{TimeZone: b.location(), DateStyle: engineStyle(b.get("datestyle")), Protocol: b.startup.ProtocolVersion}
}

// originate looks up where columns come from. Clients of the protocol's first version
// are not told.
func (b *backend) originate(columns []Column, snapshot *catalog.Snapshot) {
	if b.startup.ProtocolVersion < 1 {
		return
	}
	for i := range columns {
		c := &columns[i]
		if c.TableID == 0 {
			continue
		}
		r, ok := snapshot.RelationByID(c.TableID)
		if !ok {
			continue
		}
		c.Origin = Origin{Database: r.Database, Schema: r.Schema, Table: r.Name, Column: c.Name}
		if n := int(c.Number); n >= 1 && n <= len(r.Columns) {
			column := &r.Columns[n-1]
			c.Origin.Column, c.Origin.NotNull, c.Origin.Identity = column.Name, column.NotNull, column.Identity != nil
		}
	}
}

// CaseSensitive tells whether comparing a column's values minds upper and lower case:
// strings do, as columns cannot be given another collation.
func (c *Column) CaseSensitive() bool {
	switch c.Type.Kind {
	case rstype.Char, rstype.Varchar, rstype.Name, rstype.Unknown:
		return true
	}
	return false
}

// Searchable tells whether a column may stand in a comparison: assumed of all but the
// types that have none.
func (c *Column) Searchable() bool {
	switch c.Type.Kind {
	case rstype.HLLSketch, rstype.Geometry, rstype.Geography, rstype.Void:
		return false
	}
	return true
}

// ReadOnly tells whether nothing can be written where a column comes from: assumed of
// what is no table's or view's column.
func (c *Column) ReadOnly() bool { return c.Origin.Table == "" }
