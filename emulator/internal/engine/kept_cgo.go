//go:build cgo

package engine

import (
	"context"
	"hash/maphash"
	"time"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// Planning costs DuckDB several times what a small statement's run does, so a
// connection keeps what it has prepared: BEGIN, COMMIT and ROLLBACK, and what its
// caller says is worth it.
const (
	maxKept = 32
	// maxKeptText bounds a kept statement's text.
	maxKeptText = 8 << 10
	// maxKeptTime is how long a kept statement may have run: a plan holds on to the
	// memory of its last run, so that only that of short ones is kept.
	maxKeptTime = 5 * time.Millisecond
)

// keeper is a connection's kept statements. It is used as the connection is.
type keeper struct {
	statements map[string]*keptStatement
	// seen are texts that came once, by their hash: what never comes again is not
	// kept, with all that its plan refers to.
	seen  [4 * maxKept]uint64
	clock int64
}

type keptStatement struct {
	handle duck.PreparedStatement
	used   int64
}

var seed = maphash.MakeSeed()

// worth tells whether a statement is kept: at once when always, else when it comes
// for the second time.
func (k *keeper) worth(sql string, always bool) bool {
	if always {
		return true
	}
	if len(sql) > maxKeptText {
		return false
	}
	h := maphash.String(seed, sql)
	place := &k.seen[h%uint64(len(k.seen))]
	if *place == h {
		return true
	}
	*place = h
	return false
}

// take finds a kept statement. It is not kept while it runs.
func (k *keeper) take(sql string) (duck.PreparedStatement, bool) {
	s := k.statements[sql]
	if s == nil {
		return duck.PreparedStatement{}, false
	}
	delete(k.statements, sql)
	return s.handle, true
}

// put keeps a statement, and lets go of the one that was not used for longest.
func (k *keeper) put(sql string, handle duck.PreparedStatement) {
	if k.statements == nil {
		k.statements = map[string]*keptStatement{}
	}
	if len(k.statements) >= maxKept {
		var oldest string
		for text, s := range k.statements {
			if oldest == "" || s.used < k.statements[oldest].used {
				oldest = text
			}
		}
		duck.DestroyPrepare(&k.statements[oldest].handle)
		delete(k.statements, oldest)
	}
	k.clock++
	k.statements[sql] = &keptStatement{handle: handle, used: k.clock}
}

func (k *keeper) forget() {
	for sql, s := range k.statements {
		duck.DestroyPrepare(&s.handle)
		delete(k.statements, sql)
	}
	k.seen = [len(k.seen)]uint64{}
}

// prepare prepares a statement for one run, or takes the one that is kept.
func (c *Conn) prepare(sql string, r *Result, use reuse) error {
	r.began = time.Now()
	if use != useOnce {
		if stmt, ok := c.kept.take(sql); ok {
			r.stmt, r.keep = stmt, sql
			return nil
		}
	}
	if duck.Prepare(c.handle, sql, &r.stmt) == duck.StateError {
		return newError(duck.PrepareError(r.stmt))
	}
	if use != useOnce && c.kept.worth(sql, use == useAlways) {
		r.keep = sql
		r.began = time.Now() // planning does not count
	}
	return nil
}

// letGo ends a run's statement: it is kept if it may be, and freed if not.
func (r *Result) letGo() {
	if r.keep == "" || !r.whole || time.Since(r.began) > maxKeptTime {
		duck.DestroyPrepare(&r.stmt)
		return
	}
	r.conn.kept.put(r.keep, r.stmt)
	r.stmt, r.keep = duck.PreparedStatement{}, ""
}

// reuse says how a statement may be kept for the next time.
type reuse uint8

const (
	useOnce reuse = iota
	useAgain
	useAlways
)

// ExecAgain is Exec for a statement that may come again in this connection: it is
// then planned once. What it does must depend on its text, its parameters and the
// tables alone, not on what a view function was told when it was planned.
func (c *Conn) ExecAgain(ctx context.Context, sql string, params []Value) (int64, error) {
	return c.exec(ctx, sql, params, useAgain)
}

// QueryAgain is Query as ExecAgain is Exec.
func (c *Conn) QueryAgain(ctx context.Context, sql string, params []Value) (*Result, error) {
	return c.query(ctx, sql, params, useAgain, nil)
}

// QueryAlone is Query, or with again QueryAgain, in a transaction of its own, which
// ends with the result: there must be none. begun is called when it has its snapshot;
// after an error it may not have been.
func (c *Conn) QueryAlone(ctx context.Context, sql string, params []Value, again bool, begun func()) (*Result, error) {
	use := useOnce
	if again {
		use = useAgain
	}
	return c.query(ctx, sql, params, use, begun)
}

// Forget lets go of the statements that are kept: of the tables that they read, and
// of settings that they were planned with. It may be called while a result is open.
func (c *Conn) Forget() {
	c.kept.forget()
	if c.result != nil {
		c.result.keep = ""
	}
}
