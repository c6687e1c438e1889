package e2e

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/llm-dev-ops/redshift/emulator"
)

// pgx is what Go programs use with Redshift today. In its default mode it asks
// for binary NUMERIC, whose form on Redshift is another: that must not pass.
func TestPgx(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	ctx := context.Background()
	connect := func(mode pgx.QueryExecMode) *pgx.Conn {
		cfg, err := pgx.ParseConfig(strings.Replace(s.URL(), "redshift://", "postgres://", 1))
		if err != nil {
			t.Fatal(err)
		}
		cfg.DefaultQueryExecMode = mode
		c, err := pgx.ConnectConfig(ctx, cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close(ctx) })
		return c
	}
	var n pgtype.Numeric
	var refused *pgconn.PgError
	if err := connect(pgx.QueryExecModeCacheStatement).QueryRow(ctx, "SELECT 12.34").Scan(&n); !errors.As(err, &refused) || refused.Code != "0A000" || !strings.Contains(refused.Hint, "QueryExecModeExec") {
		t.Errorf("binary NUMERIC: %v", err)
	}
	c := connect(pgx.QueryExecModeExec)
	if _, err := c.Exec(ctx, "CREATE TEMP TABLE x (i INT, n NUMERIC(12,4), d DATE, ts TIMESTAMP, b BOOLEAN, f FLOAT8, s VARCHAR(20))"); err != nil {
		t.Fatal(err)
	}
	if err := n.Scan("-12.3400"); err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC)
	tag, err := c.Exec(ctx, "INSERT INTO x VALUES ($1, $2, $3, $4, $5, $6, $7)", int32(7), n, day, day.Add(time.Hour), true, 2.5, "text")
	if err != nil || tag.RowsAffected() != 1 {
		t.Fatal(tag, err)
	}
	var (
		i     int32
		got   pgtype.Numeric
		d, ts time.Time
		b     bool
		f     float64
		str   string
	)
	if err := c.QueryRow(ctx, "SELECT * FROM x WHERE i = $1 LIMIT 1", 7).Scan(&i, &got, &d, &ts, &b, &f, &str); err != nil {
		t.Fatal(err)
	}
	text, err := got.Value()
	if err != nil || i != 7 || text != "-12.3400" || !d.Equal(day) || !ts.Equal(day.Add(time.Hour)) || !b || f != 2.5 || str != "text" {
		t.Error(i, text, d, ts, b, f, str, err)
	}
	if _, err := c.Exec(ctx, "SELECT 1/0"); !errors.As(err, &refused) || refused.Code != "22012" {
		t.Error(err)
	}
	batch := &pgx.Batch{}
	for range 3 {
		batch.Queue("INSERT INTO x (i) VALUES ($1)", 1)
	}
	if err := c.SendBatch(ctx, batch).Close(); err != nil {
		t.Error(err)
	}
	var count int64
	if err := c.QueryRow(ctx, "SELECT count(*) FROM x").Scan(&count); err != nil || count != 4 {
		t.Error(count, err)
	}
}
