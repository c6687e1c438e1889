package parse

import (
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

func (p *parser) grant() ast.Stmt {
	g := &ast.Grant{}
	from := p.tok.Pos
	p.next()
	if verb := p.grantUtility("grant"); verb != nil {
		return p.utilityFrom(from, verb...)
	}
	p.grants(&g.Grants, "to", false)
	g.Span = p.span(from)
	return g
}

func (p *parser) revoke() ast.Stmt {
	r := &ast.Revoke{}
	from := p.tok.Pos
	p.next()
	r.OptionFor = p.acceptSeq("grant", "option", "for") || p.acceptSeq("admin", "option", "for")
	if verb := p.grantUtility("revoke"); verb != nil {
		return p.utilityFrom(from, verb...)
	}
	p.grants(&r.Grants, "from", false)
	r.Behavior = p.behavior()
	r.Span = p.span(from)
	return r
}

// grantUtility is the verb of a GRANT or REVOKE that is known and not parsed.
func (p *parser) grantUtility(verb string) []string {
	switch p.word {
	case "assumerole":
		return []string{verb, "assumerole"}
	}
	l := p.ahead()
	for {
		t := l.Next()
		switch t.Kind {
		case lex.EOF, lex.Semicolon, lex.Invalid:
			return nil
		case lex.Ident:
			switch lex.Fold(t.Text(p.src)) {
			case "on":
			case "for": // FOR TABLES IN SCHEMA s: scoped permissions
				return []string{verb, "for"}
			case "to", "from":
				return nil
			default:
				continue
			}
			switch t = l.Next(); lex.Fold(t.Text(p.src)) {
			case "datashare":
				return []string{verb, "on", "datashare"}
			case "model":
				return []string{verb, "on", "model"}
			case "template":
				return []string{verb, "on", "template"}
			case "copy":
				return []string{verb, "on", "copy", "job"}
			case "external":
				return []string{verb, "on", "external", "table"}
			}
			return nil
		}
	}
}

// grants reads what GRANT and REVOKE have in common. defaults says that it is
// within ALTER DEFAULT PRIVILEGES, where ON names kinds and not objects.
func (p *parser) grants(g *ast.Grants, towards string, defaults bool) {
	switch {
	case p.word == "all":
		from := p.tok.Pos
		p.next()
		p.accept("privileges")
		if p.tok.Kind == lex.LParen {
			v := ast.Privilege{Name: "all", Columns: p.columns()}
			v.Span = p.span(from)
			g.Privileges = append(g.Privileges, v)
		} else {
			g.All = true
		}
	case p.word == "role":
		p.next()
		g.Roles = p.principals()
	default:
		for {
			g.Privileges = append(g.Privileges, p.privilege())
			if !p.acceptKind(lex.Comma) {
				break
			}
		}
	}
	switch {
	case g.Roles != nil:
	case p.word == "on":
		p.next()
		if defaults {
			p.defaultKind(g)
		} else {
			p.grantObjects(g)
		}
	case !defaults && (g.All || g.Privileges != nil) && p.word == towards:
		g.System = true
	default:
		p.fail()
	}
	p.expect(towards)
	for {
		g.Grantees = append(g.Grantees, p.grantee())
		if !p.acceptKind(lex.Comma) {
			return
		}
	}
}

// privilege reads one privilege: words up to the comma, ON or TO, and the
// columns of a privilege on columns.
func (p *parser) privilege() ast.Privilege {
	v := ast.Privilege{}
	from := p.tok.Pos
	if p.tok.Kind != lex.Ident {
		p.fail()
	}
	switch p.word {
	case "select", "insert", "update", "delete", "references", "usage", "execute", "temporary", "temp", "share", "rule", "trigger":
		v.Name = p.word
		p.next()
	default: // privileges of the system have several words: CREATE OR REPLACE VIEW
		for p.tok.Kind == lex.Ident && p.word != "on" && p.word != "to" && p.word != "from" {
			if v.Name != "" {
				v.Name += " "
			}
			v.Name += p.word
			p.next()
		}
	}
	if v.Name == "" {
		p.fail()
	}
	if p.tok.Kind == lex.LParen {
		v.Columns = p.columns()
	}
	v.Span = p.span(from)
	return v
}

func (p *parser) defaultKind(g *ast.Grants) {
	switch p.word {
	case "tables":
		g.Kind = ast.KindTables
	case "functions":
		g.Kind = ast.KindFunctions
	case "procedures":
		g.Kind = ast.KindProcedures
	default:
		p.fail()
	}
	p.next()
}

func (p *parser) grantObjects(g *ast.Grants) {
	g.Kind = ast.KindTable
	switch p.word {
	case "table", "schema", "database", "language":
		if t, _ := p.peek(); t.Kind == lex.Ident || t.Kind == lex.QuotedIdent {
			switch p.word {
			case "schema":
				g.Kind = ast.KindSchema
			case "database":
				g.Kind = ast.KindDatabase
			case "language":
				g.Kind = ast.KindLanguage
			}
			p.next()
		}
	case "function", "procedure":
		g.Kind = ast.KindFunction
		if p.word == "procedure" {
			g.Kind = ast.KindProcedure
		}
		p.next()
		p.routines(g)
		return
	case "all":
		p.next()
		switch p.word {
		case "tables":
			g.Kind = ast.KindAllTables
		case "functions":
			g.Kind = ast.KindAllFunctions
		case "procedures":
			g.Kind = ast.KindAllProcedures
		default:
			p.fail()
		}
		p.next()
		p.expect("in", "schema")
	}
	g.Objects = p.names()
}

// routines reads functions with the types of their arguments.
func (p *parser) routines(g *ast.Grants) {
	for {
		g.Objects = append(g.Objects, p.name())
		var types []ast.TypeName
		if p.tok.Kind == lex.LParen {
			types = []ast.TypeName{}
			for _, a := range p.routineArgs() {
				if a.Mode != ast.ArgOut { // it is no part of the signature
					types = append(types, a.Type)
				}
			}
		}
		g.ArgTypes = append(g.ArgTypes, types)
		if !p.acceptKind(lex.Comma) {
			return
		}
	}
}

func (p *parser) grantee() ast.Grantee {
	e := ast.Grantee{}
	from := p.tok.Pos
	next, _ := p.peek()
	named := next.Kind == lex.Ident || next.Kind == lex.QuotedIdent
	switch {
	case p.word == "public":
		e.Kind = ast.GranteePublic
		p.next()
	case p.word == "group" && named:
		e.Kind = ast.GranteeGroup
		p.next()
		e.Name = p.ident()
	case p.word == "role" && named && p.peekWord != "with":
		e.Kind = ast.GranteeRole
		p.next()
		e.Name = p.principal()
	default:
		e.Name = p.userName()
	}
	if p.acceptSeq("with", "grant", "option") || p.acceptSeq("with", "admin", "option") {
		e.GrantOption = true
	}
	e.Span = p.span(from)
	return e
}

func (p *parser) alterDefaultPrivileges(from int) ast.Stmt {
	a := &ast.AlterDefaultPrivileges{}
	if p.acceptSeq("for", "user") {
		a.ForUsers = p.idents()
	}
	if p.acceptSeq("in", "schema") {
		a.Schemas = p.idents()
	}
	at := p.tok.Pos
	switch {
	case p.accept("grant"):
		g := &ast.Grant{}
		p.grants(&g.Grants, "to", true)
		g.Span = p.span(at)
		a.Action = g
	case p.accept("revoke"):
		r := &ast.Revoke{OptionFor: p.acceptSeq("grant", "option", "for")}
		p.grants(&r.Grants, "from", true)
		r.Behavior = p.behavior()
		r.Span = p.span(at)
		a.Action = r
	default:
		p.fail()
	}
	a.Span = p.span(from)
	return a
}
