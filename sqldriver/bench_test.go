package sqldriver_test

import (
	"context"
	"testing"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/sqldriver"
	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

// What database/sql and the driver cost beside the client alone, over a
// transport that costs the same.
func BenchmarkSelect(b *testing.B) {
	f := transporttest.NewFake(2)
	f.On("select $1", number("n", 1))
	c, err := redshift.New(f, redshift.Config{})
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	b.Cleanup(func() { _ = c.Close(ctx) })
	b.Run("client", func(b *testing.B) {
		conn, err := c.Acquire(ctx)
		if err != nil {
			b.Fatal(err)
		}
		defer conn.Release()
		b.ReportAllocs()
		for b.Loop() {
			rows, err := conn.Query(ctx, redshift.SQL("select $1", 1))
			if err != nil {
				b.Fatal(err)
			}
			var n int64
			rows.Next()
			if err := rows.Scan(&n); err != nil {
				b.Fatal(err)
			}
			if err := rows.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("sql", func(b *testing.B) {
		db := sqldriver.OpenDB(c)
		db.SetMaxIdleConns(1)
		defer func() { _ = db.Close() }()
		b.ReportAllocs()
		for b.Loop() {
			var n int64
			if err := db.QueryRowContext(ctx, "select $1", 1).Scan(&n); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkScan(b *testing.B) {
	f := transporttest.NewFake(2)
	a := transporttest.Answer{Columns: columns(
		col("i", transport.OIDInt8), col("s", transport.OIDVarchar), col("n", transport.OIDNumeric),
		col("t", transport.OIDTimestamp), col("f", transport.OIDFloat8), col("null", transport.OIDInt4),
	)}
	for range 1000 {
		a.Rows = append(a.Rows, [][]byte{[]byte("1234567"), []byte("some text"), []byte("12345.678900"), []byte("2026-01-02 03:04:05.678"), []byte("1.5"), nil})
	}
	f.On("q", a)
	c, err := redshift.New(f, redshift.Config{})
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	b.Cleanup(func() { _ = c.Close(ctx) })
	db := sqldriver.OpenDB(c)
	defer func() { _ = db.Close() }()
	b.ReportAllocs()
	for b.Loop() {
		rows, err := db.QueryContext(ctx, "q")
		if err != nil {
			b.Fatal(err)
		}
		var i, s, n, t, fl, null any
		for rows.Next() {
			if err := rows.Scan(&i, &s, &n, &t, &fl, &null); err != nil {
				b.Fatal(err)
			}
		}
		if err := rows.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
