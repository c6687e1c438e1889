package e2e

import (
	"errors"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift"
)

// Statements that are known beforehand are one transaction on every transport: their
// results come in order, and a failure undoes all.
func TestExecuteInTx(t *testing.T) {
	t.Parallel()
	eachTransport(t, func(t *testing.T, c, other *redshift.Client) {
		exec1(t, c, "CREATE TABLE orders (id INT, name VARCHAR(10))")
		results, err := c.ExecuteInTx(t.Context(), redshift.TxOptions{},
			redshift.SQL("INSERT INTO orders VALUES ($1, $2), ($3, $4)", 1, "one", 2, nil),
			redshift.Query{SQL: "SELECT id, name FROM orders ORDER BY id", ID: redshift.NewID()},
			redshift.SQL("UPDATE orders SET name = $1 WHERE name IS NULL", ""),
			redshift.SQL("SELECT count(*) FROM orders WHERE name = $1", ""))
		if err != nil {
			t.Fatal(err)
		}
		var n int64
		if len(results) != 4 || results[0].RowsAffected != 2 || len(results[1].Rows) != 2 || results[2].Tag != "UPDATE 1" {
			t.Errorf("%+v", results)
		} else if err := results[3].Rows[0].Scan(&n); err != nil || n != 1 {
			t.Errorf("%d, %v", n, err)
		}
		if name := results[1].Columns[1].Name; name != "name" {
			t.Errorf("column %s", name)
		}

		_, err = c.ExecuteInTx(t.Context(), redshift.TxOptions{},
			redshift.SQL("DELETE FROM orders"),
			redshift.Query{SQL: "INSERT INTO orders VALUES (3, 'much too long for it')", ID: redshift.NewID()},
			redshift.SQL("SELECT 1"))
		if !errors.Is(err, redshift.ErrData) || !strings.HasPrefix(err.Error(), "statement 2 of 3: ") {
			t.Errorf("%v", err)
		}
		_, err = c.ExecuteInTx(t.Context(), redshift.TxOptions{}, redshift.SQL("DELETE FROM orders"), redshift.SQL("SELECT nowhere FROM orders"))
		if !errors.Is(err, redshift.ErrColumnNotFound) {
			t.Errorf("%v", err)
		}
		if n := value[int64](t, other, "SELECT count(*) FROM orders"); n != 2 {
			t.Errorf("%d rows after what was undone", n)
		}
		if results, err = c.ExecuteInTx(t.Context(), redshift.TxOptions{ReadOnly: true}, redshift.SQL("SELECT 1"), redshift.SQL("SELECT 2")); err != nil || len(results) != 2 {
			t.Errorf("read only: %v, %v", results, err)
		}
		if _, err = c.ExecuteInTx(t.Context(), redshift.TxOptions{}, redshift.SQL("SELECT 1"), redshift.SQL("COMMIT")); !errors.Is(err, redshift.ErrUsage) {
			t.Errorf("COMMIT within: %v", err)
		}
		if results, err = c.ExecuteInTx(t.Context(), redshift.TxOptions{}); err != nil || results != nil {
			t.Errorf("none: %v, %v", results, err)
		}
		if n := c.PoolStats().InUse; n != 0 {
			t.Errorf("%d sessions in use", n)
		}
	})
}
