package main

import (
	"context"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/bulk"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
	"github.com/llm-dev-ops/redshift/s3stage"
)

// readFlags are the flags of read.
type readFlags struct {
	connection
	progress
	via, stage, endpoint string
	role, region         string
	ordered              bool
	files                int
	unloadRows           int64
	format, output, null string
}

// readFormats are those of read: what holds any number of rows.
var readFormats = []string{"csv", "json", "jsonl", "arrow", "parquet"}

func (p program) read() *cobra.Command {
	var f readFlags
	cmd := &cobra.Command{
		Use:   "read {QUERY | -}",
		Short: "Read a large result, by the wire or through UNLOAD",
		Long: `Read the rows of a query, also very many, in bounded memory.

They come over the connection (--via wire), or the server writes them to files below
--stage in S3, which are read in parallel and removed (--via unload). What is printed
is the same either way, but for the order of rows: --ordered keeps that of the
query's ORDER BY, which the connection keeps anyway.

--via auto, the default, unloads if there is a --stage, UNLOAD can run the query (no
LIMIT at its outermost level), and EXPLAIN expects at least --unload-rows rows.

S3 is reached with the AWS SDK's standard chain: environment, shared files, roles,
AWS_ENDPOINT_URL. The cluster writes to it with --role.`,
		Example: `  redshiftctl read 'select * from sales' --stage s3://bucket/tmp --role default -o sales.parquet --format parquet
  redshiftctl read 'select * from sales order by sold' --ordered --via unload --stage s3://bucket/tmp --role default > sales.csv`,
		Args: arguments(1, 1, "one argument, the query in quotes"),
		RunE: func(cmd *cobra.Command, args []string) error { return p.runRead(cmd, &f, args[0]) },
	}
	fs := cmd.Flags()
	fs.StringVar(&f.via, "via", "auto", "`way` of the rows: auto, wire or unload")
	fs.StringVar(&f.stage, "stage", "", "`place` s3://bucket/prefix below which UNLOAD writes meanwhile (REDSHIFT_STAGE)")
	fs.StringVar(&f.endpoint, "s3-endpoint", "", "`URL` of another S3 (AWS_ENDPOINT_URL)")
	fs.StringVar(&f.role, "role", "", "`ARN` of the role that writes S3, or \"default\" for the cluster's (REDSHIFT_IAM_ROLE)")
	fs.StringVar(&f.region, "region", "", "region of the bucket, for this machine")
	fs.BoolVar(&f.ordered, "ordered", false, "keep the order of ORDER BY; UNLOAD then writes one file after another")
	fs.IntVar(&f.files, "files", 2, "`number` of files that are read at a time")
	fs.Int64Var(&f.unloadRows, "unload-rows", 1_000_000, "expected `rows` from which --via auto unloads")
	fs.StringVar(&f.format, "format", "", "`format`: "+strings.Join(readFormats, ", ")+" (default csv)")
	fs.StringVarP(&f.output, "output", "o", "", "`file` for the rows, which appears when all is done")
	fs.StringVar(&f.null, "null", "", "what NULL is printed as in CSV (default nothing)")
	values(cmd, "via", "auto", "wire", "unload")
	values(cmd, "format", readFormats...)
	f.progress.flags(cmd)
	f.connection.flags(cmd)
	return cmd
}

func (p program) runRead(cmd *cobra.Command, f *readFlags, query string) error {
	out := cmd.OutOrStdout()
	if f.format == "" {
		f.format = "csv"
	}
	if !slices.Contains(readFormats, f.format) {
		return usagef("--format must be one of %s", strings.Join(readFormats, ", "))
	}
	if slices.Contains(batchFormats, f.format) && f.output == "" && isTerminal(out) {
		return hinted{usagef("--format %s is not for a terminal", f.format), "give a file with -o, or a pipe"}
	}
	if f.stage == "" {
		f.stage = os.Getenv("REDSHIFT_STAGE")
	}
	sql, err := p.statementText(query)
	if err != nil {
		return err
	}
	if strings.TrimSpace(sql) == "" {
		return usagef("there is no query")
	}
	if err := onlyQuery(sql); err != nil {
		return err
	}
	plan := bulk.ReadPlan{
		Query: redshift.SQL(sql), Via: bulk.Via(f.via), Ordered: f.ordered, Files: f.files, UnloadRows: f.unloadRows,
		IAMRole: roleOrEnv(f.role),
	}
	if plan.Via == bulk.ViaUnload && f.stage == "" {
		return hinted{usagef("where UNLOAD is to write meanwhile is not said"), "give --stage s3://bucket/prefix, or set REDSHIFT_STAGE"}
	}
	if f.stage != "" && plan.Via != bulk.ViaWire {
		if plan.IAMRole == "" {
			return hinted{usagef("the role that writes to --stage is not said"), "give --role ARN, or --role default for the cluster's own, or set REDSHIFT_IAM_ROLE; or --via wire"}
		}
		plan.Prefix = f.stage
		if plan.Stage, err = p.stage(cmd.Context(), s3stage.Config{Region: f.region, Endpoint: f.endpoint}); err != nil {
			return err
		}
	}
	if err := plan.Validate(); err != nil {
		return inStatement{usageError{err}, "", ""}
	}
	m, err := f.meter(cmd.ErrOrStderr(), "read")
	if err != nil {
		return err
	}
	err = p.connected(cmd, &f.connection, nil, func(ctx context.Context, client *redshift.Client) (err error) {
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
		return f.print(ctx, client, plan, out, m)
	})
	m.finish(err == nil)
	return err
}

// onlyQuery refuses what would change something. What the grammar does not know is
// the server's to judge, which refuses it within UNLOAD and EXPLAIN.
func onlyQuery(sql string) error {
	script, err := redshift.SplitScript(sql)
	if err != nil {
		return badText(err, sql, "")
	}
	if len(script) != 1 {
		return usagef("read takes one query, and these are %s", count(int64(len(script)), "statement"))
	}
	stmt, err := parse.Statement(script[0].SQL)
	if _, query := stmt.(*ast.Query); err == nil && !query {
		return hinted{usagef("read takes a SELECT alone"), "other statements are run by 'redshiftctl query'"}
	}
	return nil
}

// print writes the rows. The files of an UNLOAD are removed before it returns.
func (f *readFlags) print(ctx context.Context, client *redshift.Client, plan bulk.ReadPlan, out io.Writer, m *meter) (err error) {
	rows, err := bulk.Read(ctx, client, plan)
	if err != nil {
		return inStatement{explainS3(err), plan.Query.SQL, ""}
	}
	defer func() {
		if closed := rows.Close(); err == nil {
			err = closed
		}
	}()
	cols := rows.Columns()
	if len(cols) == 0 {
		return usagef("the statement gives no rows; read takes a query")
	}
	counted := &countedWriter{w: out, m: m}
	if slices.Contains(batchFormats, f.format) {
		return writeBatches(rows, f.format, counted)
	}
	q := queryFlags{format: f.format}
	_, err = q.print(rows, cols, &countedRows{writer: newWriter(f.format, counted, f.null), m: m})
	return err
}

// countedWriter tells a meter of the bytes.
type countedWriter struct {
	w io.Writer
	m *meter
	n int64
}

func (c *countedWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	c.m.update(func(s *transferred) { s.Bytes = c.n })
	return n, err
}

// countedRows tells a meter of the rows, some at a time.
type countedRows struct {
	writer
	m *meter
	n int64
}

const countedEvery = 1024

func (c *countedRows) row(values []*string) error {
	if c.n++; c.n%countedEvery == 0 {
		c.m.update(func(s *transferred) { s.Rows = c.n })
	}
	return c.writer.row(values)
}

func (c *countedRows) end() error {
	c.m.update(func(s *transferred) { s.Rows = c.n })
	return c.writer.end()
}
