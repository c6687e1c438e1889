package bulk

import (
	"context"
	"sync"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/transport"
)

// files are the files of an UNLOAD as a transport of one statement, whose rows
// are theirs: so the client decodes them as it does those of the wire.
type files struct {
	columns []redshift.Column
	uris    []string
	stage   Stage
	count   int    // of files read at a time
	null    string // CSV's marker; "" is Parquet
	gzip    bool   // and not ZSTD
	cleanUp func() error
	blocks  sync.Pool // of *block
}

func (f *files) rows(ctx context.Context) (*redshift.Rows, error) {
	c, err := redshift.New(f, redshift.Config{MaxRetries: -1, DefaultTimeout: readTimeout, MaxQueryTimeout: readTimeout})
	if err != nil {
		return nil, err
	}
	return c.Query(ctx, redshift.SQL("-- files"))
}

// Open implements transport.Transport.
func (f *files) Open(context.Context, transport.OpenOptions) (transport.Session, error) {
	return filesSession{f}, nil
}

// Attach implements transport.Transport; it is not supported.
func (f *files) Attach(context.Context, string) (transport.Run, error) {
	return nil, transport.ErrUnsupported
}

// Caps implements transport.Transport.
func (f *files) Caps() transport.Caps {
	return transport.Caps{Name: "files", Stream: true, Cancel: true, MaxStatement: 1 << 10}
}

// Stats implements transport.Transport.
func (f *files) Stats() transport.Stats { return transport.Stats{Max: 1} }

// Close implements transport.Transport.
func (f *files) Close(context.Context) error { return nil }

type filesSession struct{ f *files }

// Start implements transport.Session.
func (s filesSession) Start(context.Context, transport.Statement) (transport.Run, error) {
	return filesRun(s), nil
}

// Prepare implements transport.Session; it is not supported.
func (s filesSession) Prepare(context.Context, string, []transport.OID) (transport.Prepared, error) {
	return nil, transport.ErrUnsupported
}

// Batch implements transport.Session; it is not supported.
func (s filesSession) Batch(context.Context, []transport.Statement) (transport.Batch, error) {
	return nil, transport.ErrUnsupported
}

// State implements transport.Session.
func (s filesSession) State() transport.SessionState { return transport.StateIdle }

// Info implements transport.Session.
func (s filesSession) Info() transport.SessionInfo { return transport.SessionInfo{ID: "files"} }

// Close implements transport.Session.
func (s filesSession) Close(context.Context, transport.Reuse) error { return nil }

type filesRun struct{ f *files }

// ID implements transport.Run.
func (r filesRun) ID() string { return "" }

// Status implements transport.Run.
func (r filesRun) Status(context.Context) (transport.Status, error) {
	return transport.Status{Progress: -1, Rows: -1}, nil
}

// Wait implements transport.Run.
func (r filesRun) Wait(context.Context) error { return nil }

// Cancel implements transport.Run; the result's Close ends everything.
func (r filesRun) Cancel(context.Context) error { return nil }

// Result implements transport.Run.
func (r filesRun) Result(ctx context.Context) (transport.Result, error) {
	return newFilesResult(ctx, r.f), nil
}

// filesResult reads the files in their order, some ahead.
type filesResult struct {
	f       *files
	ctx     context.Context // of the result, by transport.Run
	cancel  context.CancelFunc
	streams chan *stream
	ended   chan struct{} // no goroutine is left
	stream  *stream
	block   *block
	row     int
	raw     [][]byte
	err     error
	closed  bool
}

// stream is what comes of one file. err is set before blocks is closed.
type stream struct {
	blocks chan *block
	err    error
}

// block is some rows, column by column.
type block struct {
	n       int
	columns []blockColumn
}

type blockColumn struct {
	data []byte
	ends []int
	null []bool
}

func (c *blockColumn) reset() {
	c.data, c.ends, c.null = c.data[:0], c.ends[:0], c.null[:0]
}

// end ends a value whose bytes were appended to data.
func (c *blockColumn) end(null bool) {
	c.ends, c.null = append(c.ends, len(c.data)), append(c.null, null)
}

func (c *blockColumn) value(i int) []byte {
	if c.null[i] {
		return nil
	}
	from := 0
	if i > 0 {
		from = c.ends[i-1]
	}
	if from == c.ends[i] {
		return []byte{} // and not nil, which is NULL
	}
	return c.data[from:c.ends[i]:c.ends[i]]
}

func newFilesResult(ctx context.Context, f *files) *filesResult {
	r := &filesResult{f: f, raw: make([][]byte, len(f.columns)), ended: make(chan struct{})}
	r.ctx, r.cancel = context.WithCancel(ctx)
	// The one under way is not in the channel.
	r.streams = make(chan *stream, f.count-1)
	go r.run()
	return r
}

// run reads files ahead, and returns when none is being read.
func (r *filesResult) run() {
	defer close(r.ended)
	defer close(r.streams)
	free := make(chan struct{}, r.f.count)
	defer func() {
		for range cap(free) { // those under way
			free <- struct{}{}
		}
	}()
	for _, uri := range r.f.uris {
		select {
		case free <- struct{}{}:
		case <-r.ctx.Done():
			return
		}
		s := &stream{blocks: make(chan *block, 2)}
		go func() {
			defer func() { <-free }()
			defer close(s.blocks)
			s.err = r.f.read(r.ctx, uri, func(b *block) error {
				select {
				case s.blocks <- b:
					return nil
				case <-r.ctx.Done():
					return context.Cause(r.ctx)
				}
			})
		}()
		select {
		case r.streams <- s:
		case <-r.ctx.Done():
			return
		}
	}
}

// Columns implements transport.Result.
func (r *filesResult) Columns() []transport.Column { return r.f.columns }

// Next implements transport.Result.
func (r *filesResult) Next() bool {
	if r.closed || r.err != nil {
		return false
	}
	if r.block != nil && r.row+1 < r.block.n {
		r.row++
		r.fill()
		return true
	}
	for {
		if r.stream == nil {
			s, ok := <-r.streams
			if !ok {
				r.err = context.Cause(r.ctx)
				return false
			}
			r.stream = s
		}
		if r.block != nil {
			r.f.blocks.Put(r.block)
			r.block = nil
		}
		b, ok := <-r.stream.blocks
		if ok {
			r.block, r.row = b, 0
			r.fill()
			return true
		}
		if r.stream.err != nil {
			r.err = r.stream.err
			return false
		}
		r.stream = nil
	}
}

func (r *filesResult) fill() {
	for i := range r.raw {
		r.raw[i] = r.block.columns[i].value(r.row)
	}
}

// Raw implements transport.Result.
func (r *filesResult) Raw() [][]byte { return r.raw }

// Format implements transport.Result.
func (r *filesResult) Format(i int) transport.Format {
	if r.f.null == "" && binaryIn(r.f.columns[i].Type) {
		return transport.Binary
	}
	return transport.Text
}

// Tag implements transport.Result.
func (r *filesResult) Tag() string { return "SELECT" }

// Notices implements transport.Result.
func (r *filesResult) Notices() []transport.Notice { return nil }

// Err implements transport.Result.
func (r *filesResult) Err() error { return r.err }

// Close implements transport.Result. It ends the reading and removes the files.
func (r *filesResult) Close() error {
	if r.closed {
		return r.err
	}
	r.closed = true
	r.cancel()
	<-r.ended
	if err := r.f.cleanUp(); err != nil && r.err == nil {
		r.err = err
	}
	return r.err
}

// read reads one file and gives its blocks to each.
func (f *files) read(ctx context.Context, uri string, each func(*block) error) (err error) {
	body, object, err := f.stage.Open(ctx, uri)
	if err != nil {
		return err
	}
	defer func() {
		if failed := body.Close(); err == nil {
			err = failed
		}
	}()
	if f.null == "" {
		return f.readParquet(body, object, each)
	}
	return f.readCSV(body, each)
}

// newBlock is an empty block, which may have been another one before.
func (f *files) newBlock() *block {
	b, ok := f.blocks.Get().(*block)
	if !ok {
		return &block{columns: make([]blockColumn, len(f.columns))}
	}
	b.n = 0
	for i := range b.columns {
		b.columns[i].reset()
	}
	return b
}
