package pgcatalog

import (
	"strconv"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
)

// informationSchema are the views of the SQL standard, as PostgreSQL 8.0 has
// them: of tables, those that the user may read. sql_identifier and character_data are VARCHAR, cardinal_number is INTEGER.
var informationSchema = []definition{
	{infoSchema, "schemata", "catalog_name:varchar schema_name:varchar schema_owner:varchar default_character_set_catalog:varchar default_character_set_schema:varchar default_character_set_name:varchar sql_path:varchar", schemas, map[string]cell{
		"catalog_name": func(r *record) any { return r.schema.Database }, "schema_name": func(r *record) any { return r.schema.Name },
		"schema_owner": func(r *record) any { return r.userName(r.schema.Owner) },
	}},
	{infoSchema, "tables", "table_catalog:varchar table_schema:varchar table_name:varchar table_type:varchar self_referencing_column_name:varchar reference_generation:varchar user_defined_type_catalog:varchar user_defined_type_schema:varchar user_defined_type_name:varchar", withSystem(own(selectable)), nil},
	{infoSchema, "columns", "table_catalog:varchar table_schema:varchar table_name:varchar column_name:varchar ordinal_position:int4 column_default:text is_nullable:varchar data_type:varchar character_maximum_length:int4 character_octet_length:int4 numeric_precision:int4 numeric_precision_radix:int4 numeric_scale:int4 datetime_precision:int4 interval_type:varchar interval_precision:varchar character_set_catalog:varchar character_set_schema:varchar character_set_name:varchar collation_catalog:varchar collation_schema:varchar collation_name:varchar domain_catalog:varchar domain_schema:varchar domain_name:varchar udt_catalog:varchar udt_schema:varchar udt_name:varchar scope_catalog:varchar scope_schema:varchar scope_name:varchar maximum_cardinality:int4 dtd_identifier:varchar is_self_referencing:varchar", columnsOf(own(selectableColumns)), map[string]cell{
		"character_octet_length": maxLength, "udt_catalog": func(r *record) any { return r.relation.Database }, "udt_schema": constant(pgCatalog),
		"udt_name": func(r *record) any { return typeName(r.column.Type.Kind) }, "dtd_identifier": func(r *record) any { return strconv.Itoa(r.number) }, "is_self_referencing": constant("NO"),
	}},
	{infoSchema, "views", "table_catalog:varchar table_schema:varchar table_name:varchar view_definition:text check_option:varchar is_updatable:varchar is_insertable_into:varchar", ownViews, map[string]cell{
		"check_option": constant("NONE"), "is_updatable": constant("NO"), "is_insertable_into": constant("NO"),
	}},
	{infoSchema, "table_constraints", "constraint_catalog:varchar constraint_schema:varchar constraint_name:varchar table_catalog:varchar table_schema:varchar table_name:varchar constraint_type:varchar is_deferrable:varchar initially_deferred:varchar", constraints, map[string]cell{
		"constraint_catalog": func(r *record) any { return r.relation.Database }, "constraint_schema": func(r *record) any { return r.relation.Schema },
		"constraint_name": func(r *record) any { return r.constraint.Name },
		"constraint_type": func(r *record) any {
			return map[string]string{"p": "PRIMARY KEY", "u": "UNIQUE", "f": "FOREIGN KEY"}[r.constraint.Kind]
		},
		"is_deferrable": constant("NO"), "initially_deferred": constant("NO"),
	}},
	{infoSchema, "key_column_usage", "constraint_catalog:varchar constraint_schema:varchar constraint_name:varchar table_catalog:varchar table_schema:varchar table_name:varchar column_name:varchar ordinal_position:int4", keyColumns, map[string]cell{
		"constraint_catalog": func(r *record) any { return r.relation.Database }, "constraint_schema": func(r *record) any { return r.relation.Schema },
		"constraint_name": func(r *record) any { return r.constraint.Name },
	}},
	{infoSchema, "referential_constraints", "constraint_catalog:varchar constraint_schema:varchar constraint_name:varchar unique_constraint_catalog:varchar unique_constraint_schema:varchar unique_constraint_name:varchar match_option:varchar update_rule:varchar delete_rule:varchar", foreignKeys, map[string]cell{
		"constraint_catalog": func(r *record) any { return r.relation.Database }, "constraint_schema": func(r *record) any { return r.relation.Schema },
		"constraint_name":           func(r *record) any { return r.constraint.Name },
		"unique_constraint_catalog": referred(func(to *catalog.Relation) any { return to.Database }), "unique_constraint_schema": referred(func(to *catalog.Relation) any { return to.Schema }),
		"unique_constraint_name": referred(primaryKeyName),
		"match_option":           constant("NONE"), "update_rule": constant("NO ACTION"), "delete_rule": constant("NO ACTION"),
	}},
	{infoSchema, "constraint_column_usage", "table_catalog:varchar table_schema:varchar table_name:varchar column_name:varchar constraint_catalog:varchar constraint_schema:varchar constraint_name:varchar", usedColumns, map[string]cell{
		"constraint_catalog": func(r *record) any { return r.relation.Database }, "constraint_schema": func(r *record) any { return r.schema.Name },
		"constraint_name": func(r *record) any { return r.constraint.Name },
	}},
}
