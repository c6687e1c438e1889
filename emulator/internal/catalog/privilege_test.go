package catalog_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
)

// people are users a (100, a superuser), b (101) and c (102), the group g (200)
// of b, the roles r (300) of b and s (301) of r.
func people() *catalog.Snapshot {
	return catalog.NewSnapshot(
		catalog.Change{User: &catalog.User{ID: 100, Name: "a", Superuser: true}},
		catalog.Change{User: &catalog.User{ID: 101, Name: "b"}},
		catalog.Change{User: &catalog.User{ID: 102, Name: "c"}},
		catalog.Change{Group: &catalog.Group{ID: 200, Name: "g", Users: []int32{101}}},
		catalog.Change{Role: &catalog.Role{ID: 300, Name: "r", Owner: 100, Members: []catalog.Membership{{Member: catalog.UserGrantee(101)}}}},
		catalog.Change{Role: &catalog.Role{ID: 301, Name: "s", Owner: 100, System: []string{"create table"}, Members: []catalog.Membership{{Member: catalog.Grantee{Kind: catalog.ToRole, ID: 300}}}}},
	)
}

func TestWho(t *testing.T) {
	t.Parallel()
	s := people()
	a, b, c := s.Who(100), s.Who(101), s.Who(102)
	rel := &catalog.Relation{Owner: 100}
	grant := func(g catalog.Grantee, p catalog.Privileges) {
		rel.ACL = rel.Grants().With(catalog.Grant{Grantee: g, Grantor: 100, Privileges: p})
	}
	if a.Holds(rel.Grants(), catalog.TableAll) != catalog.TableAll || b.Holds(rel.Grants(), catalog.TableAll) != 0 {
		t.Error("a new table is its owner's alone")
	}
	grant(catalog.Grantee{Kind: catalog.ToGroup, ID: 200}, catalog.Insert)
	grant(catalog.Grantee{Kind: catalog.ToRole, ID: 301}, catalog.Select)
	grant(catalog.Public, catalog.Delete)
	if got := b.Holds(rel.Grants(), catalog.TableAll); got != catalog.Insert|catalog.Select|catalog.Delete {
		t.Errorf("b holds %v", got.Names())
	}
	if got := c.Holds(rel.Grants(), catalog.TableAll); got != catalog.Delete {
		t.Errorf("c holds %v", got.Names())
	}
	if !a.System("create table") || !b.System("create table") || c.System("create table") || b.System("drop table") {
		t.Error("a system privilege is not where it is")
	}
	if got := s.RoleWho(300).Holds(rel.Grants(), catalog.TableAll); got != catalog.Select {
		t.Errorf("the role r holds %v", got.Names())
	}
	if !s.RoleWho(301).System("create table") || s.RoleWho(300).Is(catalog.Public) {
		t.Error("a role is not itself alone")
	}
	if w := s.Who(999); w.Superuser || !w.Is(catalog.Public) {
		t.Error("who is not there is not everybody")
	}
	if a.Options(1, nil, catalog.Select) != catalog.Select || b.Options(101, nil, catalog.Select) != catalog.Select || c.Options(101, rel.Grants(), catalog.Delete) != 0 {
		t.Error("options")
	}
	if got := s.Text(rel.Grants()); got != `{a=arwdRxtDAP/a,"group g=a/a","role s=r/a",=d/a}` {
		t.Error(got)
	}
}

func TestACL(t *testing.T) {
	t.Parallel()
	var acl catalog.ACL
	b, c := catalog.UserGrantee(101), catalog.UserGrantee(102)
	acl = acl.With(catalog.Grant{Grantee: b, Grantor: 100, Privileges: catalog.Select | catalog.Insert, Options: catalog.Select})
	acl = acl.With(catalog.Grant{Grantee: c, Grantor: 101, Privileges: catalog.Select})
	again := acl.With(catalog.Grant{Grantee: b, Grantor: 100, Privileges: catalog.Update})
	if len(again) != 2 || again.Of(b) != catalog.Select|catalog.Insert|catalog.Update || acl.Of(b) != catalog.Select|catalog.Insert {
		t.Errorf("%v, before %v", again, acl)
	}
	less, lost := acl.Without(catalog.Grant{Grantee: b, Grantor: 100, Privileges: catalog.Select}, true)
	if lost != catalog.Select || less.Of(b) != catalog.Select|catalog.Insert {
		t.Errorf("%v, lost %v", less, lost.Names())
	}
	if diff := cmp.Diff([]catalog.Grant{{Grantee: c, Grantor: 101, Privileges: catalog.Select}}, less.Orphans(101, lost)); diff != "" {
		t.Error(diff)
	}
	less, lost = acl.Without(catalog.Grant{Grantee: b, Grantor: 999, Privileges: catalog.Select}, false)
	if lost != 0 || less.Of(b) != acl.Of(b) {
		t.Error("what another has given is taken")
	}
	owned := (&catalog.Relation{Owner: 101}).Grants().With(catalog.Grant{Grantee: c, Grantor: 101, Privileges: catalog.Select, Options: catalog.Select})
	if got := owned.Reowned(101, 102); len(got) != 1 || got[0] != (catalog.Grant{Grantee: c, Grantor: 102, Privileges: catalog.TableAll}) {
		t.Errorf("with another owner: %v", got)
	}
	if acl.Has(catalog.Public) || !acl.Has(c) || !acl.Has(catalog.UserGrantee(100)) {
		t.Error("who is in the list")
	}
}

// TestNothingLeft: a list that is empty is not that of a new object, stored or
// not.
func TestNothingLeft(t *testing.T) {
	t.Parallel()
	r := &catalog.Relation{Owner: 100, Columns: []catalog.Column{{Name: "a"}}}
	r.ACL, _ = r.Grants().Without(catalog.Grant{Grantee: catalog.UserGrantee(100), Grantor: 100, Privileges: catalog.TableAll}, false)
	body, err := json.Marshal(r.Clone())
	if err != nil {
		t.Fatal(err)
	}
	back := new(catalog.Relation)
	if err := json.Unmarshal(body, back); err != nil {
		t.Fatal(err)
	}
	if back.ACL == nil || len(back.Grants()) != 0 {
		t.Errorf("%s gives %v", body, back.Grants())
	}
}

func TestDefaultGrants(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		want catalog.Privileges
	}{{"public", catalog.Usage | catalog.Create}, {"pg_catalog", catalog.Usage}, {"s", 0}} {
		if got := (&catalog.Schema{Name: c.name, Owner: 1}).Grants().Of(catalog.Public); got != c.want {
			t.Errorf("everybody has %v on %s", got.Names(), c.name)
		}
	}
	if got := (&catalog.Database{Owner: 1}).Grants().Of(catalog.Public); got != catalog.Temp {
		t.Errorf("everybody has %v on a database", got.Names())
	}
}

func TestPrivilegeNames(t *testing.T) {
	t.Parallel()
	for _, name := range catalog.TableAll.Names() {
		if p := catalog.ParsePrivilege(name); len(p.Names()) != 1 || p.Names()[0] != name {
			t.Errorf("%s is %v", name, p)
		}
	}
	if catalog.ParsePrivilege("TEMPORARY") != catalog.Temp || catalog.ParsePrivilege("select") != 0 {
		t.Error("names")
	}
}

// TestOldFormat: data of the format without privileges is read, and is of the
// new one from then on.
func TestOldFormat(t *testing.T) {
	t.Parallel()
	conn, _ := openDB(t, "")
	mustOpen(t, conn, catalog.Config{})
	exec(t, conn, "UPDATE rs.about SET format = 1", "DROP TABLE rs.groups", "DROP TABLE rs.roles", "DROP TABLE rs.default_acls")
	c := mustOpen(t, conn, catalog.Config{})
	exec(t, conn, catalog.Change{Group: &catalog.Group{ID: c.NextID(), Name: "g"}}.SQL()...)
	if _, ok := mustOpen(t, conn, catalog.Config{}).Committed().Group("g"); !ok {
		t.Error("the group is gone")
	}
}
