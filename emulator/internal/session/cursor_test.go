package session

import (
	"context"
	"encoding/binary"
	"errors"
	"testing"
)

// start prepares and starts a statement as the extended protocol does.
func (c *client) start(t *testing.T, sql string, call Call) (Statement, Portal, error) {
	t.Helper()
	stmt, err := c.Prepare(context.Background(), sql, nil)
	if err != nil {
		return nil, nil, err
	}
	p, err := stmt.Start(context.Background(), call)
	return stmt, p, err
}

func (c *client) must(t *testing.T, sql string, call Call) Portal {
	t.Helper()
	_, p, err := c.start(t, sql, call)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return p
}

// rowsOf takes up to max rows.
func rowsOf(t *testing.T, p Portal, max int) (rows [][]string, done bool) {
	t.Helper()
	b, n, done, err := p.AppendRows(context.Background(), nil, max)
	if err != nil {
		t.Fatal(err)
	}
	rows = dataRows(b)
	if len(rows) != n {
		t.Fatalf("%d rows, said to be %d", len(rows), n)
	}
	return rows, done
}

// TestFetchPortals has FETCHes that are read piece by piece while others run.
func TestFetchPortals(t *testing.T) {
	t.Parallel()
	c := openClient(t, newCore(t))
	defer c.Close()
	c.must(t, "BEGIN", Call{})
	c.must(t, "DECLARE c CURSOR FOR SELECT $1::int AS n UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 ORDER BY 1", Call{Args: []Arg{{Value: []byte("1")}}})
	first := c.must(t, "FETCH 2 FROM c", Call{Formats: []int16{1}})
	rows, done := rowsOf(t, first, 1)
	if done || binary.BigEndian.Uint32([]byte(rows[0][0])) != 1 {
		t.Fatalf("%q %v", rows, done)
	}
	second := c.must(t, "FETCH ALL FROM c", Call{Formats: []int16{1}})
	if rows, done = rowsOf(t, second, 0); !done || len(rows) != 2 || rows[0][0] != "\x00\x00\x00\x03" {
		t.Fatalf("%q %v", rows, done)
	}
	if rows, done = rowsOf(t, first, 0); !done || len(rows) != 1 || rows[0][0] != "\x00\x00\x00\x02" {
		t.Fatalf("%q %v", rows, done)
	}
	if first.Tag() != "FETCH 2" || second.Tag() != "FETCH 2" {
		t.Fatalf("%s, %s", first.Tag(), second.Tag())
	}
	c.must(t, "ROLLBACK", Call{})

	// Rows that were kept come in any format.
	c.must(t, "BEGIN", Call{})
	c.must(t, "DECLARE c CURSOR FOR SELECT 7 AS n, 'x' AS c, 1.5 AS m UNION ALL SELECT NULL, NULL, 2.5 UNION ALL SELECT 8, 'y', 3.5", Call{})
	c.must(t, "SELECT 1", Call{})
	rows, _ = rowsOf(t, c.must(t, "FETCH 1 FROM c", Call{Formats: []int16{1, 0, 0}}), 0)
	if len(rows) != 1 || rows[0][0] != "\x00\x00\x00\x07" || rows[0][1] != "x" || rows[0][2] != "1.5" {
		t.Fatalf("%q", rows)
	}
	rows, _ = rowsOf(t, c.must(t, "FETCH 1 FROM c", Call{}), 0)
	if len(rows) != 1 || rows[0][0] != "NULL" || rows[0][2] != "2.5" {
		t.Fatalf("%q", rows)
	}
	var e *Error
	if _, _, err := c.start(t, "FETCH 1 FROM c", Call{Formats: []int16{1}}); !errors.As(err, &e) || e.State != "0A000" {
		t.Fatalf("binary NUMERIC: %v", err)
	}
	c.must(t, "ROLLBACK", Call{})

	// A FETCH that is not read to its end does not survive its cursor.
	c.must(t, "BEGIN", Call{})
	c.must(t, "DECLARE c CURSOR FOR SELECT 1 UNION ALL SELECT 2", Call{})
	p := c.must(t, "FETCH ALL FROM c", Call{})
	rowsOf(t, p, 1)
	c.must(t, "CLOSE c", Call{})
	if _, _, _, err := p.AppendRows(context.Background(), nil, 0); !errors.As(err, &e) || e.State != "34000" {
		t.Fatal(err)
	}
}

// TestExecuteDescribed has EXECUTE with a parameter of its own, and what it is
// described as.
func TestExecuteDescribed(t *testing.T) {
	t.Parallel()
	c := openClient(t, newCore(t))
	defer c.Close()
	c.must(t, "PREPARE p (int, varchar) AS SELECT $1 AS n, $2 AS c", Call{})
	stmt, p, err := c.start(t, "EXECUTE p ($1 + 1, 'x')", Call{Args: []Arg{{Value: []byte("41")}}, Formats: []int16{1, 0}})
	if err != nil {
		t.Fatal(err)
	}
	if len(stmt.Params()) != 1 || stmt.Params()[0] != 23 || len(stmt.Columns()) != 2 || stmt.Columns()[0].Name != "n" {
		t.Fatalf("%v %v", stmt.Params(), stmt.Columns())
	}
	if rows, done := rowsOf(t, p, 0); !done || rows[0][0] != "\x00\x00\x00\x2a" || rows[0][1] != "x" {
		t.Fatalf("%q %v", rows, done)
	}
	if err := c.Sync(context.Background()); err != nil {
		t.Fatal(err)
	}
}
