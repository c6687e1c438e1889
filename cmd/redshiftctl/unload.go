package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/llm-dev-ops/redshift"
)

// unloadFlags are the flags of unload.
type unloadFlags struct {
	connection
	progress
	sql                       string
	format, compression       string
	delimiter                 string
	header, escape, addQuotes bool
	nullAs, extension         string
	role, region              string
	parallel                  string
	maxFileSize, rowGroupSize float64
	manifest, verbose         bool
	partitionBy               []string
	include                   bool
	allowOverwrite, cleanPath bool
	encrypted, encryptedAuto  bool
	kmsKey                    string
	unloadOptions             []string
	dryRun                    bool
}

var unloadFormats = []string{"text", "csv", "tsv", "json", "parquet"}

func (p program) unload() *cobra.Command {
	var f unloadFlags
	cmd := &cobra.Command{
		Use:   "unload {QUERY s3://BUCKET/PREFIX | --sql STATEMENT}",
		Short: "Write the rows of a query to files in S3",
		Long: `Write the rows of a query to files in S3, with UNLOAD.

QUERY is a SELECT, or "-" for the standard input. The names of the files begin with
the prefix. Options that do not go together are refused before anything is sent.`,
		Example: `  redshiftctl unload 'select * from sales' s3://bucket/sales/ --format parquet --role default
  redshiftctl unload 'select * from sales' s3://bucket/by-day/ --format csv --header --compression gzip --partition-by day`,
		Args: arguments(0, 2, "a query and a place in S3"),
		RunE: func(cmd *cobra.Command, args []string) error { return p.runUnload(cmd, &f, args) },
	}
	fs := cmd.Flags()
	fs.StringVar(&f.sql, "sql", "", `the whole UNLOAD statement, "-" for the standard input`)
	fs.StringVar(&f.format, "format", "", "`format`: "+strings.Join(unloadFormats, ", ")+" (default text)")
	fs.StringVar(&f.compression, "compression", "", "of the files: none, gzip, bzip2 or zstd")
	fs.StringVar(&f.delimiter, "delimiter", "", `between fields (default "|", with CSV ",")`)
	fs.BoolVar(&f.header, "header", false, "write a line of names at the head of every file")
	fs.BoolVar(&f.escape, "escape", false, "a backslash before what is special (text)")
	fs.BoolVar(&f.addQuotes, "add-quotes", false, "quotes around fields (text)")
	fs.StringVar(&f.nullAs, "null-as", "", "text that stands for NULL")
	fs.StringVar(&f.extension, "extension", "", "text behind the names of files")
	fs.StringVar(&f.role, "role", "", "`ARN` of the role that writes S3, or \"default\" for the cluster's (REDSHIFT_IAM_ROLE)")
	fs.StringVar(&f.region, "region", "", "region of the bucket, if it is not the cluster's")
	fs.StringVar(&f.parallel, "parallel", "", "on or off: whether every slice writes files of its own")
	fs.Float64Var(&f.maxFileSize, "max-file-size", 0, "of a file in MB, 5 to 6348.8")
	fs.Float64Var(&f.rowGroupSize, "row-group-size", 0, "of Parquet in MB, 32 to 128")
	fs.BoolVar(&f.manifest, "manifest", false, "write an object that lists the files")
	fs.BoolVar(&f.verbose, "manifest-verbose", false, "with sizes, counts and columns")
	fs.StringSliceVar(&f.partitionBy, "partition-by", nil, "`names` of columns whose values make folders, with commas between them")
	fs.BoolVar(&f.include, "include", false, "keep those columns in the files")
	fs.BoolVar(&f.allowOverwrite, "allow-overwrite", false, "replace files that are there")
	fs.BoolVar(&f.cleanPath, "clean-path", false, "delete what is there first")
	fs.BoolVar(&f.encrypted, "encrypted", false, "encrypt with --kms-key-id, or with --encrypted-auto")
	fs.BoolVar(&f.encryptedAuto, "encrypted-auto", false, "encrypt with the bucket's key")
	fs.StringVar(&f.kmsKey, "kms-key-id", "", "key to encrypt with")
	fs.StringArrayVar(&f.unloadOptions, "unload-option", nil, "further options of UNLOAD as `SQL`; may come several times")
	fs.BoolVar(&f.dryRun, "dry-run", false, "print the UNLOAD and do nothing")
	values(cmd, "format", unloadFormats...)
	values(cmd, "compression", "none", "gzip", "bzip2", "zstd")
	values(cmd, "parallel", "on", "off")
	f.progress.flags(cmd)
	f.connection.flags(cmd)
	return cmd
}

func (p program) runUnload(cmd *cobra.Command, f *unloadFlags, args []string) error {
	command, err := f.unloadCommand(cmd, args, p)
	if err != nil {
		return err
	}
	if f.dryRun {
		return printSQL(cmd.OutOrStdout(), command.SQL)
	}
	if err := command.Validate(); err != nil {
		return explainRole(err)
	}
	return p.connected(cmd, &f.connection, nil, func(ctx context.Context, client *redshift.Client) error {
		m, err := f.meter(cmd.ErrOrStderr(), "unload")
		if err != nil {
			return err
		}
		if command.Options.ID == "" {
			command.Options.ID = redshift.NewID()
		}
		res, err := watched(ctx, m, command.Options.ID, client.UnloadStatus, func() (*redshift.UnloadResult, error) { return client.Unload(ctx, command) })
		if err == nil {
			m.update(func(s *transferred) { s.Rows, s.Files, s.Bytes = res.RowsUnloaded, res.FilesCreated, res.BytesWritten })
		}
		m.finish(err == nil)
		if err != nil {
			return err
		}
		return writeUnloadResult(cmd.OutOrStdout(), command, res)
	})
}

// unloadCommand is the command of a statement, or of arguments and flags.
func (f *unloadFlags) unloadCommand(cmd *cobra.Command, args []string, p program) (redshift.UnloadCommand, error) {
	var c redshift.UnloadCommand
	if cmd.Flags().Changed("sql") {
		if len(args) > 0 {
			return c, usagef("unload takes --sql or a query and a place, not both")
		}
		text, err := p.statementText(f.sql)
		if err != nil {
			return c, err
		}
		if c, err = redshift.ParseUnload(text); err != nil {
			return c, inStatement{usageError{err}, text, ""}
		}
		return c, nil
	}
	if len(args) != 2 {
		return c, usagef("unload takes a query and a place in S3; see 'redshiftctl unload --help'")
	}
	query, err := p.statementText(args[0])
	if err != nil {
		return c, err
	}
	c.Query = strings.TrimRight(query, "; \t\r\n")
	if c.Destination.Bucket, c.Destination.Prefix, err = parseS3(args[1]); err != nil {
		return c, err
	}
	if c.Format, err = f.dataFormat(); err != nil {
		return c, err
	}
	c.Options = redshift.UnloadOptions{
		IAMRole: roleOrEnv(f.role), Region: f.region, MaxFileSizeMB: f.maxFileSize, RowGroupSizeMB: f.rowGroupSize,
		Extension: f.extension, Manifest: f.manifest || f.verbose, ManifestVerbose: f.verbose,
		PartitionBy: f.partitionBy, PartitionInclude: f.include,
		Encrypted: f.encrypted || f.encryptedAuto || f.kmsKey != "", EncryptedAuto: f.encryptedAuto, KMSKeyID: f.kmsKey,
		AllowOverwrite: f.allowOverwrite, CleanPath: f.cleanPath, Extra: strings.Join(f.unloadOptions, " "),
	}
	if cmd.Flags().Changed("null-as") {
		c.Options.NullAs = &f.nullAs
	}
	if c.Options.Compression, err = compression(f.compression); err != nil {
		return c, err
	}
	c.Options.Parallel, err = toggle("parallel", f.parallel)
	return c, err
}

// dataFormat is what --format and its flags say.
func (f *unloadFlags) dataFormat() (redshift.UnloadFormat, error) {
	var format redshift.UnloadFormat
	var allowed []string
	switch strings.ToLower(f.format) {
	case "", "text":
		format = redshift.Text{Delimiter: f.delimiter, Header: f.header, Escape: f.escape, Quotes: f.addQuotes}
		allowed = []string{"delimiter", "header", "escape", "add-quotes"}
	case "csv":
		format, allowed = redshift.CSV{Delimiter: f.delimiter, Header: f.header}, []string{"delimiter", "header"}
	case "tsv":
		format, allowed = redshift.CSV{Delimiter: `\t`, Header: f.header}, []string{"header"}
	case "json", "jsonl":
		format = redshift.JSON{}
	case "parquet":
		format = redshift.Parquet{}
	default:
		return nil, usagef("--format must be one of %s", strings.Join(unloadFormats, ", "))
	}
	for _, g := range []struct {
		flag  string
		given bool
	}{
		{"delimiter", f.delimiter != ""}, {"header", f.header}, {"escape", f.escape}, {"add-quotes", f.addQuotes},
	} {
		if g.given && !slices.Contains(allowed, g.flag) {
			return nil, usagef("--%s does not go with --format %s", g.flag, f.format)
		}
	}
	return format, nil
}

// writeUnloadResult prints what an UNLOAD has done.
func writeUnloadResult(w io.Writer, c redshift.UnloadCommand, res *redshift.UnloadResult) error {
	rows := count(res.RowsUnloaded, "row")
	if res.RowsUnloaded < 0 {
		rows = "an unknown number of rows"
	}
	line := fmt.Sprintf("%s unloaded to %s in %s", rows, printable(c.Destination.String()), short(res.Duration))
	if res.FilesCreated >= 0 {
		line += fmt.Sprintf(" (%s, %s)", count(res.FilesCreated, "file"), size(res.BytesWritten))
	}
	if res.ManifestPath != "" {
		line += "\nmanifest: " + printable(res.ManifestPath)
	}
	_, err := fmt.Fprintln(w, line)
	return err
}
