package redshift_test

import (
	"context"
	"fmt"

	"github.com/llm-dev-ops/redshift"
)

// A job goes on when its process dies: the id, noted down before, finds it again.
func ExampleClient_Submit() {
	run := func(ctx context.Context, client *redshift.Client, noteDown func(id string) error) error {
		id := redshift.NewID()
		if err := noteDown(id); err != nil {
			return err
		}
		job, err := client.Submit(ctx, redshift.Query{
			ID: id, SQL: "SELECT day, sum(cost) AS cost FROM calls WHERE day >= $1 GROUP BY day", Args: []any{"2026-01-01"}, Keep: true,
		})
		if err != nil {
			return err
		}
		return job.Wait(ctx)
	}
	_ = run
}

// Another process asks for the job and reads its rows.
func ExampleClient_Job() {
	read := func(ctx context.Context, client *redshift.Client, id string) error {
		job := client.Job(id)
		status, err := job.Status(ctx)
		if err != nil {
			return err
		}
		fmt.Println(status.State, status.Progress)
		rows, err := job.Rows(ctx) // waits
		if err != nil {
			return err
		}
		for row, err := range rows.All() {
			if err != nil {
				return err
			}
			fmt.Println(row.Values())
		}
		return job.Forget(ctx)
	}
	_ = read
}
