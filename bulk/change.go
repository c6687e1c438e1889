package bulk

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/s3stage"
)

// change changes the table: in one transaction, if it takes several statements.
func (l *load) change(ctx context.Context, manifest s3stage.URI) error {
	if l.plan.Ledger != (redshift.TableRef{}) {
		return l.once(ctx, manifest)
	}
	return l.all(ctx, manifest)
}

// all is change without a ledger.
func (l *load) all(ctx context.Context, manifest s3stage.URI) error {
	if manifest.Bucket == "" && l.plan.Mode != Replace {
		return nil
	}
	if l.plan.Mode == Append {
		// A single COPY is a transaction of its own.
		return l.add(ctx, l.client, manifest)
	}
	if c, ok := l.client.(*redshift.Client); ok {
		return c.InTx(ctx, redshift.TxOptions{}, func(tx *redshift.Tx) error { return l.within(ctx, tx, manifest) })
	}
	return l.within(ctx, l.client, manifest)
}

// within changes the table in a transaction that somebody else ends.
func (l *load) within(ctx context.Context, c Client, manifest s3stage.URI) error {
	l.result.Deleted, l.result.Inserted = 0, 0
	switch {
	case l.plan.Mode == Replace:
		return l.replace(ctx, c, manifest)
	case manifest.Bucket == "":
		return nil
	case l.plan.Mode == Upsert:
		return l.upsert(ctx, c, manifest)
	}
	return l.add(ctx, c, manifest)
}

func (l *load) add(ctx context.Context, c Client, manifest s3stage.URI) error {
	n, err := l.copy(ctx, c, l.plan.Table, names(l.columns), manifest)
	l.result.Inserted = n
	return err
}

func (l *load) copy(ctx context.Context, c Client, table redshift.TableRef, columns []string, manifest s3stage.URI) (int64, error) {
	cmd := redshift.CopyCommand{
		Table: table, Columns: columns,
		Source: redshift.S3{Bucket: manifest.Bucket, Prefix: manifest.Key, Manifest: true},
		Format: redshift.Parquet{},
		Options: redshift.CopyOptions{
			IAMRole: l.plan.IAMRole, ID: l.plan.ID, QueryGroup: l.plan.QueryGroup, Label: l.plan.Label,
		},
	}
	if l.result.Format == CSVZstd {
		cmd.Format = redshift.CSV{}
		cmd.Options.Compression = redshift.Zstd
		cmd.Options.NullAs = &l.null
		cmd.Options.MaxErrors = 1
		cmd.Options.TimeFormat, cmd.Options.DateFormat = "auto", "auto"
	}
	res, err := c.Copy(ctx, cmd)
	if err != nil {
		return 0, err
	}
	l.result.Copy = res
	if res.RowsLoaded >= 0 && res.RowsLoaded != l.result.Rows {
		return res.RowsLoaded, &redshift.Error{
			Kind:    redshift.ErrCopy,
			Message: fmt.Sprintf("bulk: COPY loaded %d rows of the %d that were staged", res.RowsLoaded, l.result.Rows),
		}
	}
	return l.result.Rows, nil
}

func (l *load) replace(ctx context.Context, c Client, manifest s3stage.URI) error {
	table, err := qualified(l.plan.Table)
	if err != nil {
		return err
	}
	r, err := c.Execute(ctx, redshift.SQL("DELETE FROM "+table))
	if err != nil {
		return err
	}
	l.result.Deleted = r.RowsAffected
	if manifest.Bucket == "" {
		return nil
	}
	return l.add(ctx, c, manifest)
}

// upsert copies into a temporary table, in which the last row of a key stays.
func (l *load) upsert(ctx context.Context, c Client, manifest s3stage.URI) error {
	target, err := qualified(l.plan.Table)
	if err != nil {
		return err
	}
	temporary := "bulk_" + strings.ToLower(rand.Text())
	columns := names(l.columns)
	list, err := idents("", columns)
	if err != nil {
		return err
	}
	keys, err := idents("", l.plan.Keys)
	if err != nil {
		return err
	}
	same := make([]string, len(l.plan.Keys))
	for i, k := range l.plan.Keys {
		q, err := redshift.Ident(k)
		if err != nil {
			return err
		}
		same[i] = target + "." + q + " = " + temporary + "." + q
	}
	run := func(sql string) (int64, error) {
		r, err := c.Execute(ctx, redshift.SQL(sql))
		if err != nil {
			return 0, err
		}
		return r.RowsAffected, nil
	}
	// Without NOT NULL and the like, which hold when the rows are inserted.
	if _, err := run("CREATE TEMP TABLE " + temporary + " AS SELECT " + list + ", 0::bigint AS " + numberColumn + " FROM " + target + " WHERE false"); err != nil {
		return err
	}
	if _, err := l.copy(ctx, c, redshift.TableRef{Name: temporary}, append(columns, numberColumn), manifest); err != nil {
		return err
	}
	if l.result.Deleted, err = run("DELETE FROM " + target + " USING " + temporary + " WHERE " + strings.Join(same, " AND ")); err != nil {
		return err
	}
	l.result.Inserted, err = run("INSERT INTO " + target + " (" + list + ") SELECT " + list + " FROM (SELECT " + list +
		", row_number() OVER (PARTITION BY " + keys + " ORDER BY " + numberColumn + " DESC) AS bulk_last FROM " + temporary + ") bulk_rows WHERE bulk_last = 1")
	if err != nil {
		return err
	}
	_, err = run("DROP TABLE " + temporary)
	return err
}
