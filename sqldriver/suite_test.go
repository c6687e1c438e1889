package sqldriver_test

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/internal/e2e/sqlsuite"
	"github.com/llm-dev-ops/redshift/sqldriver"
	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

func columns(types ...transport.Column) []transport.Column { return types }

func col(name string, t transport.OID) transport.Column {
	return transport.Column{Name: name, Type: t, TypeMod: -1}
}

func number(name string, n int) transporttest.Answer {
	return transporttest.Answer{Columns: columns(col(name, transport.OIDInt8)), Rows: [][][]byte{{[]byte(strconv.Itoa(n))}}}
}

func fails(state string, position int) transporttest.Answer {
	return transporttest.Answer{Err: &transport.ServerError{Severity: "ERROR", SQLState: state, Message: "scripted", Position: position}}
}

const (
	slow = "slow"
	many = "many"
)

// script makes a Fake that answers what the suite asks.
func script(t *testing.T) *transporttest.Fake {
	f := transporttest.NewFake(20)
	f.On(sqlsuite.SelectOne, number("one", 1))
	f.On(sqlsuite.SelectPing, number("?column?", 1))
	f.On(slow, transporttest.Answer{Columns: columns(col("n", transport.OIDInt8)), Delay: time.Hour})
	all := transporttest.Answer{Columns: columns(col("n", transport.OIDInt8))}
	for i := range sqlsuite.ManyRows {
		all.Rows = append(all.Rows, [][]byte{strconv.AppendInt(nil, int64(i+1), 10)})
	}
	f.On(many, all)
	sum := func(s transport.Statement) transporttest.Answer {
		n := 0
		for _, p := range s.Params {
			i, _ := strconv.Atoi(string(p.Value))
			n += i * 2 / len(s.Params)
		}
		return number("v", n)
	}
	f.OnFunc(sqlsuite.SelectSum, sum)
	f.OnFunc(sqlsuite.SelectTwice, sum)
	f.OnFunc(sqlsuite.SelectIsNull, func(s transport.Statement) transporttest.Answer {
		return transporttest.Answer{Columns: columns(col("v", transport.OIDBool)), Rows: [][][]byte{{[]byte(strconv.FormatBool(s.Params[0].Value == nil))}}}
	})
	for _, typ := range sqlsuite.Types() {
		cols := columns(col("v", typ.Type))
		f.OnFunc(typ.Select(), func(s transport.Statement) transporttest.Answer {
			return transporttest.Answer{Columns: cols, Rows: [][][]byte{{s.Params[0].Value}}}
		})
		f.On(typ.SelectNull(), transporttest.Answer{Columns: cols, Rows: [][][]byte{{nil}}})
	}
	f.On(sqlsuite.SelectTwoRows, transporttest.Answer{
		Columns: columns(col("n", transport.OIDInt4), col("s", transport.OIDVarchar)),
		Rows:    [][][]byte{{[]byte("1"), []byte("a")}, {[]byte("2"), []byte("b")}},
	})
	f.On(sqlsuite.SelectNoRows, transporttest.Answer{Columns: columns(col("n", transport.OIDInt4))})
	f.On(sqlsuite.SelectColumns, transporttest.Answer{
		Columns: columns(
			transport.Column{Name: "s", Type: transport.OIDVarchar, TypeMod: 24},
			transport.Column{Name: "n", Type: transport.OIDNumeric, TypeMod: 12<<16 + 2 + 4},
			col("i", transport.OIDInt4)),
		Rows: [][][]byte{{[]byte("x"), []byte("1.50"), []byte("1")}},
	})
	f.On(sqlsuite.SelectMissing, fails("42P01", 15))
	f.On(sqlsuite.SelectDivided, fails("22012", 0))
	for text, tag := range map[string]string{
		sqlsuite.SetLeft: "SET", sqlsuite.CreateTable: "CREATE TABLE", sqlsuite.CreateStored: "CREATE TABLE",
		sqlsuite.InsertTwo: "INSERT 0 2", sqlsuite.InsertStored: "INSERT 0 2", sqlsuite.InsertValue: "INSERT 0 1",
		sqlsuite.DropStored: "DROP TABLE",
	} {
		f.On(text, transporttest.Answer{Tag: tag})
	}
	f.On(sqlsuite.CountRows, number("n", 2))
	f.On(sqlsuite.CountStored, number("n", 0), number("n", 2))
	if strings.Contains(t.Name(), "prepared") {
		f.On(sqlsuite.CountStored, number("n", 1))
	}
	return f
}

// client makes a Client over a Fake.
func client(t *testing.T, f *transporttest.Fake) *redshift.Client {
	t.Helper()
	c, err := redshift.New(f, redshift.Config{WorkloadConcurrencyLimit: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if n := c.PoolStats().InUse; n != 0 {
			t.Errorf("%d sessions are still in use", n)
		}
		if err := c.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return c
}

func TestSuite(t *testing.T) {
	t.Parallel()
	sqlsuite.Exercise(t, sqlsuite.Options{
		Open: func(t *testing.T) *sql.DB {
			return sql.OpenDB(sqldriver.ClientConnector(client(t, script(t))))
		},
		Slow: slow, Many: many,
	})
}
