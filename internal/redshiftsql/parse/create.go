package parse

import (
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// create reads the statements that begin with CREATE.
func (p *parser) create() ast.Stmt {
	if s := p.utility(); s != nil {
		return s
	}
	from := p.tok.Pos
	p.next()
	replace := p.acceptSeq("or", "replace")
	switch {
	case p.word == "function", p.word == "procedure", p.isSeq("external", "function"):
		return p.createRoutine(from, replace)
	case replace && p.word != "view" && p.word != "materialized":
		p.fail()
	}
	switch p.word {
	case "temp", "temporary", "local", "global":
		if p.word == "local" || p.word == "global" {
			p.next()
		}
		if !p.accept("temp") {
			p.expect("temporary")
		}
		if p.word == "view" {
			p.failHint("Redshift has no temporary views.")
		}
		p.expect("table")
		return p.createTable(from, true)
	case "table":
		p.next()
		return p.createTable(from, false)
	case "view":
		p.next()
		return p.createView(from, replace)
	case "materialized":
		p.next()
		p.expect("view")
		return p.createMaterialized(from, replace)
	case "schema":
		p.next()
		return p.createSchema(from)
	case "external":
		p.next()
		if p.accept("table") {
			return p.createExternalTable(from)
		}
		p.expect("schema")
		return p.createExternalSchema(from)
	case "database":
		p.next()
		return p.createDatabase(from)
	case "user":
		p.next()
		u := &ast.CreateUser{Name: p.principal()}
		p.accept("with")
		u.Options = p.userOptions(false)
		u.Span = p.span(from)
		return u
	case "group":
		p.next()
		g := &ast.CreateGroup{Name: p.ident()}
		p.accept("with")
		if p.accept("user") {
			g.Users = p.principals()
		}
		g.Span = p.span(from)
		return g
	case "role":
		p.next()
		r := &ast.CreateRole{Name: p.principal()}
		if p.accept("externalid") {
			r.ExternalID = p.strOrWord()
		}
		r.Span = p.span(from)
		return r
	}
	p.failCreate("CREATE")
	return nil
}

// strOrWord reads a string, or a word as it is folded.
func (p *parser) strOrWord() string {
	if p.tok.Kind == lex.String || p.tok.Kind == lex.DollarString {
		return p.str()
	}
	return p.label().Name
}

func (p *parser) createTable(from int, temp bool) ast.Stmt {
	ifNotExists := p.acceptSeq("if", "not", "exists")
	name := p.name()
	temp = temp || isTempName(name)
	if p.tok.Kind == lex.LParen && !p.isColumnList() {
		t := &ast.CreateTable{Temp: temp, IfNotExists: ifNotExists, Name: name}
		t.Elements = p.tableElements()
		p.tableAttrs(&t.Attrs)
		p.noTableTail()
		t.Span = p.span(from)
		return t
	}
	if ifNotExists {
		p.failHint("CREATE TABLE AS has no IF NOT EXISTS (r_CREATE_TABLE_AS).")
	}
	t := &ast.CreateTableAs{Temp: temp, Name: name}
	if p.tok.Kind == lex.LParen {
		t.Columns = p.columns()
	}
	p.tableAttrs(&t.Attrs)
	p.expect("as")
	t.Query = p.query()
	if p.word == "with" {
		p.failHint("Redshift has no CREATE TABLE AS … WITH NO DATA.")
	}
	t.Span = p.span(from)
	return t
}

// noTableTail refuses what PostgreSQL has behind a table's columns.
func (p *parser) noTableTail() {
	switch p.word {
	case "inherits", "partition", "tablespace", "with", "on":
		p.failHint(upper([]string{p.word}) + " behind a table's columns is PostgreSQL's; Redshift has DISTSTYLE, DISTKEY, SORTKEY, ENCODE and BACKUP.")
	}
}

// isColumnList says whether the parentheses that open here hold bare names, as
// in CREATE TABLE t (a, b) AS SELECT.
func (p *parser) isColumnList() bool {
	l := p.ahead()
	for {
		if t := l.Next(); t.Kind != lex.Ident && t.Kind != lex.QuotedIdent {
			return false
		}
		switch l.Next().Kind {
		case lex.Comma:
		case lex.RParen:
			return true
		default:
			return false
		}
	}
}

func (p *parser) tableElements() []ast.TableElement {
	var list []ast.TableElement
	p.expectKind(lex.LParen)
	for {
		list = append(list, p.tableElement())
		if !p.acceptKind(lex.Comma) {
			break
		}
	}
	p.expectKind(lex.RParen)
	return list
}

func (p *parser) tableElement() ast.TableElement {
	switch p.word {
	case "like":
		l := &ast.LikeTable{}
		from := p.tok.Pos
		p.next()
		l.Table = p.name()
		for p.word == "including" || p.word == "excluding" {
			l.Defaults = ast.Yes
			if p.word == "excluding" {
				l.Defaults = ast.No
			}
			p.next()
			p.expect("defaults")
		}
		l.Span = p.span(from)
		return l
	case "constraint", "unique", "primary", "foreign", "check":
		if p.word != "primary" || p.peekIs("key") {
			return p.tableConstraint()
		}
	}
	return p.columnDef()
}

func (p *parser) tableConstraint() *ast.TableConstraint {
	c := &ast.TableConstraint{}
	from := p.tok.Pos
	if p.accept("constraint") {
		c.Name = p.identPtr()
	}
	switch p.word {
	case "unique":
		p.next()
		c.Columns = p.columns()
	case "primary":
		c.Kind = ast.PrimaryKeyConstraint
		p.next()
		p.expect("key")
		c.Columns = p.columns()
	case "foreign":
		c.Kind = ast.ForeignKeyConstraint
		p.next()
		p.expect("key")
		c.Columns = p.columns()
		if p.word != "references" {
			p.fail()
		}
		c.References = p.references()
	case "check":
		p.failHint("Redshift has no CHECK constraints.")
	default:
		p.fail()
	}
	c.Span = p.span(from)
	return c
}

func (p *parser) references() *ast.References {
	r := &ast.References{}
	from := p.tok.Pos
	p.next()
	r.Table = p.name()
	if p.tok.Kind == lex.LParen {
		r.Columns = p.columns()
	}
	if p.word == "on" || p.word == "match" {
		p.failHint("Redshift's foreign keys are informational and have no actions.")
	}
	r.Span = p.span(from)
	return r
}

func (p *parser) columnDef() *ast.ColumnDef {
	c := &ast.ColumnDef{}
	from := p.tok.Pos
	c.Name = p.ident()
	switch p.word {
	case "serial", "bigserial", "smallserial", "serial4", "serial8":
		p.failHint("Redshift has no serial types; write BIGINT IDENTITY(1, 1).")
	}
	c.Type = p.typeName()
	for p.columnAttr(c) {
	}
	c.Span = p.span(from)
	return c
}

// columnAttr reads one attribute of a column, in any order.
func (p *parser) columnAttr(c *ast.ColumnDef) bool {
	switch p.word {
	case "default":
		p.next()
		p.noCollate = true // COLLATE and NOT NULL behind it are the column's
		c.Default = p.binary(precEq)
		p.noCollate = false
	case "identity":
		from := p.tok.Pos
		p.next()
		c.Identity = p.identity(from, false)
	case "generated":
		from := p.tok.Pos
		p.next()
		if p.word == "always" {
			p.failHint("Redshift has GENERATED BY DEFAULT AS IDENTITY(seed, step), and IDENTITY(seed, step).")
		}
		p.expect("by", "default", "as", "identity")
		c.Identity = p.identity(from, true)
	case "encode":
		p.next()
		id := p.label()
		c.Encode = &id
	case "distkey":
		p.next()
		c.DistKey = true
	case "sortkey":
		p.next()
		c.SortKey = true
	case "collate":
		p.next()
		id := p.label()
		c.Collate = &id
	case "not":
		p.next()
		p.expect("null")
		c.NotNull = true
	case "null":
		p.next()
		c.Null = true
	case "unique":
		p.next()
		c.Unique = true
	case "primary":
		p.next()
		p.expect("key")
		c.PrimaryKey = true
	case "references":
		c.References = p.references()
	case "constraint": // a name for the next one, which nothing needs
		p.next()
		p.ident()
	case "check":
		p.failHint("Redshift has no CHECK constraints.")
	default:
		return false
	}
	return true
}

func (p *parser) identity(from int, byDefault bool) *ast.Identity {
	i := &ast.Identity{ByDefault: byDefault, Seed: 1, Step: 1}
	p.expectKind(lex.LParen)
	i.Seed = p.integer()
	p.expectKind(lex.Comma)
	i.Step = p.integer()
	p.expectKind(lex.RParen)
	i.Span = p.span(from)
	return i
}

func (p *parser) distStyle() ast.DistStyle {
	var d ast.DistStyle
	switch p.word {
	case "auto":
		d = ast.DistAuto
	case "even":
		d = ast.DistEven
	case "key":
		d = ast.DistKey
	case "all":
		d = ast.DistAll
	default:
		p.fail()
	}
	p.next()
	return d
}

func (p *parser) yesNo() ast.Toggle {
	switch {
	case p.accept("yes"):
		return ast.Yes
	case p.accept("no"):
		return ast.No
	}
	p.fail()
	return ast.Unsaid
}

// tableAttrs reads a table's attributes, in any order.
func (p *parser) tableAttrs(a *ast.TableAttrs) {
	for {
		from := p.tok.Pos
		switch p.word {
		case "backup":
			p.next()
			a.Backup = p.yesNo()
		case "diststyle":
			p.next()
			a.DistStyle = p.distStyle()
		case "distkey":
			p.next()
			p.expectKind(lex.LParen)
			a.DistKey = p.identPtr()
			p.expectKind(lex.RParen)
		case "compound", "interleaved", "sortkey":
			if a.SortKey != nil {
				p.failHint("A table has one SORTKEY.")
			}
			a.SortKey = p.sortKey(from)
		case "encode":
			p.next()
			p.expect("auto")
			a.EncodeAuto = true
		default:
			return
		}
	}
}

// sortKey reads [COMPOUND|INTERLEAVED] SORTKEY (columns), AUTO or NONE.
func (p *parser) sortKey(from int) *ast.SortKey {
	s := &ast.SortKey{}
	switch p.word {
	case "compound":
		s.Kind = ast.SortCompound
		p.next()
	case "interleaved":
		s.Kind = ast.SortInterleaved
		p.next()
	}
	p.expect("sortkey")
	switch {
	case s.Kind == ast.SortPlain && p.accept("auto"):
		s.Kind = ast.SortAuto
	case s.Kind == ast.SortPlain && p.accept("none"):
		s.Kind = ast.SortNone
	default:
		s.Columns = p.columns()
	}
	s.Span = p.span(from)
	return s
}

func (p *parser) createView(from int, replace bool) ast.Stmt {
	v := &ast.CreateView{OrReplace: replace}
	v.Name = p.name()
	if p.tok.Kind == lex.LParen {
		v.Columns = p.columns()
	}
	p.expect("as")
	v.Query = p.query()
	v.NoSchemaBinding = p.acceptSeq("with", "no", "schema", "binding")
	if p.word == "with" && p.peekIs("check") {
		p.failHint("Redshift has no WITH CHECK OPTION.")
	}
	v.Span = p.span(from)
	return v
}

func (p *parser) createMaterialized(from int, replace bool) ast.Stmt {
	v := &ast.CreateView{Materialized: true, OrReplace: replace}
	v.IfNotExists = p.acceptSeq("if", "not", "exists")
	v.Name = p.name()
	if p.tok.Kind == lex.LParen {
		v.Columns = p.columns()
	}
	for {
		p.tableAttrs(&v.Attrs)
		if p.word != "auto" {
			break
		}
		v.AutoRefresh = p.autoRefresh()
	}
	p.expect("as")
	v.Query = p.query()
	v.Span = p.span(from)
	return v
}

func (p *parser) autoRefresh() ast.Toggle {
	p.expect("auto", "refresh")
	return p.yesNo()
}

func (p *parser) refresh() ast.Stmt {
	r := &ast.RefreshMaterializedView{}
	from := p.tok.Pos
	p.next()
	p.expect("materialized", "view")
	r.Name = p.name()
	r.Behavior = p.behavior()
	r.Span = p.span(from)
	return r
}

// behavior reads CASCADE or RESTRICT if one is there.
func (p *parser) behavior() ast.Behavior {
	switch {
	case p.accept("cascade"):
		return ast.Cascade
	case p.accept("restrict"):
		return ast.Restrict
	}
	return ast.BehaviorUnsaid
}
