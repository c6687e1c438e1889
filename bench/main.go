// Command bench measures the client beside its peers. A suite runs everybody
// in turn against one server, each in a process of its own, and prints medians
// and the ratios to the client's figures.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

// A suite measures one thing.
type suite struct {
	name, about string
	run         func(context.Context, options) (printer, error)
}

var suites = []suite{
	{"emulator-copy", "COPY of CSV and UNLOAD of Parquet in the emulator beside DuckDB's own: how fast it is of them", emulatorCopy},
	{"emulator-scan", "the emulator beside Debian's PostgreSQL: a table of 18 columns, SELECT 1, and what a start takes", emulatorScan},
	{"stream", "a large result, read row by row: rows per second, CPU and peak memory of the client's process", stream},
	{"scan", "the same for rows, columns and Arrow beside the peers alone; with -json the ratios that are to be reached", scans},
	{"columns", "columns beside rows and pgx", columns},
	{"stage", "rows to files: bulk.Load's Parquet and CSV with ZSTD beside arrow-go and the standard library", stage},
	{"readback", "files to rows: bulk.Read of Parquet and CSV beside parquet-go and the standard library", readback},
	{"bulk10gb", "-bytes of generated rows through bulk.Load and bulk.Read of an emulator: the memory of the client's process", bulk10gb},
	{"arrow", "Arrow's record batches beside columns and pgx", arrows},
	{"small", "small queries one after another, -rows of them: calls per second, with -json as ratios to pgx's", smalls},
}

// printer is what a suite found; it can be marshaled as JSON too.
type printer interface{ print(io.Writer) }

// options are the same for all suites.
type options struct {
	rows, rounds int
	target       string
	bytes        string // for bulk10gb
	progress     io.Writer
}

// report is what a suite found: a line per competitor.
type report struct {
	Suite  string  `json:"suite"`
	Rows   int     `json:"rows"`
	Rounds int     `json:"rounds"`
	Lines  []entry `json:"results"`
	// ratios is what a suite prints as JSON instead, if it has some.
	ratios any
	calls  bool // were made, and not rows read
}

func main() {
	name := flag.String("suite", "stream", "the suite to run")
	asJSON := flag.Bool("json", false, "print JSON")
	var o options
	flag.IntVar(&o.rows, "rows", 0, "rows of the result (default 1,000,000), or calls of small (default 20,000)")
	flag.IntVar(&o.rounds, "rounds", 5, "rounds, of which the median counts")
	flag.StringVar(&o.target, "target", onReplay, "what the clients are measured on, but for emulator-copy: replay, which sends from memory, or emulator")
	flag.StringVar(&o.bytes, "bytes", "10GB", "size of the rows of bulk10gb, as CSV: such as 500MB or 10GB")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: bench [flags]\n\nsuites:")
		for _, s := range suites {
			fmt.Fprintf(flag.CommandLine.Output(), "  %-13s %s\n", s.name, s.about)
		}
		flag.PrintDefaults()
	}
	flag.Parse()
	if o.rows == 0 {
		if o.rows = 1_000_000; *name == "small" {
			o.rows = 20_000
		}
	}
	o.progress = os.Stderr
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *name, *asJSON, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1) // stop was called
	}
}

func run(ctx context.Context, name string, asJSON bool, o options) error {
	if o.rows < 1 || o.rounds < 1 {
		return fmt.Errorf("-rows is %d and -rounds %d; both are to be positive", o.rows, o.rounds)
	}
	if o.target != onReplay && o.target != onEmulator {
		return fmt.Errorf("-target is %s or %s, not %q", onReplay, onEmulator, o.target)
	}
	for _, s := range suites {
		if s.name != name {
			continue
		}
		r, err := s.run(ctx, o)
		if err != nil {
			return err
		}
		if asJSON {
			e := json.NewEncoder(os.Stdout)
			if r, ok := r.(report); ok && r.ratios != nil {
				return e.Encode(r.ratios)
			}
			if _, ok := r.(scanReport); ok {
				return e.Encode(r)
			}
			e.SetIndent("", "  ")
			return e.Encode(r)
		}
		r.print(os.Stdout)
		return nil
	}
	return fmt.Errorf("no suite %q", name)
}
