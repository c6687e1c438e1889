package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

// table is shaped like TPC-H's lineitem: 18 columns, about 200 bytes of text.
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

// distinct is how many rows there are before they repeat.
const distinct = 1000

// A block is those rows as DataRow messages, and where each one ends: the
// server sends from memory, so that the client is the limit.
type block struct {
	rows []byte
	ends []int
}

var (
	inText   = sync.OnceValue(func() block { return encode(false) })
	inBinary = sync.OnceValue(func() block { return encode(true) })
)

// encode makes the block, in binary what Redshift has binary forms of.
func encode(binaries bool) (b block) {
	r := rand.New(rand.NewPCG(1, 2))
	day := time.Date(1995, 1, 1, 0, 0, 0, 0, time.UTC)
	words := strings.Fields("furiously regular packages sleep slyly above the carefully final deposits against quick requests")
	phrase := func(n int) string {
		s := ""
		for len(s) < n {
			s += words[r.IntN(len(words))] + " "
		}
		return s[:n]
	}
	cents := func(n int) string { v := r.IntN(n); return fmt.Sprintf("%d.%02d", v/100, v%100) }
	for i := range distinct {
		d := day.AddDate(0, 0, r.IntN(2000))
		values := []string{
			strconv.Itoa(1_000_000 + i), strconv.Itoa(r.IntN(20_000_000)), strconv.Itoa(1 + i%7), strconv.Itoa(r.IntN(1_000_000)),
			cents(5000), cents(10_000_000), cents(11), cents(9),
			"RAN"[i%3 : i%3+1], "OF"[i%2 : i%2+1],
			d.Format(time.DateOnly), d.AddDate(0, 0, 30).Format(time.DateOnly), d.Add(time.Duration(r.IntN(86_400_000)) * time.Millisecond).Format("2006-01-02 15:04:05.000"),
			"DELIVER IN PERSON", "TRUCK", phrase(10 + r.IntN(33)), phrase(40), strconv.FormatFloat(r.Float64(), 'g', -1, 64),
		}
		row := pgproto3.DataRow{Values: make([][]byte, len(values))}
		for c, v := range values {
			row.Values[c] = []byte(v)
			if binaries && hasBinary(table[c].DataTypeOID) {
				row.Values[c] = binaryForm(table[c].DataTypeOID, v)
			}
		}
		if i%10 == 0 {
			row.Values[15] = nil
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
	query, binaries := "", false
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
				if n, ok := count(m.String); ok {
					b.Send(&description{version: version})
					err = rows(conn, b, n, inText())
				} else {
					answer(b, m.String)
				}
				ready = true
			case *pgproto3.Parse:
				query = m.Query
				b.Send(&pgproto3.ParseComplete{})
			case *pgproto3.Bind:
				if binaries, err = binaryAsked(m.ResultFormatCodes); err != nil {
					return err
				}
				b.Send(&pgproto3.BindComplete{})
			case *pgproto3.Describe:
				if m.ObjectType == 'S' {
					b.Send(&pgproto3.ParameterDescription{})
				}
				if _, ok := count(query); ok {
					b.Send(&description{version: version, binaries: binaries && m.ObjectType == 'P'})
				} else {
					b.Send(&pgproto3.NoData{})
				}
			case *pgproto3.Execute:
				if n, ok := count(query); ok {
					if binaries {
						err = rows(conn, b, n, inBinary())
					} else {
						err = rows(conn, b, n, inText())
					}
				} else {
					answer(b, query)
				}
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
	text, ok := strings.CutPrefix(query, "rows ")
	n, err := strconv.Atoi(text)
	return n, ok && err == nil
}

func rows(w io.Writer, b *pgproto3.Backend, n int, from block) error {
	if err := b.Flush(); err != nil {
		return err
	}
	for ; n >= distinct; n -= distinct {
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
