package ast

// CreateExternalTable is CREATE EXTERNAL TABLE, with a query where the files are
// to be written too.
type CreateExternalTable struct {
	Span
	IfNotExists bool
	Name        Name
	Columns     []ExternalColumn
	Partitions  []ExternalColumn // without types in CREATE EXTERNAL TABLE AS
	// RowFormat is "delimited" or "serde", empty when absent. SerDe is the class of the
	// latter, Delimiters those of the former by their words ("fields terminated by").
	RowFormat  string
	SerDe      string
	Delimiters []Option
	SerDeProps []Option
	// Stored is the format in lower case ("parquet", "textfile", …); "inputformat" has
	// the two classes.
	Stored        string
	Input, Output string
	Location      string
	Properties    []Option
	Query         *Query
}

// ExternalColumn is a column of an external table. Type is as written: what Hive has
// and Redshift has not (array<…>, struct<…>) is there too.
type ExternalColumn struct {
	Span
	Name Ident
	Type string
}

// AlterExternalSchema is ALTER EXTERNAL SCHEMA.
type AlterExternalSchema struct {
	Span
	Name    Ident
	Options []Option
}

func (*CreateExternalTable) stmt() {}
func (*AlterExternalSchema) stmt() {}
