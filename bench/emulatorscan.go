package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/llm-dev-ops/redshift/bench/internal/lineitem"
	"github.com/llm-dev-ops/redshift/bench/internal/sample"
	"github.com/llm-dev-ops/redshift/emulator"
)

// scanReport is how the emulator compares with Debian's PostgreSQL, read by one client:
// 2 is twice as fast.
type scanReport struct {
	Suite    string  `json:"suite"`
	Rows     int     `json:"rows"`
	Mrows    float64 `json:"mrows_s"`
	Postgres float64 `json:"vs_postgres"`
	Select1  float64 `json:"select1_vs_postgres"`
	Server   float64 `json:"server_start_ms"`
	Session  float64 `json:"session_start_ms"`
	RSS      float64 `json:"rss_mb"`
	// Note says why there is nothing to compare with.
	Note string `json:"note,omitempty"`
}

func (r scanReport) print(w io.Writer) {
	fmt.Fprintf(w, "%d rows at %.2f million a second, %.2f of PostgreSQL; SELECT 1 %.2f of PostgreSQL\n", r.Rows, r.Mrows, r.Postgres, r.Select1)
	fmt.Fprintf(w, "server up in %.0f ms, a session in %.1f ms; %.0f MB at most, with the client in the same process\n%s", r.Server, r.Session, r.RSS, r.Note)
}

// scanned is what was measured on one server.
type scanned struct{ scan, select1, session time.Duration }

// emulatorScan reads the table of 18 columns and SELECT 1 from the emulator and from
// PostgreSQL in turn, with pgx's connection and results as text. PostgreSQL is a process
// of its own; the emulator shares this one's two cores and memory with the client.
func emulatorScan(ctx context.Context, o options) (printer, error) {
	began := time.Now()
	s, err := emulator.Start(ctx, emulator.Config{})
	if err != nil {
		return nil, err
	}
	r := scanReport{Suite: "emulator-scan", Server: milliseconds(time.Since(began))}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
		defer cancel()
		_ = s.Close(ctx)
	}()
	servers := []string{strings.Replace(s.URL(), "redshift://", "postgres://", 1)}
	at, stop, err := startPostgres(ctx)
	switch {
	case errors.Is(err, errNoPostgres):
		r.Note = err.Error() + "\n"
	case err != nil:
		return nil, err
	default:
		defer stop()
		servers = append(servers, at)
	}
	for _, at := range servers {
		if err := onConn(ctx, at, func(c *pgconn.PgConn) error {
			for _, q := range lineitemScript(o.rows) {
				if _, err := c.Exec(ctx, q).ReadAll(); err != nil {
					return fmt.Errorf("%.40s …: %w", q, err)
				}
			}
			return nil
		}); err != nil {
			return nil, err
		}
	}
	times := make([][]scanned, len(servers))
	for range o.rounds {
		for i, at := range servers {
			one, rows, err := scanRound(ctx, at)
			if err != nil {
				return nil, err
			}
			r.Rows = rows
			times[i] = append(times[i], one)
		}
	}
	middle := func(i int, of func(scanned) time.Duration) float64 {
		all := make([]float64, len(times[i]))
		for k, t := range times[i] {
			all[k] = of(t).Seconds()
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	scan := func(t scanned) time.Duration { return t.scan }
	select1 := func(t scanned) time.Duration { return t.select1 }
	r.Mrows = hundredths(float64(r.Rows) / middle(0, scan) / 1e6)
	r.Session = hundredths(1000 * middle(0, func(t scanned) time.Duration { return t.session }))
	if len(servers) > 1 {
		r.Postgres = hundredths(middle(1, scan) / middle(0, scan))
		r.Select1 = hundredths(middle(1, select1) / middle(0, select1))
	}
	r.RSS = float64(sample.PeakRSS() >> 20)
	return r, nil
}

func milliseconds(d time.Duration) float64 { return hundredths(d.Seconds() * 1000) }

func onConn(ctx context.Context, at string, do func(*pgconn.PgConn) error) error {
	c, err := pgconn.Connect(ctx, at)
	if err != nil {
		return err
	}
	return errors.Join(do(c), c.Close(context.WithoutCancel(ctx)))
}

// scanRound reads the table once and a constant a thousand times.
func scanRound(ctx context.Context, at string) (t scanned, rows int, err error) {
	began := time.Now()
	err = onConn(ctx, at, func(c *pgconn.PgConn) error {
		t.session = time.Since(began)
		began := time.Now()
		result := c.ExecParams(ctx, "SELECT * FROM lineitem", nil, nil, nil, nil)
		for result.NextRow() {
			rows++
		}
		if _, err := result.Close(); err != nil {
			return err
		}
		t.scan = time.Since(began)
		began = time.Now()
		for range 1000 {
			if _, err := c.Exec(ctx, "SELECT 1").ReadAll(); err != nil {
				return err
			}
		}
		t.select1 = time.Since(began)
		return nil
	})
	return t, rows, err
}

// lineitemScript makes the table of large results with at least so many rows.
func lineitemScript(rows int) []string {
	script := []string{"CREATE TABLE lineitem (" + lineitem.Columns + ")"}
	all := lineitem.Rows()
	for at := 0; at < len(all); at += 100 {
		var values []string
		for _, row := range all[at : at+100] {
			var fields []string
			for _, v := range row {
				if v == nil {
					fields = append(fields, "NULL")
					continue
				}
				fields = append(fields, "'"+*v+"'")
			}
			values = append(values, "("+strings.Join(fields, ", ")+")")
		}
		script = append(script, "INSERT INTO lineitem VALUES "+strings.Join(values, ", "))
	}
	for n := len(all); n < rows; n *= 2 {
		script = append(script, "INSERT INTO lineitem SELECT * FROM lineitem")
	}
	return script
}
