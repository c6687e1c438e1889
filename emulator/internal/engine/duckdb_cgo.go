//go:build cgo

package engine

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// DB is an open database, safe for use by many goroutines.
type DB struct {
	mu     sync.Mutex
	handle duck.Database
	closed bool
	views  map[string]bool // registered
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Open opens or creates a database and locks it in: no file outside StagingDir, no
// ATTACH, no extension, no spilling, no change of settings but TimeZone and search_path.
func Open(ctx context.Context, c Config) (*DB, error) {
	if err := errors.Join(c.Validate(), ctx.Err()); err != nil {
		return nil, err
	}
	var config duck.Config
	if duck.CreateConfig(&config) == duck.StateError {
		return nil, errors.New("engine: no configuration")
	}
	defer duck.DestroyConfig(&config)
	settings := [][2]string{
		{"temp_directory", ""},
		{"autoinstall_known_extensions", "false"},
		{"autoload_known_extensions", "false"},
		// A transaction sees what was committed when it began, so that the
		// caller can pair it with a snapshot of its own.
		{"immediate_transaction_mode", "true"},
		// They write the columns' least and greatest values of now into plans, which are
		// kept: rows that come later would be cut or left out.
		{"disabled_optimizers", "statistics_propagation,compressed_materialization"},
	}
	if c.MemoryLimit != "" {
		settings = append(settings, [2]string{"memory_limit", c.MemoryLimit})
	}
	if c.Threads > 0 {
		settings = append(settings, [2]string{"threads", strconv.Itoa(c.Threads)})
	}
	for _, s := range settings {
		if duck.SetConfig(config, s[0], s[1]) == duck.StateError {
			return nil, errors.New("engine: setting " + s[0] + " was refused")
		}
	}
	path := c.Path
	if path == "" {
		path = ":memory:"
	}
	db := &DB{}
	var message string
	if duck.OpenExt(path, &db.handle, config, &message) == duck.StateError {
		duck.Close(&db.handle)
		return nil, newError(message)
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := conn.registerScalars(); err != nil {
		return nil, errors.Join(err, conn.Close(), db.Close())
	}
	locks := []string{"SET allowed_configs=['TimeZone','search_path']"}
	if c.StagingDir != "" {
		locks = append(locks, "SET allowed_directories=["+quote(c.StagingDir)+"]")
	}
	locks = append(locks, "SET temp_directory=''", "SET enable_external_access=false", "SET lock_configuration=true")
	for _, sql := range locks {
		if _, err = conn.Exec(ctx, sql, nil); err != nil {
			return nil, errors.Join(err, conn.Close(), db.Close())
		}
	}
	if err := conn.Close(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// Close closes the database; connections must be closed before. It may be repeated.
func (db *DB) Close() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	if !db.closed {
		db.closed = true
		duck.Close(&db.handle)
	}
	return nil
}

// Conn opens a connection: one transaction, one statement or result at a time.
func (db *DB) Conn(ctx context.Context) (*Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed {
		return nil, ErrClosed
	}
	c := &Conn{}
	if duck.Connect(db.handle, &c.handle) == duck.StateError {
		return nil, errors.New("engine: no connection")
	}
	return c, nil
}

// Conn is a connection. Only Interrupt may be called beside another method.
type Conn struct {
	handle duck.Connection
	result *Result // the open result
	kept   keeper

	mu          sync.Mutex // guards what follows, and the handle against Interrupt
	running     bool
	interrupted bool
	closed      bool
}

// Interrupt ends the running statement with an Error of kind ErrorInterrupt; the
// connection stays usable. Without a running statement it does nothing.
func (c *Conn) Interrupt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running && !c.closed {
		c.interrupted = true
		duck.Interrupt(c.handle)
	}
}

// Close ends the connection, its open result and its transaction (by rollback).
func (c *Conn) Close() error {
	if c.result != nil {
		_ = c.result.Close()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.closed = true
		c.kept.forget()
		duck.Disconnect(&c.handle)
	}
	return nil
}

func (c *Conn) begin() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return ErrClosed
	}
	c.running, c.interrupted = true, false
	return nil
}

func (c *Conn) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running = false
}

// watch interrupts when ctx ends; the returned function waits for it to be off, so
// that a late interrupt never meets the next statement.
func (c *Conn) watch(ctx context.Context) func() {
	if ctx.Done() == nil {
		return func() {}
	}
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(done)
		c.Interrupt()
	})
	return func() {
		if !stop() {
			<-done
		}
	}
}

func bind(stmt duck.PreparedStatement, params []Value) error {
	if n := int(duck.NParams(stmt)); n != len(params) {
		return &Error{Kind: ErrorInvalidInput, Message: "bind supplies " + strconv.Itoa(len(params)) + " parameters, the statement has " + strconv.Itoa(n)}
	}
	for i, v := range params {
		at, state := duck.IdxT(i+1), duck.StateError
		switch v.kind {
		case valueNull:
			state = duck.BindNull(stmt, at)
		case valueBool:
			state = duck.BindBoolean(stmt, at, v.num != 0)
		case valueInt:
			state = duck.BindInt64(stmt, at, v.num)
		case valueFloat:
			state = duck.BindDouble(stmt, at, v.float)
		case valueText:
			state = duck.BindVarcharLength(stmt, at, v.text, duck.IdxT(len(v.text)))
		case valueBytes:
			state = duck.BindBlob(stmt, at, []byte(v.text))
		}
		if state == duck.StateError {
			if v.kind > valueBytes {
				return &Error{Kind: ErrorInvalidInput, Message: "a parameter of this kind is for appenders alone"}
			}
			return newError(duck.PrepareError(stmt))
		}
	}
	return nil
}

// start runs one statement until its first rows are there; the caller has begun.
func (c *Conn) start(ctx context.Context, sql string, params []Value, streaming bool, use reuse, begun func()) (r *Result, err error) {
	if c.result != nil {
		return nil, errors.New("engine: the connection has an open result")
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r = &Result{conn: c}
	defer func() {
		if err != nil {
			r.free()
		}
	}()
	if err := c.prepare(sql, r, use); err != nil {
		return r, err
	}
	if err := bind(r.stmt, params); err != nil {
		return r, err
	}
	var pending duck.PendingResult
	defer duck.DestroyPending(&pending)
	state := duck.StateSuccess
	if streaming {
		state = duck.PendingPreparedStreaming(r.stmt, &pending)
	} else {
		state = duck.PendingPrepared(r.stmt, &pending)
	}
	if begun != nil {
		begun()
	}
	if state == duck.StateError {
		return r, newError(duck.PendingError(pending))
	}
	// DuckDB forgets interrupts when a statement is made pending, so one that came
	// before is honoured here.
	c.mu.Lock()
	interrupted := c.interrupted
	c.mu.Unlock()
	if interrupted {
		return r, &Error{Kind: ErrorInterrupt, Message: "Interrupted!"}
	}
	off := c.watch(ctx)
	state = duck.ExecutePending(pending, &r.handle)
	off()
	if state == duck.StateError {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		return r, newError(duck.ResultError(&r.handle))
	}
	return r, nil
}

// Exec runs one statement and tells how many rows it changed. When ctx ends the
// statement is interrupted and the context's error returned.
func (c *Conn) Exec(ctx context.Context, sql string, params []Value) (int64, error) {
	use := useOnce
	switch sql {
	case "BEGIN TRANSACTION", "COMMIT", "ROLLBACK":
		use = useAlways
	}
	return c.exec(ctx, sql, params, use)
}

func (c *Conn) exec(ctx context.Context, sql string, params []Value, use reuse) (int64, error) {
	if err := c.begin(); err != nil {
		return 0, err
	}
	defer c.end()
	r, err := c.start(ctx, sql, params, false, use, nil)
	if err != nil {
		return 0, err
	}
	n := int64(duck.RowsChanged(&r.handle))
	r.whole = true
	r.free()
	return n, nil
}

// Query runs one statement and streams its rows; the Result must be closed before
// the connection is used again.
func (c *Conn) Query(ctx context.Context, sql string, params []Value) (*Result, error) {
	return c.query(ctx, sql, params, useOnce, nil)
}

func (c *Conn) query(ctx context.Context, sql string, params []Value, use reuse, begun func()) (*Result, error) {
	if err := c.begin(); err != nil {
		return nil, err
	}
	r, err := c.start(ctx, sql, params, true, use, begun)
	if err != nil {
		c.end()
		return nil, err
	}
	n := duck.ColumnCount(&r.handle)
	r.current.columns = make([]Column, n)
	r.current.vectors = make([]vector, n)
	for i := range r.current.columns {
		logical := duck.ColumnLogicalType(&r.handle, duck.IdxT(i))
		r.current.columns[i] = columnOf(duck.ColumnName(&r.handle, duck.IdxT(i)), logical)
		duck.DestroyLogicalType(&logical)
	}
	c.result = r
	return r, nil
}

var stores = map[duck.Type]storage{
	duck.TypeSQLNull: storeNull, duck.TypeBoolean: storeBool,
	duck.TypeTinyInt: storeInt8, duck.TypeSmallInt: storeInt16, duck.TypeInteger: storeInt32, duck.TypeBigInt: storeInt64,
	duck.TypeUTinyInt: storeUint8, duck.TypeUSmallInt: storeUint16, duck.TypeUInteger: storeUint32, duck.TypeUBigInt: storeUint64,
	duck.TypeHugeInt: storeHuge, duck.TypeFloat: storeFloat, duck.TypeDouble: storeDouble,
	duck.TypeDate: storeDate, duck.TypeTime: storeTime, duck.TypeTimeTZ: storeTimeTZ,
	duck.TypeTimestamp: storeTimestamp, duck.TypeTimestampTZ: storeTimestampTZ, duck.TypeInterval: storeInterval,
	duck.TypeVarchar: storeText, duck.TypeBlob: storeBlob,
}

func columnOf(name string, logical duck.LogicalType) Column {
	id := duck.GetTypeId(logical)
	c := Column{Name: name}
	if id == duck.TypeDecimal {
		c.decimal, c.scale = true, duck.DecimalScale(logical)
		id = duck.DecimalInternalType(logical)
	}
	c.store = stores[id]
	return c
}

// Result is the stream of a statement's rows, used by one goroutine at a time.
type Result struct {
	conn    *Conn
	stmt    duck.PreparedStatement
	keep    string // the text under which stmt is kept, "" if it is not
	began   time.Time
	handle  duck.Result
	chunk   duck.DataChunk
	current Chunk
	whole   bool // it ran to its end without an error
	ended   bool // the last row was read, or the statement failed
	closed  bool
}

// Columns describes the rows; it is there before the first.
func (r *Result) Columns() []Column { return r.current.columns }

// Next is the next rows, nil at the end. The chunk lives until the next call.
func (r *Result) Next(ctx context.Context) (*Chunk, error) {
	if r.closed {
		return nil, ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	duck.DestroyDataChunk(&r.chunk)
	off := r.conn.watch(ctx)
	r.chunk = duck.FetchChunk(r.handle)
	off()
	if r.chunk.Ptr == nil {
		r.ended = true
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if message := duck.ResultError(&r.handle); message != "" {
			return nil, r.conn.failure(newError(message))
		}
		r.whole = true
		return nil, nil
	}
	r.current.rows = int(duck.DataChunkGetSize(r.chunk))
	if r.current.rows == 0 {
		return nil, nil
	}
	for i := range r.current.vectors {
		v := duck.DataChunkGetVector(r.chunk, duck.IdxT(i))
		r.current.vectors[i] = vector{duck.VectorGetData(v), duck.VectorGetValidity(v)}
	}
	return &r.current, nil
}

// failure is the error of a result that streams. When one of DuckDB's threads fails
// while the reader waits for room in the buffer (of 1 MB), the reader may see the
// interrupt that stops the other threads in place of the reason, which is then lost.
func (c *Conn) failure(e *Error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.Kind == ErrorInterrupt && !c.interrupted {
		return &Error{Kind: ErrorOther, Message: "the query failed while its rows were read"}
	}
	return e
}

// Close ends the statement if it still runs and frees its rows. It may be repeated.
func (r *Result) Close() error {
	if !r.closed {
		r.free()
		if !r.ended {
			// DuckDB goes on holding what the statement reads until the next one begins.
			var none duck.PreparedStatement
			duck.Prepare(r.conn.handle, "", &none)
			duck.DestroyPrepare(&none)
		}
		r.conn.result = nil
		r.conn.end()
	}
	return nil
}

func (r *Result) free() {
	r.closed = true
	duck.DestroyDataChunk(&r.chunk)
	duck.DestroyResult(&r.handle)
	r.letGo()
	runtime.KeepAlive(r)
}
