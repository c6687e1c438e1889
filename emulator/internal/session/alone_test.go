package session

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
)

// TestAlone reads a table by statements that are their own transactions while others
// make, change and drop it: catalog and rows are always of the same moment.
func TestAlone(t *testing.T) {
	t.Parallel()
	core := newCore(t)
	ctx := context.Background()
	writer := openClient(t, core)
	defer writer.Close()
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 2 {
		c := openClient(t, core)
		readers.Go(func() {
			defer c.Close()
			for {
				select {
				case <-stop:
					return
				default:
				}
				err := c.one(ctx, "SELECT * FROM x", true)
				var e *Error
				if err != nil && (!errors.As(err, &e) || e.State != "42P01" && e.State != "0A000" && !strings.HasPrefix(e.Message, "could not open relation")) {
					t.Errorf("%v", err)
				}
				if err := c.Sync(ctx); err != nil {
					t.Error(err)
				}
				c.taken()
			}
		})
	}
	for range 30 {
		for _, sql := range []string{
			"CREATE TABLE x AS SELECT 1 AS a", "ALTER TABLE x ADD COLUMN b VARCHAR DEFAULT 'y'", "INSERT INTO x VALUES (2, 'z')",
			"ALTER TABLE x DROP COLUMN a", "DROP TABLE x",
		} {
			if err := writer.one(ctx, sql, true); err != nil {
				t.Errorf("%s: %v", sql, err)
			}
		}
	}
	close(stop)
	readers.Wait()
}
