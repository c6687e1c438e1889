package bulk

import (
	"context"
	"fmt"
	"strings"

	"github.com/llm-dev-ops/redshift"
)

// describe asks the server for the columns of the table, or of those named.
func describe(ctx context.Context, c redshift.Querier, table redshift.TableRef, columns []string) ([]redshift.Column, error) {
	name, err := qualified(table)
	if err != nil {
		return nil, err
	}
	list := "*"
	if len(columns) > 0 {
		if list, err = idents("", columns); err != nil {
			return nil, err
		}
	}
	rows, err := c.Query(ctx, redshift.SQL("SELECT "+list+" FROM "+name+" LIMIT 0"))
	if err != nil {
		return nil, fmt.Errorf("bulk: the columns of %s: %w", table.Name, err)
	}
	cols := rows.Columns()
	if err := rows.Close(); err != nil {
		return nil, fmt.Errorf("bulk: the columns of %s: %w", table.Name, err)
	}
	return cols, nil
}

func qualified(t redshift.TableRef) (string, error) {
	if t.Name == "" {
		return "", usage("bulk: no table is named")
	}
	if t.Schema == "" {
		return redshift.Ident(t.Name)
	}
	return redshift.Ident(t.Schema, t.Name)
}

// idents is a list of quoted names, each behind a prefix.
func idents(prefix string, names []string) (string, error) {
	quoted := make([]string, len(names))
	for i, n := range names {
		q, err := redshift.Ident(n)
		if err != nil {
			return "", err
		}
		quoted[i] = prefix + q
	}
	return strings.Join(quoted, ", "), nil
}

func names(cols []redshift.Column) []string {
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = c.Name
	}
	return out
}
