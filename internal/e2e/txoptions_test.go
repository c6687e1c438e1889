package e2e

import (
	"context"
	"errors"
	"testing"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/emulator"
)

// TestTxOptions: what a transaction begins with, and what it tells of itself.
func TestTxOptions(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	for name, c := range map[string]*redshift.Client{"wire": connect(t, s), "data-api": connectData(t, s)} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			table := redshift.Identifier{"public", "tx_" + name}
			if _, err := c.Execute(ctx, redshift.SQL("CREATE TABLE $1 (n INT)", table)); err != nil {
				t.Fatal(err)
			}
			tx, err := c.Begin(ctx, redshift.TxOptions{Isolation: redshift.Snapshot, QueryGroup: "etl", Lock: []redshift.Identifier{table}})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
			info, err := tx.Info(ctx)
			if err != nil || info.ID == 0 || info.Isolation != redshift.Snapshot || info.State != redshift.TxActive || info.StartedAt.IsZero() {
				t.Errorf("%+v, %v", info, err)
			}
			if row, err := tx.QueryRow(ctx, redshift.SQL("SELECT current_setting('query_group')")); err != nil {
				t.Error(err)
			} else {
				var group string
				if err := row.Scan(&group); err != nil || group != "etl" {
					t.Errorf("the query group is %q, %v", group, err)
				}
			}
			if row, err := tx.QueryRow(ctx, redshift.SQL("SELECT count(*) FROM svv_transactions WHERE xid = $1 AND lock_mode = 'AccessExclusiveLock'", info.ID)); err != nil {
				t.Error(err)
			} else {
				var locks int
				if err := row.Scan(&locks); err != nil || locks != 1 {
					t.Errorf("%d locks, %v", locks, err)
				}
			}
			if err := tx.Commit(ctx); err != nil {
				t.Error(err)
			}
			if info, err := tx.Info(ctx); err != nil || info.State != redshift.TxCommitted {
				t.Errorf("after COMMIT %+v, %v", info, err)
			}
			if _, err := c.Begin(ctx, redshift.TxOptions{Isolation: redshift.Serializable}); !errors.Is(err, redshift.ErrTransaction) {
				t.Errorf("another isolation: %v", err)
			}
			err = c.InTx(ctx, redshift.TxOptions{ReadOnly: true}, func(tx *redshift.Tx) error {
				_, err := tx.Execute(ctx, redshift.SQL("CREATE TABLE no (n INT)"))
				return err
			})
			if err == nil {
				t.Error("a read only transaction has made a table")
			}
		})
	}
}
