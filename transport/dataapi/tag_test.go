package dataapi

import "testing"

func TestCommandTag(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sql  string
		has  bool
		rows int64
		want string
	}{
		{"select 1", true, 1, "SELECT"},
		{"(with x as (select 1) select * from x)", true, 1, "SELECT"},
		{"insert into t values (1)", false, 1, "INSERT 0 1"},
		{"insert into t values (1)", false, -1, "INSERT"},
		{"/* x */ Update t set a = 1", false, 3, "UPDATE 3"},
		{"delete from t", false, 0, "DELETE 0"},
		{"copy t from 's3://b/k'", false, 7, "COPY 7"},
		{"create temp table t (a int)", false, -1, "CREATE TABLE"},
		{"create or replace view v as select 1", false, -1, "CREATE VIEW"},
		{"create external schema s from data catalog", false, -1, "CREATE EXTERNAL"},
		{"truncate t", false, -1, "TRUNCATE TABLE"},
		{"drop table if exists t", false, -1, "DROP TABLE"},
		{"start transaction", false, -1, "START TRANSACTION"},
		{"end", false, -1, "COMMIT"},
		{"abort", false, -1, "ROLLBACK"},
		{"set a to b", false, -1, "SET"},
		{"create", false, -1, "CREATE"},
		{"", false, -1, ""},
	} {
		if got := commandTag(c.sql, c.has, c.rows); got != c.want {
			t.Errorf("%q: %q, want %q", c.sql, got, c.want)
		}
	}
}

func FuzzCommandTag(f *testing.F) {
	for _, s := range []string{"select 1", "create table t", "((", "';", "truncate 1"} {
		f.Add(s)
	}
	f.Fuzz(func(_ *testing.T, sql string) {
		commandTag(sql, false, 1)
		leavesState(sql)
	})
}
