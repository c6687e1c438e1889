package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/emulator"
)

// benched is an emulator with a client, for benchmarks.
func benched(b *testing.B) *redshift.Client {
	b.Helper()
	s, err := emulator.Start(b.Context(), emulator.Config{})
	if errors.Is(err, emulator.ErrNoCgo) {
		b.Skipf("needs the emulator: %v", err)
	}
	if err != nil {
		b.Fatal(err)
	}
	cfg, err := redshift.ParseURL(s.URL())
	if err != nil {
		b.Fatal(err)
	}
	cfg.TLS.Mode = redshift.TLSDisable
	c, err := redshift.Open(b.Context(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = c.Close(b.Context())
		_ = s.Close(b.Context())
	})
	return c
}

// BenchmarkSelectOne is a whole round trip: parse, bind, transaction, engine.
func BenchmarkSelectOne(b *testing.B) {
	c := benched(b)
	for b.Loop() {
		if _, err := c.Execute(b.Context(), redshift.SQL("SELECT 1")); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkStream reads a million rows of five columns without decoding them.
func BenchmarkStream(b *testing.B) {
	c := benched(b)
	if _, err := c.Execute(b.Context(), redshift.SQL("CREATE TABLE digit (d BIGINT)")); err != nil {
		b.Fatal(err)
	}
	if _, err := c.Execute(b.Context(), redshift.SQL("INSERT INTO digit VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)")); err != nil {
		b.Fatal(err)
	}
	var from bytes.Buffer
	for i, t := range "abcdef" {
		if i > 0 {
			from.WriteString(", ")
		}
		fmt.Fprintf(&from, "digit %c", t)
	}
	_, err := c.Execute(b.Context(), redshift.SQL("CREATE TABLE million AS SELECT a.d * 100000 + b.d * 10000 + c.d * 1000 + d.d * 100 + e.d * 10 + f.d AS n, 'some text ' || a.d AS s, (b.d / 7.0)::numeric(10,4) AS m, date '2026-01-01' + c.d::int AS day, d.d::float8 / 3 AS f FROM "+from.String()))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		rows, err := c.Query(b.Context(), redshift.SQL("SELECT * FROM million"))
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for rows.Next() {
			n++
		}
		if err := rows.Close(); err != nil || n != 1_000_000 {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(b.N)*1e6/b.Elapsed().Seconds(), "rows/s")
}
