package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/bulk"
	"github.com/llm-dev-ops/redshift/s3stage"
)

// stager is what load and read need of s3stage.Stage.
type stager interface {
	bulk.Stage
	Upload(ctx context.Context, files []s3stage.File, progress func(s3stage.Progress)) ([]s3stage.Object, error)
}

// stage reaches the S3 of the standard chain, AWS_ENDPOINT_URL included.
func stage(ctx context.Context, cfg s3stage.Config) (stager, error) { return s3stage.New(ctx, cfg) }

// loadFlags are the flags of load.
type loadFlags struct {
	connection
	copyFlags
	progress
	stage, endpoint string
}

func (p program) load() *cobra.Command {
	var f loadFlags
	cmd := &cobra.Command{
		Use:   "load FILE... TABLE",
		Short: "Load files of this machine into a table",
		Long: `Load files of this machine into a table: they are put below --stage in S3, under a
prefix of their own, loaded with COPY, and removed from S3 again, whatever happens.

Format and compression are guessed from the names (.csv, .tsv, .json, .jsonl, .ndjson,
.parquet, .orc, .avro; .gz, .bz2, .zst, .lzo behind them) and must be the same for all
files. "-" is the standard input. A JSON file that is one array is loaded element by
element, and keys match columns whatever their case.

S3 is reached with the AWS SDK's standard chain: environment, shared files, roles,
AWS_ENDPOINT_URL. The table's cluster reads it with --role.`,
		Example: `  redshiftctl load --stage s3://bucket/staging --role default sales.csv.gz sales --header
  redshiftctl load --stage s3://bucket/staging --role default part-*.parquet public.sales`,
		Args: arguments(2, -1, "one or more files, and then a table"),
		RunE: func(cmd *cobra.Command, args []string) error { return p.runLoad(cmd, &f, args) },
	}
	fs := cmd.Flags()
	fs.StringVar(&f.stage, "stage", "", "`place` s3://bucket/prefix below which files are put meanwhile (REDSHIFT_STAGE)")
	fs.StringVar(&f.endpoint, "s3-endpoint", "", "`URL` of another S3 (AWS_ENDPOINT_URL)")
	f.progress.flags(cmd)
	f.copyFlags.flags(cmd)
	f.connection.flags(cmd)
	return cmd
}

func (p program) runLoad(cmd *cobra.Command, f *loadFlags, args []string) error {
	files, name := args[:len(args)-1], args[len(args)-1]
	table, err := parseTable(name)
	if err != nil {
		return err
	}
	if f.stage == "" {
		f.stage = os.Getenv("REDSHIFT_STAGE")
	}
	if f.stage == "" {
		return hinted{usagef("where to put the files meanwhile is not said"), "give --stage s3://bucket/prefix, or set REDSHIFT_STAGE"}
	}
	prefix, err := s3stage.UniquePrefix(f.stage)
	if err != nil {
		return usageError{fmt.Errorf("--stage: %w", err)}
	}
	locals, err := p.localFiles(files, &f.copyFlags)
	if err != nil {
		return err
	}
	command, err := f.loadCommand(cmd, table, prefix)
	if err != nil {
		return err
	}
	if f.dryRun {
		return printSQL(cmd.OutOrStdout(), command.SQL)
	}
	if err := command.Validate(); err != nil {
		return explainRole(err)
	}
	return p.connected(cmd, &f.connection, nil, func(ctx context.Context, client *redshift.Client) (err error) {
		if err := tableExists(ctx, client, table); err != nil {
			return err
		}
		s3, err := p.stage(ctx, s3stage.Config{Region: f.region, Endpoint: f.endpoint})
		if err != nil {
			return err
		}
		stderr := cmd.ErrOrStderr()
		defer func() {
			if cerr := s3.CleanUp(ctx, prefix); cerr != nil {
				fmt.Fprintf(stderr, "redshiftctl: files were left behind at %s: %s\n", prefix, printable(cerr.Error()))
			}
		}()
		if err := f.upload(ctx, s3, prefix, locals, stderr); err != nil {
			return explainS3(err)
		}
		res, err := f.watchedCopy(ctx, client, stderr, command)
		var failed *redshift.CopyError
		if errors.As(err, &failed) {
			nameFiles(failed.LoadErrors, prefix, locals)
		}
		if err != nil {
			return err
		}
		nameFiles(res.LoadErrors, prefix, locals)
		return writeCopyResult(cmd.OutOrStdout(), stderr, command, res)
	})
}

// loadCommand is the COPY of what will be below prefix.
func (f *loadFlags) loadCommand(cmd *cobra.Command, table redshift.TableRef, prefix string) (redshift.CopyCommand, error) {
	c := redshift.CopyCommand{Table: table, Columns: f.columns}
	bucket, key, err := parseS3(prefix)
	if err != nil {
		return c, err
	}
	c.Source = redshift.S3{Bucket: bucket, Prefix: key}
	if c.Format, err = f.dataFormat(); err != nil {
		return c, err
	}
	c.Options, err = f.options(cmd)
	c.Options.IAMRole = roleOrEnv(c.Options.IAMRole)
	return c, err
}

// tableExists finds a wrong name before the files are uploaded. Whoever may not
// read a table may still load it.
func tableExists(ctx context.Context, q redshift.Querier, t redshift.TableRef) error {
	parts := []string{t.Name}
	if t.Schema != "" {
		parts = []string{t.Schema, t.Name}
	}
	name, err := redshift.Ident(parts...)
	if err != nil {
		return usageError{err}
	}
	_, err = q.Execute(ctx, redshift.SQL("select 1 from "+name+" limit 0"))
	if errors.Is(err, redshift.ErrPermissionDenied) {
		return nil
	}
	return err
}

// upload puts the files below prefix.
func (f *loadFlags) upload(ctx context.Context, s3 stager, prefix string, locals []localFile, stderr io.Writer) error {
	files := make([]s3stage.File, len(locals))
	for i, l := range locals {
		files[i] = l.staged(prefix, i)
	}
	m, err := f.meter(stderr, "upload")
	if err != nil {
		return err
	}
	_, err = s3.Upload(ctx, files, m.uploaded)
	m.finish(err == nil)
	return err
}

// nameFiles gives rejected rows the names of the user's files. What went as
// lines has an element of the array in each.
func nameFiles(errs []redshift.LoadError, prefix string, locals []localFile) {
	names := map[string]string{}
	for i, l := range locals {
		name := l.path
		if l.lines {
			name += " (line = element)"
		}
		names[l.staged(prefix, i).URI] = name
	}
	for i := range errs {
		if name, ok := names[errs[i].File]; ok {
			errs[i].File = name
		}
	}
}

// explainS3 says what to do about a failure of S3.
func explainS3(err error) error {
	switch {
	case errors.Is(err, s3stage.ErrAccessDenied):
		return hinted{err, "check the AWS credentials: AWS_PROFILE, or AWS_ACCESS_KEY_ID and its secret"}
	case errors.Is(err, s3stage.ErrWrongRegion):
		return hinted{err, "give --region with the bucket's region"}
	case errors.Is(err, s3stage.ErrNotFound) && strings.Contains(err.Error(), "NoSuchBucket"):
		return hinted{err, "--stage must be in a bucket that exists"}
	}
	return err
}
