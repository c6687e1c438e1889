package redshift

import (
	"context"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/transport"
)

// The table in which a job's rows are kept, and the column that numbers them.
const (
	keptTable = "redshift_job_"
	keptRow   = "redshift_job_row"
)

// keptSQL is the statement that keeps the rows of sql, and what it puts before it.
// A line comment at the end of sql must not swallow the closing parenthesis.
func keptSQL(id, sql string) (before, all string) {
	before = "CREATE TABLE " + keptName(id) + " AS SELECT q.*, ROW_NUMBER() OVER () AS " + keptRow + " FROM (\n"
	return before, before + strings.TrimRight(strings.TrimSpace(sql), ";") + "\n) q"
}

// keptName is in lower case, as the server folds names without regard to quotes.
func keptName(id string) string { return `"` + keptTable + strings.ToLower(id) + `"` }

// Rows waits for the job and streams its rows, which must be closed. It gives them
// once over the wire; any number of times, and in any process, over the Data API and
// where Query.Keep was set. What cannot be is an ErrUnsupported that names the
// capability Keep.
func (j *Job) Rows(ctx context.Context) (*Rows, error) { return j.RowsAfter(ctx, "") }

// RowsAfter is Rows behind the row at which Rows.Token gave the token, "" for all.
// Rows that are read from the job's own session have no place to begin at but the
// first.
func (j *Job) RowsAfter(ctx context.Context, token string) (*Rows, error) {
	skip, err := tokenRows(token)
	if err != nil {
		return nil, err
	}
	if err := j.Wait(ctx); err != nil {
		return nil, err
	}
	j.mu.Lock()
	run, l, leased := j.run, j.l, j.leased
	j.mu.Unlock()
	if run == nil {
		return j.keptRows(ctx, skip)
	}
	if leased && skip > 0 {
		return nil, j.unkept()
	}
	e := newExecution(ctx, j.c.cfg.MaxQueryTimeout, false)
	if leased {
		e.s = l.s
		e.release = func(r transport.Reuse) {
			j.mu.Lock()
			j.run, j.leased = nil, false
			j.mu.Unlock()
			l.release(r)
		}
	}
	e.shift = j.shift
	rows, err := e.start(func(context.Context) (transport.Run, error) { return run, nil })
	for n := int64(0); err == nil && n < skip; n++ {
		if !rows.Next() {
			if err = rows.Err(); err == nil {
				break
			}
		}
	}
	if err != nil {
		return nil, err
	}
	return rows, nil
}

// keptRows reads the table that the job has written.
func (j *Job) keptRows(ctx context.Context, after int64) (*Rows, error) {
	rows, err := j.c.Query(ctx, Query{
		SQL:     "SELECT * FROM " + keptName(j.ID) + " WHERE " + keptRow + " > " + strconv.FormatInt(after, 10) + " ORDER BY " + keptRow,
		Timeout: j.c.cfg.MaxQueryTimeout,
	})
	if err != nil {
		if refused(err) {
			return nil, j.unkept()
		}
		return nil, err
	}
	if n := len(rows.cols); n > 0 && rows.cols[n-1].Name == keptRow {
		rows.hide(after)
	}
	return rows, nil
}

func (j *Job) unkept() error {
	return wrap(&transport.UnsupportedError{
		Transport: j.c.t.Caps().Name, Capability: "Keep",
		Hint: "the rows of job " + j.ID + " went to the process that submitted it: set Query.Keep to have them in a table, or UNLOAD them",
	})
}

// Forget removes what keeps the job's rows: over the wire its table. The Data API
// forgets by itself after 24 hours.
func (j *Job) Forget(ctx context.Context) error {
	if err := checkID(j.ID); err != nil {
		return err
	}
	if j.c.t.Caps().Keep {
		return nil
	}
	_, err := j.c.Execute(ctx, SQL("DROP TABLE IF EXISTS "+keptName(j.ID)))
	return err
}

// Token is where RowsAfter goes on behind the current row, in this or another process,
// for rows of a job. It is not secret and valid as long as the job's rows are kept.
func (r *Rows) Token() string { return "row-" + strconv.FormatInt(r.skipped+int64(r.read), 10) }

func tokenRows(token string) (int64, error) {
	if token == "" {
		return 0, nil
	}
	digits, ok := strings.CutPrefix(token, "row-")
	n, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil || n < 0 {
		return 0, usage("the token is none of Rows.Token")
	}
	return n, nil
}

// hide leaves the last column out.
func (r *Rows) hide(skipped int64) {
	n := len(r.cols) - 1
	r.cols, r.skipped = r.cols[:n:n], skipped
	r.res = &narrow{r.res, n}
}

// narrow is a result without its last columns.
type narrow struct {
	transport.Result
	n int
}

func (r *narrow) Columns() []transport.Column { return r.Result.Columns()[:r.n:r.n] }
func (r *narrow) Raw() [][]byte               { return r.Result.Raw()[:r.n:r.n] }
