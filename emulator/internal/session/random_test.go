package session

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

var (
	randomSteps = flag.Int("random-steps", 400, "statements of each run of TestRandomTransactions")
	randomSeed  = flag.Uint64("random-seed", 0, "the seed of TestRandomTransactions; 0 takes new ones")
)

// The model: what transactions of Redshift do, in the plainest form. It keeps every
// committed state and every transaction.
type (
	rowSet map[int]int // id to value
	state  map[string]rowSet

	// modelTx is a transaction. delta has its own changes, nil for a deleted row.
	modelTx struct {
		snapshot      int // index of the state it sees; -1 before its first statement
		commit        int // index of the state it made; 0 while it is under way
		aborted       bool
		reads, writes map[string]bool
		held          map[string]int // 0 read, 1 write, 2 exclusive
		delta         map[string]map[int]*int
		log           []op
	}

	// op is a statement: what it does to rows, and what it read.
	op struct {
		kind, table, from string
		a, b              int
		result            string
	}

	model struct {
		serializable bool
		states       []state
		all          []*modelTx
		// gone: the last statement writes to a table that was altered since.
		gone bool
	}
)

// wide parts the two columns of a row in the model's one number.
const wide = 1_000_000

var modelTables = []string{"a", "b", "c"}

// see is a table as a transaction sees it.
func (m *model) see(t *modelTx, table string) rowSet {
	rows := maps.Clone(m.states[t.snapshot][table])
	for id, v := range t.delta[table] {
		if v == nil {
			delete(rows, id)
		} else {
			rows[id] = *v
		}
	}
	return rows
}

// change is what a statement does to the rows that it sees.
func (o op) change(table, from rowSet) map[int]*int {
	out := map[int]*int{}
	switch o.kind {
	case "insert":
		out[o.a] = &o.b
	case "copy":
		for id, v := range from {
			out[id+o.a] = &v
		}
	case "update", "update w":
		for id, v := range table {
			if id%3 == o.a {
				if v += o.b; o.kind != "update" {
					v += o.b*wide - o.b
				}
				out[id] = &v
			}
		}
	case "delete":
		for id := range table {
			if id%5 == o.a {
				out[id] = nil
			}
		}
	case "truncate":
		for id := range table {
			out[id] = nil
		}
	}
	return out
}

func (o op) sql() string {
	switch o.kind {
	case "insert":
		return fmt.Sprintf("INSERT INTO %s (id, v, w) VALUES (%d, %d, 0)", o.table, o.a, o.b)
	case "copy":
		return fmt.Sprintf("INSERT INTO %s (id, v, w) SELECT id + %d, v, w FROM %s", o.table, o.a, o.from)
	case "update":
		return fmt.Sprintf("UPDATE %s SET v = v + %d WHERE id %% 3 = %d", o.table, o.b, o.a)
	case "update w":
		return fmt.Sprintf("UPDATE %s SET w = w + %d WHERE id %% 3 = %d", o.table, o.b, o.a)
	case "alter":
		return fmt.Sprintf("ALTER TABLE %s ADD COLUMN x%d INT", o.table, o.a)
	case "delete":
		return fmt.Sprintf("DELETE FROM %s WHERE id %% 5 = %d", o.table, o.a)
	case "truncate":
		return "TRUNCATE " + o.table
	case "lock":
		return "LOCK " + o.table
	}
	return fmt.Sprintf("SELECT id, v + w * %d FROM %s ORDER BY id", wide, o.table)
}

func printed(rows rowSet) string {
	var out strings.Builder
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		fmt.Fprintf(&out, "%d|%d ", id, rows[id])
	}
	return out.String()
}

// needs are the locks of a statement by table, and what it reads and writes.
func (o op) needs() (locks map[string]int, reads, writes []string) {
	switch o.kind {
	case "select":
		return map[string]int{o.table: 0}, []string{o.table}, nil
	case "insert":
		return map[string]int{o.table: 1}, nil, []string{o.table}
	case "copy":
		locks = map[string]int{o.from: 0}
		locks[o.table] = 1
		return locks, []string{o.from}, []string{o.table}
	case "lock":
		return map[string]int{o.table: 2}, nil, nil
	case "truncate", "alter":
		return map[string]int{o.table: 2}, []string{o.table}, []string{o.table}
	}
	return map[string]int{o.table: 1}, []string{o.table}, []string{o.table}
}

// waits tells whether another transaction's lock is in the way.
func (m *model) waits(t *modelTx, locks map[string]int) bool {
	for _, other := range m.all {
		if other == t || other.aborted || other.commit != 0 {
			continue
		}
		for table, mode := range locks {
			if held, ok := other.held[table]; ok && (held == 2 || mode == 2 || held == 1 && mode == 1) {
				return true
			}
		}
	}
	return false
}

// before: a comes before b in every serial order.
func before(a, b *modelTx) bool {
	for table := range b.writes {
		if a.reads[table] && (b.commit == 0 || b.commit > a.snapshot) {
			return true
		}
		if a.writes[table] && a.commit != 0 && (b.commit == 0 || a.commit < b.commit) {
			return true
		}
	}
	for table := range b.reads {
		if a.writes[table] && a.commit != 0 && a.commit <= b.snapshot {
			return true
		}
	}
	return false
}

// cycle tells whether a transaction is on one, over all that ever were.
func (m *model) cycle(t *modelTx) bool {
	seen := map[*modelTx]bool{}
	var reach func(*modelTx) bool
	reach = func(from *modelTx) bool {
		for _, next := range m.all {
			if next == from || next.aborted || !before(from, next) {
				continue
			}
			if next == t {
				return true
			}
			if !seen[next] {
				seen[next] = true
				if reach(next) {
					return true
				}
			}
		}
		return false
	}
	return reach(t)
}

// conflict: under SNAPSHOT a row is changed or deleted that another transaction has
// changed or deleted since.
func (m *model) conflict(t *modelTx, table string, changed map[int]*int) bool {
	for id := range changed {
		old, was := m.states[t.snapshot][table][id]
		now, is := m.states[len(m.states)-1][table][id]
		if was && (!is || now != old) {
			return true
		}
	}
	return false
}

// overtaken: another transaction has written a table since.
func (m *model) overtaken(t *modelTx, table string) bool {
	return slices.ContainsFunc(m.all, func(other *modelTx) bool {
		return other != t && other.commit > t.snapshot && other.writes[table]
	})
}

// altered: a statement would write to a table as it was before another transaction has
// altered it, which is refused in one way or the other.
func (m *model) altered(t *modelTx, o op) bool {
	return slices.ContainsFunc(m.all, func(other *modelTx) bool {
		return other != t && other.commit > t.snapshot && slices.ContainsFunc(other.log, func(x op) bool { return x.kind == "alter" && x.table == o.table })
	})
}

// run does a statement and tells whether it fails with 1023.
func (m *model) run(t *modelTx, o op) (result string, fails bool) {
	locks, reads, writes := o.needs()
	for table, mode := range locks {
		t.held[table] = max(t.held[table], mode)
	}
	if o.kind == "lock" {
		t.log = append(t.log, o)
		return "", false
	}
	if t.snapshot < 0 {
		t.snapshot = len(m.states) - 1
	}
	for _, table := range reads {
		t.reads[table] = true
	}
	for _, table := range writes {
		t.writes[table] = true
	}
	m.gone = o.kind != "select" && m.altered(t, o)
	if m.serializable && m.cycle(t) {
		t.aborted = true
		return "", true
	}
	if o.kind == "select" {
		o.result = printed(m.see(t, o.table))
		t.log = append(t.log, o)
		return o.result, false
	}
	from := rowSet(nil)
	if o.from != "" {
		from = m.see(t, o.from)
	}
	changed := o.change(m.see(t, o.table), from)
	if !m.serializable && (m.conflict(t, o.table, changed) || (o.kind == "truncate" || o.kind == "alter") && m.overtaken(t, o.table)) {
		t.aborted = true
		return "", true
	}
	if t.delta[o.table] == nil {
		t.delta[o.table] = map[int]*int{}
	}
	maps.Copy(t.delta[o.table], changed)
	t.log = append(t.log, o)
	return "", false
}

func (m *model) begin() *modelTx {
	t := &modelTx{snapshot: -1, reads: map[string]bool{}, writes: map[string]bool{}, held: map[string]int{}, delta: map[string]map[int]*int{}}
	m.all = append(m.all, t)
	return t
}

func (m *model) commit(t *modelTx) {
	latest := state{}
	for table, rows := range m.states[len(m.states)-1] {
		latest[table] = maps.Clone(rows)
		for id, v := range t.delta[table] {
			if v == nil {
				delete(latest[table], id)
			} else {
				latest[table][id] = *v
			}
		}
	}
	m.states = append(m.states, latest)
	t.commit = len(m.states) - 1
	if t.snapshot < 0 {
		t.snapshot = t.commit - 1
	}
}

// serial replays the committed transactions one behind the other, in an order that
// their dependencies allow, and compares what each has read and what is there at last.
func (m *model) serial(t *testing.T) {
	left := slices.DeleteFunc(slices.Clone(m.all), func(x *modelTx) bool { return x.commit == 0 })
	now := state{}
	for _, table := range modelTables {
		now[table] = rowSet{}
	}
	for len(left) > 0 {
		i := slices.IndexFunc(left, func(x *modelTx) bool {
			return !slices.ContainsFunc(left, func(y *modelTx) bool { return y != x && before(y, x) })
		})
		if i < 0 {
			t.Fatal("the committed transactions have no serial order")
		}
		for _, o := range left[i].log {
			if o.kind == "select" {
				if got := printed(now[o.table]); got != o.result {
					t.Fatalf("in a serial order %s reads %s, and it has read %s", o.sql(), got, o.result)
				}
			}
			for id, v := range o.change(now[o.table], now[o.from]) {
				if v == nil {
					delete(now[o.table], id)
				} else {
					now[o.table][id] = *v
				}
			}
		}
		left = slices.Delete(left, i, i+1)
	}
	for table, rows := range m.states[len(m.states)-1] {
		if printed(rows) != printed(now[table]) {
			t.Fatalf("in a serial order %s ends as %s, and it is %s", table, printed(now[table]), printed(rows))
		}
	}
}

// TestRandomTransactions runs random statements of several sessions and compares what
// each of them reads, and which of them fail with 1023, with the model.
func TestRandomTransactions(t *testing.T) {
	t.Parallel()
	for _, level := range []string{"SERIALIZABLE", "SNAPSHOT"} {
		for range 3 {
			seed := *randomSeed
			if seed == 0 {
				seed = rand.Uint64()
			}
			t.Run(fmt.Sprintf("%s/%d", level, seed), func(t *testing.T) {
				t.Parallel()
				randomTransactions(t, level, seed)
			})
		}
	}
}

func randomTransactions(t *testing.T, level string, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	core := newCore(t)
	ctx := t.Context()
	m := &model{serializable: level == "SERIALIZABLE", states: []state{{}}}
	admin := openClient(t, core)
	defer admin.Close()
	if _, err := admin.result(ctx, "CREATE DATABASE d ISOLATION LEVEL "+level); err != nil {
		t.Fatal(err)
	}
	var clients []*client
	for range 4 {
		c, err := openAs(core, "awsuser", "d")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		clients = append(clients, c)
	}
	for _, table := range modelTables {
		m.states[0][table] = rowSet{}
		if _, err := clients[0].result(ctx, "CREATE TABLE "+table+" (id BIGINT, v BIGINT, w BIGINT)"); err != nil {
			t.Fatal(err)
		}
	}
	open := make([]*modelTx, len(clients))
	failures, waits := 0, 0
	var trace []string // of a failure
	defer func() {
		if t.Failed() {
			t.Logf("the last statements:\n%s", strings.Join(trace[max(0, len(trace)-40):], "\n"))
		}
	}()
	must := func(i int, sql string) {
		t.Helper()
		trace = append(trace, fmt.Sprintf("%d %s", i, sql))
		if _, err := clients[i].result(ctx, sql); err != nil {
			t.Fatalf("session %d: %s: %v", i, sql, err)
		}
	}
	for step := range *randomSteps {
		i := r.IntN(len(clients))
		switch n := r.IntN(10); {
		case open[i] == nil && n < 6:
			must(i, "BEGIN")
			open[i] = m.begin()
			continue
		case open[i] != nil && n == 0:
			must(i, "COMMIT")
			m.commit(open[i])
			open[i] = nil
			continue
		case open[i] != nil && n == 1 && r.IntN(2) == 0:
			must(i, "ROLLBACK")
			open[i].aborted = true
			open[i] = nil
			continue
		}
		o := randomOp(r, step)
		if o.kind == "lock" && open[i] == nil {
			continue
		}
		tx := open[i]
		if tx == nil {
			tx = m.begin()
		}
		if locks, _, _ := o.needs(); m.waits(tx, locks) {
			waits++
			if open[i] == nil {
				tx.aborted = true
			}
			continue
		}
		m.gone = false
		want, fails := m.run(tx, o)
		got, err := clients[i].result(ctx, o.sql())
		trace = append(trace, fmt.Sprintf("%d %v: %s -> %q %v", i, open[i] != nil, o.sql(), got, err))
		var e *Error
		if m.gone && errors.As(err, &e) && e.State == "XX000" {
			fails, tx.aborted = true, true
		}
		switch {
		case fails && m.gone && err != nil:
		case fails && (!errors.As(err, &e) || e.Message != "1023"):
			t.Fatalf("step %d, session %d: %s: no 1023 but %v", step, i, o.sql(), err)
		case !fails && err != nil:
			errors.As(err, &e)
			t.Fatalf("step %d, session %d: %s: %v %s", step, i, o.sql(), err, e.Detail)
		case got != want:
			t.Fatalf("step %d, session %d: %s reads %s, the model %s", step, i, o.sql(), got, want)
		}
		switch {
		case fails:
			failures++
			if open[i] != nil {
				must(i, "ROLLBACK")
			}
			open[i] = nil
		case open[i] == nil || o.kind == "truncate": // TRUNCATE commits
			m.commit(tx)
			open[i] = nil
		}
	}
	for i, tx := range open {
		if tx != nil {
			must(i, "COMMIT")
			m.commit(tx)
		}
	}
	for _, table := range modelTables {
		got, err := clients[0].result(ctx, op{table: table}.sql())
		if want := printed(m.states[len(m.states)-1][table]); err != nil || got != want {
			t.Fatalf("at last %s is %s, in the model %s (%v)", table, got, want, err)
		}
	}
	if m.serializable {
		m.serial(t)
	}
	t.Logf("%d transactions, %d failed with 1023, %d statements would have waited", len(m.all), failures, waits)
}

func randomOp(r *rand.Rand, step int) op {
	table := modelTables[r.IntN(len(modelTables))]
	switch n := r.IntN(20); {
	case n < 7:
		return op{kind: "select", table: table}
	case n < 12:
		return op{kind: "insert", table: table, a: 1000*step + r.IntN(1000), b: r.IntN(100)}
	case n < 13:
		from := modelTables[r.IntN(len(modelTables))]
		if from == table {
			return op{kind: "select", table: table}
		}
		return op{kind: "copy", table: table, from: from, a: 100_000_000 * (step + 1)}
	case n < 14:
		return op{kind: "update w", table: table, a: r.IntN(3), b: 1 + r.IntN(9)}
	case n < 16:
		return op{kind: "update", table: table, a: r.IntN(3), b: 1 + r.IntN(9)}
	case n < 18:
		return op{kind: "delete", table: table, a: r.IntN(5)}
	case n < 19:
		return op{kind: "lock", table: table}
	case r.IntN(3) == 0:
		return op{kind: "alter", table: table, a: step}
	}
	return op{kind: "truncate", table: table}
}

// result runs a statement as its own message, and gives its rows.
func (c *client) result(ctx context.Context, sql string) (rows string, err error) {
	defer func() {
		if e := c.Sync(ctx); err == nil {
			err = e
		}
	}()
	stmt, err := c.Prepare(ctx, sql, nil)
	if err != nil {
		return "", err
	}
	defer stmt.Close()
	p, err := stmt.Start(ctx, Call{Last: true})
	if err != nil {
		return "", err
	}
	defer p.Close() // its error came from AppendRows
	var out strings.Builder
	for done := false; !done; {
		var b []byte
		if b, _, done, err = p.AppendRows(ctx, nil, 0); err != nil {
			return "", err
		}
		for _, row := range dataRows(b) {
			out.WriteString(strings.Join(row, "|") + " ")
		}
	}
	return out.String(), nil
}
