package pgcatalog

// systemViews are views of the Database Developer Guide; their columns are in
// package sysview.
var systemViews = []definition{
	{pgCatalog, "pg_table_def", "", pathColumns, map[string]cell{
		"column": func(r *record) any { return r.column.Name }, "type": func(r *record) any { return r.column.Type.String() },
		"notnull": func(r *record) any { return r.column.NotNull },
	}},
	{pgCatalog, "stv_mv_info", "", stv(materialized), materializedCells},
	{pgCatalog, "svv_mv_info", "", materialized, materializedCells},
	{pgCatalog, "svv_external_schemas", "", externalSchemas, map[string]cell{
		"esoid": func(r *record) any { return id(r.schema.ID) }, "eskind": func(r *record) any { return int64(r.schema.External.Kind) },
		"schemaname": func(r *record) any { return r.schema.Name }, "esowner": func(r *record) any { return id(r.schema.Owner) },
		"databasename": func(r *record) any { return r.schema.External.Options["database"] }, "esoptions": externalOptions,
	}},
	{pgCatalog, "svv_tables", "", withSystem(relations), nil},
	{pgCatalog, "svv_columns", "", columnsOf(columns), nil},
	{pgCatalog, "svv_all_tables", "", selectable, map[string]cell{"table_type": shortTableType}},
	{pgCatalog, "svv_redshift_tables", "", selectable, map[string]cell{"table_type": shortTableType}},
	{pgCatalog, "svv_all_columns", "", selectableColumns, nil},
	{pgCatalog, "svv_redshift_columns", "", selectableColumns, map[string]cell{
		"data_type": func(r *record) any { return r.column.Type.String() },
	}},
	{pgCatalog, "svv_all_schemas", "", usable, schemaCells},
	{pgCatalog, "svv_redshift_schemas", "", usable, schemaCells},
	{pgCatalog, "svv_redshift_functions", "database_name:varchar schema_name:varchar function_name:varchar function_type:varchar argument_type:text result_type:varchar", usableRoutines, routineCells},
	{pgCatalog, "svv_user_info", "user_name:text user_id:int4 createdb:bool superuser:bool catalog_update:bool connection_limit:text syslog_access:text last_ddl_timestamp:timestamp session_timeout:int4 external_user_id:text", ownUser, map[string]cell{
		"user_name": userCells["usename"], "user_id": userCells["usesysid"], "createdb": userCells["usecreatedb"], "superuser": userCells["usesuper"],
		"catalog_update": userCells["usecatupd"], "connection_limit": userCells["useconnlimit"], "session_timeout": func(r *record) any { return int64(r.user.SessionTimeout) },
		"syslog_access": syslogAccess, "external_user_id": func(r *record) any { return nonEmpty(r.user.ExternalID) },
	}},
	{pgCatalog, "stv_db_isolation_level", "", stv(databases), map[string]cell{
		"db_name": databaseCells["database_name"], "isolation_level": databaseCells["database_isolation_level"],
	}},
	{pgCatalog, "svv_table_info", "", superuserOnly(baseTables), tableInfoCells},
	{pgCatalog, "stv_node_storage_capacity", "node:int4 used:int4 capacity:int4", stv(superuserOnly(node)), map[string]cell{
		"node": constant(int64(0)), "used": func(r *record) any { return int64(r.number) }, "capacity": constant(int64(Capacity)),
	}},
	{pgCatalog, "stv_tbl_perm", "", stv(superuserOnly(tableSlices)), tblPermCells},
	{pgCatalog, "svv_redshift_databases", "", databases, databaseCells},
}

var schemaCells = map[string]cell{
	"database_name": func(r *record) any { return r.schema.Database }, "schema_name": func(r *record) any { return r.schema.Name },
	"schema_owner": func(r *record) any { return id(r.schema.Owner) }, "schema_acl": schemaACL,
	"schema_type": func(r *record) any {
		if r.schema.External != nil {
			return "external"
		}
		return "local"
	},
	"schema_option": func(r *record) any {
		if r.schema.External == nil {
			return nil
		}
		return externalOptions(r)
	},
	"source_database": func(r *record) any {
		if r.schema.External == nil {
			return nil
		}
		return nonEmpty(r.schema.External.Options["database"])
	},
}
