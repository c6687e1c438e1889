package bulk

import (
	"errors"
	"fmt"

	"github.com/llm-dev-ops/redshift"
)

// RowError is a row of a source that cannot be loaded. It is a
// redshift.ErrData and never shows the value.
type RowError struct {
	// Row is the number of the row in the source, from 1.
	Row int64
	// Column is the table's column, "" where the row as a whole is wrong.
	Column string
	// Err says what is wrong.
	Err error
}

// Error gives the row, the column and what is wrong.
func (e *RowError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("row %d: %v", e.Row, e.Err)
	}
	return fmt.Sprintf("row %d, column %q: %v", e.Row, e.Column, e.Err)
}

// Unwrap gives redshift.ErrData and the cause.
func (e *RowError) Unwrap() []error { return []error{redshift.ErrData, e.Err} }

func usage(format string, args ...any) error {
	return &redshift.Error{Kind: redshift.ErrUsage, Message: fmt.Sprintf(format, args...)}
}

var (
	errRange    = errors.New("does not fit")
	errLossy    = errors.New("would lose digits")
	errUTF8     = errors.New("is not UTF-8")
	errZero     = errors.New("holds a zero byte, which Redshift's strings cannot")
	errInfinite = errors.New("is infinite, which files cannot carry")
	errNoRows   = usage("bulk: the source has no iterator or reader")
	errNullKey  = errors.New("is NULL, which a key cannot be")
)
