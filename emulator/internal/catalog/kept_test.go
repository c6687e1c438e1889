package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

func openDB(t *testing.T, path string) (*engine.Conn, func()) {
	t.Helper()
	db, err := engine.Open(context.Background(), engine.Config{Path: path})
	if errors.Is(err, engine.ErrNoCgo) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	done := func() {
		once.Do(func() {
			if err := errors.Join(conn.Close(), db.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(done)
	return conn, done
}

func mustOpen(t *testing.T, conn *engine.Conn, cfg catalog.Config) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Open(context.Background(), conn, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func exec(t *testing.T, conn *engine.Conn, sql ...string) {
	t.Helper()
	for _, s := range sql {
		if _, err := conn.Exec(context.Background(), s, nil); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// state is everything in a snapshot but its version.
func state(s *catalog.Snapshot) []any {
	return []any{s.Users(), s.Databases(), s.Schemas(), s.Relations(), s.Groups(), s.Roles(), s.DefaultACLs()}
}

func wide(id int32) *catalog.Relation {
	r := &catalog.Relation{
		ID: id, Database: "dev", Schema: "public", Name: "it's \"wide\" ünï \x01", Kind: catalog.Table, Owner: 100,
		DistStyle: "key", SortKind: "compound", Backup: true,
		Constraints: []catalog.Constraint{{Name: "pk", Kind: "p", Columns: []string{"a"}}, {Name: "f", Kind: "f", Columns: []string{"a"}, RefTable: 7, RefColumns: []string{"b"}}},
		Definition:  "SELECT 'x'", SearchPath: []string{"public"}, DefDatabase: "dev", Uses: []int32{5}, StoreSchema: "dev/public", StoreName: "100001", Comment: "a\nb",
	}
	for k := rstype.Bool; k <= rstype.OID; k++ {
		typ := rstype.Type{Kind: k}
		switch k {
		case rstype.Char, rstype.Varchar, rstype.Varbyte:
			typ.Len = 20
		case rstype.Numeric:
			typ.Precision, typ.Scale = 38, 37
		}
		r.Columns = append(r.Columns, catalog.Column{Name: k.String(), Type: typ, NotNull: k%2 == 0, Default: "'don''t'", Encode: "zstd", DistKey: k == rstype.Int4, SortKey: int(k)})
	}
	r.Columns[3].Identity = &catalog.Identity{ByDefault: true, Seed: -1, Step: 2, Sequence: `"dev/public"."s"`}
	return r
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	conn, _ := openDB(t, "")
	snap := mustOpen(t, conn, catalog.Config{MD5: "feed"}).Committed()
	if u, ok := snap.User("awsuser"); !ok || u.ID != 100 || !u.Superuser || u.MD5 != "feed" {
		t.Errorf("awsuser is %+v", u)
	}
	if d, ok := snap.Database("dev"); !ok || d.Owner != 100 || d.ID < 100000 {
		t.Errorf("dev is %+v", d)
	}
	for _, name := range []string{"public", "pg_catalog", "information_schema"} {
		if s, ok := snap.Schema("dev", name); !ok || s.Owner != 1 {
			t.Errorf("%s is %+v", name, s)
		}
	}
	exec(t, conn, `CREATE TABLE "dev/public".t (a INTEGER)`)
}

func TestReload(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db")
	conn, done := openDB(t, path)
	c := mustOpen(t, conn, catalog.Config{Database: "dev", User: "awsuser", MD5: "one"})
	r := wide(c.NextID())
	temp := &catalog.Schema{ID: c.NextID(), Database: "dev", Name: catalog.TempSchema(7), Store: catalog.StoreSchema("dev", catalog.TempSchema(7))}
	changes := []catalog.Change{
		{Relation: r},
		{User: &catalog.User{ID: c.NextID(), Name: "bob", CreateDB: true}},
		{Group: &catalog.Group{ID: c.NextID(), Name: "staff", Users: []int32{100}}},
		{Role: &catalog.Role{ID: c.NextID(), Name: "reader", Owner: 100, System: []string{"vacuum"}, Members: []catalog.Membership{{Member: catalog.UserGrantee(100), Grantor: 100, Admin: true}}}},
		{DefaultACL: &catalog.DefaultACL{ID: c.NextID(), User: 100, Database: "dev", Kind: "r", ACL: catalog.ACL{{Grantee: catalog.Public, Grantor: 100, Privileges: catalog.Select}}}},
		{Schema: temp},
		{Relation: &catalog.Relation{ID: c.NextID(), Database: "dev", Schema: temp.Name, Name: "t", Temp: true}},
	}
	exec(t, conn, "BEGIN", `CREATE SCHEMA "dev/pg_temp_7"`, `CREATE TABLE "dev/pg_temp_7".t (a INTEGER)`)
	for _, change := range changes {
		exec(t, conn, change.SQL()...)
	}
	exec(t, conn, "COMMIT")
	want := state(c.Commit(changes[:5]))
	last := c.NextID()
	done()

	conn, done = openDB(t, path)
	c = mustOpen(t, conn, catalog.Config{Database: "dev", User: "awsuser", MD5: "one"})
	if diff := cmp.Diff(want, state(c.Committed())); diff != "" {
		t.Errorf("after a reload:\n%s", diff)
	}
	if id := c.NextID(); id <= last {
		t.Errorf("the id %d comes again after %d", id, last)
	}
	exec(t, conn, `CREATE SCHEMA "dev/pg_temp_7"`) // was swept
	done()

	conn, _ = openDB(t, path)
	c = mustOpen(t, conn, catalog.Config{Database: "other", User: "bob", MD5: "two"})
	if u, _ := c.Committed().User("bob"); u == nil || u.MD5 != "two" || !u.Superuser {
		t.Errorf("bob is %+v", u)
	}
	if _, ok := c.Committed().Schema("other", "public"); !ok {
		t.Error("other has no schema public")
	}
	if _, ok := c.Committed().User("awsuser"); !ok {
		t.Error("awsuser is gone")
	}
}

func TestRollback(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db")
	conn, done := openDB(t, path)
	c := mustOpen(t, conn, catalog.Config{})
	r := wide(c.NextID())
	exec(t, conn, catalog.Change{Relation: r}.SQL()...)
	want := state(c.Commit([]catalog.Change{{Relation: r}}))
	renamed := r.Clone()
	renamed.Name = "new"
	user, _ := c.Committed().User("awsuser")
	exec(t, conn, "BEGIN")
	exec(t, conn, catalog.Change{Relation: renamed}.SQL()...)
	exec(t, conn, catalog.Change{Relation: renamed}.SQL()...) // twice in one transaction
	exec(t, conn, catalog.Change{DropUser: user}.SQL()...)
	exec(t, conn, "ROLLBACK")
	done()
	conn, _ = openDB(t, path)
	if diff := cmp.Diff(want, state(mustOpen(t, conn, catalog.Config{}).Committed())); diff != "" {
		t.Errorf("after a rollback:\n%s", diff)
	}
}

func TestForeignFormat(t *testing.T) {
	t.Parallel()
	conn, _ := openDB(t, "")
	mustOpen(t, conn, catalog.Config{})
	exec(t, conn, "UPDATE rs.about SET format = 99")
	if _, err := catalog.Open(context.Background(), conn, catalog.Config{}); err == nil || !strings.Contains(err.Error(), "format 99") {
		t.Errorf("the error is %v", err)
	}
	exec(t, conn, "BEGIN", "ROLLBACK") // no transaction is left open
}

func TestConcurrentCommit(t *testing.T) {
	t.Parallel()
	conn, _ := openDB(t, "")
	c := mustOpen(t, conn, catalog.Config{})
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 20 {
				r := &catalog.Relation{ID: c.NextID(), Database: "dev", Schema: "public", Name: fmt.Sprintf("t%d_%d", w, i)}
				snap := c.Commit([]catalog.Change{{Relation: r}})
				if _, ok := snap.RelationByID(r.ID); !ok {
					t.Errorf("%s is not in its own snapshot", r.Name)
				}
			}
		})
	}
	wg.Wait()
	if n := len(c.Committed().Relations()); n != 160 {
		t.Errorf("%d relations of 160", n)
	}
}

func TestApply(t *testing.T) {
	t.Parallel()
	r := &catalog.Relation{ID: 1, Database: "dev", Schema: "s", Name: "a", Columns: []catalog.Column{{Name: "x"}, {Name: "y"}}}
	before := catalog.NewSnapshot(catalog.Change{Relation: r}, catalog.Change{Relation: &catalog.Relation{ID: 2, Uses: []int32{1}}})
	renamed := r.Clone()
	renamed.Name = "b"
	renamed.Columns[0].Name = "z"
	after := before.Apply(catalog.Change{Relation: renamed})
	if _, ok := after.Relation("dev", "s", "a"); ok {
		t.Error("the old name is there")
	}
	if got, ok := after.Relation("dev", "s", "b"); !ok || got != renamed {
		t.Error("the new name is not there")
	}
	if got, ok := before.Relation("dev", "s", "a"); !ok || got.Columns[0].Name != "x" {
		t.Error("the snapshot has changed")
	}
	if i, ok := renamed.Column("y"); i != 1 || !ok {
		t.Error("y is not found")
	}
	if d := before.Dependents(1); len(d) != 1 || d[0].ID != 2 {
		t.Errorf("the dependents are %v", d)
	}
	after = after.Apply(catalog.Change{DropRelation: renamed})
	if _, ok := after.RelationByID(1); ok {
		t.Error("it was not dropped")
	}
	if same := after.Apply(); same != after {
		t.Error("nothing has changed and the snapshot is another")
	}
	if a, b := before.Apply(catalog.Change{DropRelation: r}), before.Apply(catalog.Change{DropRelation: r}); a.Version == b.Version || a.Version <= before.Version {
		t.Errorf("two snapshots after %d have the versions %d and %d", before.Version, a.Version, b.Version)
	}
	var zero catalog.Snapshot
	if _, ok := zero.Apply(catalog.Change{User: &catalog.User{Name: "u"}}).User("u"); !ok {
		t.Error("the zero snapshot takes no change")
	}
}

func TestChangeSQL(t *testing.T) {
	t.Parallel()
	got := catalog.Change{User: &catalog.User{ID: 101, Name: "o'b", MD5: "ff"}}.SQL()
	want := []string{"DELETE FROM rs.users WHERE id = 101", `INSERT INTO rs.users VALUES (101, '{"ID":101,"Name":"o''b","MD5":"ff","Superuser":false,"CreateDB":false}')`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	relation := catalog.Change{Relation: &catalog.Relation{ID: 5, Columns: []catalog.Column{{Name: "a", Type: rstype.Type{Kind: rstype.Varchar, Len: 9}}}}}.SQL()[1]
	if !strings.Contains(relation, `"Type":{"OID":1043,"Mod":13}`) {
		t.Errorf("a type is stored in %s", relation)
	}
	for _, c := range []catalog.Change{{DropUser: &catalog.User{}}, {DropDatabase: &catalog.Database{}}, {DropSchema: &catalog.Schema{}}, {DropRelation: &catalog.Relation{}}, {DropGroup: &catalog.Group{}}, {DropRole: &catalog.Role{}}, {DropDefaultACL: &catalog.DefaultACL{}}} {
		if len(c.SQL()) != 1 {
			t.Errorf("%+v is %q", c, c.SQL())
		}
	}
}
