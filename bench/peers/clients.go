package main

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"runtime"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	_ "github.com/lib/pq" // the driver "postgres"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/bench/internal/sample"
	"github.com/llm-dev-ops/redshift/credentials"
	"github.com/llm-dev-ops/redshift/redshiftarrow"
	"github.com/llm-dev-ops/redshift/transport"
)

// A client reads a whole result, every column of every row into a value of its
// own type, exact where the type is. Peers use the simple protocol, in which
// they take what Redshift sends: text.
type client struct {
	name string
	read func(ctx context.Context, addr, query string) (rows int, err error)
}

// A caller makes so many small queries instead.
type caller struct {
	name string
	call func(ctx context.Context, addr string, n int) (calls int, err error)
}

var callers = []caller{
	{"redshift small", smallRedshift},
	{"redshift small prepared", smallPrepared},
	{"pgx small", smallPgx},
}

// largeQuery is the large result's, before the number of rows.
const largeQuery = "SELECT * FROM lineitem LIMIT "

// The first is what the others are compared with.
var clients = []client{
	{"redshift", readRedshift},
	{"redshift binary", readRedshiftBinary},
	{"redshift ByName", readRedshiftByName},
	{"redshift Batches", readRedshiftBatches},
	{"redshift Arrow", func(ctx context.Context, addr, query string) (int, error) {
		return readRedshiftArrow(ctx, addr, query, redshiftarrow.Config{})
	}},
	{"redshift Arrow ReuseText", func(ctx context.Context, addr, query string) (int, error) {
		return readRedshiftArrow(ctx, addr, query, redshiftarrow.Config{ReuseText: true})
	}},
	{"redshift raw", readRedshiftRaw},
	{"pgx", func(ctx context.Context, addr, query string) (int, error) {
		return readPgx(ctx, addr, query, pgx.QueryExecModeSimpleProtocol)
	}},
	{"pgx binary", func(ctx context.Context, addr, query string) (int, error) {
		return readPgx(ctx, addr, query, pgx.QueryExecModeCacheDescribe)
	}},
	{"pgx ByName", readPgxByName},
	{"lib/pq", readPq},
}

// readAll runs a client or a caller and measures this process. A short run goes first:
// what is made once is not measured.
func readAll(ctx context.Context, name, addr string, n int) (sample.Sample, error) {
	for _, c := range clients {
		if c.name == name {
			return measure(n, 1000, func(n int) (int, error) { return c.read(ctx, addr, largeQuery+strconv.Itoa(n)) })
		}
	}
	for _, c := range callers {
		if c.name == name {
			return measure(n, 100, func(n int) (int, error) { return c.call(ctx, addr, n) })
		}
	}
	return sample.Sample{}, fmt.Errorf("no client %q", name)
}

func measure(n, short int, run func(int) (int, error)) (sample.Sample, error) {
	if _, err := run(short); err != nil {
		return sample.Sample{}, err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, began := sample.CPUTime(), time.Now()
	n, err := run(n)
	s := sample.Sample{Rows: n, Seconds: time.Since(began).Seconds(), CPU: (sample.CPUTime() - cpu).Seconds()}
	runtime.ReadMemStats(&after)
	s.Allocs = float64(after.Mallocs-before.Mallocs) / float64(max(n, 1))
	s.RSS = sample.PeakRSS()
	return s, err
}

func openRedshift(ctx context.Context, addr string) (*redshift.Client, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return nil, err
	}
	return redshift.Open(ctx, redshift.Config{
		Host: host, Port: n, Database: "dev", Credentials: credentials.Static("awsuser", "Emulator1"),
		TLS: transport.TLS{Mode: transport.TLSDisable},
	})
}

func readRedshift(ctx context.Context, addr, query string) (n int, err error) {
	c, err := openRedshift(ctx, addr)
	if err != nil {
		return 0, err
	}
	defer func() { _ = c.Close(ctx) }()
	rows, err := c.Query(ctx, redshift.SQL(query))
	if err != nil {
		return 0, err
	}
	return scan(rows)
}

// readRedshiftBinary prepares the statement, whose columns it then asks for in
// binary.
func readRedshiftBinary(ctx context.Context, addr, query string) (n int, err error) {
	c, err := openRedshift(ctx, addr)
	if err != nil {
		return 0, err
	}
	defer func() { _ = c.Close(ctx) }()
	p, err := c.Prepare(ctx, query)
	if err != nil {
		return 0, err
	}
	defer func() { _ = p.Close(ctx) }()
	rows, err := p.Query(ctx)
	if err != nil {
		return 0, err
	}
	return scan(rows)
}

func scan(rows *redshift.Rows) (n int, err error) {
	var (
		orderkey, partkey                  int64
		linenumber, supp                   int32
		quantity, price, discount, tax     redshift.Numeric
		flag, status, instruct, mode, note string
		comment                            *string
		ship, commit                       redshift.Date
		loaded                             time.Time
		score                              float64
	)
	for rows.Next() {
		if err := rows.Scan(&orderkey, &partkey, &linenumber, &supp, &quantity, &price, &discount, &tax,
			&flag, &status, &ship, &commit, &loaded, &instruct, &mode, &comment, &note, &score); err != nil {
			return n, err
		}
		n++
	}
	return n, rows.Close()
}

// item is a row as a struct; N, D and T are a client's types of decimals, dates
// and timestamps.
type item[N, D, T any] struct {
	Orderkey, Partkey              int64
	Linenumber, Suppkey            int32
	Quantity, Price, Discount, Tax N
	Returnflag, Linestatus         string
	Shipdate, Commitdate           D
	Loaded                         T
	Shipinstruct, Shipmode         string
	Comment                        *string
	Note                           string
	Score                          float64
}

// readRedshiftByName reads rows into structs, one by one.
func readRedshiftByName(ctx context.Context, addr, query string) (n int, err error) {
	c, err := openRedshift(ctx, addr)
	if err != nil {
		return 0, err
	}
	defer func() { _ = c.Close(ctx) }()
	rows, err := c.Query(ctx, redshift.SQL(query))
	if err != nil {
		return 0, err
	}
	for row, err := range rows.All() {
		if err != nil {
			return n, err
		}
		if _, err := redshift.ByName[item[redshift.Numeric, redshift.Date, time.Time]](row); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// readRedshiftBatches reads columns, and looks at the last value of each.
func readRedshiftBatches(ctx context.Context, addr, query string) (n int, err error) {
	c, err := openRedshift(ctx, addr)
	if err != nil {
		return 0, err
	}
	defer func() { _ = c.Close(ctx) }()
	rows, err := c.Query(ctx, redshift.SQL(query))
	if err != nil {
		return 0, err
	}
	for b, err := range rows.Batches(0) {
		if err != nil {
			return n, err
		}
		for i := range table {
			if v := b.Vector(i); v.Null(b.Len()-1) && v.Nulls == 0 {
				return n, fmt.Errorf("column %d of the batch at row %d has no last value", i, b.First())
			}
		}
		n += b.Len()
	}
	return n, nil
}

// readRedshiftArrow reads record batches.
func readRedshiftArrow(ctx context.Context, addr, query string, cfg redshiftarrow.Config) (n int, err error) {
	c, err := openRedshift(ctx, addr)
	if err != nil {
		return 0, err
	}
	defer func() { _ = c.Close(ctx) }()
	rows, err := c.Query(ctx, redshift.SQL(query))
	if err != nil {
		return 0, err
	}
	r, err := redshiftarrow.Reader(rows, cfg)
	if err != nil {
		return 0, err
	}
	defer r.Release()
	for r.Next() {
		b := r.RecordBatch()
		for i := range table {
			if a := b.Column(i); int64(a.Len()) != b.NumRows() {
				return n, fmt.Errorf("column %d of the batch at row %d has %d values", i, n, a.Len())
			}
		}
		n += int(b.NumRows())
	}
	return n, r.Err()
}

// readRedshiftRaw decodes nothing: the limit of the transport.
func readRedshiftRaw(ctx context.Context, addr, query string) (n int, err error) {
	c, err := openRedshift(ctx, addr)
	if err != nil {
		return 0, err
	}
	defer func() { _ = c.Close(ctx) }()
	rows, err := c.Query(ctx, redshift.SQL(query))
	if err != nil {
		return 0, err
	}
	for rows.Next() {
		if len(rows.Row().Raw()) != len(table) {
			return n, fmt.Errorf("%d columns", len(rows.Row().Raw()))
		}
		n++
	}
	return n, rows.Close()
}

func openPgx(ctx context.Context, addr string, mode pgx.QueryExecMode) (*pgx.Conn, error) {
	cfg, err := pgx.ParseConfig("postgres://awsuser:Emulator1@" + addr + "/dev?sslmode=disable")
	if err != nil {
		return nil, err
	}
	cfg.DefaultQueryExecMode = mode
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil || mode != pgx.QueryExecModeSimpleProtocol || conn.PgConn().ParameterStatus("standard_conforming_strings") == "on" {
		return conn, err
	}
	// Without that pgx refuses its simple mode; this one gets text too.
	_ = conn.Close(ctx)
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	return pgx.ConnectConfig(ctx, cfg)
}

func readPgxByName(ctx context.Context, addr, query string) (n int, err error) {
	conn, err := openPgx(ctx, addr, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close(ctx) }()
	rows, err := conn.Query(ctx, query)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		if _, err := pgx.RowToStructByName[item[pgtype.Numeric, time.Time, time.Time]](rows); err != nil {
			return n, err
		}
		n++
	}
	return n, rows.Err()
}

func readPgx(ctx context.Context, addr, query string, how pgx.QueryExecMode) (n int, err error) {
	conn, err := openPgx(ctx, addr, how)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close(ctx) }()
	rows, err := conn.Query(ctx, query)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var (
		orderkey, partkey                  int64
		linenumber, supp                   int32
		quantity, price, discount, tax     pgtype.Numeric
		flag, status, instruct, mode, note string
		comment                            *string
		ship, commit, loaded               time.Time
		score                              float64
	)
	for rows.Next() {
		if err := rows.Scan(&orderkey, &partkey, &linenumber, &supp, &quantity, &price, &discount, &tax,
			&flag, &status, &ship, &commit, &loaded, &instruct, &mode, &comment, &note, &score); err != nil {
			return n, err
		}
		n++
	}
	return n, rows.Err()
}

// readPq leaves NUMERIC as text, as lib/pq has no type for it.
func readPq(ctx context.Context, addr, query string) (n int, err error) {
	db, err := sql.Open("postgres", "postgres://awsuser:Emulator1@"+addr+"/dev?sslmode=disable")
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	var (
		orderkey, partkey                  int64
		linenumber, supp                   int32
		quantity, price, discount, tax     string
		flag, status, instruct, mode, note string
		comment                            *string
		ship, commit, loaded               time.Time
		score                              float64
	)
	for rows.Next() {
		if err := rows.Scan(&orderkey, &partkey, &linenumber, &supp, &quantity, &price, &discount, &tax,
			&flag, &status, &ship, &commit, &loaded, &instruct, &mode, &comment, &note, &score); err != nil {
			return n, err
		}
		n++
	}
	return n, rows.Err()
}
