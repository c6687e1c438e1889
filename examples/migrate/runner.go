package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/llm-dev-ops/redshift"
)

// runner runs migrations. PostgreSQL's migration tools keep each other out with
// advisory locks, which Redshift does not have: here the table of what was
// applied is locked itself, for as long as a migration runs.
type runner struct {
	db      *sql.DB
	applied func(migration) // after each
}

// run applies what is missing and gives the number. A migration that fails
// leaves those before it applied.
func (r runner) run(ctx context.Context, all []migration) (n int, err error) {
	if err := r.prepare(ctx); err != nil {
		return 0, err
	}
	for _, m := range all {
		did := false
		err := retry(func() (err error) {
			did, err = r.one(ctx, m)
			return err
		})
		if err != nil {
			return n, fmt.Errorf("%v: %w", m, err)
		}
		if did {
			n++
			r.applied(m)
		}
	}
	return n, nil
}

// prepare makes the table. IF NOT EXISTS does not keep two who make it at the
// same time apart, so the table that is there in the end is what counts.
func (r runner) prepare(ctx context.Context) error {
	_, err := r.db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS schema_migrations (
		version INTEGER NOT NULL, name VARCHAR(200) NOT NULL, sum CHAR(64) NOT NULL, applied TIMESTAMP DEFAULT GETDATE())`)
	if err == nil {
		return nil
	}
	if _, missing := r.db.ExecContext(ctx, "SELECT version FROM schema_migrations LIMIT 0"); missing != nil {
		return err
	}
	return nil
}

// retry repeats what was in conflict with another transaction.
func retry(f func() error) (err error) {
	for range 3 {
		if err = f(); !errors.Is(err, redshift.ErrSerializationFailure) {
			return err
		}
	}
	return err
}

// one applies a migration, unless somebody has. The transaction's first
// statement is LOCK, so that what it reads is what the one before has written:
// a transaction's snapshot is taken when it first reads.
func (r runner) one(ctx context.Context, m migration) (did bool, err error) {
	tx, err := r.db.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, "LOCK schema_migrations"); err != nil {
		return false, err
	}
	var sum string
	switch err := tx.QueryRowContext(ctx, "SELECT sum FROM schema_migrations WHERE version = $1", m.version).Scan(&sum); {
	case err == nil && sum != m.sum:
		return false, errors.New("the file was changed after it was applied")
	case err == nil:
		return false, nil
	case !errors.Is(err, sql.ErrNoRows):
		return false, err
	}
	if m.alone {
		// On another connection; this one holds the lock.
		_, err = r.db.ExecContext(ctx, m.sql)
	} else {
		_, err = tx.ExecContext(ctx, m.sql)
	}
	if err != nil {
		return false, err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO schema_migrations (version, name, sum) VALUES ($1, $2, $3)", m.version, m.name, m.sum)
	if err != nil {
		return false, err
	}
	return true, tx.Commit()
}
