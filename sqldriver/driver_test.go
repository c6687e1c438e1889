package sqldriver_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/sqldriver"
	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

// over makes a sql.DB over a Fake.
func over(t *testing.T, f *transporttest.Fake) *sql.DB {
	t.Helper()
	db := sql.OpenDB(sqldriver.ClientConnector(client(t, f)))
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestOpen(t *testing.T) {
	t.Setenv("REDSHIFT_URL", "")
	for url, want := range map[string]string{
		"":                                  "Config.Host is empty",
		"redshift://localhost/dev":          "Config.Credentials is nil",
		"postgres://u:p@localhost/dev":      "scheme",
		"redshift://u:p@localhost/dev?x=1":  `"x" is not known`,
		"redshift://u:p@localhost:0/dev":    "port",
		"redshift://u:p@h/d?pool_size=none": "pool_size",
	} {
		if _, err := sql.Open("redshift", url); !errors.Is(err, redshift.ErrUsage) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", url, err)
		}
		if _, err := (sqldriver.Driver{}).Open(url); !errors.Is(err, redshift.ErrUsage) {
			t.Errorf("%q: %v", url, err)
		}
	}
	// No I/O is done before the first use, and a failed login is not repeated.
	const nobody = "redshift://u:secret@127.0.0.1:1/dev?connect_timeout=5"
	t.Setenv("REDSHIFT_URL", nobody)
	for _, url := range []string{"", nobody} {
		db, err := sql.Open("redshift", url)
		if err != nil {
			t.Fatal(err)
		}
		err = db.PingContext(t.Context())
		if !errors.Is(err, redshift.ErrConnectionFailed) || errors.Is(err, driver.ErrBadConn) || strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v", err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := (sqldriver.Driver{}).Open(nobody); !errors.Is(err, redshift.ErrConnectionFailed) {
		t.Errorf("got %v", err)
	}
}

func lost(sent bool) transporttest.Answer {
	return transporttest.Answer{Err: &transport.LostError{Sent: sent, Err: errors.New("gone")}}
}

// Another connection is tried where the server has seen nothing, and nowhere
// else.
func TestRepetition(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		answers []transporttest.Answer
		text    string
		want    error
		log     string
	}{
		{"nothing was sent", []transporttest.Answer{lost(false), number("n", 1)}, "q", nil, "q q"},
		{"never", []transporttest.Answer{lost(false)}, "q", redshift.ErrConnectionFailed, "q q q"},
		{"something was sent", []transporttest.Answer{lost(true), number("n", 1)}, "q", redshift.ErrOutcomeUnknown, "q"},
		{"behind another statement", []transporttest.Answer{lost(false), number("n", 1)}, "p;q", redshift.ErrConnectionFailed, "p q"},
		{"a refused statement", []transporttest.Answer{fails("42P01", 1)}, "q", redshift.ErrTableNotFound, "q"},
	} {
		for _, way := range []string{"exec", "query"} {
			f := transporttest.NewFake(5)
			f.On("p", transporttest.Answer{Tag: "INSERT 0 1"})
			f.On("q", test.answers...)
			db := over(t, f)
			var err error
			if way == "exec" {
				_, err = db.ExecContext(t.Context(), test.text)
			} else {
				var rows *sql.Rows
				if rows, err = db.QueryContext(t.Context(), test.text); err == nil {
					err = rows.Close()
				}
			}
			if !errors.Is(err, test.want) {
				t.Errorf("%s, %s: %v", test.name, way, err)
			}
			if log := strings.Join(f.Log(), " "); log != test.log {
				t.Errorf("%s, %s: %s was run", test.name, way, log)
			}
		}
	}
}

func TestRowsThatFailLate(t *testing.T) {
	t.Parallel()
	f := transporttest.NewFake(5)
	a := number("n", 1)
	a.Late = &transport.ServerError{SQLState: "22003", Message: "overflow"}
	f.On("q", a)
	f.On("p", number("n", 1))
	a.Late = &transport.LostError{Err: errors.New("gone")} // whatever it says, rows have come
	f.On("l", a)
	db := over(t, f)
	for text, want := range map[string]error{"q": redshift.ErrData, "p; q": redshift.ErrData, "l": redshift.ErrConnectionFailed} {
		rows, err := db.QueryContext(t.Context(), text)
		if err != nil {
			t.Fatal(err)
		}
		for {
			for rows.Next() {
			}
			if !rows.NextResultSet() {
				break
			}
		}
		if err := rows.Err(); !errors.Is(err, want) || errors.Is(err, driver.ErrBadConn) {
			t.Errorf("%s: %v", text, err)
		}
		_ = rows.Close()
		if _, err := db.ExecContext(t.Context(), text); !errors.Is(err, want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	// What cannot be decoded is an error that names the column.
	f.On("bad", transporttest.Answer{Columns: columns(col("price", transport.OIDInt4)), Rows: [][][]byte{{[]byte("x")}}})
	var n int
	if err := db.QueryRowContext(t.Context(), "bad").Scan(&n); !errors.Is(err, redshift.ErrData) || !strings.Contains(err.Error(), `"price"`) {
		t.Errorf("got %v", err)
	}
}

func TestValuesWithoutWord(t *testing.T) {
	t.Parallel()
	f := transporttest.NewFake(5)
	f.On("q", transporttest.Answer{
		Columns: columns(col("a", transport.OIDTimestamp), col("b", transport.OIDTimestampTZ), col("c", transport.OIDOID), col("d", 77777),
			col("e", transport.OIDBytea), col("f", transport.OIDHLLSketch)),
		Rows: [][][]byte{{[]byte("infinity"), []byte("-infinity"), []byte("4294967295"), []byte("?"), []byte(`\x00ff`), []byte("{}")}},
	})
	db := over(t, f)
	rows, err := db.QueryContext(t.Context(), "q")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	got := make([]any, 6)
	dst := make([]any, 6)
	for i := range dst {
		dst[i] = &got[i]
	}
	rows.Next()
	if err := rows.Scan(dst...); err != nil {
		t.Fatal(err)
	}
	if want := []any{"infinity", "-infinity", int64(4294967295), "?", []byte{0, 0xff}, "{}"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v", got)
	}
	var ts redshift.Timestamp
	var tz sql.Null[redshift.TimestampTZ]
	if err := rows.Scan(sqldriver.Into(&ts), sqldriver.IntoNull(&tz), new(any), new(any), new(any), new(any)); err != nil || ts.Inf != redshift.PositiveInfinity || tz.V.Inf != redshift.NegativeInfinity {
		t.Errorf("%v, %v, %v", ts, tz, err)
	}
	cts, err := rows.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	if name := cts[3].DatabaseTypeName(); name != "" {
		t.Errorf("type %s", name)
	}
	if _, ok := cts[0].Nullable(); ok {
		t.Error("nobody has said whether it is nullable")
	}
	if n, ok := cts[5].Length(); !ok || n < 1<<40 {
		t.Errorf("length %d", n)
	}
}

func TestNullable(t *testing.T) {
	t.Parallel()
	f := transporttest.NewFake(5)
	f.On("q", transporttest.Answer{Columns: columns(
		transport.Column{Name: "a", Nullable: transport.Nullable}, transport.Column{Name: "b", Nullable: transport.NotNull},
	)})
	rows, err := over(t, f).QueryContext(t.Context(), "q")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	cts, err := rows.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, false} {
		if is, ok := cts[i].Nullable(); is != want || !ok {
			t.Errorf("column %d: %v, %v", i, is, ok)
		}
	}
}

// sent gives the parameters of the last statement.
func sent(f *transporttest.Fake, text string) *[]transport.Param {
	var ps []transport.Param
	f.OnFunc(text, func(s transport.Statement) transporttest.Answer {
		ps = s.Params
		return transporttest.Answer{Tag: "INSERT 0 1"}
	})
	return &ps
}

type valued struct{ v driver.Value }

func (v valued) Value() (driver.Value, error) { return v.v, nil }

type pointed struct{}

func (*pointed) Value() (driver.Value, error) { return "by pointer", nil }

type broken struct{}

func (broken) Value() (driver.Value, error) { return nil, errors.New("no value today") }

func TestArguments(t *testing.T) {
	t.Parallel()
	f := transporttest.NewFake(5)
	ps := sent(f, "q")
	db := over(t, f)
	big40, _ := new(big.Int).SetString(strings.Repeat("9", 40), 10)
	long := new(big.Rat).SetFrac(big40, big.NewInt(1))
	at := time.Date(2026, 1, 2, 3, 4, 5, 123456789, time.UTC)
	n := 5
	pn := &n
	for _, test := range []struct {
		arg  any
		text string
		typ  redshift.Type
	}{
		{at, "2026-01-02 03:04:05.123456+00", redshift.TypeTimestampTZ},
		{&at, "2026-01-02 03:04:05.123456+00", redshift.TypeTimestampTZ},
		{valued{at}, "2026-01-02 03:04:05.123456+00", redshift.TypeTimestampTZ},
		{valued{"12.50"}, "12.50", transport.OIDUnknown},
		{&valued{[]byte{1}}, "01", redshift.TypeVarbyte},
		{(*pointed)(nil), "by pointer", transport.OIDUnknown},
		{&pn, "5", redshift.TypeBigInt},
		{big.NewFloat(0.375), "0.375", redshift.TypeNumeric},
		{new(big.Float), "0", redshift.TypeNumeric},
		{big.NewRat(-7, 2), "-3.5", redshift.TypeNumeric},
		{uint64(1<<64 - 1), "18446744073709551615", redshift.TypeNumeric},
		{sql.NullString{String: "s", Valid: true}, "s", transport.OIDUnknown},
		{redshift.Varchar("v"), "v", redshift.TypeVarchar},
		{redshift.IntervalDS{Micros: 1}, redshift.IntervalDS{Micros: 1}.String(), redshift.TypeIntervalDS},
	} {
		if _, err := db.ExecContext(t.Context(), "q", test.arg); err != nil {
			t.Errorf("%T: %v", test.arg, err)
			continue
		}
		if p := (*ps)[0]; string(p.Value) != test.text || p.OID != test.typ {
			t.Errorf("%T was sent as %q of type %d", test.arg, p.Value, p.OID)
		}
	}
	for _, null := range []any{(*valued)(nil), (*big.Rat)(nil), (*big.Float)(nil), (*big.Int)(nil), (*time.Time)(nil), valued{nil}} {
		if _, err := db.ExecContext(t.Context(), "q", null); err != nil || (*ps)[0].Value != nil {
			t.Errorf("%T: %v", null, err)
		}
	}
	for _, arg := range []any{
		long, big.NewFloat(1e300), big.NewFloat(1e-300), new(big.Float).SetInf(true), big.NewRat(1, 7),
		valued{valued{1}},
		redshift.Timestamp{Time: at},
		map[string]int{},
	} {
		if _, err := db.ExecContext(t.Context(), "q", arg); !errors.Is(err, redshift.ErrUsage) {
			t.Errorf("%T: %v", arg, err)
		}
	}
	if _, err := db.ExecContext(t.Context(), "q", broken{}); err == nil || !strings.Contains(err.Error(), "no value today") {
		t.Errorf("got %v", err)
	}
}

func TestInto(t *testing.T) {
	t.Parallel()
	var n redshift.Numeric
	var d redshift.Date
	var null sql.Null[redshift.Time]
	for _, test := range []struct {
		s   sql.Scanner
		src any
		ok  bool
	}{
		{sqldriver.Into(&n), int64(7), true},
		{sqldriver.Into(&n), "1.5", true},
		{sqldriver.Into(&n), "x", false},
		{sqldriver.Into(&n), 1.5, false},
		{sqldriver.Into(&n), nil, false},
		{sqldriver.Into(&d), "2026-01-02", true},
		{sqldriver.Into(&d), int64(1), false},
		{sqldriver.IntoNull(&null), "12:00:00", true},
		{sqldriver.IntoNull(&null), true, false},
	} {
		if err := test.s.Scan(test.src); (err == nil) != test.ok {
			t.Errorf("%T of %T: %v", test.s, test.src, err)
		}
	}
	if n.String() != "1.5" || null.Valid {
		t.Errorf("%v, %v", n, null)
	}
}

// A transport that keeps no sessions, or prepares nothing, is said to be so.
func TestPoorTransport(t *testing.T) {
	t.Parallel()
	f := transporttest.NewFake(5)
	f.On("q", number("n", 1))
	f.SetCaps(transport.Caps{Name: "poor", Session: true, MaxParams: 10, MaxStatement: 1000})
	db := over(t, f)
	if _, err := db.PrepareContext(t.Context(), "q"); !errors.Is(err, transport.ErrUnsupported) {
		t.Errorf("got %v", err)
	}
	if _, err := db.ExecContext(t.Context(), "q"); err != nil {
		t.Error(err)
	}
	g := transporttest.NewFake(5)
	g.SetCaps(transport.Caps{Name: "poorer"})
	if err := over(t, g).PingContext(t.Context()); !errors.Is(err, transport.ErrUnsupported) {
		t.Errorf("got %v", err)
	}
}

// The old methods, which database/sql does not call, do the same.
func TestConnAlone(t *testing.T) {
	t.Parallel()
	f := transporttest.NewFake(5)
	f.On("select $1", number("n", 1))
	c, err := sqldriver.ClientConnector(client(t, f)).Connect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	st, err := c.Prepare("select $1")
	if err != nil {
		t.Fatal(err)
	}
	if n := st.NumInput(); n != 1 {
		t.Errorf("%d parameters", n)
	}
	//lint:ignore SA1019 that is what is tested
	if res, err := st.Exec([]driver.Value{int64(1)}); err != nil {
		t.Errorf("%v, %v", res, err)
	}
	//lint:ignore SA1019 that is what is tested
	rows, err := st.Query([]driver.Value{int64(1)})
	if err != nil {
		t.Fatal(err)
	}
	if err := rows.Close(); err != nil {
		t.Error(err)
	}
	if err := st.Close(); err != nil {
		t.Error(err)
	}
	//lint:ignore SA1019 that is what is tested
	tx, err := c.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.Rollback(); err != nil {
		t.Error(err)
	}
	if d := sqldriver.ClientConnector(nil).Driver(); d != (sqldriver.Driver{}) {
		t.Errorf("driver %v", d)
	}
}
