// Package parse turns the text of Redshift's SQL into the nodes of package
// ast, by recursive descent, and reports errors as Redshift's server would.
package parse

import (
	"iter"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// Statement parses exactly one statement; a semicolon behind it is allowed.
// The error is an *Error. An empty src (blanks and comments alone) is
// ErrEmpty.
func Statement(src string) (ast.Stmt, error) {
	return nil, &Error{SQLState: "0A000", Message: "parser is being built"}
}

// Script yields the statements of src one after the other, positions counted
// from the start of src. It stops after the first error, which it yields with
// a nil statement. Empty statements are left out.
func Script(src string) iter.Seq2[ast.Stmt, error] {
	return func(yield func(ast.Stmt, error) bool) {}
}

// Expr parses one scalar expression, as in a DEFAULT clause.
func Expr(src string) (ast.Expr, error) {
	return nil, &Error{SQLState: "0A000", Message: "parser is being built"}
}

// Type parses a type's name.
func Type(src string) (ast.TypeName, error) {
	return ast.TypeName{}, &Error{SQLState: "0A000", Message: "parser is being built"}
}
