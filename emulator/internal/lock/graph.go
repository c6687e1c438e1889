package lock

import (
	"maps"
	"slices"
	"sync"
)

// Graph follows which transactions of serializable databases come before which, by
// the tables that they have read and written. A cycle among them is what no serial
// order could give: Redshift's error 1023 (c_serial_isolation.md).
//
// A transaction comes before another that wrote a table which it has read without
// that; after one whose writes it has seen; and writers of one table come in the order
// of their commits. Its zero value is ready, and it is safe for concurrent use. The
// caller sees that Begin and Commit come in the order in which the engine takes its
// snapshots and commits.
type Graph struct {
	mu     sync.Mutex
	clock  int64
	active int
	nodes  map[int64]*node
}

// node is a transaction that is under way, or may still be part of a cycle.
type node struct {
	id int64
	// snapshot is the time of its beginning, commit that of its end, 0 before.
	snapshot, commit int64
	reads, writes    map[int64]bool
}

// Cycle says which transactions no serial order holds, and by which table it was seen.
type Cycle struct {
	Table int64
	// Transactions begin with the one that closed the cycle.
	Transactions []int64
}

// Begin takes a transaction's snapshot.
func (g *Graph) Begin(id int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.nodes == nil {
		g.nodes = make(map[int64]*node)
	}
	if g.nodes[id] == nil {
		g.active++
		g.nodes[id] = &node{id: id, snapshot: g.clock, reads: map[int64]bool{}, writes: map[int64]bool{}}
	}
}

// Touch notes the tables that a transaction is about to read and to write, for whose
// writing it has the locks. A cycle is the caller's to end, by Rollback; nil is none.
func (g *Graph) Touch(id int64, reads, writes []int64) *Cycle {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := g.nodes[id]
	if n == nil {
		return nil
	}
	note := func(set map[int64]bool, tables []int64) *Cycle {
		for _, table := range tables {
			if set[table] {
				continue
			}
			set[table] = true
			if path := g.path(n, n, map[int64]bool{}); path != nil {
				return &Cycle{table, path}
			}
		}
		return nil
	}
	if c := note(n.reads, reads); c != nil {
		return c
	}
	return note(n.writes, writes)
}

// Commit ends a transaction with its work done.
func (g *Graph) Commit(id int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if n := g.nodes[id]; n != nil && n.commit == 0 {
		g.clock++
		n.commit = g.clock
		g.active--
		g.prune()
	}
}

// Rollback ends a transaction that never was. It may come after Commit, which holds.
func (g *Graph) Rollback(id int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if n := g.nodes[id]; n != nil && n.commit == 0 {
		delete(g.nodes, id)
		g.active--
		g.prune()
	}
}

// prune forgets the transactions that can be in no cycle any more: nobody comes before
// them, nor will, since all that are under way have seen them.
func (g *Graph) prune() {
	if g.active == 0 {
		clear(g.nodes)
		return
	}
	oldest := g.clock
	for _, n := range g.nodes {
		if n.commit == 0 {
			oldest = min(oldest, n.snapshot)
		}
	}
	for again := true; again; {
		again = false
		for id, n := range g.nodes {
			if n.commit == 0 || n.commit > oldest || g.hasPredecessor(n) {
				continue
			}
			delete(g.nodes, id)
			again = true
		}
	}
}

func (g *Graph) hasPredecessor(n *node) bool {
	for _, other := range g.nodes {
		if other != n && other.before(n) {
			return true
		}
	}
	return false
}

// path goes from a transaction along what comes behind it to another.
func (g *Graph) path(from, to *node, seen map[int64]bool) []int64 {
	for _, id := range slices.Sorted(maps.Keys(g.nodes)) {
		next := g.nodes[id]
		if next == from || seen[id] || !from.before(next) {
			continue
		}
		if next == to {
			return []int64{from.id}
		}
		seen[id] = true
		if rest := g.path(next, to, seen); rest != nil {
			return append([]int64{from.id}, rest...)
		}
	}
	return nil
}

// before tells whether a must come before b in every serial order.
func (a *node) before(b *node) bool {
	seen := a.commit != 0 && a.commit <= b.snapshot
	unseen := b.commit == 0 || b.commit > a.snapshot
	first := a.commit != 0 && (b.commit == 0 || a.commit < b.commit)
	for table := range b.writes {
		if a.reads[table] && unseen || a.writes[table] && first {
			return true
		}
	}
	if seen {
		for table := range b.reads {
			if a.writes[table] {
				return true
			}
		}
	}
	return false
}
