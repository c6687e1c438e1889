package session

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/bind"
	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/lock"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// touch notes the tables that the statement reads and writes, of which it has the
// locks and the snapshot, and refuses what no serial order could give.
func (s *statement) touch(r *run) error {
	b := s.backend
	if _, ok := s.ast.(*ast.Lock); ok {
		return nil // it reads and writes nothing
	}
	var reads, writes []int64
	for _, l := range s.plan.Locks {
		if l.Table > math.MaxInt32 {
			continue
		}
		if _, ok := b.tx.snapshot.RelationByID(int32(l.Table)); !ok {
			continue
		}
		if l.Mode != lock.AccessShare {
			r.table = l.Table
			writes = append(writes, l.Table)
		}
		if l.Read || l.Mode == lock.AccessExclusive || readsTarget(s.ast) {
			reads = append(reads, l.Table)
		}
	}
	if !b.tx.serializable {
		return nil
	}
	if len(writes) > 0 {
		b.tx.wrote = true
	}
	c := b.core.graph.Touch(b.tx.xid, reads, writes)
	if c == nil {
		return nil
	}
	return &Error{State: "XX000", Message: "1023", Detail: cycleDetail(c.Table, c.Transactions, b.pid), Hint: "Try the transaction again."}
}

// early: a LOCK before the transaction's snapshot, which is not among the statements
// that take one (c_serial_isolation.md): what is read behind it is as of then.
func (s *statement) early() bool {
	_, ok := s.ast.(*ast.Lock)
	return ok && !s.backend.tx.began
}

// readsTarget: the statement finds rows of the table that it changes.
func readsTarget(s ast.Stmt) bool {
	switch s.(type) {
	case *ast.Update, *ast.Delete, *ast.Merge:
		return true
	}
	return false
}

// cycleDetail is error 1023's detail as clusters tell it.
func cycleDetail(table int64, transactions []int64, pid int32) string {
	list := strings.ReplaceAll(strings.Trim(fmt.Sprint(transactions), "[]"), " ", ", ")
	return fmt.Sprintf("Serializable isolation violation on table - %d, transactions forming the cycle are: %s (pid:%d)", table, list, pid)
}

// permitted says what keeps a statement from running in its transaction.
func (s *statement) permitted() error {
	b := s.backend
	if s.plan.NoTransaction && b.tx.block {
		return &Error{State: "25001", Message: fmt.Sprintf("%s cannot run inside a transaction block", s.plan.Tag)}
	}
	if b.tx.readOnly && s.plan.Columns == nil && s.plan.UnloadColumns == nil {
		if _, ok := s.ast.(*ast.DeclareCursor); !ok {
			return &Error{State: "25006", Message: "transaction is read-only"}
		}
	}
	if name := s.plan.Unconnected; name != "" && b.core.othersIn(name, b) {
		return &Error{State: "55006", Message: fmt.Sprintf("database %q is being accessed by other users", name), Hint: "End their sessions with pg_terminate_backend."}
	}
	return nil
}

// othersIn tells whether another session is connected to a database.
func (c *Core) othersIn(database string, b *backend) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, other := range c.sessions {
		if other != b && other.database == database {
			return true
		}
	}
	return false
}

// gone is the error of a statement that waited for a table and then did not find it:
// PostgreSQL 8.0's words for a table that was dropped while it was being opened.
func gone(err error, locks []bind.Lock, snapshot *catalog.Snapshot) error {
	var e *bind.Error
	if !errors.As(err, &e) || e.State != "42P01" {
		return err
	}
	for _, l := range locks {
		if l.Table > math.MaxInt32 {
			continue
		}
		schema := slices.ContainsFunc(snapshot.Schemas(), func(x *catalog.Schema) bool { return int64(x.ID) == l.Table })
		if _, ok := snapshot.RelationByID(int32(l.Table)); !ok && !schema {
			return &Error{State: "XX000", Message: fmt.Sprintf("could not open relation with OID %d", l.Table), Cause: err}
		}
	}
	return err
}

// unseen turns the error of a table that the transaction's snapshot does not have,
// and that is there by now, into Redshift's 1018
// (c_serial_isolation-serializable-isolation-troubleshooting.md).
func (s *statement) unseen(err error) error {
	b := s.backend
	var e *bind.Error
	if b.tx.snapshot == nil || !errors.As(err, &e) || e.State != "42P01" {
		return err
	}
	plan, now := bind.Statement(s.ast, b.env(s.text, s.given, b.core.cfg.Catalog.Committed()))
	if now != nil {
		return err
	}
	for _, c := range b.tx.changes { // it dropped it itself
		if r := c.DropRelation; r != nil && slices.ContainsFunc(plan.Locks, func(l bind.Lock) bool { return l.Table == int64(r.ID) }) {
			return err
		}
	}
	return &Error{State: "XX000", Message: "1018", Detail: "Relation does not exist.", Hint: "It was made after the transaction's first statement: begin a new one.", Cause: err}
}

func (s *statement) tellNotices() {
	for _, n := range s.plan.Notices {
		s.backend.notice(Notice{Severity: n.Severity, State: n.State, Message: n.Message})
	}
}
