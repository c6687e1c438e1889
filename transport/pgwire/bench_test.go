package pgwire

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

// lineitem is a row of 18 columns and about 225 bytes, as a DataRow of text.
func lineitem() (cols []pgproto3.FieldDescription, values [][]byte) {
	for _, v := range []string{
		"123456789", "987654321", "12345", "7", "24710.35", "21168.23", "0.04", "0.02", "1996-03-13", "1996-02-12",
		"1996-03-22 12:34:56.789", "DELIVER IN PERSON", "TRUCK", "egular courts above the slyly even foxes", "t", "17.250000000001", "N", "",
	} {
		cols = append(cols, field("c", 1043))
		values = append(values, []byte(v))
	}
	values[17] = nil
	return cols, values
}

// replay is a connection that answers a statement with so many rows.
type replay struct {
	silent
	head, block, tail []byte
	at                []byte
	blocks            int
}

const blockRows = 200

func newReplay(rows int) *replay {
	cols, values := lineitem()
	r := &replay{blocks: rows / blockRows}
	r.head, _ = (&pgproto3.RowDescription{Fields: cols}).Encode(nil)
	for range blockRows {
		r.block, _ = (&pgproto3.DataRow{Values: values}).Encode(r.block)
	}
	r.tail, _ = (&pgproto3.CommandComplete{CommandTag: []byte("SELECT")}).Encode(nil)
	r.tail, _ = (&pgproto3.ReadyForQuery{TxStatus: 'I'}).Encode(r.tail)
	r.at = r.head
	return r
}

func (r *replay) Read(p []byte) (int, error) {
	for len(r.at) == 0 {
		switch r.blocks--; {
		case r.blocks >= 0:
			r.at = r.block
		case r.blocks == -1:
			r.at = r.tail
		default:
			return 0, io.EOF
		}
	}
	n := copy(p, r.at)
	r.at = r.at[n:]
	return n, nil
}

func (*replay) LocalAddr() net.Addr  { return nil }
func (*replay) RemoteAddr() net.Addr { return nil }

func replayed(ctx context.Context, t testing.TB, rows int) transport.Result {
	nc := newReplay(rows)
	c := &conn{nc: nc, in: newFrames(nc), params: map[string]string{}, tx: 'I'}
	c.in.max = maxBody
	s := &session{t: &Transport{}, c: c}
	r := s.newRun("q")
	s.active = r
	res, err := r.Result(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestRowsAllocateNothing(t *testing.T) {
	res := replayed(t.Context(), t, 100*blockRows)
	sum := 0
	allocs := testing.AllocsPerRun(50*blockRows, func() {
		if !res.Next() {
			t.Fatal(res.Err())
		}
		sum += len(res.Raw()[3])
	})
	if allocs != 0 {
		t.Errorf("%v allocations a row", allocs)
	}
	for res.Next() {
		sum += len(res.Raw()[3])
	}
	if err := res.Close(); err != nil || sum != 100*blockRows {
		t.Errorf("%d rows, %v", sum, err)
	}
}

// A reader that never waits sees the end of its context at the next row.
func TestBusyReaderIsInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	res := replayed(ctx, t, 100*blockRows)
	n := 0
	for res.Next() {
		if n++; n == 100 {
			cancel()
		}
	}
	if n != 100 || !errors.Is(res.Err(), context.Canceled) {
		t.Errorf("%d rows, %v", n, res.Err())
	}
	if err := res.Close(); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// BenchmarkRows reads rows from memory.
func BenchmarkRows(b *testing.B) {
	b.ReportAllocs()
	const rows = 1_000_000
	for b.Loop() {
		res := replayed(b.Context(), b, rows)
		n := 0
		for res.Next() {
			n += len(res.Raw())
		}
		if err := res.Close(); err != nil || n != rows*18 {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkSelectOne is a small statement over loopback.
func BenchmarkSelectOne(b *testing.B) {
	s := newServer(b)
	cfg := s.config()
	tr, err := Open(b.Context(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = tr.Close(b.Context()) }()
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		ses, err := tr.Open(ctx, transport.OpenOptions{})
		if err != nil {
			b.Fatal(err)
		}
		run, err := ses.Start(ctx, transport.Statement{SQL: transporttest.SelectOne})
		if err != nil {
			b.Fatal(err)
		}
		res, err := run.Result(ctx)
		if err != nil {
			b.Fatal(err)
		}
		for res.Next() {
			_ = res.Raw()
		}
		if err := res.Close(); err != nil {
			b.Fatal(err)
		}
		if err := ses.Close(ctx, transport.Keep); err != nil {
			b.Fatal(err)
		}
	}
}
