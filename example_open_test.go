package redshift_test

import (
	"context"
	"fmt"
	"os"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/credentials"
)

func ExampleOpen() {
	ctx := context.Background()
	client, err := redshift.Open(ctx, redshift.Config{
		Host:        "my-cluster.abc123.eu-central-1.redshift.amazonaws.com",
		Database:    "dev",
		Credentials: credentials.Static("etl", os.Getenv("REDSHIFT_PASSWORD")),
	})
	if err != nil {
		fmt.Println(err) // says how far it came, and what to do
		return
	}
	defer client.Close(ctx)
	row, err := client.QueryRow(ctx, redshift.SQL("select count(*) from events"))
	if err != nil {
		fmt.Println(err)
		return
	}
	var n int64
	fmt.Println(row.Scan(&n), n)
}

func ExampleClient_Acquire() {
	ctx := context.Background()
	conn, err := client.Acquire(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Release()
	for _, sql := range []string{"create temp table chosen (id bigint)", "insert into chosen select id from events where kind = 'click'"} {
		if _, err := conn.Execute(ctx, redshift.SQL(sql)); err != nil {
			fmt.Println(err)
			return
		}
	}
	id, err := conn.LastQueryID(ctx)
	fmt.Println(id, err)
}

func ExampleClient_Health() {
	health, err := client.Health(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(health.Version, health.Latency)
}
