package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift/emulator/internal/bind"
)

// many joins what a function makes of the numbers from 1 to n.
func many(n int, sep string, one func(i int) string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = one(i + 1)
	}
	return strings.Join(all, sep)
}

// TestLimits goes up to each limit of amazon-redshift-limits.md and one further.
func TestLimits(t *testing.T) {
	t.Parallel()
	core := newCore(t)
	core.cfg.Limits = bind.Limits{Databases: 3, Schemas: 6, Tables: 12, Procedures: 2}
	ctx := context.Background()
	c := openClient(t, core)
	t.Cleanup(c.Close)
	columns := func(n int) string { return many(n, ", ", func(i int) string { return fmt.Sprintf("c%d INT", i) }) }
	numbers := func(n int) string { return many(n, ", ", func(i int) string { return fmt.Sprintf("%d AS c%d", i, i) }) }
	names := func(n int) string { return many(n, ", ", func(i int) string { return fmt.Sprintf("c%d", i) }) }
	args := func(n int) string { return many(n, ", ", func(i int) string { return fmt.Sprintf("a%d INT", i) }) }
	procedure := func(name, args, body string) string {
		return "CREATE PROCEDURE " + name + "(" + args + ") AS $$ BEGIN " + body + " END $$ LANGUAGE plpgsql"
	}
	for _, l := range []struct{ name, setup, within, beyond, state, message string }{
		{"a statement's bytes", "", "SELECT '" + strings.Repeat("x", 1000) + "' --" + strings.Repeat("-", maxStatement-1020), "SELECT 1 --" + strings.Repeat("-", maxStatement), "54000", "Statement is too large. Statement Size: 16777227 bytes. Maximum Allowed: 16777216 bytes"},
		{"a table's columns", "", "CREATE TABLE wide (" + columns(1600) + ")", "CREATE TABLE wider (" + columns(1601) + ")", "54011", "tables can have at most 1600 columns"},
		{"a column more", "", "ALTER TABLE wide DROP COLUMN c1", "ALTER TABLE wide ADD COLUMN x INT ;; ALTER TABLE wide ADD COLUMN y INT", "54011", "tables can have at most 1600 columns"},
		{"a table of a query", "", "CREATE TABLE w2 AS SELECT " + numbers(1600), "CREATE TABLE w3 AS SELECT " + numbers(1601), "54011", "tables can have at most 1600 columns"},
		{"a view's columns", "", "CREATE VIEW v AS SELECT " + numbers(1600), "CREATE VIEW v2 AS SELECT " + numbers(1601), "54011", "views can have at most 1600 columns"},
		{"a query's columns", "", "SELECT " + numbers(1664), "SELECT " + numbers(1665), "54011", "target lists can have at most 1664 entries"},
		{"compound sort key", "", "CREATE TABLE s1 (" + columns(400) + ") SORTKEY (" + names(400) + ")", "CREATE TABLE s2 (" + columns(401) + ") SORTKEY (" + names(401) + ")", "54011", "cannot have more than 400 compound sort key columns"},
		{"interleaved sort key", "", "CREATE TABLE s3 (" + columns(8) + ") INTERLEAVED SORTKEY (" + names(8) + ")", "CREATE TABLE s4 (" + columns(9) + ") INTERLEAVED SORTKEY (" + names(9) + ")", "54011", "cannot have more than 8 interleaved sort key columns"},
		{"parameters", "", "PREPARE p (INT) AS SELECT $1", "SELECT $32768", "42P02", "there is no parameter $32768"},
		{"VARCHAR", "CREATE TABLE txt (v VARCHAR(MAX), c CHAR(MAX))", "INSERT INTO txt (v) SELECT REPEAT('x', 65535)", "INSERT INTO txt (v) SELECT REPEAT('x', 65536)", "22001", "value too long for type character varying(65535)"},
		{"VARCHAR's bytes", "", "INSERT INTO txt (v) SELECT REPEAT('é', 32767)", "INSERT INTO txt (v) SELECT REPEAT('é', 32768)", "22001", "value too long for type character varying(65535)"},
		{"CHAR", "", "INSERT INTO txt (c) SELECT REPEAT('x', 4096)", "INSERT INTO txt (c) SELECT REPEAT('x', 4097)", "22001", "value too long for type character(4096)"},
		{"NUMERIC", "", "SELECT 99999999999999999999999999999999999999::NUMERIC(38, 0)", "SELECT '100000000000000000000000000000000000000'::NUMERIC(38, 0)", "22003", "Numeric data overflow (result precision)"},
		{"a procedure's inputs", "", procedure("p", args(32), "NULL;"), procedure("q", args(33), "NULL;"), "54023", "procedures and functions cannot have more than 32 input and 32 output arguments"},
		{"a procedure's source", "", procedure("r", "", "NULL;"+strings.Repeat(" ", 2<<20-30)), procedure("q", "", "NULL;"+strings.Repeat(" ", 2<<20)), "54000", "the source of a procedure cannot be larger than 2 MB"},
		{"procedures", "", "", procedure("q", "", "NULL;"), "54000", "there can be at most 2 procedures in a database"},
		{"schemas", "", "CREATE SCHEMA s1", many(6, " ;; ", func(i int) string { return fmt.Sprintf("CREATE SCHEMA more%d", i) }), "54000", "there can be at most 6 schemas in a database"},
		{"databases", "", "CREATE DATABASE d1", many(4, " ;; ", func(i int) string { return fmt.Sprintf("CREATE DATABASE more%d", i) }), "54000", "there can be at most 3 databases"},
		{"tables", "", "", many(12, " ;; ", func(i int) string { return fmt.Sprintf("CREATE TABLE more%d (a INT)", i) }), "54000", "there can be at most 12 tables in a cluster"},
		{"temporary tables", "", "", "CREATE TEMP TABLE t1 (a INT) ;; CREATE TEMP TABLE t2 (a INT)", "54000", "there can be at most 12 tables in a cluster"},
		{"cursors", "", "BEGIN ;; DECLARE c1 CURSOR FOR SELECT 1", "BEGIN ;; DECLARE c1 CURSOR FOR SELECT 1 ;; DECLARE c2 CURSOR FOR SELECT 2", "0A000", "cursor"},
	} {
		run := func(text string) error {
			for _, sql := range strings.Split(text, " ;; ") {
				if sql == "" {
					continue
				}
				if err := c.one(ctx, sql, true); err != nil {
					_ = c.one(ctx, "ROLLBACK", true)
					return err
				}
				if err := c.Sync(ctx); err != nil {
					return err
				}
			}
			if c.TxStatus() != 'I' {
				return c.one(ctx, "ROLLBACK", true)
			}
			return nil
		}
		if err := run(l.setup); err != nil {
			t.Errorf("%s: setup: %v", l.name, err)
		}
		if err := run(l.within); err != nil {
			t.Errorf("%s: within: %v", l.name, err)
		}
		err := run(l.beyond)
		var e *Error
		if !errors.As(err, &e) || e.State != l.state || !strings.Contains(e.Message, l.message) {
			t.Errorf("%s: beyond: %v, want %s %s", l.name, err, l.state, l.message)
			if e != nil {
				t.Logf("%s %s", e.State, e.Message)
			}
		}
		if err := c.Sync(ctx); err != nil {
			t.Fatal(err)
		}
		c.taken()
	}
}

// TestNames: what is longer than a name may be is cut, with a multibyte character left
// whole (r_names.md).
func TestNames(t *testing.T) {
	t.Parallel()
	core := newCore(t)
	ctx := context.Background()
	c := openClient(t, core)
	t.Cleanup(c.Close)
	long := strings.Repeat("a", 126)
	c.script(ctx, "CREATE TABLE "+long+"é (b INT)")
	c.script(ctx, "SELECT tablename FROM pg_tables WHERE tablename = '"+long+"'")
	c.script(ctx, "CREATE TABLE "+long+"bc (b INT)")
	c.script(ctx, "SELECT tablename FROM pg_tables WHERE tablename = '"+long+"b'")
	c.script(ctx, "INSERT INTO "+long+"bcd VALUES (1)")
	out := c.taken()
	for _, want := range []string{"\n" + long + "\n", "\n" + long + "b\n", "INSERT 0 1"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in %s", want, out)
		}
	}
}
