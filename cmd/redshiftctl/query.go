package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// queryFlags are the flags of query.
type queryFlags struct {
	connection
	files          []string
	format, output string
	null           string
	results        int // that were written
	params         []string
	timeout        time.Duration
	maxRows        int64
	quiet          bool
}

func (p program) query() *cobra.Command {
	var f queryFlags
	cmd := &cobra.Command{
		Use:   "query [SQL | -]",
		Short: "Run statements and print what they return",
		Long: `Run statements and print what they return.

The statements are an argument, the standard input ("-"), or files (-f). They run
one after another in one session, up to the first that fails. What they say beside
rows goes to the standard error.

CSV, JSON and JSON lines are printed while the rows come, in bounded memory. A table
is held in memory, and cut at --max-rows. arrow is a stream of Apache Arrow's IPC
format and parquet a Parquet file, of one result and never on a terminal. -o arrow is
--format arrow, and so with all formats; -o ./arrow is a file.

--param 1=value is the value of $1; --param name=value that of :name. The server
gives it the type that the place needs.`,
		Example: `  redshiftctl query 'select count(*) from sales'
  redshiftctl query --format csv -o sales.csv 'select * from sales where day = :day' --param day=2026-01-31
  redshiftctl query -f schema.sql`,
		Args: arguments(0, 1, "one argument, the SQL in quotes"),
		RunE: func(cmd *cobra.Command, args []string) error { return p.runQuery(cmd, &f, args) },
	}
	fs := cmd.Flags()
	fs.StringArrayVarP(&f.files, "file", "f", nil, "`file` with statements, \"-\" for the standard input; may come several times")
	fs.StringVar(&f.format, "format", "", "`format`: table, csv, json, jsonl, arrow or parquet (default table on a terminal, csv elsewhere)")
	fs.StringVarP(&f.output, "output", "o", "", "`file` for the rows, which appears when all is done; or a format, where --format is not given")
	fs.StringVar(&f.null, "null", "", `what NULL is printed as in tables and CSV (default "NULL" in tables, nothing in CSV)`)
	fs.StringArrayVarP(&f.params, "param", "p", nil, "`name=value` of a parameter: 1=… for $1, day=… for :day")
	fs.DurationVar(&f.timeout, "timeout", 0, "bound for each statement, on the server too (default none)")
	fs.Int64Var(&f.maxRows, "max-rows", 10_000, "rows of a table after which it is cut, 0 for no bound")
	fs.BoolVarP(&f.quiet, "quiet", "q", false, "print rows and errors alone")
	values(cmd, "format", formats...)
	f.flags(cmd)
	return cmd
}

func (p program) runQuery(cmd *cobra.Command, f *queryFlags, args []string) (err error) {
	out := cmd.OutOrStdout()
	if f.format == "" && slices.Contains(formats, f.output) {
		f.format, f.output = f.output, "" // as other tools have -o
	}
	if f.format == "" {
		if f.format = "csv"; f.output == "" && isTerminal(out) {
			f.format = "table"
		}
	}
	if !slices.Contains(formats, f.format) {
		return usagef("--format must be one of %s", strings.Join(formats, ", "))
	}
	if slices.Contains(batchFormats, f.format) && f.output == "" && isTerminal(out) {
		return hinted{usagef("--format %s is not for a terminal", f.format), "give a file with -o, or a pipe"}
	}
	if f.format == "table" && !cmd.Flags().Changed("null") {
		f.null = "NULL"
	}
	if f.maxRows < 0 || f.timeout < 0 {
		return usagef("--max-rows and --timeout must not be negative")
	}
	statements, err := p.statements(args, f.files)
	if err != nil {
		return err
	}
	if err := bindAll(statements, f.params); err != nil {
		return err
	}
	return p.connected(cmd, &f.connection, nil, func(ctx context.Context, client *redshift.Client) (err error) {
		if f.output != "" {
			file, ferr := createOutput(f.output)
			if ferr != nil {
				return ferr
			}
			defer func() {
				if ferr := file.finish(err); err == nil {
					err = ferr
				}
			}()
			out = file
		}
		return f.runAll(ctx, client, statements, out, cmd.ErrOrStderr())
	})
}

// statement is one of the user's, with where it is from for messages.
type statement struct {
	sql   string // as the user wrote it
	bound string // with $n
	args  []any
	where string
}

// statements reads and splits what is to run.
func (p program) statements(args, files []string) ([]statement, error) {
	if len(args) == 0 && len(files) == 0 {
		return nil, hinted{usagef("there is nothing to run"), `give the SQL as an argument, "-" for the standard input, or -f FILE`}
	}
	if len(args) > 0 && len(files) > 0 {
		return nil, usagef("the SQL is an argument or in files, not both")
	}
	var all []statement
	add := func(where, text string) error {
		script, err := redshift.SplitScript(text)
		if err != nil {
			return badText(err, text, where)
		}
		for _, s := range script {
			at := ""
			switch {
			case where != "":
				at = fmt.Sprintf("%s:%d", where, s.Line)
			case len(script) > 1:
				at = fmt.Sprintf("statement %d", s.Number)
			}
			all = append(all, statement{sql: s.SQL, where: at})
		}
		return nil
	}
	if len(args) > 0 && args[0] != "-" {
		if err := add("", args[0]); err != nil {
			return nil, err
		}
	} else {
		if len(args) > 0 {
			files = args
		}
		for _, name := range files {
			text, err := p.readFile(name)
			if err != nil {
				return nil, usageError{err}
			}
			where := name
			if name == "-" {
				where = ""
			}
			if err := add(where, text); err != nil {
				return nil, err
			}
		}
	}
	if len(all) == 0 {
		return nil, usagef("there is no statement in the SQL")
	}
	return all, nil
}

// badText is the lexer's error with its line.
func badText(err error, text, where string) error {
	var e *lex.Error
	if errors.As(err, &e) && e.Pos <= len(text) {
		err = fmt.Errorf("%s at line %d", e.Message, strings.Count(text[:e.Pos], "\n")+1)
	}
	return inStatement{usageError{err}, "", where}
}

// readFile reads a file, or the standard input for "-", as text.
func (p program) readFile(name string) (string, error) {
	if name == "-" {
		b, err := io.ReadAll(p.stdin)
		return string(b), err
	}
	b, err := os.ReadFile(name)
	return strings.TrimPrefix(string(b), "\ufeff"), err // a byte order mark is no SQL
}

func bindAll(statements []statement, flags []string) error {
	params, err := parseParameters(flags)
	if err != nil {
		return err
	}
	for i := range statements {
		s := &statements[i]
		if s.bound, s.args, err = params.bind(s.sql); err != nil {
			return inStatement{err, "", s.where}
		}
	}
	return params.unused()
}

func (f *queryFlags) runAll(ctx context.Context, client *redshift.Client, statements []statement, out, stderr io.Writer) error {
	session, err := client.Acquire(ctx)
	if err != nil {
		return err
	}
	defer session.Release()
	w := newWriter(f.format, out, f.null)
	for _, s := range statements {
		if err := f.runOne(ctx, session, s, w, out, stderr); err != nil {
			shown := s.sql
			if s.bound != s.sql {
				shown = s.bound // positions are in what was sent
			}
			return inStatement{err, shown, s.where}
		}
	}
	return nil
}

func (f *queryFlags) runOne(ctx context.Context, session redshift.Querier, s statement, w writer, out, stderr io.Writer) error {
	rows, err := session.Query(ctx, redshift.Query{SQL: s.bound, Args: s.args, Timeout: f.timeout})
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	cut := false
	if cols := rows.Columns(); len(cols) > 0 {
		f.results++
		switch {
		case !slices.Contains(batchFormats, f.format):
			cut, err = f.print(rows, cols, w)
		case f.results > 1:
			err = fmt.Errorf("it is the second that gives rows, and %s holds those of one", f.format)
		default:
			err = writeBatches(rows, f.format, out)
		}
		if err != nil {
			return err
		}
	}
	if err := rows.Close(); err != nil {
		return err
	}
	if cut {
		fmt.Fprintf(stderr, "only the first %s: see --max-rows, or use --format csv\n", count(f.maxRows, "row"))
	}
	if f.quiet {
		return nil
	}
	for _, n := range rows.Notices() {
		fmt.Fprintf(stderr, "%s: %s\n", printable(n.Severity), printable(strings.TrimSpace(n.Message)))
	}
	if len(rows.Columns()) == 0 {
		fmt.Fprintln(stderr, printable(rows.Tag()))
	}
	return nil
}

// print prints the rows of one statement, and says whether there are more.
func (f *queryFlags) print(rows *redshift.Rows, cols []redshift.Column, w writer) (cut bool, err error) {
	if err := w.begin(cols); err != nil {
		return false, err
	}
	// Into a string, a value is the server's own text of it.
	texts := make([]string, len(cols))
	values := make([]*string, len(cols))
	dst := make([]any, len(cols))
	n := int64(0)
	for rows.Next() {
		if f.format == "table" && f.maxRows > 0 && n == f.maxRows {
			cut = true
			break
		}
		n++
		for i, raw := range rows.Row().Raw() {
			if values[i], dst[i] = nil, nil; raw != nil {
				values[i], dst[i] = &texts[i], &texts[i]
			}
		}
		if err := rows.Scan(dst...); err != nil {
			return false, err
		}
		if err := w.row(values); err != nil {
			return false, err
		}
	}
	if !cut && rows.Err() != nil {
		return false, rows.Err()
	}
	return cut, w.end()
}
