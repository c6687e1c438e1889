package parse

import (
	"strings"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// createExternalTable reads CREATE EXTERNAL TABLE behind its verb
// (r_CREATE_EXTERNAL_TABLE.md).
func (p *parser) createExternalTable(from int) ast.Stmt {
	t := &ast.CreateExternalTable{IfNotExists: p.acceptSeq("if", "not", "exists"), Name: p.name()}
	if p.tok.Kind == lex.LParen {
		t.Columns = p.externalColumns(true)
	}
	if p.acceptSeq("partitioned", "by") {
		t.Partitions = p.externalColumns(t.Columns != nil)
	}
	if p.acceptSeq("row", "format") {
		p.rowFormat(t)
	}
	if p.acceptSeq("stored", "as") {
		p.storedAs(t)
	}
	p.expect("location")
	t.Location = p.str()
	if p.acceptSeq("table", "properties") || p.acceptSeq("tblproperties") {
		t.Properties = p.properties()
	}
	if p.accept("as") {
		t.Query = p.query()
	} else if t.Columns == nil {
		p.fail()
	}
	t.Span = p.span(from)
	return t
}

// externalColumns reads columns in parentheses, with types or, where the query gives
// them, without.
func (p *parser) externalColumns(typed bool) []ast.ExternalColumn {
	p.expectKind(lex.LParen)
	var list []ast.ExternalColumn
	for {
		from := p.tok.Pos
		c := ast.ExternalColumn{Name: p.label()}
		if typed || p.tok.Kind != lex.Comma && p.tok.Kind != lex.RParen {
			c.Type = p.externalType()
		}
		c.Span = p.span(from)
		list = append(list, c)
		if !p.acceptKind(lex.Comma) {
			p.expectKind(lex.RParen)
			return list
		}
	}
}

// externalType reads a type up to the comma or parenthesis behind it: a comma inside
// of <> or () is its own.
func (p *parser) externalType() string {
	if p.tok.Kind != lex.Ident {
		p.fail()
	}
	from, to, depth := p.tok.Pos, p.tok.End, 0
	for !p.atEnd() {
		switch text := p.tok.Text(p.src); {
		case depth == 0 && (p.tok.Kind == lex.Comma || p.tok.Kind == lex.RParen):
			return strings.ToLower(p.src[from:to])
		case p.tok.Kind == lex.LParen:
			depth++
		case p.tok.Kind == lex.RParen:
			depth--
		case p.tok.Kind != lex.String:
			depth += strings.Count(text, "<") - strings.Count(text, ">")
		}
		to = p.tok.End
		p.next()
	}
	p.fail()
	return ""
}

func (p *parser) rowFormat(t *ast.CreateExternalTable) {
	if p.accept("serde") {
		t.RowFormat, t.SerDe = "serde", p.str()
		if p.acceptSeq("with", "serdeproperties") {
			t.SerDeProps = p.properties()
		}
		return
	}
	p.expect("delimited")
	t.RowFormat = "delimited"
	for p.word == "fields" || p.word == "lines" || p.word == "escaped" || p.word == "collection" || p.word == "map" || p.word == "null" {
		from := p.tok.Pos
		var words []string
		for p.tok.Kind == lex.Ident {
			words = append(words, p.word)
			p.next()
		}
		o := ast.Option{Name: strings.Join(words, " "), HasValue: true, Value: p.str()}
		o.Span = p.span(from)
		t.Delimiters = append(t.Delimiters, o)
	}
}

func (p *parser) storedAs(t *ast.CreateExternalTable) {
	switch p.word {
	case "parquet", "rcfile", "sequencefile", "textfile", "orc", "avro", "rcbinary", "ion":
		t.Stored = p.word
		p.next()
	case "inputformat":
		p.next()
		t.Stored, t.Input = "inputformat", p.str()
		p.expect("outputformat")
		t.Output = p.str()
	default:
		p.fail()
	}
}

// properties reads ('name' = 'value', …).
func (p *parser) properties() []ast.Option {
	p.expectKind(lex.LParen)
	var list []ast.Option
	for {
		from := p.tok.Pos
		o := ast.Option{Name: p.str(), HasValue: true}
		if p.tok.Text(p.src) != "=" {
			p.fail()
		}
		p.next()
		o.Value = p.str()
		o.Span = p.span(from)
		list = append(list, o)
		if !p.acceptKind(lex.Comma) {
			p.expectKind(lex.RParen)
			return list
		}
	}
}

// alterExternalSchema reads ALTER EXTERNAL SCHEMA behind its verb.
func (p *parser) alterExternalSchema(from int) ast.Stmt {
	a := &ast.AlterExternalSchema{Name: p.ident()}
	for !p.atEnd() {
		a.Options = append(a.Options, p.externalOption())
	}
	if a.Options == nil {
		p.fail()
	}
	a.Span = p.span(from)
	return a
}
