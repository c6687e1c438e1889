package sqldriver_test

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/credentials"
	"github.com/llm-dev-ops/redshift/sqldriver"
	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

// scripted is a client of a server that knows two statements.
func scripted() *redshift.Client {
	fake := transporttest.NewFake(2)
	fake.On("select name, cost from calls where day = $1", transporttest.Answer{
		Columns: []transport.Column{{Name: "name", Type: redshift.TypeVarchar}, {Name: "cost", Type: redshift.TypeNumeric}},
		Rows:    [][][]byte{{[]byte("embed"), []byte("0.000120")}, {[]byte("chat"), []byte("12.500000")}},
	})
	fake.On("delete from calls where day < $1", transporttest.Answer{Tag: "DELETE 3"})
	client, err := redshift.New(fake, redshift.Config{})
	if err != nil {
		panic(err)
	}
	return client
}

// A sql.DB beside a Client. With a URL it is sql.Open("redshift", url).
func Example() {
	ctx := context.Background()
	client := scripted()
	defer client.Close(ctx)
	db := sqldriver.OpenDB(client)
	defer db.Close()

	day := redshift.Date{Year: 2026, Month: 2, Day: 28}
	rows, err := db.QueryContext(ctx, "select name, cost from calls where day = :day", sql.Named("day", day))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var cost redshift.Numeric
		if err := rows.Scan(&name, sqldriver.Into(&cost)); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(name, cost)
	}
	if err := rows.Err(); err != nil {
		fmt.Println(err)
		return
	}

	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer tx.Rollback()
	res, err := tx.ExecContext(ctx, "delete from calls where day < $1", day)
	if err != nil {
		fmt.Println(err)
		return
	}
	n, _ := res.RowsAffected()
	fmt.Println(n, "deleted", tx.Commit())
	// Output:
	// embed 0.000120
	// chat 12.500000
	// 3 deleted <nil>
}

// What no URL can say, a Config says.
func ExampleNewConnector() {
	connector, err := sqldriver.NewConnector(redshift.Config{
		Host:        "my-cluster.abc123.eu-central-1.redshift.amazonaws.com",
		Database:    "dev",
		Credentials: credentials.Static("etl", "secret"), // or any other Provider
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	db := sql.OpenDB(connector) // no connection is made yet
	defer db.Close()
	db.SetMaxOpenConns(10)
	fmt.Println(db.Stats().MaxOpenConnections)
	// Output: 10
}
