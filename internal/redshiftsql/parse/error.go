package parse

import "errors"

// ErrEmpty is what Statement returns for a text without a statement. The
// protocol answers it with EmptyQueryResponse.
var ErrEmpty = errors.New("empty statement")

// Error is a syntax error as PostgreSQL and Redshift report one.
type Error struct {
	SQLState string // 42601, or 0A000 for what is understood and not supported
	Message  string // syntax error at or near "x"
	Position int    // 1-based, in characters and not bytes, of the whole source; 0 when unknown
	Offset   int    // 0-based byte offset of the same place
	Hint     string // "" in general
}

// Error implements error. The hint is a field of its own on the wire and not
// part of it.
func (e *Error) Error() string { return e.Message }
