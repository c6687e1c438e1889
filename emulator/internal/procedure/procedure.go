// Package procedure runs the bodies of stored procedures. It knows variables and the
// flow of control; every piece of SQL goes to its Host, which is a session.
package procedure

import (
	"context"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/plpgsql"
)

// Value is a value with its type; a nil Text is NULL.
type Value struct {
	Type rstype.Type
	Text *string
}

// Column is a column of Rows.
type Column struct {
	Name string
	Type rstype.Type
}

// Rows is what a statement gave. Columns is nil for a statement without rows; Count is
// how many rows it changed.
type Rows struct {
	Columns []Column
	Rows    [][]*string
	Count   int64
	// Outputs are, for a CALL, the numbers of the arguments that the columns are of;
	// -1 for an OUT argument.
	Outputs []int
}

// Host runs SQL for a procedure. Its errors end up with the caller of the procedure.
type Host interface {
	// Query runs one statement, with the values of $1, $2 … in it.
	Query(ctx context.Context, sql string, args []Value) (*Rows, error)
	// Eval runs a SELECT that is an expression's, and no statement of its own.
	Eval(ctx context.Context, sql string, args []Value) (*Rows, error)
	// Convert gives a value another type.
	Convert(ctx context.Context, v Value, to rstype.Type) (Value, error)
	// Type is the type that a name stands for.
	Type(name string) (rstype.Type, error)
	// Relation gives the columns of a table or view by its name's parts.
	Relation(parts []string) ([]Column, error)
	// Message tells the client, and the record, what RAISE says.
	Message(level, text string, line int)
	// Recover puts a new transaction in the place of the one that failed, where the
	// procedure may end transactions.
	Recover(ctx context.Context) error
	// Settle commits what a handler did, where the procedure may.
	Settle(ctx context.Context) error
	// Describe tells a failure; catch is false for one that no handler sees.
	Describe(err error) (state, message string, catch bool)
	// Open opens a cursor over a query, Fetch gives its next row or none, Close ends it.
	Open(ctx context.Context, name, sql string, args []Value) error
	Fetch(ctx context.Context, name string) (*Rows, error)
	Close(name string) error
}

// Error is a failure that the procedure itself makes.
type Error struct{ State, Message, Hint string }

// Error is the message.
func (e *Error) Error() string { return e.Message }

func fail(state, message string) error { return &Error{State: state, Message: message} }

// Run runs a procedure's body. inputs are the values of its IN and INOUT arguments;
// what comes back are those of its OUT and INOUT arguments. The error is the Host's, an
// *Error, or that of the context.
func Run(ctx context.Context, h Host, block *plpgsql.Block, r *catalog.Routine, inputs []*string) ([]Value, error) {
	f := &frame{host: h, routine: r, scope: &scope{vars: map[string]*variable{}}}
	f.found = f.define("found", rstype.Type{Kind: rstype.Bool})
	f.found.value = text("f")
	var outs []*variable
	for i := range r.Args {
		a := &r.Args[i]
		v := &variable{name: a.Column.Name, typ: a.Column.Type, cursor: a.Cursor}
		if a.In() {
			v.value, inputs = inputs[0], inputs[1:]
		}
		f.scope.vars["$"+itoa(i+1)] = v
		if v.name != "" {
			f.scope.vars[v.name] = v
		} else {
			v.name = "$" + itoa(i+1)
		}
		if a.Out() {
			outs = append(outs, v)
		}
	}
	if _, err := f.block(ctx, block); err != nil {
		return nil, err
	}
	values := make([]Value, len(outs))
	for i, v := range outs {
		values[i] = Value{v.typ, v.value}
	}
	return values, nil
}

// frame is one run of a procedure.
type frame struct {
	host    Host
	routine *catalog.Routine
	scope   *scope
	found   *variable
	rows    int64 // GET DIAGNOSTICS … ROW_COUNT
	portals int
	// caught is the error that the handler around is for.
	caught error
}

func (f *frame) define(name string, t rstype.Type) *variable {
	v := &variable{name: name, typ: t}
	f.scope.vars[name] = v
	return v
}

func (f *frame) setFound(found bool) {
	f.found.value = text("f")
	if found {
		f.found.value = text("t")
	}
}

// line is the number of a line of the body, from 1. A line break at the very start
// does not count, as in PostgreSQL 8.0.
func (f *frame) line(offset int) int {
	body := f.routine.Body
	n := 1 + strings.Count(body[:min(offset, len(body))], "\n")
	if strings.HasPrefix(body, "\n") {
		n--
	}
	return n
}

func text(s string) *string { return &s }

func itoa(n int) string {
	if n >= 10 {
		return itoa(n/10) + string(rune('0'+n%10))
	}
	return string(rune('0' + n))
}
