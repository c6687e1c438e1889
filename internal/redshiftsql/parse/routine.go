package parse

import (
	"strings"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// routineKind reads FUNCTION or PROCEDURE.
func (p *parser) routineKind() ast.ObjectKind {
	kind := ast.KindFunction
	if p.word == "procedure" {
		kind = ast.KindProcedure
	}
	p.next()
	return kind
}

// createRoutine reads CREATE FUNCTION and its kin from the kind on
// (r_CREATE_FUNCTION.md, r_CREATE_PROCEDURE.md, r_CREATE_EXTERNAL_FUNCTION.md).
// The clauses behind the arguments come in any order, as PostgreSQL takes them.
func (p *parser) createRoutine(from int, replace bool) ast.Stmt {
	c := &ast.CreateRoutine{Replace: replace, External: p.accept("external"), BodyPos: -1}
	c.Kind = p.routineKind()
	c.Name = p.name()
	c.Args = p.routineArgs()
	for !p.atEnd() {
		p.routineClause(c)
	}
	switch {
	case c.Kind == ast.KindFunction && c.Returns == nil:
		p.fail()
	case c.External:
		if !hasOption(c.Options, "lambda") && !hasOption(c.Options, "sagemaker") {
			p.fail()
		}
	case c.BodyPos < 0, c.Language == "":
		p.fail()
	}
	c.Span = p.span(from)
	return c
}

func hasOption(options []ast.Option, name string) bool {
	for _, o := range options {
		if o.Name == name {
			return true
		}
	}
	return false
}

// routineClause reads one clause behind a routine's arguments.
func (p *parser) routineClause(c *ast.CreateRoutine) {
	function := c.Kind == ast.KindFunction
	switch p.word {
	case "returns":
		if !function || c.Returns != nil {
			p.fail()
		}
		p.next()
		if p.word == "setof" || p.word == "table" {
			p.failHint("Redshift's functions return one value.")
		}
		t := p.typeName()
		c.Returns = &t
		return
	case "volatile", "stable", "immutable":
		if !function || c.Volatility != "" {
			p.fail()
		}
		c.Volatility = p.word
		p.next()
		return
	case "nonatomic":
		if function || c.NonAtomic {
			p.fail()
		}
		p.next()
		c.NonAtomic = true
		return
	}
	if c.External {
		c.Options = append(c.Options, p.externalFunctionOption())
		return
	}
	switch p.word {
	case "as":
		if c.BodyPos >= 0 {
			p.fail()
		}
		p.next()
		c.BodyPos = p.tok.Pos
		c.Body = p.str()
	case "language":
		if c.Language != "" {
			p.fail()
		}
		p.next()
		c.Language = lex.Fold(p.strOrWord())
	case "security":
		if function {
			p.fail()
		}
		p.next()
		if c.Definer = p.accept("definer"); !c.Definer {
			p.expect("invoker")
		}
	case "set":
		if function {
			p.fail()
		}
		set, ok := p.set().(*ast.Set)
		if !ok {
			p.fail()
		}
		c.Settings = append(c.Settings, set)
	default:
		p.fail()
	}
}

// externalFunctionOption reads an option of CREATE EXTERNAL FUNCTION.
func (p *parser) externalFunctionOption() ast.Option {
	from := p.tok.Pos
	o := ast.Option{Name: p.word, HasValue: true}
	switch p.word {
	case "lambda", "sagemaker":
		p.next()
		o.Value = p.str()
	case "iam_role":
		p.next()
		o.Value = p.strOrWord()
	case "retry_timeout", "max_batch_rows":
		p.next()
		o.Value = p.tok.Text(p.src)
		p.expectKind(lex.Int)
	case "max_batch_size":
		p.next()
		o.Value = p.tok.Text(p.src)
		p.expectKind(lex.Int)
		if p.word == "kb" || p.word == "mb" {
			o.Value += " " + p.word
			p.next()
		}
	default:
		p.fail()
	}
	o.Span = p.span(from)
	return o
}

// routineArgs reads arguments in parentheses.
func (p *parser) routineArgs() []ast.RoutineArg {
	p.expectKind(lex.LParen)
	args := []ast.RoutineArg{}
	for p.tok.Kind != lex.RParen {
		args = append(args, p.routineArg())
		if !p.acceptKind(lex.Comma) {
			break
		}
	}
	p.expectKind(lex.RParen)
	return args
}

// routineArg reads [name] [mode] type; PostgreSQL's order of the first two will do.
func (p *parser) routineArg() ast.RoutineArg {
	a := ast.RoutineArg{}
	from := p.tok.Pos
	moded := p.argMode(&a.Mode)
	if p.isArgName() {
		a.Name = p.identPtr()
	}
	if !moded {
		p.argMode(&a.Mode)
	}
	a.Type = p.typeName()
	a.Span = p.span(from)
	return a
}

// argMode reads IN, OUT or INOUT, which may also be the name of a type or an
// argument that nothing but a comma follows.
func (p *parser) argMode(mode *ast.ArgMode) bool {
	t, _ := p.peek()
	if t.Kind != lex.Ident && t.Kind != lex.QuotedIdent {
		return false
	}
	switch p.word {
	case "in":
		*mode = ast.ArgIn
	case "out":
		*mode = ast.ArgOut
	case "inout":
		*mode = ast.ArgInOut
	default:
		return false
	}
	p.next()
	return true
}

// isArgName tells a name in front of a type from a type of several words.
func (p *parser) isArgName() bool {
	if !p.isIdent() {
		return false
	}
	t, w := p.peek()
	switch {
	case t.Kind == lex.QuotedIdent:
		return true
	case t.Kind != lex.Ident:
		return false
	}
	switch w {
	case "precision", "varying", "with", "without":
		return false
	}
	return intervalField(w) == ast.FieldNone
}

// routineName reads the name of a routine, with the types of its arguments where
// they are given.
func (p *parser) routineName() (name ast.Name, args []ast.RoutineArg, given bool) {
	name = p.name()
	if p.tok.Kind == lex.LParen {
		return name, p.routineArgs(), true
	}
	return name, nil, false
}

func (p *parser) alterRoutine(from int) ast.Stmt {
	a := &ast.AlterRoutine{Kind: p.routineKind()}
	a.Name, a.Args, a.HasArgs = p.routineName()
	if p.acceptSeq("rename", "to") {
		a.RenameTo = p.identPtr()
	} else {
		p.expect("owner", "to")
		id := p.userName()
		a.Owner = &id
	}
	a.Span = p.span(from)
	return a
}

func (p *parser) dropRoutine(from int) ast.Stmt {
	d := &ast.DropRoutine{Kind: p.routineKind()}
	if p.isSeq("if", "exists") {
		p.failHint("DROP " + strings.ToUpper(d.Kind.String()) + " has no IF EXISTS.")
	}
	d.Name, d.Args, d.HasArgs = p.routineName()
	if d.Kind == ast.KindFunction && !d.HasArgs {
		p.fail()
	}
	d.Behavior = p.behavior()
	d.Span = p.span(from)
	return d
}

func (p *parser) showRoutine(from int) ast.Stmt {
	s := &ast.ShowRoutine{Kind: p.routineKind()}
	s.Name, s.Args, s.HasArgs = p.routineName()
	s.Span = p.span(from)
	return s
}
