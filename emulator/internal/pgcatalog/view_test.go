package pgcatalog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/pgcatalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

func snapshot() *catalog.Snapshot {
	schema := func(id int32, database, name string) catalog.Change {
		return catalog.Change{Schema: &catalog.Schema{ID: id, Database: database, Name: name, Owner: 100}}
	}
	t := &catalog.Relation{
		ID: 200, Database: "dev", Schema: "public", Name: "t", Kind: catalog.Table, Owner: 100, DistStyle: "key", SortKind: "interleaved", Comment: "the table",
		Columns: []catalog.Column{
			{Name: "a", Type: rstype.Type{Kind: rstype.Int8}, NotNull: true, DistKey: true, SortKey: 1, Identity: &catalog.Identity{Seed: 1, Step: 2}},
			{Name: "b", Type: rstype.Type{Kind: rstype.Varchar, Len: 20}, Default: "'x'", SortKey: 2, Comment: "a column", ACL: catalog.ACL{{Grantee: catalog.UserGrantee(101), Grantor: 100, Privileges: catalog.Update}}},
			{Name: "c", Type: rstype.Type{Kind: rstype.Numeric, Precision: 10, Scale: 2}, Encode: "raw"},
			{Name: "d", Type: rstype.Type{Kind: rstype.Timestamp}, Encode: "zstd"},
			{Name: "e", Type: rstype.Type{Kind: rstype.Bool}},
		},
		Constraints: []catalog.Constraint{{Name: "t_pkey", Kind: "p", Columns: []string{"a"}}, {Name: "t_fk", Kind: "f", Columns: []string{"c", "b"}, RefTable: 200, RefColumns: []string{"b", "a"}}},
	}
	t.ACL = t.Grants().With(catalog.Grant{Grantee: catalog.Grantee{Kind: catalog.ToGroup, ID: 300}, Grantor: 100, Privileges: catalog.Insert | catalog.Select})
	t.ACL = t.ACL.With(catalog.Grant{Grantee: catalog.UserGrantee(101), Grantor: 100, Privileges: catalog.Select, Options: catalog.Select})
	v := &catalog.Relation{ID: 201, Database: "dev", Schema: "public", Name: "v", Kind: catalog.View, Owner: 1, Columns: []catalog.Column{{Name: "a", Type: rstype.Type{Kind: rstype.Int8}}}, Definition: "SELECT a FROM t", Uses: []int32{200}}
	far := &catalog.Relation{ID: 202, Database: "other", Schema: "public", Name: "far", Kind: catalog.Table, Owner: 100, Columns: []catalog.Column{{Name: "x", Type: rstype.Type{Kind: rstype.Int4}}}}
	off := &catalog.Relation{ID: 203, Database: "dev", Schema: "off", Name: "off", Kind: catalog.Table, Owner: 100, Columns: []catalog.Column{{Name: "x", Type: rstype.Type{Kind: rstype.Int4}}}}
	temp := &catalog.Relation{ID: 204, Database: "dev", Schema: "pg_temp_7", Name: "#tmp", Kind: catalog.Table, Temp: true, Owner: 100, Columns: []catalog.Column{{Name: "x", Type: rstype.Type{Kind: rstype.Int4}}}}
	return catalog.NewSnapshot(
		catalog.Change{User: &catalog.User{ID: 1, Name: "rdsdb", Superuser: true}}, catalog.Change{User: &catalog.User{ID: 100, Name: "awsuser", MD5: "secret"}},
		catalog.Change{Database: &catalog.Database{ID: 10, Name: "dev", Owner: 100, ACL: (&catalog.Database{Owner: 100}).Grants()}}, catalog.Change{Database: &catalog.Database{ID: 11, Name: "other", Owner: 100}},
		schema(20, "dev", "public"), schema(21, "dev", "off"), schema(22, "dev", "pg_temp_7"), schema(23, "other", "public"),
		catalog.Change{User: &catalog.User{ID: 101, Name: "bob", ValidUntil: "2030-01-02T03:04:05Z", ConnectionLimit: new(int32(5)), ExternalID: "b", Settings: map[string]string{"search_path": "s, public", "timezone": "UTC"}}},
		catalog.Change{Group: &catalog.Group{ID: 300, Name: "g", Users: []int32{101, 100}}},
		catalog.Change{Role: &catalog.Role{ID: 301, Name: "r", Owner: 100, ExternalID: "x", System: []string{"create table"}, Members: []catalog.Membership{{Member: catalog.UserGrantee(101), Admin: true}}}},
		catalog.Change{Role: &catalog.Role{ID: 302, Name: "s", Owner: 100, Members: []catalog.Membership{{Member: catalog.Grantee{Kind: catalog.ToRole, ID: 301}}}}},
		catalog.Change{DefaultACL: &catalog.DefaultACL{ID: 303, User: 101, Database: "dev", Schema: 21, Kind: "r", ACL: catalog.ACL{{Grantee: catalog.Public, Grantor: 101, Privileges: catalog.Select}}}},
		catalog.Change{Language: &catalog.Language{ID: 102, Name: "plpgsql", ACL: catalog.ACL{{Grantee: catalog.Public, Grantor: 1, Privileges: catalog.Usage}}}},
		catalog.Change{Routine: &catalog.Routine{ID: 400, SchemaID: 20, Database: "dev", Name: "f", Owner: 100, Returns: catalog.Column{Type: rstype.Type{Kind: rstype.Int4}}, Volatility: "stable", Language: "sql", Body: "SELECT 1"}},
		catalog.Change{Routine: &catalog.Routine{
			ID: 401, SchemaID: 20, Database: "dev", Name: "p", Procedure: true, Owner: 100, Returns: catalog.Column{Type: rstype.Type{Kind: rstype.Void}}, Volatility: "volatile", Language: "plpgsql",
			Args: []catalog.Argument{{Column: catalog.Column{Name: "a", Type: rstype.Type{Kind: rstype.Int4}}, Mode: "in"}, {Column: catalog.Column{Type: rstype.Type{Kind: rstype.Varchar}}, Mode: "inout", Cursor: true}, {Column: catalog.Column{Type: rstype.Type{Kind: rstype.Date}}, Mode: "out"}},
			ACL:  catalog.ACL{{Grantee: catalog.UserGrantee(101), Grantor: 100, Privileges: catalog.Execute}},
		}},
		catalog.Change{Relation: t}, catalog.Change{Relation: v}, catalog.Change{Relation: far}, catalog.Change{Relation: off}, catalog.Change{Relation: temp},
	)
}

var facts = pgcatalog.Facts{Database: "dev", SearchPath: []string{"awsuser", "public"}, TempSchema: "pg_temp_7", UserID: 100, Superuser: true, Slices: 2}

// rows are a view's columns of these names, a line a row.
func rows(t *testing.T, schema, name string, columns ...string) []string {
	t.Helper()
	v, ok := pgcatalog.Lookup(schema, name)
	if !ok {
		t.Fatalf("no view %s", name)
	}
	numbers := make([]int, len(columns))
	for i, c := range columns {
		numbers[i] = slices.IndexFunc(v.Columns, func(x pgcatalog.Column) bool { return x.Name == c })
		if numbers[i] < 0 {
			t.Fatalf("%s has no column %s", name, c)
		}
	}
	var out []string
	for row := range v.Rows(snapshot(), facts, numbers) {
		out = append(out, strings.TrimSuffix(fmt.Sprintln(row...), "\n"))
	}
	return out
}

func TestRows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		schema, name, columns string
		want                  []string
	}{
		{"", "pg_namespace", "oid nspname nspowner", []string{"20 public 100", "21 off 100", "22 pg_temp_7 100"}},
		{"pg_catalog", "pg_class", "oid relname relnamespace relkind relnatts reldiststyle relhaspkey", []string{
			"200 t 20 r 5 1 true", "1073754625 t_pkey 20 i 1 0 false", "201 v 20 v 1 0 false", "203 off 21 r 1 9 false", "204 #tmp 22 r 1 9 false",
		}},
		{"", "pg_attribute", "attrelid attname atttypid attlen attnum atttypmod attnotnull atthasdef attisdistkey attsortkeyord", []string{
			"200 a 20 8 1 -1 true true true 1", "200 b 1043 -1 2 24 false true false -2", "200 c 1700 -1 3 655366 false false false 0",
			"200 d 1114 8 4 -1 false false false 0", "200 e 16 1 5 -1 false false false 0",
			"1073754625 a 20 8 1 -1 false false false 0", "201 a 20 8 1 -1 false false false 0",
			"203 x 23 4 1 -1 false false false 0", "204 x 23 4 1 -1 false false false 0",
		}},
		{"", "pg_attrdef", "adrelid adnum adsrc", []string{`200 1 "identity"(200, 0, '1,2'::text)`, "200 2 'x'"}},
		{"", "pg_constraint", "conname contype conrelid confrelid conkey confkey", []string{"t_pkey p 200 0 {1} <nil>", "t_fk f 200 200 {3,2} {2,1}"}},
		{"", "pg_description", "objoid objsubid description", []string{"200 0 the table", "200 2 a column"}},
		{"", "pg_database", "oid datname datdba", []string{"10 dev 100", "11 other 100"}},
		{"", "pg_user", "usename usesysid usesuper passwd valuntil", []string{"rdsdb 1 true ******** <nil>", "awsuser 100 false ******** <nil>", "bob 101 false ******** 2030-01-02 03:04:05+00"}},
		{"", "pg_user_info", "usename useconnlimit useconfig", []string{"rdsdb UNLIMITED <nil>", "awsuser UNLIMITED <nil>", `bob 5 {"search_path=s, public",timezone=UTC}`}},
		{"", "pg_roles", "oid rolname rolsuper rolcanlogin rolconnlimit", []string{
			"1 rdsdb true true -1", "100 awsuser false true -1", "101 bob false true 5", "300 g false false -1", "301 r false false -1", "302 s false false -1",
		}},
		{"", "pg_auth_members", "roleid member admin_option", []string{"300 101 false", "300 100 false", "301 101 true", "302 301 false"}},
		{"", "pg_tablespace", "oid spcname", []string{"1663 pg_default", "1664 pg_global"}},
		{"", "pg_indexes", "schemaname tablename indexname indexdef", []string{"public t t_pkey CREATE UNIQUE INDEX t_pkey ON public.t USING btree (a)"}},
		{"", "pg_rules", "tablename rulename", []string{"v _RETURN"}},
		{"", "pg_class", "relname relpersistence", []string{"t p", "t_pkey p", "v p", "off p", "#tmp t"}},
		{"", "pg_group", "groname grosysid grolist", []string{"g 300 {101,100}"}},
		{"", "pg_default_acl", "defacluser defaclnamespace defaclobjtype defaclacl", []string{"101 21 r {=r/bob}"}},
		{"", "svv_roles", "role_id role_name role_owner external_id", []string{"301 r awsuser x", "302 s awsuser <nil>"}},
		{"", "svv_user_grants", "user_id user_name role_id role_name admin_option", []string{"101 bob 301 r true"}},
		{"", "svv_role_grants", "role_id role_name granted_role_id granted_role_name", []string{"301 r 302 s"}},
		{"", "svv_system_privileges", "system_privilege identity_id identity_name identity_type", []string{"CREATE TABLE 301 r role"}},
		{"", "svv_relation_privileges", "namespace_name relation_name privilege_type identity_id identity_name identity_type admin_option", []string{
			"public t INSERT 300 g group false", "public t SELECT 300 g group false", "public t SELECT 101 bob user true",
		}},
		{"", "svv_column_privileges", "relation_name column_name privilege_type identity_name identity_type", []string{"t b UPDATE bob user"}},
		{"", "svv_schema_privileges", "namespace_name privilege_type identity_id identity_type privilege_scope", []string{"public USAGE 0 public SCHEMA", "public CREATE 0 public SCHEMA"}},
		{"", "svv_database_privileges", "database_name privilege_type identity_name", []string{"dev TEMP public", "other TEMP public"}},
		{"", "svv_function_privileges", "namespace_name function_name argument_types privilege_type identity_name admin_option", []string{"public f  EXECUTE public false", "public p integer, refcursor EXECUTE bob false"}},
		{"", "svv_language_privileges", "language_name privilege_type identity_name", []string{"sql USAGE public", "plpgsql USAGE public"}},
		{"", "svv_default_privileges", "schema_name object_type owner_name owner_type privilege_type grantee_id grantee_name grantee_type admin_option", []string{"off RELATION bob user SELECT 0 public public false"}},
		{"", "pg_class", "relname relacl", []string{`t {awsuser=arwdRxtDAP/awsuser,"group g=ar/awsuser",bob=r*/awsuser}`, "t_pkey <nil>", "v <nil>", "off <nil>", "#tmp <nil>"}},
		{"", "pg_namespace", "nspname nspacl", []string{"public {awsuser=UC/awsuser,=UC/awsuser}", "off <nil>", "pg_temp_7 <nil>"}},
		{"", "pg_database", "datname datacl", []string{"dev {awsuser=CT/awsuser,=T/awsuser}", "other <nil>"}},
		{"", "pg_tables", "schemaname tablename tableowner", []string{"public t awsuser", "off off awsuser", "pg_temp_7 #tmp awsuser"}},
		{"", "pg_views", "schemaname viewname viewowner definition", []string{"public v rdsdb SELECT a FROM t"}},
		{"", "pg_index", "indexrelid indrelid indkey indisprimary indisunique", []string{"1073754625 200 1 true true"}},
		{"", "pg_proc", "proname pronargs prorettype proargtypes proacl", []string{"f 0 23  <nil>", "p 2 2249 23 1790 {bob=X/awsuser}"}},
		{"", "pg_proc_info", "proname prokind proargmodes proallargtypes", []string{"f f <nil> <nil>", "p p {i,b,o} {23,1790,1082}"}},
		{"", "pg_class_info", "reloid relname reldiststyle releffectivediststyle", []string{"200 t 1 1", "1073754625 t_pkey 0 0", "201 v 0 0", "203 off 9 10", "204 #tmp 9 10"}},
		{"", "pg_database_info", "datid datname datconfig datconnlimit", []string{"10 dev {concurrency_model=1} -1", "11 other {concurrency_model=1} -1"}},
		{"", "pg_depend", "objid refobjid deptype", []string{"201 201 i", "201 200 n"}},
		{"", "pg_rewrite", "oid ev_class rulename", []string{"201 201 _RETURN"}},
		{"", "pg_shadow", "usename passwd", []string{"rdsdb ********", "awsuser ********", "bob ********"}},
		{"", "svv_user_info", "user_name superuser syslog_access", []string{"rdsdb true UNRESTRICTED", "awsuser false RESTRICTED", "bob false RESTRICTED"}},
		{"", "stv_db_isolation_level", "db_name isolation_level", []string{"dev Snapshot Isolation", "other Snapshot Isolation"}},
		{"", "svv_table_info", "schema table table_id encoded diststyle sortkey1 sortkey1_enc sortkey_num max_varchar size", []string{
			"public t 200 Y KEY(a) a none 2 20 32", "off off 203 Y AUTO(ALL) <nil> <nil> 0 0 8", "pg_temp_7 #tmp 204 N AUTO(ALL) <nil> <nil> 0 0 8",
		}},
		{"", "stv_node_storage_capacity", "node used capacity", []string{"0 56 1048576"}},
		{"", "stv_tbl_perm", "slice id name temp db_id backup dist_style", []string{
			"0 200 t 0 10 0 1", "1 200 t 0 10 0 1", "0 202 far 0 11 0 10", "1 202 far 0 11 0 10", "0 203 off 0 10 0 10", "1 203 off 0 10 0 10", "0 204 #tmp 1 10 0 10", "1 204 #tmp 1 10 0 10",
		}},
		// r_PG_TABLE_DEF.md: the search path alone; an interleaved key's signs alternate.
		{"", "pg_table_def", "schemaname tablename column type encoding distkey sortkey notnull", []string{
			"public t a bigint none true 1 true", "public t b character varying(20) none false -2 false", "public t c numeric(10,2) none false 0 false",
			"public t d timestamp without time zone zstd false 0 false", "public t e boolean none false 0 false", "pg_temp_7 #tmp x integer none false 0 false",
		}},
		{"", "svv_tables", "table_catalog table_schema table_name table_type remarks", []string{
			"dev public t BASE TABLE the table", "dev public v VIEW <nil>", "dev off off BASE TABLE <nil>", "dev pg_temp_7 #tmp LOCAL TEMPORARY <nil>",
		}},
		{"", "svv_all_tables", "database_name schema_name table_name table_type", []string{
			"dev public t TABLE", "dev public v VIEW", "other public far TABLE", "dev off off TABLE", "dev pg_temp_7 #tmp TABLE",
		}},
		{"", "svv_redshift_databases", "database_name database_owner database_type", []string{"dev 100 local", "other 100 local"}},
		{"", "svv_redshift_schemas", "database_name schema_name schema_type", []string{"dev public local", "dev off local", "dev pg_temp_7 local", "other public local"}},
		{"information_schema", "schemata", "catalog_name schema_name schema_owner", []string{"dev public awsuser", "dev off awsuser", "dev pg_temp_7 awsuser"}},
		{"information_schema", "tables", "table_schema table_name table_type", []string{"public t BASE TABLE", "public v VIEW", "off off BASE TABLE", "pg_temp_7 #tmp LOCAL TEMPORARY"}},
		{"information_schema", "table_constraints", "table_name constraint_name constraint_type", []string{"t t_pkey PRIMARY KEY", "t t_fk FOREIGN KEY"}},
		{"information_schema", "referential_constraints", "constraint_name unique_constraint_name", []string{"t_fk t_pkey"}},
		{"information_schema", "constraint_column_usage", "table_name column_name constraint_name", []string{"t a t_pkey", "t b t_fk", "t a t_fk"}},
		{"information_schema", "table_privileges", "grantor grantee table_schema table_name privilege_type is_grantable", []string{
			"awsuser awsuser public t INSERT YES", "awsuser awsuser public t SELECT YES", "awsuser awsuser public t UPDATE YES", "awsuser awsuser public t DELETE YES",
			"awsuser awsuser public t RULE YES", "awsuser awsuser public t REFERENCES YES", "awsuser awsuser public t TRIGGER YES", "awsuser awsuser public t DROP YES",
			"awsuser awsuser public t ALTER YES", "awsuser awsuser public t TRUNCATE YES", "awsuser g public t INSERT NO", "awsuser g public t SELECT NO", "awsuser bob public t SELECT YES",
		}},
		{"information_schema", "key_column_usage", "constraint_name column_name ordinal_position", []string{"t_pkey a 1", "t_fk c 1", "t_fk b 2"}},
	} {
		if diff := cmp.Diff(c.want, rows(t, c.schema, c.name, strings.Fields(c.columns)...)); diff != "" {
			t.Errorf("%s:\n%s", c.name, diff)
		}
	}
	want := []string{
		"t a 1 NO bigint <nil> 64 2 0 <nil>", "t b 2 YES character varying 20 <nil> <nil> <nil> <nil>", "t c 3 YES numeric <nil> 10 10 2 <nil>",
		"t d 4 YES timestamp without time zone <nil> <nil> <nil> <nil> 6", "t e 5 YES boolean <nil> <nil> <nil> <nil> <nil>",
	}
	got := rows(t, "information_schema", "columns", strings.Fields("table_name column_name ordinal_position is_nullable data_type character_maximum_length numeric_precision numeric_precision_radix numeric_scale datetime_precision")...)
	if diff := cmp.Diff(want, got[:5]); diff != "" {
		t.Errorf("columns:\n%s", diff)
	}
}

// TestEveryColumn: a value is of its column's type, and what is never there is
// known.
func TestEveryColumn(t *testing.T) {
	t.Parallel()
	never := strings.Fields(`typanalyze typdefaultbin typdefault conbin consrc datconfig tablespace
		interval_type interval_precision character_set_catalog character_set_schema character_set_name collation_catalog collation_schema collation_name
		domain_catalog domain_schema domain_name scope_catalog scope_schema scope_name maximum_cardinality schema_option
		source_database database_options default_character_set_catalog default_character_set_schema default_character_set_name sql_path
		self_referencing_column_name reference_generation user_defined_type_catalog user_defined_type_schema user_defined_type_name
		relcreationtime ev_qual ev_action risk_event create_time skew_sortkey1 skew_rows last_ddl_timestamp indclass indexprs indpred
		indoption reloptions spcacl typacl category short_desc extra_desc min_val max_val`)
	for _, v := range pgcatalog.All() {
		columns := make([]int, len(v.Columns))
		for i := range columns {
			columns[i] = i
		}
		seen, count := make([]bool, len(columns)), 0
		for row := range v.Rows(snapshot(), facts, columns) {
			count++
			for i, value := range row {
				c := v.Columns[i]
				ok := true
				switch value := value.(type) {
				case nil:
					continue
				case bool:
					ok = c.Type.Kind == rstype.Bool
				case int64:
					ok = slices.Contains([]rstype.Kind{rstype.Int2, rstype.Int4, rstype.Int8, rstype.OID, rstype.Numeric}, c.Type.Kind)
				case float64:
					ok = c.Type.Kind == rstype.Float4 || c.Type.Kind == rstype.Numeric
				case string:
					ok = slices.Contains([]rstype.Kind{rstype.Name, rstype.Varchar, rstype.Char}, c.Type.Kind)
					if strings.Contains(value, "secret") {
						t.Errorf("%s.%s shows a secret", v.Name, c.Name)
					}
				default:
					ok = false
				}
				if !ok {
					t.Errorf("%s.%s of type %s has the value %#v", v.Name, c.Name, c.Type, value)
				}
				seen[i] = true
			}
		}
		for i, ok := range seen {
			if name := v.Columns[i].Name; count > 0 && !ok && !slices.Contains(never, name) {
				t.Errorf("%s.%s is always NULL", v.Name, name)
			}
		}
		for range v.Rows(snapshot(), facts, nil) {
			break // must not go on
		}
		for range v.Rows(catalog.NewSnapshot(), pgcatalog.Facts{}, columns) {
			if !slices.Contains([]string{"pg_type", "pg_language", "svv_language_privileges", "pg_am", "pg_tablespace"}, v.Name) {
				t.Errorf("%s has a row of nothing", v.Name)
			}
		}
	}
}

// TestVisibility: what is for superusers is empty for others, who see their own
// user alone.
func TestVisibility(t *testing.T) {
	t.Parallel()
	count := func(name string, f pgcatalog.Facts) (n int) {
		v, _ := pgcatalog.Lookup("", name)
		for range v.Rows(snapshot(), f, nil) {
			n++
		}
		return n
	}
	user := facts
	user.Superuser = false
	serverless := facts
	serverless.Serverless = true
	for _, c := range []struct {
		name                       string
		superuser, user, elsewhere int
	}{
		{"svv_table_info", 3, 0, 3}, {"stv_tbl_perm", 8, 0, 0}, {"pg_shadow", 3, 0, 3}, {"svv_user_info", 3, 1, 3}, {"svv_relation_privileges", 3, 2, 3}, {"svv_user_grants", 1, 0, 1}, {"svv_system_privileges", 1, 1, 1}, {"pg_default_acl", 1, 0, 1}, {"stv_db_isolation_level", 2, 2, 0},
	} {
		if a, b, d := count(c.name, facts), count(c.name, user), count(c.name, serverless); a != c.superuser || b != c.user || d != c.elsewhere {
			t.Errorf("%s has %d rows for a superuser, %d for a user, %d on serverless", c.name, a, b, d)
		}
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	if _, ok := pgcatalog.Lookup("", "tables"); ok {
		t.Error("tables is found outside of information_schema")
	}
	v, _ := pgcatalog.Lookup("", "pg_class")
	if c := v.Columns[len(v.Columns)-1]; c.Name != "oid" || !c.Hidden {
		t.Errorf("oid is %+v", c)
	}
}
