package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/redact"
)

func (p program) copy() *cobra.Command {
	var c connection
	var f copyFlags
	var told progress
	var sql string
	var manifest bool
	var readRatio int
	cmd := &cobra.Command{
		Use:   "copy {TABLE SOURCE | --sql STATEMENT}",
		Short: "Load data that is in S3 or DynamoDB into a table",
		Long: `Load data that is in S3 or DynamoDB into a table, with COPY.

SOURCE is s3://bucket/prefix for all objects whose keys begin so, with --manifest the
one object that lists the files, dynamodb://table with --read-ratio, or
emr://cluster/path. Files on this machine are loaded by "redshiftctl load".

Options that do not go together are refused before anything is sent. When rows are
rejected, the first of them are shown, and the exit code is 4 if nothing was loaded
because of them.`,
		Example: `  redshiftctl copy sales s3://bucket/sales/ --format csv --header --role arn:aws:iam::123456789012:role/Loader
  redshiftctl copy --sql "copy sales from 's3://bucket/sales/' iam_role default csv"`,
		Args: arguments(0, 2, "a table and a source"),
		RunE: func(cmd *cobra.Command, args []string) error {
			command, err := f.copyCommand(cmd, args, sql, manifest, readRatio, p)
			if err != nil {
				return err
			}
			if f.dryRun {
				return printSQL(cmd.OutOrStdout(), command.SQL)
			}
			if err := command.Validate(); err != nil {
				return explainRole(err)
			}
			return p.connected(cmd, &c, nil, func(ctx context.Context, client *redshift.Client) error {
				res, err := told.watchedCopy(ctx, client, cmd.ErrOrStderr(), command)
				if err != nil {
					return err
				}
				return writeCopyResult(cmd.OutOrStdout(), cmd.ErrOrStderr(), command, res)
			})
		},
	}
	f.flags(cmd)
	told.flags(cmd)
	fs := cmd.Flags()
	fs.StringVar(&sql, "sql", "", `the whole COPY statement, "-" for the standard input`)
	fs.BoolVar(&manifest, "manifest", false, "the source is the object that lists the files")
	fs.IntVar(&readRatio, "read-ratio", 0, "per cent of a DynamoDB table's throughput to use, 1 to 200")
	c.flags(cmd)
	return cmd
}

// copyCommand is the command of a statement, or of arguments and flags.
func (f *copyFlags) copyCommand(cmd *cobra.Command, args []string, sql string, manifest bool, readRatio int, p program) (redshift.CopyCommand, error) {
	var c redshift.CopyCommand
	if cmd.Flags().Changed("sql") {
		if len(args) > 0 {
			return c, usagef("copy takes --sql or a table and a source, not both")
		}
		text, err := p.statementText(sql)
		if err != nil {
			return c, err
		}
		if c, err = redshift.ParseCopy(text); err != nil {
			return c, inStatement{usageError{err}, text, ""}
		}
		return c, nil
	}
	if len(args) != 2 {
		return c, usagef("copy takes a table and a source; see 'redshiftctl copy --help'")
	}
	var err error
	if c.Table, err = parseTable(args[0]); err != nil {
		return c, err
	}
	if c.Source, err = parseSource(args[1], manifest, readRatio); err != nil {
		return c, err
	}
	if c.Format, err = f.dataFormat(); err != nil {
		return c, err
	}
	if c.Options, err = f.options(cmd); err != nil {
		return c, err
	}
	c.Columns = f.columns
	c.Options.IAMRole = roleOrEnv(c.Options.IAMRole)
	return c, nil
}

// statementText is the value of --sql, or the standard input for "-".
func (p program) statementText(sql string) (string, error) {
	if sql != "-" {
		return sql, nil
	}
	text, err := p.readFile("-")
	if err != nil {
		return "", usageError{err}
	}
	return text, nil
}

func parseSource(s string, manifest bool, readRatio int) (redshift.CopySource, error) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return nil, hinted{usagef("%q is no source", s), "a source is s3://bucket/prefix, dynamodb://table or emr://cluster/path; for a file use 'redshiftctl load'"}
	}
	host, path, _ := strings.Cut(rest, "/")
	if manifest && scheme != "s3" {
		return nil, usagef("--manifest goes with a source in S3 alone")
	}
	if readRatio != 0 && scheme != "dynamodb" {
		return nil, usagef("--read-ratio goes with a source in DynamoDB alone")
	}
	switch scheme {
	case "s3":
		return redshift.S3{Bucket: host, Prefix: path, Manifest: manifest}, nil
	case "dynamodb":
		return redshift.DynamoDB{Table: rest, ReadRatio: readRatio}, nil
	case "emr":
		return redshift.EMR{Cluster: host, Path: path}, nil
	default:
		return nil, usagef("%q: a source is s3://bucket/prefix, dynamodb://table or emr://cluster/path", s)
	}
}

// explainRole makes a usage error, and says what to do where a role is missing.
func explainRole(err error) error {
	var option *copycmd.OptionError
	if errors.As(err, &option) && option.Option == "IAM_ROLE" && option.Other == "" {
		return hinted{usageError{err}, "give --role ARN, or --role default for the cluster's own, or set REDSHIFT_IAM_ROLE"}
	}
	return usageError{err}
}

// printSQL prints a statement that is not run, without its secrets.
func printSQL(w io.Writer, statement func() (string, error)) error {
	sql, err := statement()
	if err != nil {
		return explainRole(err)
	}
	_, err = fmt.Fprintln(w, redact.SQL(sql))
	return err
}

// writeCopyResult prints what a COPY has done, and the rows that it rejected.
func writeCopyResult(out, stderr io.Writer, c redshift.CopyCommand, res *redshift.CopyResult) error {
	rows := count(res.RowsLoaded, "row")
	if res.RowsLoaded < 0 {
		rows = "an unknown number of rows"
	}
	line := fmt.Sprintf("%s loaded into %s in %s", rows, tableName(c.Table), short(res.Duration))
	if c.Options.NoLoad {
		line = fmt.Sprintf("data for %s checked in %s", tableName(c.Table), short(res.Duration))
	}
	if res.FilesScanned >= 0 {
		line += fmt.Sprintf(" (%s, %s)", count(res.FilesScanned, "file"), size(res.BytesScanned))
	}
	_, err := fmt.Fprintln(out, line)
	if res.RowsRejected > 0 {
		fmt.Fprintf(stderr, "%s rejected\n", count(res.RowsRejected, "row"))
	}
	if len(res.LoadErrors) > 0 {
		writeLoadErrors(stderr, res.LoadErrors)
	}
	return err
}

// short is a duration with three digits.
func short(d time.Duration) string {
	switch {
	case d >= time.Minute:
		return d.Round(time.Second).String()
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d >= time.Millisecond:
		return d.Round(100 * time.Microsecond).String()
	default:
		return d.Round(time.Microsecond).String()
	}
}
