package parse

import (
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// isIdent says whether the next token can be a name: quoted, or a word that is
// not reserved.
func (p *parser) isIdent() bool {
	return p.tok.Kind == lex.QuotedIdent || p.tok.Kind == lex.Ident && !lex.IsReserved(p.word)
}

// ident reads a name.
func (p *parser) ident() ast.Ident {
	if !p.isIdent() {
		p.fail()
	}
	return p.anyIdent()
}

// label reads a name where any word will do: behind AS and behind a dot.
func (p *parser) label() ast.Ident {
	if p.tok.Kind != lex.QuotedIdent && p.tok.Kind != lex.Ident {
		p.fail()
	}
	return p.anyIdent()
}

func (p *parser) anyIdent() ast.Ident {
	id := ast.Ident{Span: ast.Span{From: p.tok.Pos, To: p.tok.End}, Name: p.word}
	if p.tok.Kind == lex.QuotedIdent {
		id.Name, id.Quoted = lex.IdentValue(p.tok.Text(p.src))
	}
	p.next()
	return id
}

// identPtr reads a name for an optional field.
func (p *parser) identPtr() *ast.Ident {
	id := p.ident()
	return &id
}

// idents reads names with commas between them.
func (p *parser) idents() []ast.Ident {
	list := []ast.Ident{p.ident()}
	for p.acceptKind(lex.Comma) {
		list = append(list, p.ident())
	}
	return list
}

// columns reads names in parentheses.
func (p *parser) columns() []ast.Ident {
	p.expectKind(lex.LParen)
	list := p.idents()
	p.expectKind(lex.RParen)
	return list
}

// name reads a dotted name of at most three parts.
func (p *parser) name() ast.Name {
	return p.nameOf(3)
}

// nameOf reads a dotted name of at most n parts.
func (p *parser) nameOf(n int) ast.Name {
	from := p.tok.Pos
	parts := []ast.Ident{p.ident()}
	for p.tok.Kind == lex.Dot {
		if len(parts) == n {
			p.failAt(from, "improper qualified name (too many dotted names): "+p.src[from:p.tok.Pos]+"...", "")
		}
		p.next()
		parts = append(parts, p.label())
	}
	return ast.Name{Span: p.span(from), Parts: parts}
}

// names reads dotted names with commas between them.
func (p *parser) names() []ast.Name {
	list := []ast.Name{p.name()}
	for p.acceptKind(lex.Comma) {
		list = append(list, p.name())
	}
	return list
}

// str reads a string. Strings on several lines are one, as the standard has it.
func (p *parser) str() string {
	if p.tok.Kind != lex.String && p.tok.Kind != lex.DollarString {
		p.fail()
	}
	v := lex.StringValue(p.tok.Text(p.src))
	for {
		kind, end := p.tok.Kind, p.tok.End
		p.next()
		if kind != lex.String || p.tok.Kind != lex.String || !strings.Contains(p.src[end:p.tok.Pos], "\n") {
			return v
		}
		v += lex.StringValue(p.tok.Text(p.src))
	}
}

// integer reads a whole number, with a sign if it has one.
func (p *parser) integer() int64 {
	neg := false
	if p.tok.Kind == lex.Minus || p.tok.Kind == lex.Plus {
		neg = p.tok.Kind == lex.Minus
		p.next()
	}
	if p.tok.Kind != lex.Int {
		p.fail()
	}
	text := p.tok.Text(p.src)
	if neg {
		text = "-" + text
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		p.failWith(p.tok.Pos, "22003", "value \""+shorten(text)+"\" is out of range for type bigint", "")
	}
	p.next()
	return n
}

// typeName reads a type.
func (p *parser) typeName() ast.TypeName {
	t := ast.TypeName{Interval: ast.IntervalFields{Precision: -1}}
	from := p.tok.Pos
	switch p.word {
	case "timestamp", "time":
		t.Name = p.word
		p.next()
		t.Mods = p.typeMods()
		switch {
		case p.acceptSeq("with", "time", "zone"):
			t.Zone = ast.WithZone
		case p.acceptSeq("without", "time", "zone"):
			t.Zone = ast.WithoutZone
		}
	case "interval":
		t.Name = p.word
		p.next()
		t.Interval = p.intervalFields()
		if t.Interval.First == ast.FieldNone {
			t.Mods = p.typeMods()
		}
	default:
		p.plainType(&t)
		t.Mods = p.typeMods()
	}
	for p.tok.Kind == lex.LBracket && p.peekKind(lex.RBracket) {
		p.next()
		p.next()
		t.ArrayDims++
	}
	t.Span = p.span(from)
	return t
}

func (p *parser) plainType(t *ast.TypeName) {
	for _, words := range [...][2]string{{"double", "precision"}, {"character", "varying"}, {"char", "varying"}, {"binary", "varying"}} {
		if p.word == words[0] && p.acceptSeq(words[0], words[1]) {
			t.Name = words[0] + " " + words[1]
			return
		}
	}
	if p.word == "national" {
		p.next()
		if p.word != "character" && p.word != "char" {
			p.fail()
		}
		t.Name = "national " + p.word
		p.next()
		if p.accept("varying") {
			t.Name += " varying"
		}
		return
	}
	if p.word == "oid" || p.word == "binary" { // reserved as names, and types
		t.Name = p.word
		p.next()
		return
	}
	if !p.isIdent() {
		p.fail()
	}
	id := p.anyIdent()
	if p.tok.Kind == lex.Dot {
		p.next()
		t.Schema = id.Name
		id = p.label()
	}
	t.Name, t.Quoted = id.Name, id.Quoted
}

func (p *parser) typeMods() []ast.TypeMod {
	if p.tok.Kind != lex.LParen {
		return nil
	}
	p.next()
	var mods []ast.TypeMod
	for {
		m := ast.TypeMod{Span: ast.Span{From: p.tok.Pos, To: p.tok.End}}
		switch {
		case p.word == "max":
			m.Max = true
			p.next()
		case p.tok.Kind == lex.Int:
			n, err := strconv.ParseInt(p.tok.Text(p.src), 10, 32)
			if err != nil {
				p.fail()
			}
			m.Value = int(n)
			p.next()
		default:
			p.fail()
		}
		mods = append(mods, m)
		if !p.acceptKind(lex.Comma) {
			break
		}
	}
	p.expectKind(lex.RParen)
	return mods
}

func intervalField(word string) ast.IntervalField {
	switch word {
	case "year":
		return ast.FieldYear
	case "month":
		return ast.FieldMonth
	case "day":
		return ast.FieldDay
	case "hour":
		return ast.FieldHour
	case "minute":
		return ast.FieldMinute
	case "second":
		return ast.FieldSecond
	}
	return ast.FieldNone
}

// intervalFields reads an interval's qualifier if there is one.
func (p *parser) intervalFields() ast.IntervalFields {
	f := ast.IntervalFields{Precision: -1}
	if f.First = intervalField(p.word); f.First == ast.FieldNone {
		return f
	}
	p.next()
	last := f.First
	if p.word == "to" {
		p.next()
		f.To = intervalField(p.word)
		if f.To <= f.First || (f.First <= ast.FieldMonth) != (f.To <= ast.FieldMonth) {
			p.fail()
		}
		last = f.To
		p.next()
	}
	if last == ast.FieldSecond && p.tok.Kind == lex.LParen {
		p.next()
		n := p.integer()
		if n < 0 || n > 6 {
			p.failAt(p.tok.Pos, "interval precision must be between 0 and 6", "")
		}
		f.Precision = int(n)
		p.expectKind(lex.RParen)
	}
	return f
}
