package session

import (
	"sync"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/lock"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// freshness knows which materialized views show what is committed. It counts the
// commits that changed rows; what it does not know of (after a start with kept data)
// is out of date.
type freshness struct {
	mu      sync.Mutex
	commits int64
	// changed is the last commit that changed a relation's rows, rewritten the last
	// one that did so in a way that no refresh can follow step by step.
	changed, rewritten map[int32]int64
	// filled is the last commit whose rows a view shows.
	filled map[int32]int64
}

// now is the number of commits that a transaction sees that begins now. It is taken
// before the engine's snapshot, so that a view is never held to be fresher than it is.
func (f *freshness) now() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.commits
}

// stale tells whether a view's tables have changed since it was filled.
func (f *freshness) stale(v *catalog.Relation) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.since(v, f.changed)
}

func (f *freshness) since(v *catalog.Relation, changes map[int32]int64) bool {
	at, ok := f.filled[v.ID]
	if !ok {
		return true
	}
	for _, id := range v.Uses {
		if changes[id] > at {
			return true
		}
	}
	return false
}

// scratch tells whether the next refresh of a view has to begin anew.
func (f *freshness) scratch(v *catalog.Relation) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return !v.Incremental || f.since(v, f.rewritten)
}

// changedSince tells whether a commit has changed a table's rows since so many commits.
func (f *freshness) changedSince(id int32, seen int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.changed[id] > seen
}

// rowChanges are what a transaction has changed: true for what was rewritten.
type rowChanges struct {
	written map[int32]bool
	// filled are the views that it has filled: false after a later change of their
	// tables.
	filled map[int32]bool
	views  map[int32]*catalog.Relation
	// seen is freshness.now of its beginning.
	seen int64
}

// wrote notes what a statement has written to.
func (w *rowChanges) wrote(s *statement) {
	rewritten := false
	switch s.ast.(type) {
	case *ast.RefreshMaterializedView, *ast.CreateView, *ast.Drop, *ast.Lock:
		return
	case *ast.Truncate, *ast.AlterTable:
		rewritten = true
	}
	for _, l := range s.plan.Locks {
		if l.Mode == lock.RowExclusive || rewritten && l.Mode == lock.AccessExclusive {
			w.write(int32(l.Table), rewritten)
		}
	}
}

func (w *rowChanges) write(id int32, rewritten bool) {
	if w.written == nil {
		w.written = map[int32]bool{}
	}
	w.written[id] = w.written[id] || rewritten
	for view, v := range w.views {
		for _, used := range v.Uses {
			if used == id {
				w.filled[view] = false
			}
		}
	}
}

// fill notes that a view shows what the transaction sees.
func (w *rowChanges) fill(v *catalog.Relation) {
	w.write(v.ID, false)
	if w.filled == nil {
		w.filled, w.views = map[int32]bool{}, map[int32]*catalog.Relation{}
	}
	w.filled[v.ID], w.views[v.ID] = true, v
}

// stale tells whether a view lacks rows that the transaction sees.
func (w *rowChanges) stale(f *freshness, v *catalog.Relation) bool {
	if fresh, ok := w.filled[v.ID]; ok {
		return !fresh
	}
	for _, id := range v.Uses {
		if _, ok := w.written[id]; ok {
			return true
		}
	}
	return f.stale(v)
}

// commit makes a transaction's changes known. The engine has committed them.
func (f *freshness) commit(w *rowChanges) {
	if len(w.written) == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.changed == nil {
		f.changed, f.rewritten, f.filled = map[int32]int64{}, map[int32]int64{}, map[int32]int64{}
	}
	f.commits++
	for id, v := range w.views {
		f.filled[id] = w.seen
		if w.filled[id] && !f.after(v, w.seen) {
			f.filled[id] = f.commits
		}
	}
	for id, rewritten := range w.written {
		f.changed[id] = f.commits
		if rewritten {
			f.rewritten[id] = f.commits
		}
	}
}

// after tells whether others have changed a view's tables since.
func (f *freshness) after(v *catalog.Relation, since int64) bool {
	for _, id := range v.Uses {
		if f.changed[id] > since {
			return true
		}
	}
	return false
}
