package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/llm-dev-ops/redshift"
)

func (p program) jobs() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "jobs",
		Short: "Statements that are found again by an id",
		Long: `Statements that are found again by an id, also from another process and after
this one has died: the id is a comment before the statement, which the system
views keep for seven days.`,
		Args: arguments(0, 0, "a command: submit, status, wait, rows, cancel, forget or list"),
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	cmd.AddCommand(p.jobsSubmit(), p.jobsRows(), p.jobsList())
	for _, verb := range []struct {
		name, short string
		do          func(context.Context, io.Writer, *redshift.Job) error
	}{
		{"status", "Print how far a job is", func(ctx context.Context, out io.Writer, j *redshift.Job) error {
			st, err := j.Status(ctx)
			if err != nil {
				return err
			}
			printJob(out, st)
			if st.Err != nil {
				fmt.Fprintln(out, printable(st.Err.Error()))
			}
			return nil
		}},
		{"wait", "Wait for the end of a job, and fail as it fails", func(ctx context.Context, _ io.Writer, j *redshift.Job) error { return j.Wait(ctx) }},
		{"cancel", "Ask the server to stop a job", func(ctx context.Context, _ io.Writer, j *redshift.Job) error { return j.Cancel(ctx) }},
		{"forget", "Drop the table that keeps a job's rows", func(ctx context.Context, _ io.Writer, j *redshift.Job) error { return j.Forget(ctx) }},
	} {
		var c connection
		sub := &cobra.Command{
			Use: verb.name + " ID", Short: verb.short, Args: arguments(1, 1, "one argument, the id"),
			RunE: func(cmd *cobra.Command, args []string) error {
				return p.connected(cmd, &c, nil, func(ctx context.Context, client *redshift.Client) error {
					return verb.do(ctx, cmd.OutOrStdout(), client.Job(args[0]))
				})
			},
		}
		c.flags(sub)
		cmd.AddCommand(sub)
	}
	return cmd
}

func (p program) jobsSubmit() *cobra.Command {
	var (
		c    connection
		q    redshift.Query
		keep bool
	)
	cmd := &cobra.Command{
		Use: "submit SQL", Short: "Start a job, print its id and wait for its end",
		Long: `Start a job, print its id and wait for its end.

The statement runs in a session of this program. If the program is killed, 'jobs
status ID' tells whether the server has finished it; submitted again with the same
--id it is not run while it runs or when it has succeeded. With --keep the rows of a
SELECT go into a table, and 'jobs rows ID' prints them at any time.`,
		Args: arguments(1, 1, "one argument, the SQL in quotes"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if q.ID == "" {
				q.ID = redshift.NewID()
			}
			q.SQL, q.Keep = args[0], keep
			return p.connected(cmd, &c, nil, func(ctx context.Context, client *redshift.Client) error {
				if _, err := fmt.Fprintln(cmd.OutOrStdout(), q.ID); err != nil {
					return err
				}
				job, err := client.Submit(ctx, q)
				if err != nil {
					return err
				}
				defer job.Release()
				return job.Wait(ctx)
			})
		},
	}
	cmd.Flags().StringVar(&q.ID, "id", "", "`id` of the job: letters, digits and - . _ (default a new one)")
	cmd.Flags().BoolVar(&keep, "keep", false, "keep the rows of a SELECT in a table")
	c.flags(cmd)
	return cmd
}

func (p program) jobsRows() *cobra.Command {
	var f queryFlags
	var after string
	cmd := &cobra.Command{
		Use: "rows ID", Short: "Print the kept rows of a job as CSV, and the token of the last on the standard error",
		Args: arguments(1, 1, "one argument, the id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.connected(cmd, &f.connection, nil, func(ctx context.Context, client *redshift.Client) error {
				rows, err := client.Job(args[0]).RowsAfter(ctx, after)
				if err != nil {
					return err
				}
				defer rows.Close()
				if _, err := f.print(rows, rows.Columns(), newWriter("csv", cmd.OutOrStdout(), "")); err != nil {
					return err
				}
				_, err = fmt.Fprintln(cmd.ErrOrStderr(), rows.Token())
				return err
			})
		},
	}
	cmd.Flags().StringVar(&after, "after", "", "`token` behind whose row to begin")
	f.flags(cmd)
	return cmd
}

func (p program) jobsList() *cobra.Command {
	var c connection
	var f redshift.JobFilter
	var since time.Duration
	cmd := &cobra.Command{
		Use: "list", Short: "List your jobs, the last first", Args: arguments(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.Limit < 0 || since < 0 {
				return usagef("--limit and --since must not be negative")
			}
			if since > 0 {
				f.Since = time.Now().Add(-since)
			}
			return p.connected(cmd, &c, nil, func(ctx context.Context, client *redshift.Client) error {
				jobs, err := client.Jobs(ctx, f)
				for _, st := range jobs {
					printJob(cmd.OutOrStdout(), st)
				}
				return err
			})
		},
	}
	cmd.Flags().IntVar(&f.Limit, "limit", 100, "the most `jobs` to list")
	cmd.Flags().DurationVar(&since, "since", 0, "leave out what was submitted before so long a time (default all)")
	c.flags(cmd)
	return cmd
}

func printJob(out io.Writer, st redshift.JobStatus) {
	fmt.Fprintf(out, "%s %s", printable(st.ID), st.State)
	if st.QueryID != 0 {
		fmt.Fprintf(out, " query %d", st.QueryID)
	}
	if st.Rows >= 0 {
		fmt.Fprintf(out, " rows %d", st.Rows)
	}
	if !st.Submitted.IsZero() {
		fmt.Fprintf(out, " since %s", st.Submitted.UTC().Format(time.DateTime))
	}
	fmt.Fprintln(out)
}
