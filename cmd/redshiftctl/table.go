package main

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/llm-dev-ops/redshift"
)

// tableWriter collects a result and prints it as a table.
type tableWriter struct {
	w    *bufio.Writer
	null string
	t    table.Writer
	n    int64
}

// newTable is a table in this program's style, as plain as psql's.
func newTable(names ...string) table.Writer {
	t := table.NewWriter()
	style := table.StyleLight
	style.Options = table.Options{SeparateColumns: true, SeparateHeader: true}
	style.Format = table.FormatOptions{} // names as they are
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	row := make(table.Row, len(names))
	for i, n := range names {
		row[i] = printable(n)
	}
	t.AppendHeader(row)
	return t
}

func (t *tableWriter) begin(cols []redshift.Column) error {
	names := make([]string, len(cols))
	configs := make([]table.ColumnConfig, len(cols))
	for i, c := range cols {
		names[i] = c.Name
		configs[i].Number = i + 1
		if numeric(c.Type) {
			configs[i].Align, configs[i].AlignHeader = text.AlignRight, text.AlignRight
		}
	}
	t.t, t.n = newTable(names...), 0
	t.t.SetColumnConfigs(configs)
	return nil
}

func numeric(t redshift.Type) bool {
	switch t {
	case redshift.TypeSmallInt, redshift.TypeInteger, redshift.TypeBigInt, redshift.TypeReal, redshift.TypeDouble, redshift.TypeNumeric:
		return true
	}
	return false
}

func (t *tableWriter) row(values []*string) error {
	row := make(table.Row, len(values))
	for i, v := range values {
		if v == nil {
			row[i] = t.null
		} else {
			row[i] = printable(*v)
		}
	}
	t.t.AppendRow(row)
	t.n++
	return nil
}

func (t *tableWriter) end() error {
	_, _ = t.w.WriteString(t.t.Render())
	_, _ = fmt.Fprintf(t.w, "\n(%s)\n", count(t.n, "row"))
	t.t = nil
	return t.w.Flush()
}

// shownLoadErrors bounds a table that nobody reads to its end.
const shownLoadErrors = 20

// writeLoadErrors prints rejected rows as a table, with a mark under the
// character that is wrong where the server has told it.
func writeLoadErrors(w io.Writer, errs []redshift.LoadError) {
	t := newTable("file", "line", "column", "value", "reason")
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 2, Align: text.AlignRight, AlignHeader: text.AlignRight},
		{Number: 5, WidthMax: 60, WidthMaxEnforcer: text.WrapSoft},
	})
	for _, e := range errs[:min(len(errs), shownLoadErrors)] {
		column := printable(e.Column)
		if e.Type != "" {
			column += " " + printable(e.Type)
		}
		t.AppendRow(table.Row{base(e.File), e.Line, column, offending(e), fmt.Sprintf("%s (%d)", printable(e.Message), e.Code)})
	}
	fmt.Fprintln(w, t.Render())
	if n := len(errs) - shownLoadErrors; n > 0 {
		fmt.Fprintf(w, "and %d more\n", n)
	}
}

// base is the last part of an object's name, which is all that tells files
// apart that were loaded together.
func base(uri string) string {
	return printable(uri[strings.LastIndexByte(uri, '/')+1:])
}

// offending is the value, or the line where the server says no value, with a
// mark below the wrong character. In a value that is the "Pos 2" of the message,
// counted from 0; the position of the row is that of the field in the line, or
// in the field (r_STL_LOAD_ERRORS has both readings), and marks a line alone.
func offending(e redshift.LoadError) string {
	text, at := e.RawValue, -1
	if m := messagePos.FindStringSubmatch(e.Message); m != nil {
		at, _ = strconv.Atoi(m[1])
	}
	if text == "" {
		if text = e.RawLine; e.Position > 0 {
			at = e.Position
		}
	}
	return marked([]rune(strings.ReplaceAll(printable(text), "\n", "\uFFFD")), at)
}

var messagePos = regexp.MustCompile(`\bPos (\d{1,4})\b`)

// marked is a text, cut around the character at, with a mark below that.
func marked(text []rune, at int) string {
	const most = 40
	if at >= len(text) {
		at = -1
	}
	if len(text) > most {
		from := max(0, min(at-most/2, len(text)-most))
		text = text[from : from+most]
		if at >= 0 {
			at -= from
		}
	}
	if at < 0 {
		return string(text)
	}
	return string(text) + "\n" + strings.Repeat(" ", width(string(text[:at]))) + "^"
}
