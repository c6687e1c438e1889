package parse

import (
	"errors"
	"reflect"
	"testing"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// checkTree fails when a node lies outside its source or outside its parent.
func checkTree(t *testing.T, src string, n ast.Node) {
	t.Helper()
	var walk func(v reflect.Value, from, to int)
	walk = func(v reflect.Value, from, to int) {
		switch v.Kind() {
		case reflect.Interface, reflect.Pointer:
			if !v.IsNil() {
				walk(v.Elem(), from, to)
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i), from, to)
			}
		case reflect.Struct:
			if f := v.FieldByName("Span"); f.IsValid() {
				s := f.Interface().(ast.Span)
				if s.From < from || s.To > to || s.From > s.To {
					if s == (ast.Span{}) && v.IsZero() { // an empty optional name
						return
					}
					t.Errorf("%s: %s@%d:%d lies outside %d:%d", src, v.Type().Name(), s.From, s.To, from, to)
				}
				from, to = s.From, s.To
			}
			for i := range v.NumField() {
				if v.Type().Field(i).Name != "Span" {
					walk(v.Field(i), from, to)
				}
			}
		}
	}
	walk(reflect.ValueOf(n), 0, len(src))
}

// FuzzStatement: no panic, positions within the source, and the text between a
// statement's positions parses to the same tree.
func FuzzStatement(f *testing.F) {
	corpus(f)
	f.Fuzz(func(t *testing.T, src string) {
		stmt, err := Statement(src)
		if err != nil {
			var e *Error
			if errors.As(err, &e) && (e.Offset < 0 || e.Offset > len(src) || e.Position < 1 || e.Message == "") {
				t.Fatalf("%q: %+v", src, e)
			}
			return
		}
		checkTree(t, src, stmt)
		again, err := Statement(src[stmt.Pos():stmt.End()])
		if err != nil {
			t.Fatalf("%q again: %v", src[stmt.Pos():stmt.End()], err)
		}
		if reflect.TypeOf(again) != reflect.TypeOf(stmt) {
			t.Fatalf("%q: %T, then %T", src, stmt, again)
		}
	})
}

// FuzzScript: Script and lex.Split agree on where statements begin and end.
func FuzzScript(f *testing.F) {
	f.Add("select 1; select ';' ; -- x\n /* ; */ commit;")
	corpus(f)
	f.Fuzz(func(t *testing.T, src string) {
		var ends []int
		for s, err := range lex.Split(src) {
			if err != nil {
				break
			}
			ends = append(ends, s.End)
		}
		i := 0
		for stmt, err := range Script(src) {
			if err != nil {
				return
			}
			if i >= len(ends) || stmt.End() != ends[i] {
				t.Fatalf("%q: statement %d ends at %d, Split says %v", src, i, stmt.End(), ends)
			}
			i++
		}
	})
}
