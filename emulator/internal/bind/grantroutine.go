package bind

import (
	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// routines is GRANT ON FUNCTION and ON PROCEDURE: the types of the inputs tell which.
func (g *granting) routines() error {
	for i, name := range g.Objects {
		var types []rstype.Type
		for _, t := range g.ArgTypes[i] {
			typ := rstype.Type{Kind: rstype.Varchar, Len: maxName} // a REFCURSOR's
			var err error
			if t.Name != "refcursor" {
				typ, err = bindType(t)
			}
			if err != nil {
				return err
			}
			types = append(types, typ)
		}
		r, err := g.routine(name, g.Kind, types, g.ArgTypes[i] != nil)
		if err != nil {
			return err
		}
		if err := g.one(r, name.Pos()); err != nil {
			return err
		}
	}
	return nil
}

// allRoutines is GRANT ON ALL FUNCTIONS and ALL PROCEDURES IN SCHEMA.
func (g *granting) allRoutines() error {
	for _, name := range g.Objects {
		s, err := g.schemaOf(name)
		if err != nil {
			return err
		}
		for _, r := range g.env.Catalog.Routines() {
			if r.SchemaID != s.ID || r.Procedure != (g.Kind == ast.KindAllProcedures) {
				continue
			}
			if err := g.one(r, name.Pos()); err != nil {
				return err
			}
		}
	}
	return nil
}

// one changes the list of a routine.
func (g *granting) one(r *catalog.Routine, offset int) error {
	kind := "function"
	if r.Procedure {
		kind = "procedure"
	}
	p, err := g.privileges(kind, catalog.Execute)
	if err != nil {
		return err
	}
	g.lockName("grants", "routine", itoa(int(r.ID)))
	n := *r
	if n.ACL, err = g.apply(securable{kind, r.Name, r.Owner, r.Grants(), catalog.Execute, offset}, p); err != nil {
		return err
	}
	g.change.apply(catalog.Change{Routine: &n})
	return nil
}

// languages is GRANT USAGE ON LANGUAGE.
func (g *granting) languages() error {
	p, err := g.privileges("language", catalog.Usage)
	if err != nil {
		return err
	}
	for _, name := range g.Objects {
		l, ok := g.env.Catalog.Language(g.ident(name.Object()))
		if !ok || len(name.Parts) > 1 {
			return errorAt(name.Pos(), "42704", "language %q does not exist", g.ident(name.Object()))
		}
		g.lockName("grants", "language", l.Name)
		n := *l
		if n.ACL, err = g.apply(securable{"language", l.Name, catalog.OwnerOfLanguages, l.Grants(), catalog.Usage, name.Pos()}, p); err != nil {
			return err
		}
		g.change.apply(catalog.Change{Language: &n})
	}
	return nil
}

// initialRoutineACL is that of a new routine: nil, unless the user has set default
// privileges for it.
func (c *change) initialRoutineACL(r *catalog.Routine) (acl catalog.ACL) {
	kind := "f"
	if r.Procedure {
		kind = "p"
	}
	for _, d := range c.env.Catalog.DefaultACLs() {
		if d.User != r.Owner || d.Database != r.Database || d.Kind != kind || d.Schema != 0 && d.Schema != r.SchemaID {
			continue
		}
		if acl == nil {
			acl = r.Grants()
		}
		for _, g := range d.ACL {
			g.Grantor = r.Owner
			acl = acl.With(g)
		}
	}
	return acl
}
