package session

import (
	"context"
	"maps"
	"strconv"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/lock"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// overtaken are the rows of a table that others have changed or deleted since the
// transaction's snapshot, by the engine's row ids, with what the transaction has of
// them. Under SNAPSHOT it may change none of them. The engine refuses two updates of one
// column and two deletions alone, so this finds the others: an update and a deletion,
// and updates of two columns of a row.
type overtaken map[int64]string

// localRow is the least row id of rows that the transaction has inserted itself.
const localRow = 1 << 54

// conflict is how a write of what others have written since is refused: with the
// error of the engine's own conflicts.
func conflict() error {
	return &Error{State: "XX000", Message: "1023", Detail: violation, Hint: "Try the transaction again."}
}

// overtaking are the tables of which a statement must not change what others have
// changed since. Serializable transactions have been refused as a whole by then.
func (s *statement) overtaking(ctx context.Context) (map[*catalog.Relation]overtaken, error) {
	b := s.backend
	if b.tx.serializable {
		return nil, nil
	}
	var all map[*catalog.Relation]overtaken
	for _, l := range s.plan.Locks {
		rel, ok := b.tx.snapshot.RelationByID(int32(l.Table))
		if l.Mode == lock.AccessShare || l.Table != int64(int32(l.Table)) || !ok || !rel.Stored() || !b.core.fresh.changedSince(rel.ID, b.tx.rows.seen) {
			continue
		}
		switch s.ast.(type) {
		case *ast.Truncate, *ast.AlterTable:
			// It would give the table what it has seen of it.
			return nil, conflict()
		}
		if !readsTarget(s.ast) {
			continue
		}
		rows, ok := b.tx.overtaken[rel.ID]
		if !ok {
			var err error
			if rows, err = b.overtakenRows(ctx, rel); err != nil {
				return nil, err
			}
			if b.tx.overtaken == nil {
				b.tx.overtaken = map[int32]overtaken{}
			}
			b.tx.overtaken[rel.ID] = rows
		}
		if len(rows) > 0 {
			if all == nil {
				all = map[*catalog.Relation]overtaken{}
			}
			all[rel] = rows
		}
	}
	return all, nil
}

// overtakenRows compares a table as the transaction sees it with the table as it is.
// The transaction holds the lock for writing, so that this stays as it is.
func (b *backend) overtakenRows(ctx context.Context, rel *catalog.Relation) (overtaken, error) {
	rows, err := contents(ctx, b.conn, rel)
	if err != nil {
		return nil, err
	}
	conn, err := b.core.cfg.DB.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }() // it has changed nothing
	now, err := contents(ctx, conn, rel)
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(rows, func(id int64, row string) bool { return id >= localRow || now[id] == row })
	return rows, nil
}

// contents are a table's rows, each as a hash.
func contents(ctx context.Context, conn *engine.Conn, rel *catalog.Relation) (overtaken, error) {
	result, err := conn.Query(ctx, "SELECT rowid, hash(t) FROM "+quoteName(rel.StoreSchema)+"."+quoteName(rel.StoreName)+" AS t", nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = result.Close() }() // errors come from Next
	all := overtaken{}
	for {
		chunk, err := result.Next(ctx)
		if err != nil || chunk == nil {
			return all, err
		}
		for i := range chunk.Len() {
			id, err := strconv.ParseInt(string(chunk.AppendText(nil, 0, i)), 10, 64)
			if err != nil {
				return nil, err
			}
			all[id] = string(chunk.AppendText(nil, 1, i))
		}
	}
}

// kept says whether a statement has left alone what it must.
func (b *backend) kept(ctx context.Context, all map[*catalog.Relation]overtaken) error {
	for rel, rows := range all {
		now, err := contents(ctx, b.conn, rel)
		if err != nil {
			return err
		}
		for id, row := range rows {
			if now[id] != row {
				return conflict()
			}
		}
	}
	return nil
}
