package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/bench/internal/lineitem"
)

// table is lineitem's columns.
var table = []pgproto3.FieldDescription{
	field("orderkey", 20, 8, -1), field("partkey", 20, 8, -1),
	field("linenumber", 23, 4, -1), field("suppkey", 23, 4, -1),
	field("quantity", 1700, -1, numeric), field("price", 1700, -1, numeric),
	field("discount", 1700, -1, numeric), field("tax", 1700, -1, numeric),
	field("returnflag", 1043, -1, 5), field("linestatus", 1043, -1, 5),
	field("shipdate", 1082, 4, -1), field("commitdate", 1082, 4, -1), field("loaded", 1114, 8, -1),
	field("shipinstruct", 1043, -1, 29), field("shipmode", 1043, -1, 14),
	field("comment", 1043, -1, 48), field("note", 1043, -1, 68), field("score", 701, 8, -1),
}

const numeric = 15<<16 | 2 + 4 // NUMERIC(15,2)

func field(name string, oid uint32, size int16, mod int32) pgproto3.FieldDescription {
	return pgproto3.FieldDescription{Name: []byte(name), DataTypeOID: oid, DataTypeSize: size, TypeModifier: mod}
}

// A block is the rows as DataRow messages, and where each one ends: the server sends from
// memory, so that the client is the limit.
type block struct {
	rows []byte
	ends []int
}

var (
	inText     = sync.OnceValue(func() block { return encode(nil) })
	inBinary   = sync.OnceValue(func() block { return encode(binaryForm) })
	inPostgres = sync.OnceValue(func() block { return encode(postgresForm) })
)

// encode makes the block, in a binary form what has one.
func encode(form func(oid uint32, text string) []byte) (b block) {
	for _, values := range lineitem.Rows() {
		row := pgproto3.DataRow{Values: make([][]byte, len(values))}
		for c, v := range values {
			switch {
			case v == nil:
			case form != nil && hasBinary(table[c].DataTypeOID):
				row.Values[c] = form(table[c].DataTypeOID, *v)
			default:
				row.Values[c] = []byte(*v)
			}
		}
		b.rows, _ = row.Encode(b.rows) // rows of this size can be encoded
		b.ends = append(b.ends, len(b.rows))
	}
	return b
}

// serve prints its address and serves until in ends.
func serve(in io.Reader, out io.Writer) error {
	inText()
	inBinary()
	inPostgres()
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, l.Addr()); err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, in)
		_ = l.Close()
	}()
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		go func() {
			defer func() { _ = conn.Close() }()
			_ = session(conn) // the client sees what went wrong
		}()
	}
}

// session speaks as much of the protocol as the clients need.
func session(conn net.Conn) error {
	b := pgproto3.NewBackend(conn, conn)
	version := 0
	for login := false; !login; {
		msg, err := b.ReceiveStartupMessage()
		if err != nil {
			return err
		}
		switch m := msg.(type) {
		case *pgproto3.SSLRequest, *pgproto3.GSSEncRequest:
			if _, err := conn.Write([]byte{'N'}); err != nil {
				return err
			}
		case *pgproto3.StartupMessage:
			login = true
			version, _ = strconv.Atoi(m.Parameters["client_protocol_version"]) // absent is 0
		default: // a cancel, which comes too late
			return nil
		}
	}
	b.Send(&pgproto3.AuthenticationOk{})
	for _, p := range [][2]string{{"server_version", "8.0.2"}, {"client_encoding", "UTF8"}, {"DateStyle", "ISO, MDY"}, {"standard_conforming_strings", "on"}, {"integer_datetimes", "on"}} {
		b.Send(&pgproto3.ParameterStatus{Name: p[0], Value: p[1]})
	}
	if version > 0 {
		b.Send(&pgproto3.ParameterStatus{Name: "server_protocol_version", Value: strconv.Itoa(version)})
	}
	b.Send(&pgproto3.BackendKeyData{ProcessID: 1, SecretKey: binary.BigEndian.AppendUint32(nil, 1)})
	a := asked{version: version, statements: map[string]string{}}
	for {
		b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
		if err := b.Flush(); err != nil {
			return err
		}
		for ready := false; !ready; {
			msg, err := b.Receive()
			if err != nil {
				return err
			}
			switch m := msg.(type) {
			case *pgproto3.Query:
				a.query, a.binaries, a.argument, a.codes = m.String, false, nil, nil
				a.describe(b)
				err = a.execute(conn, b)
				ready = true
			case *pgproto3.Parse:
				a.statements[m.Name] = m.Query
				b.Send(&pgproto3.ParseComplete{})
			case *pgproto3.Bind:
				err = a.bind(m)
				b.Send(&pgproto3.BindComplete{})
			case *pgproto3.Describe:
				if m.ObjectType == 'S' {
					a.query, a.binaries, a.codes = a.statements[m.Name], false, nil
					p := &pgproto3.ParameterDescription{}
					if a.query == smallRow {
						p.ParameterOIDs = []uint32{20}
					}
					b.Send(p)
				}
				a.describe(b)
			case *pgproto3.Execute:
				err = a.execute(conn, b)
			case *pgproto3.Close:
				b.Send(&pgproto3.CloseComplete{})
			case *pgproto3.Flush:
				err = b.Flush()
			case *pgproto3.Sync:
				ready = true
			case *pgproto3.Terminate:
				return nil
			}
			if err != nil {
				return err
			}
		}
	}
}

// asked is what a client has asked for last.
type asked struct {
	version    int
	statements map[string]string
	query      string
	binaries   bool // of the large result
	argument   []byte
	codes      []byte // of the small one
}

func (a *asked) bind(m *pgproto3.Bind) (err error) {
	a.query, a.argument, a.codes, a.binaries = a.statements[m.PreparedStatement], nil, nil, false
	if len(m.Parameters) > 0 {
		a.argument = append([]byte{}, m.Parameters[0]...)
	}
	for _, c := range m.ResultFormatCodes {
		a.codes = append(a.codes, byte(c))
	}
	if _, ok := count(a.query); ok {
		a.binaries, err = binaryAsked(m.ResultFormatCodes)
	}
	return err
}

func (a *asked) describe(b *pgproto3.Backend) {
	if _, ok := count(a.query); ok {
		b.Send(&description{columns: table, version: a.version, binaries: a.binaries})
	} else if d, _, ok := smallAnswer(a.query, a.version, a.argument, a.codes); ok {
		b.Send(d)
	} else if len(a.statements) > 0 {
		b.Send(&pgproto3.NoData{})
	}
}

func (a *asked) execute(conn net.Conn, b *pgproto3.Backend) error {
	if n, ok := count(a.query); ok {
		switch {
		case a.binaries && a.version > 0:
			return rows(conn, b, n, inBinary())
		case a.binaries:
			return rows(conn, b, n, inPostgres())
		}
		return rows(conn, b, n, inText())
	}
	if _, row, ok := smallAnswer(a.query, a.version, a.argument, a.codes); ok {
		b.Send(row)
		b.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT")})
		return nil
	}
	answer(b, a.query)
	return nil
}

// answer ends a statement without rows, which is a setting.
func answer(b *pgproto3.Backend, query string) {
	if strings.TrimSpace(strings.Trim(query, ";-")) == "" { // lib/pq's ping
		b.Send(&pgproto3.EmptyQueryResponse{})
		return
	}
	word, _, _ := strings.Cut(query, " ")
	b.Send(&pgproto3.CommandComplete{CommandTag: []byte(strings.ToUpper(word))})
}

func count(query string) (int, bool) {
	text, ok := strings.CutPrefix(query, largeQuery)
	n, err := strconv.Atoi(text)
	return n, ok && err == nil
}

func rows(w io.Writer, b *pgproto3.Backend, n int, from block) error {
	if err := b.Flush(); err != nil {
		return err
	}
	for ; n >= lineitem.Distinct; n -= lineitem.Distinct {
		if _, err := w.Write(from.rows); err != nil {
			return err
		}
	}
	if n > 0 {
		if _, err := w.Write(from.rows[:from.ends[n-1]]); err != nil {
			return err
		}
	}
	b.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT")})
	return nil
}
