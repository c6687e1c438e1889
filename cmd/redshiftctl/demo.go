package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/llm-dev-ops/redshift/emulator"
)

func newDemo() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "demo [FILE...]",
		Short: "Load, query and unload a sample database on an emulator in this process",
		Long: `Start an emulator in this process, make a sample database of an LLM platform
(models, 200,000 calls, evaluation scores; the same on every run), upload it to
S3 as JSON lines, gzip CSV and Parquet, COPY it, query it with typed rows, show
what a bad file does, UNLOAD a query to Parquet, read it back and compare.

With files it does the same with them: CSV (.csv, .tsv), JSON (.json, .jsonl, .ndjson;
an array, or objects) and Parquet, also behind .gz, .bz2 or .zst. Their columns'
types are inferred from all their rows, and the CREATE TABLE is shown.`,
		Example: `  redshiftctl demo
  redshiftctl demo sales.csv events.json.gz`,
		RunE: func(c *cobra.Command, args []string) error {
			out := c.OutOrStdout()
			if asJSON {
				out = io.Discard
			}
			d := &demo{out: out}
			run := d.run
			if len(args) > 0 {
				run = func(ctx context.Context) error { return d.runFiles(ctx, args) }
			}
			if err := run(c.Context()); err != nil {
				if errors.Is(err, emulator.ErrNoCgo) {
					return fmt.Errorf("the demo runs an emulator: %w", err)
				}
				return err
			}
			if asJSON {
				return json.NewEncoder(c.OutOrStdout()).Encode(d.result)
			}
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object instead of the account")
	return c
}

// demoResult is what demo --json prints.
type demoResult struct {
	Copied struct {
		Models int64 `json:"models"`
		Calls  int64 `json:"calls"`
		Scores int64 `json:"scores"`
	} `json:"copied"`
	Files        []ownResult `json:"files,omitempty"`
	Queries      []demoQuery `json:"queries"`
	LoadErrors   int         `json:"load_errors"`
	UnloadedRows int64       `json:"unloaded_rows"`
	ReadBackRows int64       `json:"read_back_rows"`
	Seconds      float64     `json:"seconds"`
}

// demoQuery is one query of the account.
type demoQuery struct {
	Name    string  `json:"name"`
	Rows    int     `json:"rows"`
	Seconds float64 `json:"seconds"`
}

// step runs one step of the demo and prints what came of it and how long it
// took. What it prints beside (tables) comes behind the line.
func (d *demo) step(name string, f func() (string, error)) error {
	began := time.Now()
	what, err := f()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	d.say("%-10s %-69s %8s\n", name, what, took(began))
	d.flush()
	return nil
}

func took(began time.Time) string {
	d := time.Since(began)
	if d < 10*time.Millisecond {
		return d.Round(10 * time.Microsecond).String()
	}
	return d.Round(time.Millisecond).String()
}

func (d *demo) say(format string, args ...any) { _, _ = fmt.Fprintf(d.out, format, args...) }

// later keeps a text until the step's line is printed.
func (d *demo) later(format string, args ...any) {
	d.pending = append(d.pending, fmt.Sprintf(format, args...))
}

func (d *demo) flush() {
	for _, p := range d.pending {
		d.say("%s", p)
	}
	d.pending = nil
}

// show prints rows as a small table behind the step's line.
func (d *demo) show(header table.Row, rows []table.Row) {
	t := table.NewWriter()
	var right []table.ColumnConfig
	t.SetStyle(table.StyleLight)
	t.Style().Options = table.OptionsNoBordersAndSeparators
	t.Style().Box.PaddingLeft = "  "
	t.Style().Format.Header = text.FormatDefault
	for i := range header {
		if i > 0 {
			right = append(right, table.ColumnConfig{Number: i + 1, Align: text.AlignRight, AlignHeader: text.AlignRight})
		}
	}
	t.SetColumnConfigs(right)
	t.AppendHeader(header)
	t.AppendRows(rows)
	d.later("%s\n\n", t.Render())
}

// query runs a step that is a query.
func (d *demo) query(ctx context.Context, name, what string, f func(context.Context) (int, error)) error {
	return d.step("query", func() (string, error) {
		began := time.Now()
		n, err := f(ctx)
		d.result.Queries = append(d.result.Queries, demoQuery{name, n, time.Since(began).Seconds()})
		return fmt.Sprintf("%s: %d rows", what, n), err
	})
}
