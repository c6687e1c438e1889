package session

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/event"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// The words of SVL_MV_REFRESH_STATUS.status (r_SVL_MV_REFRESH_STATUS.md).
const (
	refreshedByChanges = "Refresh successfully updated MV incrementally"
	refreshedAnew      = "Refresh successfully recomputed MV from scratch"
	wasUpToDate        = "MV was already updated"
	refreshAborted     = "Auto refresh aborted due to excessive user workload"
	refreshConflict    = "Refresh failed. Serializable isolation violation."
)

// refreshFailures are the words for a view that cannot be refreshed any more, by
// STV_MV_INFO.state.
var refreshFailures = map[int16]string{
	101: "Refresh failed. A base table column was dropped",
	102: "Refresh failed. A base table column type was changed",
	103: "Refresh failed. A base table was renamed",
	104: "Refresh failed. A base table column was renamed",
	105: "Refresh failed. Schema of MV was renamed",
}

// refresh fills the materialized views of a CREATE or REFRESH. Every refresh reads
// the whole query; which kind Redshift would do is in the messages and the record.
func (b *backend) refresh(ctx context.Context, s *statement) error {
	_, create := s.ast.(*ast.CreateView)
	for _, r := range s.plan.Refresh {
		begun := b.core.cfg.Log.Now()
		if why := refreshFailures[r.View.Unrefreshable]; why != "" {
			b.refreshed(r.View, why, begun)
			return &Error{
				State: "0A000", Message: fmt.Sprintf("Materialized view %s could not be refreshed. %s.", r.View.Name, why[len("Refresh failed. "):]), // assumed text
				Hint: "Drop the materialized view and create it again.",
			}
		}
		changes := &b.tx.rows
		if !create && !changes.stale(&b.core.fresh, r.View) {
			text := "Materialized view " + r.View.Name + " is already up to date."
			if b.behind(r.View) {
				text += "  However, it depends on another materialized view that is not up to date."
			}
			b.refreshNotice(text)
			b.refreshed(r.View, wasUpToDate, begun)
			continue
		}
		for _, sql := range r.SQL {
			if _, err := b.exec(ctx, sql, nil); err != nil {
				return err
			}
		}
		scratch := b.core.fresh.scratch(r.View)
		changes.fill(r.View)
		switch {
		case create:
		case scratch:
			b.refreshNotice("Materialized view " + r.View.Name + " was recomputed successfully.") // assumed text
			b.refreshed(r.View, refreshedAnew, begun)
		default:
			b.refreshNotice("Materialized view " + r.View.Name + " was incrementally updated successfully.")
			b.refreshed(r.View, refreshedByChanges, begun)
		}
	}
	return nil
}

func (b *backend) refreshNotice(text string) {
	b.notice(Notice{Severity: "INFO", State: "00000", Message: text})
}

// refreshed records the outcome of a refresh.
func (b *backend) refreshed(v *catalog.Relation, status string, begun time.Time) {
	b.core.cfg.Log.AddRefresh(event.Refresh{
		Session: b.who(), XID: b.tx.xid, Schema: v.Schema, Name: v.Name, ViewID: v.ID,
		Status: status, Auto: b.automatic, Start: begun, End: b.core.cfg.Log.Now(),
	})
}

// behind tells whether a view is made of one that is not up to date.
func (b *backend) behind(v *catalog.Relation) bool {
	for _, id := range v.Uses {
		if u, ok := b.tx.snapshot.RelationByID(id); ok && u.Kind == catalog.Materialized && (b.tx.rows.stale(&b.core.fresh, u) || b.behind(u)) {
			return true
		}
	}
	return false
}

// staleViews are the materialized views that are not up to date as the session sees
// them, by id.
func (b *backend) staleViews(snapshot *catalog.Snapshot) map[int32]bool {
	stale := map[int32]bool{}
	for _, r := range snapshot.Relations() {
		if r.Kind == catalog.Materialized && b.tx.rows.stale(&b.core.fresh, r) {
			stale[r.ID] = true
		}
	}
	return stale
}

// patience is how long a statement waits for locks: a refresh that nobody asked for
// does not.
func (b *backend) patience(ctx context.Context) context.Context {
	if !b.automatic {
		return ctx
	}
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	return ctx
}

// refreshAutomatically refreshes the AUTO REFRESH views of what a transaction has
// changed, when it has committed and before its client is told (assumed: a cluster
// does it as soon as it has time). Each is a transaction of its own, in the name of
// the view's owner. One whose locks are taken is left as it is.
func (c *Core) refreshAutomatically(ctx context.Context, written map[int32]bool, database string) {
	if len(written) == 0 {
		return
	}
	ctx = context.WithoutCancel(ctx) // the statement's is over
	snapshot := c.cfg.Catalog.Committed()
	for _, id := range slices.Sorted(maps.Keys(written)) {
		for _, v := range snapshot.Dependents(id) {
			if v.Kind == catalog.Materialized && v.AutoRefresh && v.Unrefreshable == 0 && c.fresh.stale(v) {
				c.refreshView(ctx, snapshot, v, database)
			}
		}
	}
}

func (c *Core) refreshView(ctx context.Context, snapshot *catalog.Snapshot, v *catalog.Relation, database string) {
	owner, ok := snapshot.UserByID(v.Owner)
	if !ok {
		return
	}
	conn, err := c.cfg.DB.Conn(ctx)
	if err != nil {
		return
	}
	b := &backend{core: c, user: owner, database: database, conn: conn, opened: time.Now(), automatic: true}
	b.settings.values = map[string]string{"enable_case_sensitive_identifier": "true"}
	defer func() {
		b.rollback(ctx)
		_ = b.conn.Close()
	}()
	text := `REFRESH MATERIALIZED VIEW ` + quoteName(v.Schema) + `.` + quoteName(v.Name)
	s, err := b.Prepare(ctx, text, nil)
	if err != nil {
		return
	}
	began := c.cfg.Log.Now()
	if _, err := s.Start(ctx, Call{Last: true}); err != nil {
		status := refreshAborted
		if e, ok := errors.AsType[*Error](err); ok && strings.Contains(e.Message+e.Detail, "erializable isolation violation") {
			status = refreshConflict
		}
		b.refreshed(v, status, began)
	}
}
