package catalog

import (
	"maps"
	"slices"
	"sync/atomic"
)

// Snapshot is one state of the catalog. It never changes and may be shared.
type Snapshot struct {
	// Version grows with every change; two snapshots with the same version
	// are the same one, whichever transactions they are of.
	Version   int64
	users     map[string]*User
	databases map[string]*Database
	schemas   map[schemaKey]*Schema
	relations map[relationKey]*Relation
	byID      map[int32]*Relation
	userByID  map[int32]*User
	groups    map[string]*Group
	roles     map[string]*Role
	defaults  map[int32]*DefaultACL
	routines  map[int32]*Routine
	languages map[int32]*Language
}

// versions numbers all snapshots: one that a transaction makes for itself must
// not have the number of one that is committed meanwhile.
var versions atomic.Int64

type (
	schemaKey   struct{ database, schema string }
	relationKey struct{ database, schema, name string }
)

// NewSnapshot gives a snapshot of nothing but the changes.
func NewSnapshot(changes ...Change) *Snapshot { return (&Snapshot{}).with(changes) }

// User finds a user.
func (s *Snapshot) User(name string) (*User, bool) { u, ok := s.users[name]; return u, ok }

// Database finds a database.
func (s *Snapshot) Database(name string) (*Database, bool) { d, ok := s.databases[name]; return d, ok }

// Schema finds a schema.
func (s *Snapshot) Schema(database, name string) (*Schema, bool) {
	v, ok := s.schemas[schemaKey{database, name}]
	return v, ok
}

// Relation finds a table or a view.
func (s *Snapshot) Relation(database, schema, name string) (*Relation, bool) {
	r, ok := s.relations[relationKey{database, schema, name}]
	return r, ok
}

// UserByID finds a user by its id.
func (s *Snapshot) UserByID(id int32) (*User, bool) { u, ok := s.userByID[id]; return u, ok }

// Group finds a group of users.
func (s *Snapshot) Group(name string) (*Group, bool) { g, ok := s.groups[name]; return g, ok }

// Role finds a role.
func (s *Snapshot) Role(name string) (*Role, bool) { r, ok := s.roles[name]; return r, ok }

// RoleByID finds a role by its id.
func (s *Snapshot) RoleByID(id int32) (*Role, bool) {
	for _, r := range s.roles {
		if r.ID == id {
			return r, true
		}
	}
	return nil, false
}

// Dependents gives the views that use a relation themselves, by id.
func (s *Snapshot) Dependents(id int32) []*Relation {
	var all []*Relation
	for _, r := range s.byID {
		if slices.Contains(r.Uses, id) {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b *Relation) int { return int(a.ID - b.ID) })
	return all
}

// RelationByID finds a table or a view by its id.
func (s *Snapshot) RelationByID(id int32) (*Relation, bool) { r, ok := s.byID[id]; return r, ok }

// Users gives all users, by id.
func (s *Snapshot) Users() []*User {
	return slices.SortedFunc(maps.Values(s.users), func(a, b *User) int { return int(a.ID - b.ID) })
}

// Groups gives all groups, by id.
func (s *Snapshot) Groups() []*Group {
	return slices.SortedFunc(maps.Values(s.groups), func(a, b *Group) int { return int(a.ID - b.ID) })
}

// Roles gives all roles, by id.
func (s *Snapshot) Roles() []*Role {
	return slices.SortedFunc(maps.Values(s.roles), func(a, b *Role) int { return int(a.ID - b.ID) })
}

// DefaultACLs gives all default privileges, by id.
func (s *Snapshot) DefaultACLs() []*DefaultACL {
	return slices.SortedFunc(maps.Values(s.defaults), func(a, b *DefaultACL) int { return int(a.ID - b.ID) })
}

// Databases gives all databases, by id.
func (s *Snapshot) Databases() []*Database {
	return slices.SortedFunc(maps.Values(s.databases), func(a, b *Database) int { return int(a.ID - b.ID) })
}

// Schemas gives all schemas, by id.
func (s *Snapshot) Schemas() []*Schema {
	return slices.SortedFunc(maps.Values(s.schemas), func(a, b *Schema) int { return int(a.ID - b.ID) })
}

// Relations gives all tables and views, by id.
func (s *Snapshot) Relations() []*Relation {
	return slices.SortedFunc(maps.Values(s.relations), func(a, b *Relation) int { return int(a.ID - b.ID) })
}

// CountSchemas says how many schemas of its own a database has.
func (s *Snapshot) CountSchemas(database string) (n int) {
	for k := range s.schemas {
		if k.database == database {
			n++
		}
	}
	return n
}

// CountRelations says how many tables and views are of a kind.
func (s *Snapshot) CountRelations(of func(*Relation) bool) (n int) {
	for _, r := range s.byID {
		if of(r) {
			n++
		}
	}
	return n
}

// Change is one change of the catalog: an object as it is from now on, or an
// object that is no more. Exactly one field is set.
type Change struct {
	User           *User
	Database       *Database
	Schema         *Schema
	Relation       *Relation
	Group          *Group
	Role           *Role
	DefaultACL     *DefaultACL
	Routine        *Routine
	Language       *Language
	DropUser       *User
	DropDatabase   *Database
	DropSchema     *Schema
	DropRelation   *Relation
	DropGroup      *Group
	DropRole       *Role
	DropDefaultACL *DefaultACL
	DropRoutine    *Routine
}

// Apply gives the snapshot with changes made. A Relation or Schema with an id
// that is there under another name is renamed.
func (s *Snapshot) Apply(changes ...Change) *Snapshot {
	if len(changes) == 0 {
		return s
	}
	return s.with(changes)
}

func (s *Snapshot) with(changes []Change) *Snapshot {
	n := &Snapshot{
		versions.Add(1), clone(s.users), clone(s.databases), clone(s.schemas), clone(s.relations), clone(s.byID),
		clone(s.userByID), clone(s.groups), clone(s.roles), clone(s.defaults),
		clone(s.routines), clone(s.languages),
	}
	for _, c := range changes {
		switch {
		case c.User != nil:
			n.removeUser(c.User.ID)
			n.users[c.User.Name], n.userByID[c.User.ID] = c.User, c.User
		case c.Database != nil:
			maps.DeleteFunc(n.databases, func(_ string, d *Database) bool { return d.ID == c.Database.ID })
			n.databases[c.Database.Name] = c.Database
		case c.Schema != nil:
			maps.DeleteFunc(n.schemas, func(_ schemaKey, x *Schema) bool { return x.ID == c.Schema.ID })
			n.schemas[schemaKey{c.Schema.Database, c.Schema.Name}] = c.Schema
		case c.Relation != nil:
			n.remove(c.Relation.ID)
			n.relations[relationKey{c.Relation.Database, c.Relation.Schema, c.Relation.Name}] = c.Relation
			n.byID[c.Relation.ID] = c.Relation
		case c.DropUser != nil:
			n.removeUser(c.DropUser.ID)
		case c.Group != nil:
			maps.DeleteFunc(n.groups, func(_ string, g *Group) bool { return g.ID == c.Group.ID })
			n.groups[c.Group.Name] = c.Group
		case c.Role != nil:
			maps.DeleteFunc(n.roles, func(_ string, r *Role) bool { return r.ID == c.Role.ID })
			n.roles[c.Role.Name] = c.Role
		case c.DefaultACL != nil:
			n.defaults[c.DefaultACL.ID] = c.DefaultACL
		case c.Routine != nil:
			n.routines[c.Routine.ID] = c.Routine
		case c.DropRoutine != nil:
			delete(n.routines, c.DropRoutine.ID)
		case c.Language != nil:
			n.languages[c.Language.ID] = c.Language
		case c.DropGroup != nil:
			delete(n.groups, c.DropGroup.Name)
		case c.DropRole != nil:
			delete(n.roles, c.DropRole.Name)
		case c.DropDefaultACL != nil:
			delete(n.defaults, c.DropDefaultACL.ID)
		case c.DropDatabase != nil:
			delete(n.databases, c.DropDatabase.Name)
		case c.DropSchema != nil:
			delete(n.schemas, schemaKey{c.DropSchema.Database, c.DropSchema.Name})
		case c.DropRelation != nil:
			n.remove(c.DropRelation.ID)
		}
	}
	return n
}

// clone is a copy that can be written to, even of nil.
func clone[K comparable, V any](m map[K]V) map[K]V {
	n := make(map[K]V, len(m)+1)
	maps.Copy(n, m)
	return n
}

func (s *Snapshot) remove(id int32) {
	if old, ok := s.byID[id]; ok {
		delete(s.byID, id)
		delete(s.relations, relationKey{old.Database, old.Schema, old.Name})
	}
}

func (s *Snapshot) removeUser(id int32) {
	if old, ok := s.userByID[id]; ok {
		delete(s.userByID, id)
		delete(s.users, old.Name)
	}
}
