package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
)

// copyInto is COPY: what goes where. Its options are for the loader to read.
func (c *change) copyInto(s *ast.Copy) error {
	c.tag("COPY", "COPY")
	if s.Job {
		return unsupported(s.Pos(), "COPY JOB")
	}
	r, err := c.dmlTarget(s.Table)
	if err != nil {
		return err
	}
	if err := c.need(r, catalog.Insert, s.Table.Pos()); err != nil {
		return err
	}
	target := &CopyTarget{Relation: r}
	if s.Columns != nil {
		if target.Columns, err = c.columnList(r, s.Columns); err != nil {
			return err
		}
	}
	values := make([]string, len(r.Columns))
	for i := range r.Columns {
		col := r.Columns[i]
		col.Identity = nil // numbered by the loader
		if values[i], err = c.defaultValue(&col); err != nil {
			return err
		}
		values[i] = "CAST(" + values[i] + " AS " + col.Type.DuckDB() + ")"
	}
	target.Defaults = "SELECT " + strings.Join(values, ", ")
	c.plan.Copy = target
	return nil
}

// unload is UNLOAD: its query, whose text is a string in the statement.
func (c *change) unload(s *ast.Unload) error {
	c.tag("UNLOAD", "UNLOAD")
	at := func(err error) error {
		// Positions inside the string are those of its decoded text; without
		// escapes before them they are the statement's less the opening quote.
		out := *asError(err)
		if out.Offset >= 0 {
			if out.Offset += s.QueryPos + 1; out.Offset > len(c.env.Text) {
				out.Offset = s.QueryPos
			}
		}
		return &out
	}
	stmt, err := parse.Statement(s.Query)
	if e, ok := err.(*parse.Error); ok {
		return at(&Error{State: e.SQLState, Message: e.Message, Hint: e.Hint, Offset: e.Offset})
	}
	if err != nil {
		return errorAt(s.QueryPos, "42601", "syntax error at end of input")
	}
	q, ok := stmt.(*ast.Query)
	if !ok || intoOf(q) != nil {
		return errorAt(s.QueryPos, "42601", "UNLOAD takes a SELECT") // assumed text
	}
	if q.Limit != nil || topOf(q) {
		return errorAt(s.QueryPos, "0A000", "Limit clause is not supported") // r_UNLOAD.md: no LIMIT in the outer SELECT; the text is assumed
	}
	outer := c.env.Text
	c.env.Text = s.Query
	bound, err := c.query(q, nil)
	c.env.Text = outer
	if err != nil {
		return at(err)
	}
	c.run(bound.sql)
	c.plan.UnloadColumns = bound.cols
	return nil
}

// topOf tells whether the outermost SELECT has TOP.
func topOf(q *ast.Query) bool {
	s, ok := q.Body.(*ast.Select)
	return ok && s.Top != nil
}
