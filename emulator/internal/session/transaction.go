package session

import (
	"context"
	"errors"
	"maps"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/event"
)

// transaction is a session's transaction; the zero value is none. It begins
// with its first statement and has an id from then on; the engine's begins
// with the first statement that needs it, and the snapshots with that.
type transaction struct {
	xid    int64
	handle event.Handle[event.Transaction]
	// block: BEGIN opened it. Without, Sync ends it.
	block bool
	// failed: only ROLLBACK (or the end of the message) goes on.
	failed bool
	// serializable: of a database with that isolation level. wrote: tables of it.
	serializable, wrote bool
	readOnly            bool
	// began: the engine's transaction is open.
	began bool
	// snapshot is the catalog as this transaction sees it; nil before began.
	snapshot *catalog.Snapshot
	changes  []catalog.Change
	// before are the settings at its beginning, for ROLLBACK; local are those
	// that end with it (SET LOCAL).
	before map[string]string
	local  map[string]string
	// other is the session's at its beginning; localUser ends with it (SET LOCAL
	// SESSION AUTHORIZATION).
	other     *catalog.User
	localUser bool
	// tempSchema is the session's at its beginning.
	tempSchema string
	// rows are what it has changed.
	rows rowChanges
	// overtaken are the rows that others have changed since its snapshot, of the
	// tables that it has changed itself.
	overtaken map[int32]overtaken
	// cursor is the open one, or nil.
	cursor *cursor
}

// TxStatus implements Session.
func (b *backend) TxStatus() byte {
	switch {
	case !b.tx.block:
		return 'I'
	case b.tx.failed:
		return 'E'
	default:
		return 'T'
	}
}

// number gives the transaction its id.
func (b *backend) number() {
	if b.tx.xid == 0 {
		isolation := "Snapshot Isolation"
		if d, ok := b.snapshot().Database(b.database); ok && d.Serializable {
			b.tx.serializable, isolation = true, "Serializable"
		}
		b.tx.xid, b.tx.handle = b.core.cfg.Log.BeginTransaction(event.Transaction{Session: b.who(), Isolation: isolation, Status: "in progress"})
		b.tx.before = maps.Clone(b.settings.values)
		b.tx.tempSchema, b.tx.other = b.tempSchema, b.other
	}
}

// snapshot is the catalog as a statement sees it now.
func (b *backend) snapshot() *catalog.Snapshot {
	if b.tx.snapshot != nil {
		return b.tx.snapshot
	}
	return b.core.cfg.Catalog.Committed()
}

// begin opens the engine's transaction and takes both snapshots.
func (b *backend) begin(ctx context.Context) error {
	b.number()
	if b.tx.began {
		return nil
	}
	b.core.gate.RLock()
	defer b.core.gate.RUnlock()
	b.tx.rows.seen = b.core.fresh.now()
	if _, err := b.conn.Exec(ctx, "BEGIN TRANSACTION", nil); err != nil {
		return err
	}
	b.tx.began = true
	b.tx.snapshot = b.core.cfg.Catalog.Committed()
	if b.tx.serializable {
		b.core.graph.Begin(b.tx.xid)
	}
	return nil
}

// Sync implements Session.
func (b *backend) Sync(ctx context.Context) error {
	if b.tx.block {
		return nil
	}
	if b.portal != nil {
		_ = b.portal.Close()
	}
	if b.tx.failed {
		b.rollback(ctx)
		return nil
	}
	if err := b.commit(ctx); err != nil {
		return asError(ctx, err, "", 0)
	}
	return nil
}

// commit ends the transaction, if there is one. After an error it has been
// rolled back.
func (b *backend) commit(ctx context.Context) error {
	if b.tx.xid == 0 {
		return nil
	}
	b.closeCursor()
	now := b.core.cfg.Log.Now()
	b.tx.handle.Change(func(t *event.Transaction) { t.CommitStart = now })
	if b.tx.began {
		if err := b.commitEngine(ctx); err != nil {
			b.rollback(ctx)
			return err
		}
		b.core.fresh.commit(&b.tx.rows)
	}
	written := b.tx.rows.written
	for name := range b.tx.local {
		b.restore(ctx, name, b.tx.local[name])
	}
	if b.tx.localUser {
		b.become(b.tx.other)
	}
	b.finish("committed")
	b.core.refreshAutomatically(ctx, written, b.database)
	return nil
}

func (b *backend) commitEngine(ctx context.Context) error {
	// A commit that has begun is not given up half way.
	ctx = context.WithoutCancel(ctx)
	if len(b.tx.changes) == 0 && !b.tx.wrote {
		_, err := b.conn.Exec(ctx, "COMMIT", nil)
		return err
	}
	b.core.gate.Lock()
	defer b.core.gate.Unlock()
	if _, err := b.conn.Exec(ctx, "COMMIT", nil); err != nil {
		return err
	}
	if len(b.tx.changes) > 0 {
		b.core.cfg.Catalog.Commit(b.tx.changes)
	}
	if b.tx.serializable {
		b.core.graph.Commit(b.tx.xid)
	}
	return nil
}

// rollback ends the transaction, if there is one, and undoes its settings.
func (b *backend) rollback(ctx context.Context) {
	if b.tx.xid == 0 {
		b.tx = transaction{}
		return
	}
	ctx = context.WithoutCancel(ctx)
	b.abandon(ctx)
	b.undoSettings(ctx)
	b.become(b.tx.other)
	b.finish("rolledback")
}

// abandon gives up the work and the locks of the transaction at once; the
// transaction itself stays, failed or not.
func (b *backend) abandon(ctx context.Context) {
	b.closeCursor()
	if b.portal != nil {
		_ = b.portal.Close()
	}
	if b.tx.began {
		b.rollbackEngine(context.WithoutCancel(ctx))
		b.tx.began = false
	}
	b.tx.snapshot, b.tx.changes, b.tx.rows, b.tx.overtaken = nil, nil, rowChanges{}, nil
	b.tempSchema = b.tx.tempSchema
	b.core.graph.Rollback(b.tx.xid)
	b.core.locks.Release(b.tx.xid)
}

// rollbackEngine sees that no transaction is left on the connection: an
// interrupt that came late may meet the ROLLBACK instead of the statement.
func (b *backend) rollbackEngine(ctx context.Context) {
	for range 3 {
		_, err := b.conn.Exec(ctx, "ROLLBACK", nil)
		var e *engine.Error
		if err == nil || errors.As(err, &e) && e.Kind == engine.ErrorTransaction {
			return // rolled back, or the engine has ended it itself
		}
	}
	// A connection that cannot be rolled back is of no more use.
	_ = b.conn.Close()
	if conn, err := b.core.cfg.DB.Conn(ctx); err == nil {
		b.conn = conn
		if zone := b.get("timezone"); zone != "UTC" {
			_ = b.engineZone(ctx, zone)
		}
	}
}

// fail puts the transaction into its failed state.
func (b *backend) fail(ctx context.Context) {
	b.number()
	if !b.tx.failed {
		b.tx.failed = true
		b.abandon(ctx)
	}
}

func (b *backend) finish(status string) {
	now := b.core.cfg.Log.Now()
	b.tx.handle.Change(func(t *event.Transaction) { t.Status, t.End = status, now })
	if b.tx.serializable && status == "committed" {
		b.core.graph.Commit(b.tx.xid)
	}
	b.core.locks.Release(b.tx.xid)
	b.tx = transaction{}
}

// Fail implements Failer.
func (b *backend) Fail() {
	if b.tx.xid != 0 || b.tx.block {
		b.fail(context.Background())
	}
}
