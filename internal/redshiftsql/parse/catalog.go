package parse

import (
	"strconv"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// userName reads a user's name, CURRENT_USER and SESSION_USER among them.
func (p *parser) userName() ast.Ident {
	if p.word == "current_user" || p.word == "session_user" {
		return p.anyIdent()
	}
	return p.principal()
}

// principal reads the name of a user or a role, which may have the namespace of an
// identity provider before it: myco_aad:bob, sys:operator.
func (p *parser) principal() ast.Ident {
	id := p.ident()
	if p.tok.Kind != lex.Colon || p.tok.Pos != id.To {
		return id
	}
	p.next()
	if p.tok.Pos != id.To+1 {
		p.fail()
	}
	rest := p.label()
	id.Name, id.To, id.Quoted = id.Name+":"+rest.Name, rest.To, id.Quoted || rest.Quoted
	return id
}

// principals reads such names with commas between them.
func (p *parser) principals() []ast.Ident {
	list := []ast.Ident{p.principal()}
	for p.acceptKind(lex.Comma) {
		list = append(list, p.principal())
	}
	return list
}

func (p *parser) createSchema(from int) ast.Stmt {
	s := &ast.CreateSchema{IfNotExists: p.acceptSeq("if", "not", "exists")}
	if p.word != "authorization" {
		s.Name = p.identPtr()
	}
	if p.accept("authorization") {
		id := p.userName()
		s.Authorization = &id
	}
	if p.word == "quota" {
		s.Quota = p.quota()
	}
	for p.word == "create" || p.word == "grant" {
		p.enter()
		s.Elements = append(s.Elements, p.statement())
		p.leave()
	}
	s.Span = p.span(from)
	return s
}

// quota reads QUOTA n [MB|GB|TB], or QUOTA UNLIMITED. GB is the default unit
// (r_CREATE_SCHEMA).
func (p *parser) quota() *ast.Quota {
	q := &ast.Quota{}
	from := p.tok.Pos
	p.next()
	if p.accept("unlimited") {
		q.Unlimited = true
		q.Span = p.span(from)
		return q
	}
	at := p.tok.Pos
	n := p.integer()
	unit := int64(1 << 10)
	switch p.word {
	case "mb":
		unit = 1
		p.next()
	case "gb":
		p.next()
	case "tb":
		unit = 1 << 20
		p.next()
	}
	if n < 0 || n > 1<<40 {
		p.failAt(at, "quota is out of range", "")
	}
	q.Megabytes = n * unit
	q.Span = p.span(from)
	return q
}

func (p *parser) createExternalSchema(from int) ast.Stmt {
	s := &ast.CreateSchema{External: true, IfNotExists: p.acceptSeq("if", "not", "exists")}
	s.Name = p.identPtr()
	if p.accept("authorization") {
		id := p.userName()
		s.Authorization = &id
	}
	p.expect("from")
	switch {
	case p.acceptSeq("data", "catalog"):
		s.Source = "data catalog"
	case p.acceptSeq("hive", "metastore"):
		s.Source = "hive metastore"
	default:
		switch p.word {
		case "postgres", "mysql", "kinesis", "msk", "kafka", "redshift":
			s.Source = p.word
			p.next()
		default:
			p.fail()
		}
	}
	for !p.atEnd() {
		s.Options = append(s.Options, p.externalOption())
	}
	s.Span = p.span(from)
	return s
}

func (p *parser) externalOption() ast.Option {
	o := ast.Option{HasValue: true}
	from := p.tok.Pos
	switch p.word {
	case "database", "schema", "region", "uri", "secret_arn", "cluster_arn", "catalog_role", "catalog_id", "authentication_arn":
		o.Name = p.word
		p.next()
		o.Value = p.strOrWord()
	case "iam_role", "authentication":
		o.Name = p.word
		p.next()
		o.Value = p.strOrWord()
	case "port":
		o.Name = p.word
		p.next()
		o.Value = strconv.FormatInt(p.integer(), 10)
	case "create":
		p.next()
		p.expect("external", "database", "if", "not", "exists")
		o.Name, o.HasValue = "create external database if not exists", false
	default:
		p.fail()
	}
	o.Span = p.span(from)
	return o
}

func (p *parser) createDatabase(from int) ast.Stmt {
	d := &ast.CreateDatabase{Name: p.ident()}
	if p.word == "from" {
		return p.utilityFrom(from, "create", "database", "from")
	}
	p.accept("with")
	for !p.atEnd() {
		d.Options = append(d.Options, p.databaseOption(true))
	}
	d.Span = p.span(from)
	return d
}

func (p *parser) databaseOption(owner bool) ast.Option {
	o := ast.Option{HasValue: true}
	from := p.tok.Pos
	switch {
	case owner && p.accept("owner"):
		o.Name = "owner"
		p.acceptKind(lex.Eq)
		o.Value = p.userName().Name
	case p.acceptSeq("connection", "limit"):
		o.Name = "connection limit"
		if p.accept("unlimited") {
			o.Value = "unlimited"
		} else {
			o.Value = strconv.FormatInt(p.integer(), 10)
		}
	case p.accept("collate"):
		o.Name = "collate"
		o.Value = p.label().Name
	case p.acceptSeq("isolation", "level"):
		o.Name = "isolation level"
		switch p.word {
		case "snapshot", "serializable":
			o.Value = p.word
			p.next()
		default:
			p.fail()
		}
	default:
		switch p.word {
		case "encoding", "template", "tablespace", "lc_collate":
			p.failHint("Redshift's databases have OWNER, CONNECTION LIMIT, COLLATE and ISOLATION LEVEL.")
		}
		p.fail()
	}
	o.Span = p.span(from)
	return o
}

func (p *parser) alterDatabase(from int) ast.Stmt {
	d := &ast.AlterDatabase{Name: p.ident()}
	switch {
	case p.word == "integration":
		return p.utilityFrom(from, "alter", "database", "integration")
	case p.acceptSeq("rename", "to"):
		d.RenameTo = p.identPtr()
	case p.acceptSeq("owner", "to"):
		id := p.userName()
		d.Owner = &id
	default:
		p.accept("with")
		d.Options = append(d.Options, p.databaseOption(false))
		for !p.atEnd() {
			d.Options = append(d.Options, p.databaseOption(false))
		}
	}
	d.Span = p.span(from)
	return d
}

func (p *parser) alterSchema(from int) ast.Stmt {
	s := &ast.AlterSchema{Name: p.ident()}
	switch {
	case p.acceptSeq("rename", "to"):
		s.RenameTo = p.identPtr()
	case p.acceptSeq("owner", "to"):
		id := p.userName()
		s.Owner = &id
	case p.word == "quota":
		s.Quota = p.quota()
	default:
		p.fail()
	}
	s.Span = p.span(from)
	return s
}

// userOptions reads the options of CREATE USER, or with alter those of ALTER
// USER.
func (p *parser) userOptions(alter bool) []ast.UserOption {
	var list []ast.UserOption
	for !p.atEnd() {
		from := p.tok.Pos
		o := p.userOption(alter)
		o.Span = p.span(from)
		list = append(list, o)
	}
	return list
}

func (p *parser) userOption(alter bool) (o ast.UserOption) {
	switch word := p.word; word {
	case "password":
		p.next()
		if p.accept("disable") {
			o.Kind = ast.UserPasswordDisable
		} else {
			o.Text = p.str()
		}
	case "encrypted", "unencrypted":
		p.failHint("Redshift has PASSWORD 'text', with md5… or sha256|… for a digest.")
	case "createdb":
		p.next()
		o.Kind = ast.UserCreateDB
	case "nocreatedb":
		p.next()
		o.Kind = ast.UserNoCreateDB
	case "createuser":
		p.next()
		o.Kind = ast.UserCreateUser
	case "nocreateuser":
		p.next()
		o.Kind = ast.UserNoCreateUser
	case "syslog":
		p.next()
		p.expect("access")
		if p.word != "restricted" && p.word != "unrestricted" {
			p.fail()
		}
		o.Kind, o.Text = ast.UserSyslog, p.word
		p.next()
	case "valid":
		p.next()
		p.expect("until")
		o.Kind, o.Text = ast.UserValidUntil, p.str()
	case "connection":
		p.next()
		p.expect("limit")
		o.Kind, o.Number = ast.UserConnectionLimit, -1
		if !p.accept("unlimited") {
			o.Number = p.integer()
		}
	case "session":
		p.next()
		p.expect("timeout")
		o.Kind, o.Number = ast.UserSessionTimeout, p.integer()
	case "externalid":
		p.next()
		o.Kind, o.Text = ast.UserExternalID, p.strOrWord()
	case "in":
		if alter {
			p.fail()
		}
		p.next()
		p.expect("group")
		o.Kind, o.Idents = ast.UserInGroup, p.idents()
	default:
		if !alter {
			p.fail()
		}
		p.alterUserOption(&o)
	}
	return o
}

func (p *parser) alterUserOption(o *ast.UserOption) {
	switch p.word {
	case "rename":
		p.next()
		p.expect("to")
		o.Kind, o.Idents = ast.UserRename, []ast.Ident{p.ident()}
	case "reset":
		p.next()
		if p.acceptSeq("session", "timeout") {
			o.Kind = ast.UserResetSessionTimeout
			return
		}
		o.Kind, o.Text = ast.UserReset, p.label().Name
	case "set":
		from := p.tok.Pos
		p.next()
		s := &ast.Set{}
		p.setTail(s)
		s.Span = p.span(from)
		o.Kind, o.Set = ast.UserSet, s
	default:
		p.fail()
	}
}

// dropKinds are the kinds that DROP takes in this grammar.
var dropKinds = map[string]ast.ObjectKind{
	"table": ast.KindTable, "view": ast.KindView, "schema": ast.KindSchema, "database": ast.KindDatabase,
	"user": ast.KindUser, "group": ast.KindGroup, "role": ast.KindRole,
}

func (p *parser) drop() ast.Stmt {
	if s := p.utility(); s != nil {
		return s
	}
	d := &ast.Drop{}
	from := p.tok.Pos
	p.next()
	if p.word == "function" || p.word == "procedure" {
		return p.dropRoutine(from)
	}
	switch kind, ok := dropKinds[p.word]; {
	case ok:
		d.Kind = kind
		p.next()
	case p.acceptSeq("materialized", "view"):
		d.Kind = ast.KindMaterializedView
	default:
		p.failCreate("DROP")
	}
	d.IfExists = p.acceptSeq("if", "exists")
	if d.Kind == ast.KindUser || d.Kind == ast.KindRole {
		for _, id := range p.principals() {
			d.Names = append(d.Names, ast.Name{Span: id.Span, Parts: []ast.Ident{id}})
		}
	} else {
		d.Names = p.names()
	}
	switch d.Kind {
	case ast.KindSchema:
		d.WithExternal = p.acceptSeq("drop", "external", "database")
		d.Behavior = p.behavior()
	case ast.KindRole:
		if p.accept("force") {
			d.Force = true
		} else {
			d.Behavior = p.behavior()
		}
	case ast.KindTable, ast.KindView, ast.KindMaterializedView:
		d.Behavior = p.behavior()
	case ast.KindDatabase:
		if p.accept("force") {
			d.Force = true
		}
	}
	d.Span = p.span(from)
	return d
}

func (p *parser) comment() ast.Stmt {
	c := &ast.Comment{}
	from := p.tok.Pos
	p.next()
	p.expect("on")
	switch p.word {
	case "table":
		c.Kind = ast.KindTable
	case "view":
		c.Kind = ast.KindView
	case "column":
		c.Kind = ast.KindColumn
	case "database":
		c.Kind = ast.KindDatabase
	case "schema":
		c.Kind = ast.KindSchema
	case "constraint":
		c.Kind = ast.KindConstraint
	default:
		p.fail()
	}
	p.next()
	if c.Kind == ast.KindColumn {
		c.Name = p.nameOf(4)
	} else {
		c.Name = p.name()
	}
	if c.Kind == ast.KindConstraint {
		p.expect("on")
		on := p.name()
		c.On = &on
	}
	p.expect("is")
	if !p.accept("null") {
		text := p.str()
		c.Text = &text
	}
	c.Span = p.span(from)
	return c
}
