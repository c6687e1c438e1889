package engine

import (
	"iter"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

// ViewColumn is one column of a View. INTERVAL, TIMETZ, VARBYTE and the types that
// DuckDB has no storage for are refused.
type ViewColumn struct {
	Name string
	Type rstype.Type
}

// View is what a table function served from Go gives for one mention in a statement.
type View struct {
	Columns []ViewColumn
	// Rows gives the rows with the columns of these numbers in that order, which are
	// those that the statement reads, or the first if it reads none. It is called once
	// for each execution, and the sequence runs on a goroutine of its own that ends before the
	// statement's result is closed; it must not use the statement's connection or wait
	// for what may not come. A row is read before the next is asked for.
	//
	// A value is nil or, by the column's type: bool; int64 for integers and OID; int64
	// or float64 for REAL, DOUBLE PRECISION and NUMERIC (the number, not its unscaled
	// digits); string for CHAR, VARCHAR, NAME and SUPER; time.Time, taken in UTC, for
	// DATE, TIME, TIMESTAMP and TIMESTAMPTZ. Any other value ends the statement.
	Rows func(columns []int) iter.Seq[[]any]
	// Estimate is about how many rows there are, for the planner; 0 is not known.
	Estimate int64
}

// ViewFunc answers one mention of a table function while the statement is bound; the
// arguments are the texts that were written. It runs on many goroutines at once. Its
// error, or what it panics with, is the message of a binder error.
type ViewFunc func(args []string) (View, error)
