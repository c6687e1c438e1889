package tpch

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Write writes a table as lines whose fields | separates, which are what COPY
// reads with DELIMITER '|', the default. It gives the number of rows.
func (d *Database) Write(table string, w io.Writer) (int64, error) {
	rows := d.rows(table)
	if rows == nil {
		return 0, fmt.Errorf("TPC-H has no table %q", table)
	}
	b := bufio.NewWriter(w)
	var n int64
	for r := range rows {
		if _, err := b.WriteString(strings.Join(r, "|")); err != nil {
			return n, err
		}
		if err := b.WriteByte('\n'); err != nil {
			return n, err
		}
		n++
	}
	return n, b.Flush()
}
