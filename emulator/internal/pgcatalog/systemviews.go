package pgcatalog

// systemViews are views of the Database Developer Guide; their columns are in
// package sysview.
var systemViews = []definition{
	{pgCatalog, "pg_table_def", "", pathColumns, map[string]cell{
		"column": func(r *record) any { return r.column.Name }, "type": func(r *record) any { return r.column.Type.String() },
		"notnull": func(r *record) any { return r.column.NotNull },
	}},
	{pgCatalog, "svv_tables", "", relations, nil},
	{pgCatalog, "svv_columns", "", columns, nil},
	{pgCatalog, "svv_all_tables", "", allRelations, map[string]cell{"table_type": shortTableType}},
	{pgCatalog, "svv_redshift_tables", "", allRelations, map[string]cell{"table_type": shortTableType}},
	{pgCatalog, "svv_all_columns", "", allColumns, nil},
	{pgCatalog, "svv_redshift_columns", "", allColumns, map[string]cell{
		"data_type": func(r *record) any { return r.column.Type.String() },
	}},
	{pgCatalog, "svv_all_schemas", "", allSchemas, schemaCells},
	{pgCatalog, "svv_redshift_schemas", "", allSchemas, schemaCells},
	{pgCatalog, "svv_redshift_databases", "", databases, databaseCells},
}

var schemaCells = map[string]cell{
	"database_name": func(r *record) any { return r.schema.Database }, "schema_name": func(r *record) any { return r.schema.Name },
	"schema_owner": func(r *record) any { return id(r.schema.Owner) }, "schema_type": constant("local"),
}
