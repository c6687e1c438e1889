package parse

import (
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// alter reads the statements that begin with ALTER.
func (p *parser) alter() ast.Stmt {
	if s := p.utility(); s != nil {
		return s
	}
	from := p.tok.Pos
	p.next()
	switch p.word {
	case "table":
		p.next()
		return p.alterTable(from)
	case "materialized":
		p.next()
		p.expect("view")
		return p.alterMaterialized(from)
	case "external":
		p.next()
		p.expect("schema")
		return p.alterExternalSchema(from)
	case "schema":
		p.next()
		return p.alterSchema(from)
	case "database":
		p.next()
		return p.alterDatabase(from)
	case "user":
		p.next()
		u := &ast.AlterUser{Name: p.principal()}
		p.accept("with")
		u.Options = p.userOptions(true)
		if u.Options == nil {
			p.fail()
		}
		u.Span = p.span(from)
		return u
	case "group":
		p.next()
		return p.alterGroup(from)
	case "role":
		p.next()
		return p.alterRole(from)
	case "default":
		p.next()
		p.expect("privileges")
		return p.alterDefaultPrivileges(from)
	case "function", "procedure":
		return p.alterRoutine(from)
	case "view":
		p.failHint("Redshift alters views with ALTER TABLE.")
	}
	p.failCreate("ALTER")
	return nil
}

func (p *parser) alterTable(from int) ast.Stmt {
	a := &ast.AlterTable{}
	if p.isSeq("if", "exists") {
		p.failHint("Redshift has no ALTER TABLE IF EXISTS.")
	}
	a.Table = p.name()
	if verb := p.alterTableUtility(); verb != nil {
		return p.utilityFrom(from, verb...)
	}
	for {
		a.Actions = append(a.Actions, p.alterAction())
		if !p.acceptKind(lex.Comma) {
			break
		}
	}
	a.Span = p.span(from)
	return a
}

// alterTableUtility is the verb of an ALTER TABLE that is known and not parsed:
// row level security, masking, and what belongs to external tables.
func (p *parser) alterTableUtility() []string {
	switch {
	case p.isSeq("row", "level", "security"):
		return []string{"alter", "table", "row", "level", "security"}
	case p.word == "masking":
		return []string{"alter", "table", "masking"}
	case p.isSeq("set", "location"):
		return []string{"alter", "table", "set", "location"}
	case p.isSeq("set", "file", "format"):
		return []string{"alter", "table", "set", "file", "format"}
	case p.isSeq("set", "table", "properties"):
		return []string{"alter", "table", "set", "table", "properties"}
	case p.isSeq("add", "partition"), p.isSeq("add", "if", "not", "exists", "partition"):
		return []string{"alter", "table", "add", "partition"}
	case p.isSeq("drop", "partition"):
		return []string{"alter", "table", "drop", "partition"}
	case p.word == "partition":
		return []string{"alter", "table", "partition"}
	}
	return nil
}

func (p *parser) alterAction() ast.AlterAction {
	from := p.tok.Pos
	switch p.word {
	case "add":
		p.next()
		return p.alterAdd(from)
	case "drop":
		p.next()
		return p.alterDrop(from)
	case "rename":
		p.next()
		if p.accept("to") {
			id := p.ident()
			return &ast.RenameTo{Span: p.span(from), NewName: id}
		}
		p.accept("column")
		r := &ast.RenameColumn{Name: p.ident()}
		p.expect("to")
		r.NewName = p.ident()
		r.Span = p.span(from)
		return r
	case "owner":
		p.next()
		p.expect("to")
		id := p.userName()
		return &ast.OwnerTo{Span: p.span(from), Owner: id}
	case "set":
		p.next()
		p.expect("schema")
		id := p.ident()
		return &ast.SetSchema{Span: p.span(from), Schema: id}
	case "append":
		p.next()
		p.expect("from")
		a := &ast.AppendFrom{Source: p.name()}
		switch {
		case p.accept("ignoreextra"):
			a.IgnoreExtra = true
		case p.accept("filltarget"):
			a.FillTarget = true
		}
		a.Span = p.span(from)
		return a
	case "alter":
		p.next()
		return p.alterInner(from)
	}
	p.fail()
	return nil
}

func (p *parser) alterAdd(from int) ast.AlterAction {
	switch p.word {
	case "constraint", "unique", "primary", "foreign", "check":
		if p.word != "primary" || p.peekIs("key") {
			c := p.tableConstraint()
			return &ast.AddConstraint{Span: p.span(from), Constraint: c}
		}
	}
	p.accept("column")
	if p.isSeq("if", "not", "exists") {
		p.failHint("Redshift has no ADD COLUMN IF NOT EXISTS.")
	}
	c := p.columnDef()
	return &ast.AddColumn{Span: p.span(from), Column: c}
}

func (p *parser) alterDrop(from int) ast.AlterAction {
	if p.accept("constraint") {
		d := &ast.DropConstraint{Name: p.ident()}
		d.Behavior = p.behavior()
		d.Span = p.span(from)
		return d
	}
	p.accept("column")
	if p.isSeq("if", "exists") {
		p.failHint("Redshift has no DROP COLUMN IF EXISTS.")
	}
	d := &ast.DropColumn{Name: p.ident()}
	d.Behavior = p.behavior()
	d.Span = p.span(from)
	return d
}

func (p *parser) alterInner(from int) ast.AlterAction {
	switch p.word {
	case "diststyle":
		p.next()
		d := &ast.AlterDistStyle{Style: p.distStyle()}
		if d.Style == ast.DistKey {
			p.expect("distkey")
			d.Key = p.identPtr()
		}
		d.Span = p.span(from)
		return d
	case "distkey":
		p.next()
		d := &ast.AlterDistStyle{Style: ast.DistKey}
		if p.acceptKind(lex.LParen) {
			d.Key = p.identPtr()
			p.expectKind(lex.RParen)
		} else {
			d.Key = p.identPtr()
		}
		d.Span = p.span(from)
		return d
	case "compound", "sortkey", "interleaved":
		s := p.sortKey(p.tok.Pos)
		return &ast.AlterSortKey{Span: p.span(from), SortKey: s}
	case "encode":
		p.next()
		p.expect("auto")
		return &ast.AlterEncodeAuto{Span: p.span(from)}
	}
	p.accept("column")
	col := p.ident()
	switch p.word {
	case "type":
		p.next()
		t := p.typeName()
		return &ast.AlterColumnType{Span: p.span(from), Column: col, Type: t}
	case "encode":
		p.next()
		id := p.label()
		return &ast.AlterColumnEncode{Span: p.span(from), Column: col, Encode: id}
	case "set", "drop":
		p.failHint("Redshift's ALTER COLUMN changes the type of a VARCHAR or the encoding, and nothing else.")
	}
	p.fail()
	return nil
}

func (p *parser) alterMaterialized(from int) ast.Stmt {
	a := &ast.AlterMaterializedView{Name: p.name()}
	if p.isSeq("row", "level", "security") {
		return p.utilityFrom(from, "alter", "materialized", "view", "row", "level", "security")
	}
	a.AutoRefresh = p.autoRefresh()
	a.Span = p.span(from)
	return a
}

func (p *parser) alterGroup(from int) ast.Stmt {
	g := &ast.AlterGroup{Name: p.ident()}
	switch {
	case p.acceptSeq("add", "user"):
		g.AddUsers = p.idents()
	case p.acceptSeq("drop", "user"):
		g.DropUsers = p.idents()
	default:
		p.expect("rename", "to")
		g.RenameTo = p.identPtr()
	}
	g.Span = p.span(from)
	return g
}

func (p *parser) alterRole(from int) ast.Stmt {
	r := &ast.AlterRole{Name: p.principal()}
	p.accept("with")
	n := 0
	for ; ; n++ {
		switch {
		case p.acceptSeq("rename", "to"):
			r.RenameTo = p.identPtr()
		case p.acceptSeq("owner", "to"):
			id := p.userName()
			r.Owner = &id
		case p.accept("externalid"):
			p.accept("to")
			r.ExternalID = p.strOrWord()
		default:
			if n == 0 {
				p.fail()
			}
			r.Span = p.span(from)
			return r
		}
		p.acceptKind(lex.Comma)
	}
}
