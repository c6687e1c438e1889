package redshift_test

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/llm-dev-ops/redshift"
)

// client stands for one that New made.
var client *redshift.Client

func ExampleClient_Execute() {
	ctx := context.Background()
	res, err := client.Execute(ctx, redshift.SQL("delete from events where day < $1", redshift.Date{Year: 2020, Month: 1, Day: 1}))
	if errors.Is(err, redshift.ErrTableNotFound) {
		fmt.Println("nothing to delete")
		return
	} else if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.RowsAffected)
}

func ExampleCollect() {
	type User struct {
		ID       int64
		FullName *string // NULL is nil
		Balance  redshift.Numeric
	}
	ctx := context.Background()
	rows, err := client.Query(ctx, redshift.SQL("select id, full_name, balance from users where age > $1", 30))
	if err != nil {
		fmt.Println(err)
		return
	}
	users, err := redshift.Collect(rows, redshift.ByName[User])
	fmt.Println(len(users), err)
}

func ExampleRows_All() {
	rows, err := client.Query(context.Background(), redshift.SQL("select id from users"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for row, err := range rows.All() {
		if err != nil {
			fmt.Println(err)
			return
		}
		var id int64
		if err := row.Scan(&id); err != nil {
			fmt.Println(err)
			return // leaving the loop closes the rows
		}
	}
}

func ExampleRows_Batches() {
	rows, err := client.Query(context.Background(), redshift.SQL("select id, price from items"))
	if err != nil {
		fmt.Println(err)
		return
	}
	var cents int64
	for b, err := range rows.Batches(1024) {
		if err != nil {
			fmt.Println(err)
			return
		}
		ids, prices := b.Vector(0), b.Vector(1)
		if ids.Kind != redshift.VectorInt64 || prices.Kind != redshift.VectorNumeric || prices.Scale != 2 {
			fmt.Println("another table")
			return // leaving the loop closes the rows
		}
		for i, id := range ids.Int64s {
			if id%2 == 0 && !prices.Null(i) {
				cents += int64(prices.Numerics[i].Low) // of a NUMERIC(18,2), which needs no more
			}
		}
	}
	fmt.Println(cents)
}

func ExampleClient_InTx() {
	ctx := context.Background()
	err := client.InTx(ctx, redshift.TxOptions{}, func(tx *redshift.Tx) error {
		if _, err := tx.Execute(ctx, redshift.SQL("lock accounts")); err != nil {
			return err
		}
		_, err := tx.Execute(ctx, redshift.SQL("update accounts set balance = balance - $1 where id = $2", 10, 1))
		return err
	})
	fmt.Println(err)
}

func ExampleClient_Prepare() {
	ctx := context.Background()
	p, err := client.Prepare(ctx, "insert into t values ($1, $2)", redshift.TypeInteger, redshift.TypeDate)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close(ctx)
	_, err = p.Execute(ctx, 1, redshift.Null(redshift.TypeDate))
	fmt.Println(err)
}

func ExamplePrepared_Batch() {
	ctx := context.Background()
	p, err := client.Prepare(ctx, "insert into t values ($1, $2)")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close(ctx)
	res, err := p.Batch(ctx, slices.Values([][]any{{1, "a"}, {2, "b"}}))
	if err == nil {
		err = res.Err() // of the first set that failed
	}
	fmt.Println(res.RowsAffected, err)
}

func ExampleSplitScript() {
	script, err := redshift.SplitScript("create table t (s varchar);\n\ninsert into t values (';');")
	for _, s := range script {
		fmt.Println(s.Number, s.Line, s.SQL)
	}
	fmt.Println(err)
	// Output:
	// 1 1 create table t (s varchar)
	// 2 3 insert into t values (';')
	// <nil>
}

func ExampleClient_ExecuteScript() {
	_, err := client.ExecuteScript(context.Background(), "begin; delete from day; insert into day select * from stage; commit;")
	var failed *redshift.ScriptError
	if errors.As(err, &failed) {
		fmt.Println(failed.Number, failed.Line, failed.Err)
	}
}

func ExampleIdentifier() {
	// CREATE takes no parameters on Redshift: the client writes these into it.
	_, err := client.Execute(context.Background(), redshift.SQL("create schema $1 authorization $2",
		redshift.Identifier{"reports"}, redshift.Identifier{"ann"}))
	fmt.Println(err)
}

func ExampleIdent() {
	name, err := redshift.Ident("my schema", `a "b"`)
	fmt.Println(name, err)
	// Output: "my schema"."a ""b""" <nil>
}

func ExampleParseURL() {
	cfg, err := redshift.ParseURL("redshift://etl@warehouse.example:5439/dev?query_group=load")
	fmt.Println(cfg.Host, cfg.Port, cfg.Database, cfg.DefaultQueryGroup, err)
	// Output: warehouse.example 5439 dev load <nil>
}

func ExampleNumericOf() {
	n, err := redshift.NumericOf("12.5", 10, 2)
	fmt.Println(n, err)
	_, err = redshift.NumericOf("0.125", 10, 2)
	fmt.Println(err)
	// Output:
	// 12.50 <nil>
	// redshift: invalid use: the number has more than 2 digits behind the point
}
