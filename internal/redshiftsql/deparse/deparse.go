// Package deparse writes a parsed statement as SQL again: one line, keywords in
// lower case, and every operand that is not a single thing in parentheses, so that
// no reader has to know which operator binds more tightly.
//
// What it writes parses to the same tree, places apart. Statements of which the tree
// keeps their place alone (COPY, UNLOAD, utilities), and those that consist of words
// and names (GRANT, SET and their kin), are taken from the source as they are.
package deparse

import (
	"strconv"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// Statement gives a statement's SQL; src is the text that it was parsed from.
func Statement(stmt ast.Stmt, src string) string {
	w := &writer{src: src}
	w.stmt(stmt)
	return string(w.buf)
}

// Expr gives an expression's SQL; src is the text that it was parsed from.
func Expr(e ast.Expr, src string) string {
	w := &writer{src: src}
	w.expr(e)
	return string(w.buf)
}

type writer struct {
	src string
	buf []byte
}

func (w *writer) put(parts ...string) {
	for _, s := range parts {
		w.buf = append(w.buf, s...)
	}
}

// when writes text if yes.
func (w *writer) when(yes bool, text string) {
	if yes {
		w.put(text)
	}
}

func (w *writer) source(n ast.Node) { w.put(w.src[n.Pos():n.End()]) }

func (w *writer) ident(id ast.Ident) {
	if id.Quoted {
		w.buf = append(w.buf, '"')
		for i := range len(id.Name) {
			if id.Name[i] == '"' {
				w.buf = append(w.buf, '"')
			}
			w.buf = append(w.buf, id.Name[i])
		}
		w.buf = append(w.buf, '"')
		return
	}
	w.put(id.Name)
}

func (w *writer) optional(before string, id *ast.Ident) {
	if id != nil {
		w.put(before)
		w.ident(*id)
	}
}

func (w *writer) idents(list []ast.Ident, between string) {
	for i, id := range list {
		w.when(i > 0, between)
		w.ident(id)
	}
}

func (w *writer) name(n ast.Name) { w.idents(n.Parts, ".") }

// columns writes names in parentheses, nothing for none.
func (w *writer) columns(list []ast.Ident) {
	if len(list) == 0 {
		return
	}
	w.put(" (")
	w.idents(list, ", ")
	w.put(")")
}

func (w *writer) str(s string) { w.buf = lex.AppendLiteral(w.buf, s) }

func (w *writer) typ(t ast.TypeName) {
	w.when(t.Schema != "", t.Schema+".")
	if t.Quoted {
		w.ident(ast.Ident{Name: t.Name, Quoted: true})
	} else {
		w.put(t.Name)
	}
	if t.Interval.First != ast.FieldNone {
		w.fields(t.Interval)
	}
	for i, m := range t.Mods {
		if i == 0 {
			w.put("(")
		} else {
			w.put(", ")
		}
		if m.Max {
			w.put("max")
		} else {
			w.put(strconv.Itoa(m.Value))
		}
	}
	w.when(len(t.Mods) > 0, ")")
	switch t.Zone {
	case ast.WithZone:
		w.put(" with time zone")
	case ast.WithoutZone:
		w.put(" without time zone")
	}
	for range t.ArrayDims {
		w.put("[]")
	}
}

func (w *writer) fields(f ast.IntervalFields) {
	if f.First == ast.FieldNone {
		return
	}
	w.put(" ", f.First.String())
	if f.To != ast.FieldNone {
		w.put(" to ", f.To.String())
	}
	if f.Precision >= 0 {
		w.put(" (", strconv.Itoa(f.Precision), ")")
	}
}
