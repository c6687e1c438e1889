package session

import (
	"context"
	"fmt"
	"strconv"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/load"
)

// sequence numbers the rows of a COPY: it counts in Go from the DuckDB
// sequence's next value, and moves the sequence behind what it used. The
// table's lock keeps others off.
type sequence struct {
	name        string
	value, step int64
	used        int64
}

func newSequence(ctx context.Context, conn *engine.Conn, i *catalog.Identity) (*sequence, error) {
	q := &sequence{name: i.Sequence, step: i.Step}
	text, _, err := oneValue(ctx, conn, "SELECT nextval("+quoteText(i.Sequence)+")")
	if err != nil {
		return nil, err
	}
	if q.value, err = strconv.ParseInt(text, 10, 64); err != nil {
		return nil, err
	}
	return q, nil
}

func (q *sequence) next() int64 {
	v := q.value + q.used*q.step
	q.used++
	return v
}

// keep moves the sequence; the first value was taken when it was read.
func (q *sequence) keep(ctx context.Context, conn *engine.Conn) error {
	if q.used < 2 {
		return nil
	}
	_, _, err := oneValue(ctx, conn, fmt.Sprintf("SELECT max(nextval(%s)) FROM range(%d)", quoteText(q.name), q.used-1))
	return err
}

func quoteText(s string) string {
	out := []byte{'\''}
	for i := range len(s) {
		if s[i] == '\'' {
			out = append(out, '\'')
		}
		out = append(out, s[i])
	}
	return string(append(out, '\''))
}

// oneValue is the one value of a query.
func oneValue(ctx context.Context, conn *engine.Conn, sql string) (text string, null bool, err error) {
	r, err := conn.Query(ctx, sql, nil)
	if err != nil {
		return "", false, err
	}
	defer r.Close() // nothing is lost
	chunk, err := r.Next(ctx)
	if err != nil {
		return "", false, err
	}
	if chunk == nil || chunk.Len() == 0 {
		return "", true, nil
	}
	return string(chunk.AppendText(nil, 0, 0)), chunk.IsNull(0, 0), nil
}

// oneRow evaluates the defaults of a table's columns.
func (b *backend) oneRow(ctx context.Context, sql string, rel *catalog.Relation) ([]engine.Value, error) {
	r, err := b.conn.Query(ctx, sql, nil)
	if err != nil {
		return nil, err
	}
	defer r.Close() // nothing is lost
	chunk, err := r.Next(ctx)
	if err != nil {
		return nil, err
	}
	values := make([]engine.Value, len(rel.Columns))
	if chunk == nil {
		return values, nil
	}
	for i, c := range rel.Columns {
		if chunk.IsNull(i, 0) {
			continue
		}
		if values[i], err = load.Value(c.Type, string(chunk.AppendText(nil, i, 0))); err != nil {
			return nil, &Error{State: "22P02", Message: fmt.Sprintf("default of column %q: %v", c.Name, err), Cause: err}
		}
	}
	return values, nil
}
