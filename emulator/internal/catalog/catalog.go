// Package catalog is the emulator's catalog: databases, users, groups, roles,
// schemas, tables, views and their columns with exact Redshift types, and who may
// do what with them, as immutable snapshots in
// Go that are kept in DuckDB tables of the schema "rs".
//
// A transaction sees the committed snapshot with its own changes applied
// (Snapshot.Apply); each change is also SQL (Change.SQL) that the transaction
// runs, so that the catalog rolls back and survives with the data. At COMMIT
// the Catalog applies the same changes to what is committed by then.
package catalog

import (
	"slices"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

// Kind is the kind of a relation.
type Kind string

// The kinds of relations.
const (
	Table Kind = "table"
	View  Kind = "view"
	// LateBinding is a view WITH NO SCHEMA BINDING: its text is bound when it
	// is used, and Columns may be empty.
	LateBinding Kind = "late-binding view"
	// Materialized is a view whose rows are kept, as a table's are, and change when
	// it is refreshed.
	Materialized Kind = "materialized view"
)

// User is a database user.
type User struct {
	ID   int32
	Name string
	// MD5 is the hex digest of password and name, as pg_shadow keeps it after
	// its "md5". SHA256 is that of password and Salt; both are in hex. Where all are
	// empty the user cannot log in with a password.
	MD5       string
	SHA256    string `json:",omitzero"`
	Salt      string `json:",omitzero"`
	Superuser bool
	CreateDB  bool
	// SyslogUnrestricted: SYSLOG ACCESS UNRESTRICTED, the rows of others in
	// system views.
	SyslogUnrestricted bool `json:",omitzero"`
	// ValidUntil is when the password ends, in RFC 3339 and UTC, or empty.
	ValidUntil string `json:",omitzero"`
	// ConnectionLimit is how many sessions the user may have; nil is any number.
	ConnectionLimit *int32 `json:",omitzero"`
	ExternalID      string `json:",omitzero"`
	// Settings are what a session of the user begins with, by name (ALTER USER …
	// SET). The map is replaced, never changed.
	Settings map[string]string `json:",omitzero"`
	// SessionTimeout is how many seconds a session of the user may be silent, 0 for
	// as long as the cluster lets it.
	SessionTimeout int32 `json:",omitzero"`
}

// Database is one database of the cluster.
type Database struct {
	ID      int32
	Name    string
	Owner   int32
	Comment string
	ACL     ACL `json:",omitzero"`
	// Serializable is its isolation level, which is SNAPSHOT otherwise.
	Serializable bool `json:",omitzero"`
}

// Schema is one schema of a database.
type Schema struct {
	ID       int32
	Database string
	Name     string
	Owner    int32
	// Store is the DuckDB schema of what is made in it; empty for the system's and for
	// external ones.
	Store string
	ACL   ACL `json:",omitzero"`
	// External is set for an external schema.
	External *External `json:",omitzero"`
}

// External is where what an external schema shows is kept. It is shared and never
// changes.
type External struct {
	// Kind is SVV_EXTERNAL_SCHEMAS.eskind, Source the words behind FROM in lower case.
	Kind   int16
	Source string
	// Options are those of CREATE EXTERNAL SCHEMA by their names in lower case.
	Options map[string]string
}

// Relation is a table or a view. Relations are shared and never changed; Clone
// before changing. Like all objects here it is stored as JSON under its fields'
// names, so a field keeps its name and its meaning.
type Relation struct {
	ID       int32
	Database string
	Schema   string
	Name     string
	Kind     Kind
	Owner    int32
	Temp     bool
	Columns  []Column
	// DistStyle is "auto", "even", "key" or "all".
	DistStyle string
	// SortKind is "", "compound", "interleaved" or "auto"; which columns it has
	// is in Column.SortKey.
	SortKind string
	Backup   bool
	// Constraints are informational.
	Constraints []Constraint
	// Definition is a view's query as written; SearchPath and DefDatabase are
	// where its names were resolved.
	Definition  string
	SearchPath  []string
	DefDatabase string
	// Uses are the relations that a view depends on.
	Uses []int32
	// AutoRefresh, Incremental and Unrefreshable are of a materialized view: AUTO
	// REFRESH YES, whether its query can be refreshed by the changes alone
	// (materialized-view-refresh-sql-command.md), and STV_MV_INFO's state of one that
	// a change of its tables has made impossible to refresh, 0 for none.
	AutoRefresh   bool  `json:",omitzero"`
	Incremental   bool  `json:",omitzero"`
	Unrefreshable int16 `json:",omitzero"`
	// StoreSchema and StoreName are the DuckDB table of a table. They do not
	// change when the relation is renamed, but may when its columns are altered.
	StoreSchema string
	StoreName   string
	Comment     string
	ACL         ACL `json:",omitzero"`
}

// Column is a column of a relation.
type Column struct {
	Name    string
	Type    rstype.Type
	NotNull bool
	// Default is the expression as written in Redshift's SQL, empty for none.
	Default string
	// Encode is the encoding's name in lower case, empty for automatic.
	Encode  string
	DistKey bool
	// SortKey is its place in the sort key from 1, 0 for none.
	SortKey  int
	Identity *Identity
	Comment  string
	// ACL are the privileges on the column alone, SELECT and UPDATE; nil for none.
	ACL ACL `json:",omitzero"`
}

// Identity is a column that numbers the rows.
type Identity struct {
	// ByDefault: INSERT and COPY may give their own values.
	ByDefault  bool
	Seed, Step int64
	// Sequence is the DuckDB sequence, quoted and qualified.
	Sequence string
}

// Constraint is an informational constraint.
type Constraint struct {
	Name string
	// Kind is "p", "u" or "f", as pg_constraint has it.
	Kind       string
	Columns    []string
	RefTable   int32
	RefColumns []string
	Comment    string
}

// Stored tells whether the relation's rows are kept in DuckDB: those of tables and
// of materialized views.
func (r *Relation) Stored() bool { return r.Kind == Table || r.Kind == Materialized }

// Clone is a copy that may be changed, lists and all.
func (r *Relation) Clone() *Relation {
	n := *r
	n.Columns = slices.Clone(r.Columns)
	for i, c := range n.Columns {
		if c.Identity != nil {
			n.Columns[i].Identity = new(*c.Identity)
		}
		n.Columns[i].ACL = slices.Clone(c.ACL)
	}
	n.Constraints = slices.Clone(r.Constraints)
	for i, c := range n.Constraints {
		n.Constraints[i].Columns, n.Constraints[i].RefColumns = slices.Clone(c.Columns), slices.Clone(c.RefColumns)
	}
	n.SearchPath, n.Uses = slices.Clone(r.SearchPath), slices.Clone(r.Uses)
	n.ACL = slices.Clone(r.ACL)
	return &n
}

// Column finds a column by its name; the index is its place from 0.
func (r *Relation) Column(name string) (index int, ok bool) {
	index = slices.IndexFunc(r.Columns, func(c Column) bool { return c.Name == name })
	return index, index >= 0
}
