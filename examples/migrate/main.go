// Command migrate brings a database up to date through database/sql: it runs
// the migrations that the database has not seen, each once, also when several
// of it run at a time.
//
//	REDSHIFT_URL=redshift://user:password@host:5439/dev go run ./examples/migrate
package main

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/signal"

	_ "github.com/llm-dev-ops/redshift/sqldriver" // the driver "redshift"
)

//go:embed migrations/*.sql
var files embed.FS

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "migrate:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	folder, err := fs.Sub(files, "migrations")
	if err != nil {
		return err
	}
	todo, err := read(folder)
	if err != nil {
		return err
	}
	db, err := sql.Open("redshift", "") // of REDSHIFT_URL
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	r := runner{db: db, applied: func(m migration) { fmt.Println("applied", m) }}
	n, err := r.run(ctx, todo)
	if err == nil {
		fmt.Printf("%d of %d migrations applied\n", n, len(todo))
	}
	return err
}
