package redshift

import (
	"context"
	"slices"
)

// FooterReader reads what columnar files say of their columns, for ValidateCopy.
// bulk.Footers makes one of a Stage.
type FooterReader interface {
	// Footer gives the columns of a file of size bytes, in their order.
	Footer(ctx context.Context, uri string, size int64) ([]FileColumn, error)
}

// FileColumn is a column of a columnar file.
type FileColumn struct {
	Name string
	// Type is the file's own word for the type.
	Type string
	// Loads are the types of a table's column that COPY loads it into. That AWS
	// names no rule for them makes it an assumption.
	Loads []Type
	// DDL is a type for CREATE TABLE that takes all its values, such as
	// NUMERIC(15,2): SUPER for lists and groups, and for texts, whose lengths a
	// file does not tell, VARCHAR(65535).
	DDL string
}

// maxFooters bounds the files whose footers are read.
const maxFooters = 100

// footers compares columnar files with the table, by position, as COPY loads them
// ("COPY from columnar data formats"). The error is that of ctx.
func (f *findings) footers(ctx context.Context, c *Client, cmd CopyCommand, files []checkedFile, objects Objects) error {
	reader, ok := objects.(FooterReader)
	if _, parquet := cmd.Format.(Parquet); !ok || !parquet || len(files) == 0 {
		return nil
	}
	table, err := c.tableColumns(ctx, cmd)
	if ctx.Err() != nil {
		return wrap(context.Cause(ctx))
	}
	if err != nil {
		severity := FindingUnchecked
		if answered(err) {
			severity = FindingError
		}
		f.add(severity, err, "", "the columns of the table %s: %v", cmd.Table.Name, err)
		return nil
	}
	if len(files) > maxFooters {
		f.add(FindingUnchecked, nil, "", "only the footers of the first %d files were looked at", maxFooters)
		files = files[:maxFooters]
	}
	for _, file := range files {
		have, err := reader.Footer(ctx, file.uri, file.size)
		if ctx.Err() != nil {
			return wrap(context.Cause(ctx))
		}
		if err != nil {
			f.add(FindingError, err, "", "%s has no footer that can be read: %v", file.uri, err)
			continue
		}
		if len(have) > len(table) || len(have) < len(table) && !cmd.Options.FillRecord {
			f.add(FindingError, nil, "name the columns that the file has in CopyCommand.Columns", "%s has %d columns and is to fill %d", file.uri, len(have), len(table))
			continue
		}
		for i, column := range have {
			if to := table[i]; !slices.Contains(column.Loads, to.Type) {
				f.add(FindingError, nil, "columns go by their position, not by their name", "column %d of %s, %q, is %s, which does not go into %q (%s)",
					i+1, file.uri, column.Name, column.Type, to.Name, TypeName(to.Type))
			}
		}
	}
	return nil
}

// tableColumns are the columns that a COPY fills.
func (c *Client) tableColumns(ctx context.Context, cmd CopyCommand) ([]Column, error) {
	name, err := cmd.Table.quoted()
	if err != nil {
		return nil, err
	}
	list := "*"
	for i, column := range cmd.Columns {
		q, err := Ident(column)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			list = q
			continue
		}
		list += ", " + q
	}
	rows, err := c.Query(ctx, SQL("SELECT "+list+" FROM "+name+" LIMIT 0"))
	if err != nil {
		return nil, err
	}
	columns := rows.Columns()
	return columns, rows.Close()
}
