package bind

import (
	"slices"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/lock"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// drop is DROP of any kind.
func (c *change) drop(s *ast.Drop) error {
	c.tag("DROP "+strings.ToUpper(s.Kind.String()), "DDL")
	switch s.Kind {
	case ast.KindTable, ast.KindView, ast.KindMaterializedView:
		return c.dropRelations(s)
	case ast.KindSchema:
		return c.dropSchemas(s)
	case ast.KindUser:
		return c.dropUsers(s)
	case ast.KindGroup:
		return c.dropGroups(s)
	case ast.KindRole:
		return c.dropRoles(s)
	case ast.KindDatabase:
		return c.dropDatabase(s)
	}
	return unsupported(s.Pos(), "DROP %s", strings.ToUpper(s.Kind.String()))
}

// skipped tells that something was not there to be dropped.
func (c *change) skipped(kind, name string) {
	c.notice("INFO", "00000", kind+` "`+name+`" does not exist and will be skipped`)
}

// dropRelations is DROP TABLE, DROP VIEW and DROP MATERIALIZED VIEW. Those that one statement names may
// depend on each other.
func (c *change) dropRelations(s *ast.Drop) error {
	kind := "Table"
	if s.Kind != ast.KindTable {
		kind = "View"
	}
	d := &dropping{change: c, verb: s.Kind.String()}
	for _, name := range s.Names {
		r, err := c.lookup(name)
		if e, ok := err.(*Error); ok && s.IfExists && (e.State == "3F000" || e.State == "3D000") {
			r, err = nil, nil
		}
		if err != nil {
			return err
		}
		if r == nil {
			if s.IfExists {
				c.skipped(kind, c.ident(name.Object()))
				continue
			}
			if _, ok := c.systemView(name); !ok {
				return errorAt(name.Pos(), "42P01", "%s %q does not exist", kind, c.ident(name.Object()))
			}
		}
		if r, err = c.target(name, true); err != nil {
			return err
		}
		c.lock(r.ID, lock.AccessExclusive)
		if err := c.mayDrop(r, s.Kind, name.Pos()); err != nil {
			return err
		}
		if is := objectKind(r); is != s.Kind {
			e := errorAt(name.Pos(), "42809", "%q is not a %s", r.Name, s.Kind)
			e.Hint = "Use DROP " + strings.ToUpper(is.String()) + " to remove a " + is.String() + "."
			return e
		}
		d.add(r)
	}
	return d.run(s)
}

// mayDrop: a relation's owner may, its schema's, who has DROP on it, and who may
// drop any.
func (c *change) mayDrop(r *catalog.Relation, kind ast.ObjectKind, offset int) error {
	if s, ok := c.env.Catalog.Schema(r.Database, r.Schema); ok && c.owns(s.Owner) {
		return nil
	}
	return c.mayChangeAs(r, catalog.Drop, "drop "+kind.String(), offset)
}

// dropping is the set of relations that a statement drops.
type dropping struct {
	*change
	verb      string // "table", "view", "schema"
	relations []*catalog.Relation
	// named are the things in the message.
	named []string
	// schemas are dropped as a whole, in DuckDB too, with their routines.
	schemas  []*catalog.Schema
	routines []*catalog.Routine
}

func (d *dropping) add(r *catalog.Relation) {
	if !d.has(r.ID) {
		d.relations = append(d.relations, r)
		d.named = append(d.named, d.displayName(r))
	}
}

func (d *dropping) has(id int32) bool {
	return slices.ContainsFunc(d.relations, func(r *catalog.Relation) bool { return r.ID == id })
}

// run adds what depends on the relations, or says that it may not go, and puts
// all of it into the plan.
func (d *dropping) run(s *ast.Drop) error {
	var detail []string
	var shorn []*catalog.Relation // tables that lose a foreign key
	for i := 0; i < len(d.relations); i++ {
		r := d.relations[i]
		what := kindName(r) + " " + d.displayName(r)
		for _, v := range d.env.Catalog.Dependents(r.ID) {
			if d.has(v.ID) {
				continue
			}
			detail = append(detail, kindName(v)+" "+d.displayName(v)+" depends on "+what)
			d.lock(v.ID, lock.AccessExclusive)
			d.relations = append(d.relations, v)
		}
		for _, t := range d.env.Catalog.Relations() {
			for _, k := range t.Constraints {
				if k.RefTable != r.ID || d.has(t.ID) || t.ID == r.ID {
					continue
				}
				detail = append(detail, "constraint "+k.Name+" on table "+d.displayName(t)+" depends on "+what)
				if !slices.Contains(shorn, t) {
					shorn = append(shorn, t)
				}
			}
		}
	}
	if len(detail) > 0 && s.Behavior != ast.Cascade {
		e := errorAt(s.Names[0].Pos(), "2BP01", "cannot drop %s %s because other objects depend on it", d.verb, strings.Join(d.named, ", "))
		e.Detail = strings.Join(detail, "\n")
		e.Hint = "Use DROP ... CASCADE to drop the dependent objects too."
		return e
	}
	for _, t := range shorn {
		if d.has(t.ID) {
			continue
		}
		d.lock(t.ID, lock.AccessExclusive)
		n := t.Clone()
		n.Constraints = slices.DeleteFunc(n.Constraints, func(k catalog.Constraint) bool { return k.Kind == "f" && d.has(k.RefTable) })
		d.apply(catalog.Change{Relation: n})
	}
	for _, r := range d.relations {
		d.nameLock(r.Schema, r.Name)
		d.lock(r.ID, lock.AccessExclusive)
		// One by one with a schema too: DROP SCHEMA CASCADE makes the COMMIT fail
		// of a transaction that has inserted into the table before.
		if r.Stored() {
			d.change.run("DROP TABLE " + store(r))
			for _, col := range r.Columns {
				if col.Identity != nil {
					d.change.run("DROP SEQUENCE " + col.Identity.Sequence)
				}
			}
		}
		d.apply(catalog.Change{DropRelation: r})
	}
	for _, r := range d.routines {
		d.apply(catalog.Change{DropRoutine: r})
	}
	for _, schema := range d.schemas {
		if schema.External == nil {
			d.change.run("DROP SCHEMA " + quote(schema.Store) + " CASCADE")
		}
		d.dropSchemaDefaults(schema.ID)
		d.apply(catalog.Change{DropSchema: schema})
	}
	return nil
}

func kindName(r *catalog.Relation) string { return objectKind(r).String() }

// dropSchemas is DROP SCHEMA (r_DROP_SCHEMA.md).
func (c *change) dropSchemas(s *ast.Drop) error {
	if s.WithExternal {
		return unsupported(s.Pos(), "DROP EXTERNAL DATABASE")
	}
	d := &dropping{change: c, verb: "schema"}
	var inside []string
	for _, n := range s.Names {
		id := n.Object()
		name := c.newName(id)
		schema, ok := c.env.Catalog.Schema(c.env.Database, name)
		switch {
		case !ok && s.IfExists:
			c.skipped("Schema", name)
			continue
		case !ok:
			return errorAt(id.Pos(), "3F000", "Schema %q does not exist", name) // the capital is assumed
		case schema.Store == "" && schema.External == nil:
			return errorAt(id.Pos(), "2BP01", "cannot drop schema %s because it is required by the database system", name)
		}
		if _, err := c.ownSchema(id, "drop schema"); err != nil {
			return err
		}
		if slices.Contains(d.schemas, schema) {
			continue
		}
		d.schemas = append(d.schemas, schema)
		for _, r := range c.env.Catalog.Relations() {
			if r.Database == schema.Database && r.Schema == schema.Name {
				inside = append(inside, kindName(r)+" "+c.displayName(r)+" depends on schema "+name)
				d.relations = append(d.relations, r)
			}
		}
		for _, r := range c.env.Catalog.Routines() {
			if r.SchemaID == schema.ID {
				inside = append(inside, "function "+r.Signature()+" depends on schema "+name)
				d.routines = append(d.routines, r)
			}
		}
		d.named = append(d.named, name)
	}
	if len(inside) > 0 && s.Behavior != ast.Cascade {
		e := errorAt(s.Names[0].Pos(), "2BP01", "cannot drop schema %s because other objects depend on it", strings.Join(d.named, ", "))
		e.Detail = strings.Join(inside, "\n")
		e.Hint = "Use DROP ... CASCADE to drop the dependent objects too."
		return e
	}
	return d.run(s)
}

// dropUsers is DROP USER (r_DROP_USER.md): not of a user who owns something.
func (c *change) dropUsers(s *ast.Drop) error {
	c.tag("DROP USER", "UTILITY")
	if !c.system("drop user") {
		return errorAt(s.Pos(), "42501", "must be superuser to drop users")
	}
	for _, n := range s.Names {
		id := n.Object()
		name := c.newName(id)
		u, ok := c.env.Catalog.User(name)
		switch {
		case !ok && s.IfExists:
			c.skipped("User", name)
			continue
		case !ok:
			return errorAt(id.Pos(), "42704", "user %q does not exist", name)
		case u.ID == c.env.UserID:
			return errorAt(id.Pos(), "55006", "current user cannot be dropped")
		case u.Superuser && !c.env.Superuser:
			return errorAt(id.Pos(), "42501", "must be superuser to drop superusers") // assumed text
		}
		if detail := c.owned(u.ID); detail != nil || u.ID == 1 {
			e := errorAt(id.Pos(), "55006", "user %q cannot be dropped because the user owns some object", name) // state is assumed
			e.Detail = strings.Join(detail, "\n")
			return e
		}
		if what := c.privilegesOf(catalog.UserGrantee(u.ID)); what != nil {
			return dependent("user", name, what, id.Pos())
		}
		c.lockName("user", name)
		c.leave(u.ID)
		c.apply(catalog.Change{DropUser: u})
	}
	return nil
}

// leave takes a user out of the groups and from the roles.
func (c *change) leave(user int32) {
	for _, g := range c.env.Catalog.Groups() {
		if slices.Contains(g.Users, user) {
			changed := *g
			changed.Users = without(g.Users, user)
			c.apply(catalog.Change{Group: &changed})
		}
	}
	for _, r := range c.env.Catalog.Roles() {
		left := slices.DeleteFunc(slices.Clone(r.Members), func(m catalog.Membership) bool { return m.Member == catalog.UserGrantee(user) })
		if len(left) < len(r.Members) {
			changed := *r
			changed.Members = left
			c.apply(catalog.Change{Role: &changed})
		}
	}
}

// owned lists what a user owns.
func (c *change) owned(id int32) (what []string) {
	for _, d := range c.env.Catalog.Databases() {
		if d.Owner == id {
			what = append(what, "owner of database "+d.Name)
		}
	}
	for _, s := range c.env.Catalog.Schemas() {
		if s.Owner == id && !strings.HasPrefix(s.Name, "pg_temp_") {
			what = append(what, "owner of schema "+s.Name)
		}
	}
	for _, r := range c.env.Catalog.Relations() {
		if r.Owner == id && !r.Temp {
			what = append(what, "owner of "+kindName(r)+" "+c.displayName(r))
		}
	}
	for _, r := range c.env.Catalog.Routines() {
		if r.Owner == id {
			what = append(what, "owner of function "+r.Signature())
		}
	}
	for _, r := range c.env.Catalog.Roles() {
		if r.Owner == id {
			what = append(what, "owner of role "+r.Name)
		}
	}
	return what
}
