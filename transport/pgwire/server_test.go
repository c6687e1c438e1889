package pgwire

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/credentials"
	"github.com/llm-dev-ops/redshift/transport"
)

// server is a small server of the wire protocol for the tests: real in its
// messages, transactions and cancelling, scripted in its answers.
type server struct {
	t  testing.TB
	ln net.Listener
	wg sync.WaitGroup

	tls      byte // the answer to a request for TLS: S, N, E, or 0 to hang up
	cert     *tls.Certificate
	secure   *tls.Config                // made of cert where nil
	busy     func(n int) []byte         // what the n-th session gets instead of a login, nil for a login
	auth     string                     // "" (none), "cleartext", "md5", "digest", "idp"
	password string                     // of every user
	answer   func(*backend, string) any // a *reply, or nil for the usual
	version  int                        // the newest protocol version; -1 for a server that says none
	forgets  bool                       // prepared statements die with ROLLBACK
	deaf     bool                       // a cancel has no effect
	ignored  int                        // so many cancels have none
	hold     bool                       // a cancel's connection is never answered

	mu            sync.Mutex
	backends      map[uint32]*backend
	conns         map[net.Conn]struct{}
	log           []string
	startups      []map[string]string
	cancels       int
	tlsCount      int
	resumed       int // of tlsCount
	secureCancels int // of cancels
	pid           uint32
}

// reply is what the server says to one statement.
type reply struct {
	cols     []pgproto3.FieldDescription // nil for none
	rows     func(yield func(...[]byte) bool)
	tag      string
	parseErr *pgproto3.ErrorResponse
	err      *pgproto3.ErrorResponse // of Execute
	late     *pgproto3.ErrorResponse // behind the rows
	atSync   *pgproto3.ErrorResponse // behind CommandComplete
	notice   string
	slow     bool
	hangUp   bool // the connection ends instead of the answer
	raw      []byte
	run      func(*backend) // an effect
}

func newServer(t testing.TB, configure ...func(*server)) *server {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, ln: ln, tls: 'N', version: -1, password: "secret", backends: map[uint32]*backend{}, conns: map[net.Conn]struct{}{}}
	for _, f := range configure {
		f(s)
	}
	if s.cert != nil && s.secure == nil {
		s.secure = &tls.Config{Certificates: []tls.Certificate{*s.cert}}
	}
	s.wg.Go(func() {
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns[nc] = struct{}{}
			s.mu.Unlock()
			s.wg.Go(func() {
				defer func() {
					_ = nc.Close()
					s.mu.Lock()
					delete(s.conns, nc)
					s.mu.Unlock()
				}()
				s.serve(nc)
			})
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		s.hangUp()
		s.wg.Wait()
	})
	return s
}

// hangUp ends all connections.
func (s *server) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for nc := range s.conns {
		_ = nc.Close()
	}
}

func (s *server) config() Config {
	addr := s.ln.Addr().(*net.TCPAddr)
	return Config{
		Host: "127.0.0.1", Port: addr.Port, Database: "dev", Credentials: credentials.Static("ann", s.password),
		TLS: transport.TLS{Mode: transport.TLSDisable}, CancelTimeout: 5 * time.Second,
		ConnectRetries: -1, RetryPause: time.Millisecond,
	}
}

func (s *server) cancelCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cancels
}

func (s *server) serve(nc net.Conn) {
	be := pgproto3.NewBackend(nc, nc)
	for {
		msg, err := be.ReceiveStartupMessage()
		if err != nil {
			return
		}
		switch m := msg.(type) {
		case *pgproto3.SSLRequest:
			switch s.tls {
			case 'S':
				_, _ = nc.Write([]byte{'S'})
				secure := tls.Server(nc, s.secure)
				if secure.Handshake() != nil {
					return
				}
				nc = secure
				be = pgproto3.NewBackend(nc, nc)
				s.mu.Lock()
				s.tlsCount++
				if secure.ConnectionState().DidResume {
					s.resumed++
				}
				s.mu.Unlock()
			case 'E':
				out, _ := (&pgproto3.ErrorResponse{Severity: "FATAL", Code: "28000", Message: "no TLS here"}).Encode(nil)
				_, _ = nc.Write(out)
				return
			case 'N':
				_, _ = nc.Write([]byte{'N'})
			default:
				return
			}
		case *pgproto3.CancelRequest:
			s.mu.Lock()
			s.cancels++
			if _, secure := nc.(*tls.Conn); secure {
				s.secureCancels++
			}
			b, deaf := s.backends[m.ProcessID], s.deaf || s.cancels <= s.ignored
			s.mu.Unlock()
			if b != nil && string(b.key) == string(m.SecretKey) && !deaf {
				b.cancel()
			}
			if s.hold {
				_, _ = io.Copy(io.Discard, nc)
			}
			return
		case *pgproto3.StartupMessage:
			s.session(nc, be, m)
			return
		default:
			return
		}
	}
}

func (s *server) session(nc net.Conn, be *pgproto3.Backend, m *pgproto3.StartupMessage) {
	s.mu.Lock()
	s.startups = append(s.startups, m.Parameters)
	s.pid++
	if s.busy != nil {
		if refusal := s.busy(int(s.pid)); refusal != nil {
			s.mu.Unlock()
			_, _ = nc.Write(refusal)
			return
		}
	}
	b := &backend{
		s: s, be: be, nc: nc, user: m.Parameters["user"], pid: s.pid, key: []byte{1, 2, 3, byte(s.pid)},
		stmts: map[string]*statement{}, status: 'I', wake: make(chan struct{}, 1), vars: map[string]string{},
	}
	s.backends[b.pid] = b
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.backends, b.pid)
		s.mu.Unlock()
	}()
	if !b.login() {
		return
	}
	be.Send(&pgproto3.AuthenticationOk{})
	for _, p := range [][2]string{{"server_version", "8.0.2"}, {"padb_version", "1.0.12345"}, {"client_encoding", "UNICODE"}, {"DateStyle", "ISO, MDY"}} {
		be.Send(&pgproto3.ParameterStatus{Name: p[0], Value: p[1]})
	}
	if s.version >= 0 {
		asked, _ := strconv.Atoi(m.Parameters["client_protocol_version"])
		b.version = min(asked, s.version)
		be.Send(&pgproto3.ParameterStatus{Name: "server_protocol_version", Value: strconv.Itoa(b.version)})
	}
	be.Send(&pgproto3.BackendKeyData{ProcessID: b.pid, SecretKey: b.key})
	be.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	if be.Flush() != nil {
		return
	}
	b.loop()
}

type statement struct {
	sql   string
	types []uint32
	reply *reply
}

// backend is one session of the server.
type backend struct {
	s       *server
	be      *pgproto3.Backend
	nc      net.Conn
	user    string
	pid     uint32
	key     []byte
	stmts   map[string]*statement
	portal  *statement
	params  [][]byte
	codes   []int16
	result  []int16 // formats that are asked for
	version int
	status  byte
	skip    bool // up to Sync
	atSync  *pgproto3.ErrorResponse
	table   *int
	saved   *int
	vars    map[string]string

	pending atomic.Bool // a cancel has come
	wake    chan struct{}
}

func (b *backend) cancel() {
	b.pending.Store(true)
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

func (b *backend) login() bool {
	ask := func(m pgproto3.BackendMessage, typ uint32) string {
		b.be.Send(m)
		if b.be.Flush() != nil {
			return ""
		}
		if b.be.SetAuthType(typ) != nil {
			return ""
		}
		msg, err := b.be.Receive()
		if err != nil {
			return ""
		}
		if p, ok := msg.(*pgproto3.PasswordMessage); ok {
			return p.Password
		}
		return ""
	}
	ok := true
	switch b.s.auth {
	case "cleartext":
		ok = ask(&pgproto3.AuthenticationCleartextPassword{}, pgproto3.AuthTypeCleartextPassword) == b.s.password
	case "md5":
		salt := [4]byte{1, 2, 3, 4}
		got := ask(&pgproto3.AuthenticationMD5Password{Salt: salt}, pgproto3.AuthTypeMD5Password)
		ok = got == "md5"+md5Hex(md5Hex(b.s.password+b.user)+string(salt[:]))
	case "digest":
		ok = b.digest()
	case "idp":
		ok = b.token()
	}
	if !ok {
		b.be.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: "28P01", Message: "password authentication failed for user \"" + b.user + "\""})
		_ = b.be.Flush()
	}
	return ok
}

func (b *backend) token() bool {
	_, _ = b.nc.Write([]byte{'R', 0, 0, 0, 8, 0, 0, 0, 14})
	var head [5]byte
	if _, err := io.ReadFull(b.nc, head[:]); err != nil || head[0] != 'i' {
		return false
	}
	body := make([]byte, binary.BigEndian.Uint32(head[1:])-4)
	_, err := io.ReadFull(b.nc, body)
	return err == nil && string(body) == b.s.password+"\x00"
}

func (b *backend) digest() bool {
	msg := []byte{'R', 0, 0, 0, 0, 0, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0, 4, 's', 'a', 'l', 't', 0, 0, 0, 5, 'n', 'o', 'n', 'c', 'e'}
	binary.BigEndian.PutUint32(msg[1:], uint32(len(msg)-1))
	_, _ = b.nc.Write(msg)
	var head [5]byte
	if _, err := io.ReadFull(b.nc, head[:]); err != nil || head[0] != 'd' {
		return false
	}
	body := make([]byte, binary.BigEndian.Uint32(head[1:])-4)
	if _, err := io.ReadFull(b.nc, body); err != nil {
		return false
	}
	digest, rest, _ := counted(body)
	client, rest, ok := counted(rest)
	return ok && len(rest) == 0 && string(digest) == string(passwordDigest(b.s.password, []byte("salt"), []byte("nonce"), client))
}

func failure(code, message string) *pgproto3.ErrorResponse {
	return &pgproto3.ErrorResponse{Severity: "ERROR", Code: code, Message: message}
}

func (b *backend) fail(e *pgproto3.ErrorResponse) {
	b.be.Send(e)
	if b.status == 'T' {
		b.status = 'E'
	}
	b.skip = true
}

// loop answers messages. As in PostgreSQL 8.0, a cancel that comes while the
// session is idle hits the next command, unless that is a Sync.
func (b *backend) loop() {
	for {
		b.pending.Store(false)
		msg, err := b.be.Receive()
		if err != nil {
			return
		}
		if b.skip {
			if _, ok := msg.(*pgproto3.Sync); !ok {
				continue
			}
		}
		switch m := msg.(type) {
		case *pgproto3.Sync:
			if e := b.atSync; e != nil {
				b.be.Send(e)
				if b.status != 'I' {
					b.status = 'I'
				}
			}
			b.skip, b.atSync = false, nil
			b.be.Send(&pgproto3.ReadyForQuery{TxStatus: b.status})
			if b.be.Flush() != nil {
				return
			}
		case *pgproto3.Terminate:
			return
		case *pgproto3.Parse:
			if b.pending.Load() {
				b.fail(failure("57014", "query cancelled on user's request"))
				continue
			}
			b.parse(m)
		case *pgproto3.Close:
			delete(b.stmts, m.Name)
			b.be.Send(&pgproto3.CloseComplete{})
		case *pgproto3.Describe:
			st := b.portal
			if m.ObjectType == 'S' {
				st = b.stmts[m.Name]
				types := st.types
				for i := len(types); strings.Contains(st.sql, "$"+strconv.Itoa(i+1)); i++ {
					types = append(types, 23)
				}
				b.be.Send(&pgproto3.ParameterDescription{ParameterOIDs: types})
			}
			if st.reply.cols == nil {
				b.be.Send(&pgproto3.NoData{})
			} else {
				b.be.Send(&description{b.formatted(st.reply.cols, m.ObjectType == 'P'), b.version})
			}
		case *pgproto3.Bind:
			st := b.stmts[m.PreparedStatement]
			if st == nil {
				b.fail(failure("26000", "prepared statement does not exist"))
				continue
			}
			b.portal, b.params, b.codes = st, nil, append([]int16(nil), m.ParameterFormatCodes...)
			b.result = append([]int16(nil), m.ResultFormatCodes...)
			if n := len(b.result); n > 1 && n != len(st.reply.cols) {
				b.fail(failure("08P01", "bind message has another number of result formats than the query has columns"))
				continue
			}
			for _, p := range m.Parameters {
				if p != nil {
					p = append([]byte{}, p...)
				}
				b.params = append(b.params, p)
			}
			b.be.Send(&pgproto3.BindComplete{})
		case *pgproto3.Execute:
			if !b.execute() {
				return
			}
		}
	}
}

func (b *backend) parse(m *pgproto3.Parse) {
	st := &statement{sql: m.Query, types: append([]uint32(nil), m.ParameterOIDs...)}
	for _, o := range m.ParameterOIDs {
		if o == 0 {
			b.s.t.Error("a parameter's type was sent as 0")
		}
	}
	if m.Name != "" && b.stmts[m.Name] != nil {
		b.fail(failure("42P05", "prepared statement already exists"))
		return
	}
	first := strings.ToUpper(strings.Fields(m.Query + " x")[0])
	if b.status == 'E' && first != "ROLLBACK" && first != "COMMIT" {
		b.fail(failure("25P02", "current transaction is aborted"))
		return
	}
	b.s.mu.Lock()
	b.s.log = append(b.s.log, m.Query)
	b.s.mu.Unlock()
	st.reply = b.plan(m.Query)
	if st.reply.parseErr != nil {
		b.fail(st.reply.parseErr)
		return
	}
	b.stmts[m.Name] = st
	b.be.Send(&pgproto3.ParseComplete{})
}

// execute runs the portal; false ends the connection.
func (b *backend) execute() bool {
	r := b.portal.reply
	if b.pending.Load() && !r.slow {
		b.fail(failure("57014", "query cancelled on user's request"))
		return true
	}
	if r.notice != "" {
		b.be.Send(&pgproto3.NoticeResponse{Severity: "INFO", Message: r.notice})
	}
	if r.raw != nil {
		_ = b.be.Flush()
		_, _ = b.nc.Write(r.raw)
	}
	if r.hangUp {
		_ = b.be.Flush()
		return false
	}
	if r.slow {
		if b.be.Flush() != nil {
			return false
		}
		if !b.pending.Load() {
			// The peer's going is noticed by nobody, as with Redshift; the test's
			// end is.
			<-b.wake
		}
		b.fail(failure("57014", "query cancelled on user's request"))
		return true
	}
	if r.err != nil {
		b.fail(r.err)
		if r.err.Severity == "FATAL" {
			_ = b.be.Flush()
			return false
		}
		return true
	}
	n, ok := 0, true
	if r.rows != nil {
		r.rows(func(values ...[]byte) bool {
			b.be.Send(&pgproto3.DataRow{Values: b.encoded(r.cols, values)})
			if n++; n%500 == 0 {
				ok = b.be.Flush() == nil && !b.pending.Load()
			}
			return ok
		})
	}
	switch {
	case !ok:
		b.fail(failure("57014", "query cancelled on user's request"))
		return true
	case r.late != nil:
		b.fail(r.late)
		return true
	}
	tag := r.tag
	if tag == "" {
		tag = "SELECT"
	}
	if r.run != nil {
		r.run(b)
	}
	switch strings.Fields(tag)[0] {
	case "BEGIN":
		b.status, b.saved = 'T', clone(b.table)
	case "COMMIT", "ROLLBACK":
		if b.status == 'E' || tag == "ROLLBACK" {
			tag, b.table = "ROLLBACK", b.saved
		}
		if tag == "ROLLBACK" && b.s.forgets {
			clear(b.stmts)
		}
		b.status = 'I'
	}
	b.be.Send(&pgproto3.CommandComplete{CommandTag: []byte(tag)})
	b.atSync = r.atSync
	if b.atSync != nil && b.atSync.Severity == "FATAL" {
		b.be.Send(b.atSync)
		_ = b.be.Flush()
		return false
	}
	return true
}

func clone(n *int) *int {
	if n == nil {
		return nil
	}
	v := *n
	return &v
}

// certificate makes a certificate for 127.0.0.1 of an authority of its own, and
// gives the latter in PEM.
func certificate(t *testing.T) (*tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "server"}, NotBefore: ca.NotBefore, NotAfter: ca.NotAfter,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, ca, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{leafDER}, PrivateKey: key}, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER}))
}
