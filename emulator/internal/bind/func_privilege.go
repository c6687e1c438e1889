package bind

import (
	"slices"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// subject is who or what an argument of these functions may stand for, under one
// of its names.
type subject struct {
	names []string
	who   *catalog.Who
	acl   catalog.ACL
	// readable: by everybody, as the catalog's own tables are.
	readable bool
	grantee  catalog.Grantee
	// privilege, with its option.
	privilege catalog.Privileges
	option    bool
}

// operand is an argument, and what it may stand for: one subject where it is a
// constant, and otherwise every one that there is.
type operand struct {
	sql      string // the name as a text, in lower case
	constant bool
	subjects []subject
	// missing is the error for a name that is not there, empty for NULL.
	missing string
}

// hasPrivilege is HAS_TABLE_PRIVILEGE and its kin: they answer from what the
// catalog says when the statement is bound.
func hasPrivilege(b *binder, c *call) (node, error) {
	if err := c.want(2, 3); err != nil {
		return node{}, err
	}
	b.leaderOnly(c, c.name+"()")
	var ops []operand
	n := len(c.args) - 2
	user := operand{constant: true, subjects: []subject{{who: b.who()}}}
	if n == 1 {
		var err error
		if user, err = b.operand(c, 0, "42704: user %s does not exist", b.userSubjects, b.userSubject); err != nil {
			return node{}, err
		}
	}
	ops = append(ops, user)
	var objects func() []subject
	var object func(string, int) (subject, error)
	all, missing := catalog.TableAll, "42P01: relation %s does not exist"
	switch c.name {
	case "has_schema_privilege":
		all, missing, objects, object = catalog.SchemaAll, "3F000: schema %s does not exist", b.schemaSubjects, b.schemaSubject
	case "has_database_privilege":
		all, missing, objects, object = catalog.DatabaseAll, "3D000: database %s does not exist", b.databaseSubjects, b.databaseSubject
	default:
		objects, object = b.tableSubjects, b.tableSubject
	}
	o, err := b.operand(c, n, missing, objects, object)
	if err != nil {
		return node{}, err
	}
	p, err := b.operand(c, n+1, "22023: unrecognized privilege type: %s", func() []subject { return privilegeSubjects(all) }, func(name string, offset int) (subject, error) {
		for _, s := range privilegeSubjects(all) {
			if slices.Contains(s.names, fold(name)) {
				return s, nil
			}
		}
		return subject{}, errorAt(offset, "22023", "unrecognized privilege type: %q", name)
	})
	if err != nil {
		return node{}, err
	}
	return b.decide(c, append(ops, o, p), func(s []subject) bool {
		who, o, p := s[0].who, s[1], s[2]
		switch {
		case who.Superuser, o.readable && p.privilege == catalog.Select && !p.option:
			return true
		case p.option:
			return who.Options(-1, o.acl, p.privilege) != 0
		}
		return who.Holds(o.acl, p.privilege) != 0
	})
}

// isMember is USER_IS_MEMBER_OF and ROLE_IS_MEMBER_OF.
func isMember(b *binder, c *call) (node, error) {
	if err := c.want(2, 2); err != nil {
		return node{}, err
	}
	all, one, missing := b.userSubjects, b.userSubject, "42704: user %s does not exist"
	if c.name == "role_is_member_of" {
		all, one, missing = b.roleSubjects, b.roleSubject, "42704: role %s does not exist"
	}
	member, err := b.operand(c, 0, missing, all, one)
	if err != nil {
		return node{}, err
	}
	of, err := b.operand(c, 1, "42704: role %s does not exist", b.identities(c.name), func(name string, offset int) (subject, error) {
		return oneOf(b.identities(c.name)(), name, offset, "42704", "role")
	})
	if err != nil {
		return node{}, err
	}
	return b.decide(c, []operand{member, of}, func(s []subject) bool { return s[0].grantee != s[1].grantee && s[0].who.Is(s[1].grantee) })
}

// operand reads an argument. A constant is looked up by one, and others are
// compared with all.
func (b *binder) operand(c *call, i int, missing string, all func() []subject, one func(name string, offset int) (subject, error)) (operand, error) {
	n := c.args[i]
	if n.lit != nil && n.lit.Kind == ast.StringLiteral {
		s, err := one(n.lit.Text, c.offset(i))
		return operand{constant: true, subjects: []subject{s}}, err
	}
	o := operand{missing: missing, subjects: all()}
	if n.typ.Kind == rstype.OID || n.typ.Kind == rstype.Int2 || n.typ.Kind == rstype.Int4 || n.typ.Kind == rstype.Int8 {
		x, err := b.number(c, i)
		o.sql, o.missing = "CAST("+x+" AS VARCHAR)", ""
		return o, err
	}
	n, err := b.coerce(n, rstype.Type{Kind: rstype.Varchar}, c.offset(i))
	o.sql = `lower(replace(` + n.sql + `, '"', ''))`
	return o, err
}

// decide writes the answers down: all of them where no argument is a constant.
// Those who may everything are told apart by their first argument alone.
func (b *binder) decide(c *call, ops []operand, holds func([]subject) bool) (node, error) {
	args, keys := "", ""
	var tests strings.Builder
	for i, o := range ops {
		if o.constant {
			continue
		}
		name := "h.x" + strconv.Itoa(i)
		if args != "" {
			args += ", "
			keys += " || chr(9) || "
		}
		args += "x" + strconv.Itoa(i) + " := " + o.sql
		keys += name
		var names []string
		for _, s := range o.subjects {
			names = append(names, s.names...)
		}
		tests.WriteString(" WHEN " + name + " IS NULL THEN NULL WHEN NOT list_contains(" + texts(names) + ", " + name + ") THEN ")
		if o.missing == "" {
			tests.WriteString("NULL")
			continue
		}
		before, after, _ := strings.Cut(o.missing, "%s")
		tests.WriteString("CAST(error(" + text(before+`"`) + " || " + name + " || " + text(`"`+after) + ") AS BOOLEAN)")
	}
	chosen := make([]subject, len(ops))
	if args == "" {
		for i, o := range ops {
			chosen[i] = o.subjects[0]
		}
		n := boolNode("FALSE")
		if holds(chosen) {
			n.sql = "TRUE"
		}
		return n, nil
	}
	var held []string
	size := 0
	var choose func(i int, key []string)
	choose = func(i int, key []string) {
		if size > maxSQL {
			return
		}
		if i == len(ops) {
			if holds(chosen) {
				for _, k := range key {
					size += len(k) + 4
				}
				held = append(held, key...)
			}
			return
		}
		for _, s := range ops[i].subjects {
			chosen[i] = s
			next := key
			if !ops[i].constant {
				next = spelled(key, s.names)
			}
			choose(i+1, next)
		}
	}
	choose(0, nil)
	if size > maxSQL {
		return node{}, errorAt(c.e.Pos(), "54001", "statement is too complex")
	}
	return boolNode("list_transform([struct_pack(" + args + ")], lambda h: CASE" + tests.String() + " ELSE list_contains(" + texts(held) + ", " + keys + ") END)[1]"), nil
}

// spelled is every key with every name behind it.
func spelled(keys, names []string) (all []string) {
	if keys == nil {
		return names
	}
	for _, k := range keys {
		for _, n := range names {
			all = append(all, k+"\t"+n)
		}
	}
	return all
}

func texts(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = text(s)
	}
	return "CAST([" + strings.Join(quoted, ", ") + "] AS VARCHAR[])"
}

func fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

func oneOf(all []subject, name string, offset int, state, what string) (subject, error) {
	for _, s := range all {
		if slices.Contains(s.names, strings.ToLower(name)) {
			return s, nil
		}
	}
	return subject{}, errorAt(offset, state, "%s %q does not exist", what, name)
}

func (b *binder) userSubjects() (all []subject) {
	for _, u := range b.snapshot().Users() {
		all = append(all, subject{names: []string{strings.ToLower(u.Name), itoa(int(u.ID))}, who: b.snapshot().Who(u.ID), grantee: catalog.UserGrantee(u.ID)})
	}
	return all
}

func (b *binder) userSubject(name string, offset int) (subject, error) {
	return oneOf(b.userSubjects(), name, offset, "42704", "user")
}

func (b *binder) roleSubjects() (all []subject) {
	for _, r := range b.snapshot().Roles() {
		all = append(all, subject{names: []string{strings.ToLower(r.Name)}, who: b.snapshot().RoleWho(r.ID), grantee: catalog.Grantee{Kind: catalog.ToRole, ID: r.ID}})
	}
	return all
}

func (b *binder) roleSubject(name string, offset int) (subject, error) {
	return oneOf(b.roleSubjects(), name, offset, "42704", "role")
}

// identities are the roles, and for users the groups.
func (b *binder) identities(function string) func() []subject {
	return func() []subject {
		all := b.roleSubjects()
		for _, g := range b.snapshot().Groups() {
			if function == "user_is_member_of" {
				all = append(all, subject{names: []string{strings.ToLower(g.Name)}, grantee: catalog.Grantee{Kind: catalog.ToGroup, ID: g.ID}})
			}
		}
		return all
	}
}

func (b *binder) schemaSubjects() (all []subject) {
	for _, s := range b.snapshot().Schemas() {
		if s.Database == b.env.Database {
			all = append(all, subject{names: []string{strings.ToLower(s.Name), itoa(int(s.ID))}, acl: s.Grants()})
		}
	}
	return all
}

func (b *binder) schemaSubject(name string, offset int) (subject, error) {
	return oneOf(b.schemaSubjects(), name, offset, "3F000", "schema")
}

func (b *binder) databaseSubjects() (all []subject) {
	for _, d := range b.snapshot().Databases() {
		all = append(all, subject{names: []string{strings.ToLower(d.Name), itoa(int(d.ID))}, acl: d.Grants()})
	}
	return all
}

func (b *binder) databaseSubject(name string, offset int) (subject, error) {
	return oneOf(b.databaseSubjects(), name, offset, "3D000", "database")
}

func (b *binder) tableSubjects() (all []subject) {
	path := append([]string{b.env.TempSchema}, b.env.SearchPath...)
	for _, r := range b.ownRelations() {
		s := subject{names: []string{itoa(int(r.ID)), strings.ToLower(r.Schema + "." + r.Name)}, acl: r.Grants()}
		for _, schema := range path {
			if found, ok := b.snapshot().Relation(r.Database, schema, r.Name); ok {
				if found == r {
					s.names = append(s.names, strings.ToLower(r.Name))
				}
				break
			}
		}
		all = append(all, s)
	}
	return all
}

// tableSubject finds a table by the text of its name.
func (b *binder) tableSubject(name string, offset int) (subject, error) {
	n := ast.Name{}
	span := ast.Span{From: offset, To: offset}
	for _, part := range nameParts(name) {
		n.Parts = append(n.Parts, ast.Ident{Span: span, Name: part, Quoted: true})
	}
	n.Span = span
	r, err := b.lookup(n)
	switch {
	case err != nil:
		return subject{}, err
	case r != nil:
		return subject{acl: r.Grants()}, nil
	}
	if _, ok := b.catalogView(n); ok {
		return subject{readable: true}, nil
	}
	if _, ok := b.systemView(n); ok {
		return subject{readable: true}, nil
	}
	return subject{}, errorAt(offset, "42P01", "relation %q does not exist", name)
}

// nameParts takes a name apart at its dots: quotes keep the case and dots.
func nameParts(name string) (parts []string) {
	var part strings.Builder
	quoted := false
	for i := 0; i < len(name); i++ {
		switch ch := name[i]; {
		case ch == '"':
			quoted = !quoted
		case ch == '.' && !quoted:
			parts = append(parts, part.String())
			part.Reset()
		case !quoted && ch >= 'A' && ch <= 'Z':
			part.WriteByte(ch + 'a' - 'A')
		default:
			part.WriteByte(ch)
		}
	}
	return append(parts, part.String())
}

// privilegeSubjects are the privileges that there are on a kind of object, and
// each WITH GRANT OPTION, as in PostgreSQL.
func privilegeSubjects(all catalog.Privileges) (subjects []subject) {
	for _, name := range all.Names() {
		p := catalog.ParsePrivilege(name)
		names := []string{strings.ToLower(name)}
		if p == catalog.Temp {
			names = append(names, "temporary")
		}
		subjects = append(subjects, subject{names: names, privilege: p})
		options := make([]string, len(names))
		for i, n := range names {
			options[i] = n + " with grant option"
		}
		subjects = append(subjects, subject{names: options, privilege: p, option: true})
	}
	return subjects
}
