package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift"
)

// The small queries, which are run in turn: one without and one with an argument, whose
// row is read.
const (
	smallOne = "SELECT 1"
	smallRow = "SELECT id, name FROM small WHERE id = $1"
)

// smallCalls runs n small queries through a function of each.
func smallCalls(n int, one func() (int64, error), row func(id int64) (int64, string, error)) error {
	for i := range n {
		if i%2 == 0 {
			if v, err := one(); err != nil || v != 1 {
				return fmt.Errorf("%s gave %d, %w", smallOne, v, err)
			}
			continue
		}
		want := int64(i % 100)
		if id, name, err := row(want); err != nil || id != want || name != "name "+strconv.FormatInt(want, 10) {
			return fmt.Errorf("%s gave %d, %q, %w", smallRow, id, name, err)
		}
	}
	return nil
}

// smallRedshift takes a session from the pool for every query.
func smallRedshift(ctx context.Context, addr string, n int) (int, error) {
	c, err := openRedshift(ctx, addr)
	if err != nil {
		return 0, err
	}
	defer func() { _ = c.Close(ctx) }()
	return n, smallCalls(n, func() (v int64, err error) {
		row, err := c.QueryRow(ctx, redshift.SQL(smallOne))
		if err == nil {
			err = row.Scan(&v)
		}
		return v, err
	}, func(want int64) (id int64, name string, err error) {
		row, err := c.QueryRow(ctx, redshift.SQL(smallRow, want))
		if err == nil {
			err = row.Scan(&id, &name)
		}
		return id, name, err
	})
}

// smallPrepared prepares them before, which pins a session.
func smallPrepared(ctx context.Context, addr string, n int) (int, error) {
	c, err := openRedshift(ctx, addr)
	if err != nil {
		return 0, err
	}
	defer func() { _ = c.Close(ctx) }()
	one, err := c.Prepare(ctx, smallOne)
	if err != nil {
		return 0, err
	}
	defer func() { _ = one.Close(ctx) }()
	byID, err := c.Prepare(ctx, smallRow)
	if err != nil {
		return 0, err
	}
	defer func() { _ = byID.Close(ctx) }()
	first := func(rows *redshift.Rows, err error, dst ...any) error {
		if err != nil {
			return err
		}
		if !rows.Next() {
			return fmt.Errorf("no row: %w", rows.Close())
		}
		if err := rows.Scan(dst...); err != nil {
			return err
		}
		return rows.Close()
	}
	return n, smallCalls(n, func() (v int64, err error) {
		rows, err := one.Query(ctx)
		return v, first(rows, err, &v)
	}, func(want int64) (id int64, name string, err error) {
		rows, err := byID.Query(ctx, want)
		return id, name, first(rows, err, &id, &name)
	})
}

// smallPgx has one connection and the statements cached, as pgx does by itself.
func smallPgx(ctx context.Context, addr string, n int) (int, error) {
	conn, err := openPgx(ctx, addr, pgx.QueryExecModeCacheStatement)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close(ctx) }()
	return n, smallCalls(n, func() (v int64, err error) {
		return v, conn.QueryRow(ctx, smallOne).Scan(&v)
	}, func(want int64) (id int64, name string, err error) {
		err = conn.QueryRow(ctx, smallRow, want).Scan(&id, &name)
		return id, name, err
	})
}

// smallAnswer is the description and the row of a small query, in the formats that are
// asked for.
func smallAnswer(query string, version int, argument, codes []byte) (desc *description, row *pgproto3.DataRow, ok bool) {
	id := int64(1)
	cols := []pgproto3.FieldDescription{field("?column?", 23, 4, -1)}
	switch query {
	case smallOne:
	case smallRow:
		if len(argument) == 8 && argument[0] == 0 {
			id = int64(binary.BigEndian.Uint64(argument))
		} else {
			id, _ = strconv.ParseInt(string(argument), 10, 64) // absent when it is described
		}
		cols = []pgproto3.FieldDescription{field("id", 20, 8, -1), field("name", 1043, -1, 24)}
	default:
		return nil, nil, false
	}
	text := strconv.FormatInt(id, 10)
	row = &pgproto3.DataRow{Values: [][]byte{[]byte(text)}}
	if len(codes) > 0 && codes[0] == 1 {
		cols[0].Format = 1
		row.Values[0] = binary.BigEndian.AppendUint64(nil, uint64(id))[8-cols[0].DataTypeSize:]
	}
	if query == smallRow {
		row.Values = append(row.Values, []byte("name "+text))
	}
	return &description{columns: cols, version: version}, row, true
}
