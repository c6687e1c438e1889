package main

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	_ "github.com/duckdb/duckdb-go/v2" // the engine by itself, to compare with

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/bench/internal/sample"
	"github.com/llm-dev-ops/redshift/emulator"
	"github.com/llm-dev-ops/redshift/s3stage"
)

// copyReport is how COPY and UNLOAD of the emulator compare with DuckDB's own: 1 is as
// fast, 0.5 takes twice as long.
type copyReport struct {
	Suite   string  `json:"suite"`
	CSV     float64 `json:"csv_vs_duckdb"`
	Parquet float64 `json:"unload_parquet_vs_duckdb"`
	// CSVCPU and ParquetCPU are the same of processor time, which a busy machine does
	// not change as it does the seconds.
	CSVCPU     float64   `json:"csv_cpu_vs_duckdb"`
	ParquetCPU float64   `json:"unload_parquet_cpu_vs_duckdb"`
	Rows       int       `json:"rows"`
	Rounds     int       `json:"rounds"`
	Medians    []seconds `json:"medians"`
	megabyte   float64   // of CSV
}

type seconds struct {
	What    string  `json:"what"`
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu_seconds"`
}

func (r copyReport) print(w io.Writer) {
	fmt.Fprintf(w, "%d rows, %.0f MB of CSV, medians of %d rounds\n\n", r.Rows, r.megabyte, r.Rounds)
	for _, m := range r.Medians {
		fmt.Fprintf(w, "%-24s %8.3f s %8.3f s of processor time\n", m.What, m.Seconds, m.CPU)
	}
	fmt.Fprintf(w, "\nCSV %.2f, Parquet %.2f of DuckDB's speed; by processor time %.2f and %.2f\n", r.CSV, r.Parquet, r.CSVCPU, r.ParquetCPU)
}

const copyColumns = "a BIGINT, b INTEGER, c VARCHAR(1), d NUMERIC(12,2), e DATE, f VARCHAR(15), g VARCHAR(15), h INTEGER, i VARCHAR(79)"

// emulatorCopy loads and unloads a table like an order's in the emulator and in DuckDB
// in turn, both in memory and with all cores.
func emulatorCopy(ctx context.Context, o options) (printer, error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "orders.csv")
	size, err := orders(path, o.rows)
	if err != nil {
		return nil, err
	}
	ours, err := startEmulator(ctx, path)
	if err != nil {
		return nil, err
	}
	defer ours.close(ctx)
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	theirs := func(q string) error { _, err := db.ExecContext(ctx, q); return err }
	out := filepath.Join(dir, "out.parquet")
	steps := []struct {
		what string
		run  func(string) error
		sql  []string // the last is measured
	}{
		{"COPY CSV", ours.exec, []string{"DROP TABLE IF EXISTS t", "CREATE TABLE t (" + copyColumns + ")", "COPY t FROM 's3://emulator/orders.csv' IAM_ROLE default CSV"}},
		{"DuckDB CSV", theirs, []string{"DROP TABLE IF EXISTS t", "CREATE TABLE t (" + copyColumns + ")", "COPY t FROM '" + path + "' (FORMAT csv, HEADER false)"}},
		{"UNLOAD PARQUET", ours.exec, []string{"UNLOAD ('SELECT * FROM t') TO 's3://emulator/out_' IAM_ROLE default PARQUET ALLOWOVERWRITE"}},
		{"DuckDB Parquet", theirs, []string{"COPY t TO '" + out + "' (FORMAT parquet, COMPRESSION snappy)"}},
	}
	times, cpus := make([][]float64, len(steps)), make([][]float64, len(steps))
	for round := range o.rounds {
		for i, s := range steps {
			for _, q := range s.sql[:len(s.sql)-1] {
				if err := s.run(q); err != nil {
					return nil, err
				}
			}
			begun, cpu := time.Now(), sample.CPUTime()
			if err := s.run(s.sql[len(s.sql)-1]); err != nil {
				return nil, fmt.Errorf("%s: %w", s.what, err)
			}
			times[i], cpus[i] = append(times[i], time.Since(begun).Seconds()), append(cpus[i], (sample.CPUTime()-cpu).Seconds())
			fmt.Fprintf(o.progress, "round %d: %s %.3f s, %.3f s of processor time\n", round+1, s.what, times[i][round], cpus[i][round])
		}
	}
	r := copyReport{Suite: "emulator-copy", Rows: o.rows, Rounds: o.rounds, megabyte: float64(size) / 1e6}
	for i, s := range steps {
		slices.Sort(times[i])
		slices.Sort(cpus[i])
		r.Medians = append(r.Medians, seconds{s.what, times[i][len(times[i])/2], cpus[i][len(cpus[i])/2]})
	}
	r.CSV = r.Medians[1].Seconds / r.Medians[0].Seconds
	r.Parquet = r.Medians[3].Seconds / r.Medians[2].Seconds
	if r.Medians[0].CPU > 0 && r.Medians[2].CPU > 0 { // measured
		r.CSVCPU = r.Medians[1].CPU / r.Medians[0].CPU
		r.ParquetCPU = r.Medians[3].CPU / r.Medians[2].CPU
	}
	return r, nil
}

// orders writes the file that is loaded.
func orders(path string, rows int) (size int64, err error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriterSize(f, 1<<20)
	for i := range rows {
		n, err := fmt.Fprintf(w, "%d,%d,O,%d.%02d,1996-01-%02d,5-LOW,Clerk#%09d,0,nstructions sleep furiously among %d\n", i, i*7%15000, i%10000, i%100, 1+i%28, i%1000, i)
		if err != nil {
			return 0, err
		}
		size += int64(n)
	}
	return size, w.Flush()
}

// emulated is an emulator with a client.
type emulated struct {
	server *emulator.Server
	client *redshift.Client
	ctx    context.Context
}

// startEmulator starts one with the file in its bucket.
func startEmulator(ctx context.Context, path string) (*emulated, error) {
	s, err := emulator.Start(ctx, emulator.Config{})
	if err != nil {
		return nil, err
	}
	e := &emulated{server: s, ctx: ctx}
	if err := e.open(path); err != nil {
		return nil, errors.Join(err, e.close(ctx))
	}
	return e, nil
}

func (e *emulated) open(path string) error {
	cfg, err := redshift.ParseURL(e.server.URL())
	if err != nil {
		return err
	}
	if e.client, err = redshift.Open(e.ctx, cfg); err != nil {
		return err
	}
	st, err := s3stage.New(e.ctx, s3stage.Config{
		Endpoint: e.server.AWSEndpoint(), Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("bench", "bench", ""),
	})
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = st.Put(e.ctx, "s3://emulator/orders.csv", f)
	return err
}

func (e *emulated) exec(q string) error {
	_, err := e.client.Execute(e.ctx, redshift.SQL(q))
	return err
}

func (e *emulated) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	var err error
	if e.client != nil {
		err = e.client.Close(ctx)
	}
	return errors.Join(err, e.server.Close(ctx))
}
