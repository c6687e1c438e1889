package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/llm-dev-ops/redshift/bench/internal/sample"
)

// entry is a competitor's medians and what they are to the first one's.
type entry struct {
	Client        string  `json:"client"`
	RowsPerSec    float64 `json:"rows_per_second"`
	CPUPerMillion float64 `json:"cpu_seconds_per_million_rows"`
	AllocsPerRow  float64 `json:"allocs_per_row"`
	PeakRSS       int64   `json:"peak_rss_bytes"`
	// Ratio is the first one's rows per second to this one's.
	Ratio float64 `json:"ratio"`
	// CPURatio is this one's processor time to the first one's, which a busy
	// machine disturbs less.
	CPURatio float64 `json:"cpu_ratio"`
}

// stream runs every client.
func stream(ctx context.Context, o options) (printer, error) {
	names := []string{
		"redshift", "redshift binary", "redshift ByName", "redshift Batches", "redshift Arrow", "redshift raw",
		"pgx", "pgx ByName", "lib/pq",
	}
	if o.target == onReplay { // the emulator has no NUMERIC in PostgreSQL's binary form
		names = append(names, "pgx binary")
	}
	return compare(ctx, "stream", o, names...)
}

// compare runs clients in turn, in a process of its own each time.
func compare(ctx context.Context, suite string, o options, names ...string) (report, error) {
	exe, remove, err := peers(ctx)
	if err != nil {
		return report{}, err
	}
	defer remove()
	addr, stop, err := o.server(ctx, exe)
	if err != nil {
		return report{}, err
	}
	defer stop()
	return inTurn(suite, o, func(name string) (sample.Sample, error) { return measure(ctx, exe, name, addr, o.rows) }, names...)
}

// inTurn compares what run measures.
func inTurn(suite string, o options, run func(name string) (sample.Sample, error), names ...string) (report, error) {
	r := report{Suite: suite, Rows: o.rows, Rounds: o.rounds}
	samples := map[string][]sample.Sample{}
	for round := range o.rounds {
		for _, name := range names {
			s, err := run(name)
			if err != nil {
				return r, fmt.Errorf("%s: %w", name, err)
			}
			if s.Rows != o.rows {
				return r, fmt.Errorf("%s read %d rows of %d", name, s.Rows, o.rows)
			}
			samples[name] = append(samples[name], s)
			fmt.Fprintf(o.progress, "round %d: %-16s %6.2fM rows/s %5d MB\n", round+1, name, float64(s.Rows)/s.Seconds/1e6, s.RSS>>20)
		}
	}
	for _, name := range names {
		e := medians(name, samples[name])
		first := e
		if len(r.Lines) > 0 {
			first = r.Lines[0]
		}
		e.Ratio = first.RowsPerSec / e.RowsPerSec
		if first.CPUPerMillion > 0 {
			e.CPURatio = e.CPUPerMillion / first.CPUPerMillion
		}
		r.Lines = append(r.Lines, e)
	}
	return r, nil
}

func medians(name string, all []sample.Sample) entry {
	return entry{
		Client:        name,
		RowsPerSec:    median(all, func(s sample.Sample) float64 { return float64(s.Rows) / s.Seconds }),
		CPUPerMillion: median(all, func(s sample.Sample) float64 { return s.CPU / float64(s.Rows) * 1e6 }),
		AllocsPerRow:  median(all, func(s sample.Sample) float64 { return s.Allocs }),
		PeakRSS:       median(all, func(s sample.Sample) int64 { return s.RSS }),
	}
}

func median[T cmp.Ordered](all []sample.Sample, of func(sample.Sample) T) T {
	values := make([]T, len(all))
	for i, s := range all {
		values[i] = of(s)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func (r report) print(w io.Writer) {
	unit, by := "M rows/s\tCPU s/M rows\tallocs/row", 1e6
	if r.calls {
		unit, by = "thousand calls/s\tCPU µs/call\tallocs/call", 1e3 // seconds for a million are µs for one
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "client\t"+unit+"\tpeak RSS MB\ttime ratio\tCPU ratio\t")
	for _, e := range r.Lines {
		fmt.Fprintf(t, "%s\t%.2f\t%.2f\t%.2f\t%d\t%.2f\t%.2f\t\n", e.Client, e.RowsPerSec/by, e.CPUPerMillion, e.AllocsPerRow, e.PeakRSS>>20, e.Ratio, e.CPURatio)
	}
	_ = t.Flush()
}

// measure runs one client over all rows.
func measure(ctx context.Context, exe, client, addr string, rows int) (s sample.Sample, err error) {
	return job(ctx, exe, "client", client, addr, strconv.Itoa(rows))
}

// job runs a program that prints what it measured.
func job(ctx context.Context, exe string, args ...string) (s sample.Sample, err error) {
	cmd := child(ctx, exe, args...)
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		return s, err
	}
	return s, json.Unmarshal(out.Bytes(), &s)
}

// startServer starts the server's process, which ends with its input.
func startServer(ctx context.Context, exe string) (addr string, stop func(), err error) {
	cmd := child(ctx, exe, "server")
	in, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = in.Close()
		_ = cmd.Wait()
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("the server did not start: %w", err)
	}
	return strings.TrimSpace(line), stop, nil
}

// peers builds the program that is the server and each client, and gives its path.
func peers(ctx context.Context) (path string, remove func(), err error) { return program(ctx, "peers") }

// program builds a program of this module's.
func program(ctx context.Context, name string) (path string, remove func(), err error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return "", nil, err
	}
	remove = func() { _ = os.RemoveAll(dir) }
	path = filepath.Join(dir, name)
	cmd := exec.CommandContext(ctx, "go", "build", "-o", path, "github.com/llm-dev-ops/redshift/bench/"+name)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		remove()
		return "", nil, fmt.Errorf("building %s: %w", name, err)
	}
	return path, remove, nil
}

// child is the program of peers as a process.
func child(ctx context.Context, exe string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, exe, args...)
	cmd.Stderr = os.Stderr
	return cmd
}
