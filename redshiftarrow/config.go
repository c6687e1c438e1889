package redshiftarrow

import (
	"fmt"

	"github.com/llm-dev-ops/redshift"
)

// Config says how a result becomes record batches.
type Config struct {
	// BatchRows is how many rows a batch has at most. Batches of very wide rows
	// are shorter: they end at 16 MB of encoded values. Defaults to 4096.
	BatchRows int
	// SuperAsString makes a SUPER a string of its JSON, and not of Arrow's
	// canonical extension arrow.json. Defaults to false.
	SuperAsString bool
	// Plain makes a string of each value whose Arrow type many readers lack, and
	// Parquet too: both kinds of intervals, and TIMETZ. Defaults to false.
	Plain bool
	// NotNull makes a column that the server calls NOT NULL a field that is not
	// nullable; a NULL in it, as an outer join may give, is then an error.
	// Defaults to false: what the server said is in the field's metadata alone.
	NotNull bool
	// ReuseText uses the memory of a released batch's strings and bytes again, which
	// saves a sixth of the processor's time. A string that Value gave then changes when
	// the batch is released: strings.Clone is for who keeps one. Defaults to false.
	ReuseText bool
}

func (c Config) withDefaults() Config {
	if c.BatchRows == 0 {
		c.BatchRows = 4096
	}
	return c
}

// Validate says what is wrong with the Config, as a redshift.ErrUsage.
func (c Config) Validate() error {
	if c.BatchRows < 0 {
		return usage("redshiftarrow: Config.BatchRows is %d and must not be negative", c.BatchRows)
	}
	return nil
}

func usage(format string, args ...any) error {
	return &redshift.Error{Kind: redshift.ErrUsage, Message: fmt.Sprintf(format, args...)}
}

// broken is an error of a column's values.
func broken(c *redshift.Column, format string, args ...any) error {
	return &redshift.Error{Kind: redshift.ErrData, Message: fmt.Sprintf("column %q (%s): %s", c.Name, redshift.TypeName(c.Type), fmt.Sprintf(format, args...))}
}
