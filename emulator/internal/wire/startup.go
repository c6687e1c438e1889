package wire

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"
)

// What a client's first packet may be (protocol, "Message Formats").
const (
	sslRequest    = 1234<<16 | 5679
	gssencRequest = 1234<<16 | 5680
	cancelRequest = 1234<<16 | 5678
)

// maxStartup is MAX_STARTUP_PACKET_LENGTH.
const maxStartup = 10000

// protocolOption begins the names of protocol extensions, as opposed to
// parameters of the session.
const protocolOption = "_pq_."

// startup serves the packets before the login. It is false when there will be
// none: the client is gone, refused, or wanted to cancel.
func (c *conn) startup(ctx context.Context) bool {
	var asked struct{ tls, gss bool }
	for {
		packet, ok := c.packet()
		if !ok {
			return false // who sends garbage is told nothing
		}
		code := binary.BigEndian.Uint32(packet)
		switch {
		case code == cancelRequest:
			var m pgproto3.CancelRequest
			if m.Decode(packet) == nil {
				c.srv.cancel(m.ProcessID, m.SecretKey)
			}
			return false
		case code == sslRequest && !asked.tls:
			asked.tls = true
			if !c.answerTLS(ctx) {
				return false
			}
		case code == gssencRequest && !asked.gss:
			asked.gss = true
			if !c.answer('N') {
				return false
			}
		case code>>16 != 3:
			_ = c.fail(ctx, fatal("0A000", "unsupported frontend protocol %d.%d: server supports 3.0 to 3.0", code>>16, code&0xffff))
			return false
		default:
			return c.introduced(ctx, packet)
		}
	}
}

// packet reads a packet without its length.
func (c *conn) packet() ([]byte, bool) {
	head, err := c.in.take(4)
	if err != nil {
		return nil, false
	}
	n := int(int32(binary.BigEndian.Uint32(head))) - 4
	if n < 4 || n > maxStartup {
		return nil, false
	}
	body, err := c.in.take(n)
	return body, err == nil
}

func (c *conn) answer(b byte) bool {
	c.out.put(append(c.out.tail(), b), nil)
	return c.out.flush() == nil
}

func (c *conn) answerTLS(ctx context.Context) bool {
	cfg := c.srv.cfg.TLS
	if cfg == nil {
		return c.answer('N')
	}
	if c.in.r != c.in.w {
		// Bytes that came in the clear must not be taken for what came inside
		// TLS (CVE-2021-23214).
		_ = c.fail(ctx, fatal("08P01", "received unencrypted data after SSL request"))
		return false
	}
	if !c.answer('S') {
		return false
	}
	secure := tls.Server(c.nc, cfg)
	if err := secure.HandshakeContext(ctx); err != nil {
		c.log.DebugContext(ctx, "a TLS handshake failed", "error", err)
		return false
	}
	c.in.nc, c.out.w = secure, secure
	state := secure.ConnectionState()
	c.who.TLSVersion = strings.Replace(tls.VersionName(state.Version), "TLS ", "TLSv", 1)
	c.who.TLSCipher = tls.CipherSuiteName(state.CipherSuite)
	return true
}

// introduced reads the startup message.
func (c *conn) introduced(ctx context.Context, packet []byte) bool {
	asked := binary.BigEndian.Uint32(packet)
	// pgproto3 knows some minor versions only; the layout is that of all.
	binary.BigEndian.PutUint32(packet, pgproto3.ProtocolVersion30)
	var m pgproto3.StartupMessage
	if err := m.Decode(packet); err != nil {
		_ = c.fail(ctx, fatal("08P01", "invalid startup packet layout: expected terminator as last byte"))
		return false
	}
	var extensions []string
	for name := range m.Parameters {
		if strings.HasPrefix(name, protocolOption) && name != compressionOption {
			extensions = append(extensions, name)
		}
	}
	slices.Sort(extensions)
	if asked != pgproto3.ProtocolVersion30 || len(extensions) > 0 {
		c.out.put((&pgproto3.NegotiateProtocolVersion{
			NewestMinorProtocol: pgproto3.ProtocolVersion30, UnrecognizedOptions: extensions,
		}).Encode(c.out.tail()))
	}
	if list, ok := m.Parameters[compressionOption]; ok {
		agreed := agree(list)
		ack := agreed.acknowledgement()
		b := binary.BigEndian.AppendUint32(append(c.out.tail(), compressionAgree), uint32(4+len(ack)))
		c.out.put(append(b, ack...), nil)
		c.out.compress = agreed
	}
	c.introduce(m.Parameters)
	if c.who.User == "" && !c.federated {
		_ = c.fail(ctx, fatal("28000", "no PostgreSQL user name specified in startup packet"))
		return false
	}
	if c.srv.cfg.RequireTLS && c.who.TLSVersion == "" {
		// JDBC's sslmode=prefer takes 28000 for a reason to try the other way.
		_ = c.fail(ctx, fatal("28000", `no pg_hba.conf entry for host "%s", user "%s", database "%s", SSL off`, c.who.Host, c.who.User, c.who.Database))
		return false
	}
	if !c.srv.admit() {
		// The words are Redshift's (as clients report them), the SQLSTATE is
		// assumed.
		_ = c.fail(ctx, fatal("53300", `connection limit "%d" exceeded for non-bootstrap users`, c.srv.cfg.MaxConns))
		return false
	}
	return true
}

func (c *conn) introduce(parameters map[string]string) {
	c.who.User, c.who.Database = parameters["user"], parameters["database"]
	if c.who.Database == "" {
		c.who.Database = c.who.User
	}
	maps.DeleteFunc(parameters, func(name, _ string) bool {
		return name == "user" || name == "database" || strings.HasPrefix(name, protocolOption)
	})
	c.who.Options = parameters
	c.federated = slices.ContainsFunc(federation, func(name string) bool { return parameters[name] != "" })
	c.who.ProtocolVersion = agreed(parameters["client_protocol_version"])
	c.out.protocol = c.who.ProtocolVersion
	address := c.nc.RemoteAddr()
	if host, port, err := net.SplitHostPort(address.String()); err == nil {
		c.who.Host, c.who.Port = host, port
	}
	c.who.Notice, c.who.Terminated = c.notice, c.terminate
	c.who.Report = c.out.parameterStatus
}

// The versions of the protocol, as AWS's drivers number them (JDBC's
// ConnectionFactoryImpl). In between, from 2 on, the session has binary forms of its
// own.
const (
	protocolExtended  = 1 // RowDescription names every column's origin
	protocolCollation = 3 // and tells of collation; the newest
)

// agreed is the protocol version for a client that asks for one.
func agreed(asked string) int32 {
	n, err := strconv.Atoi(asked)
	if err != nil && !errors.Is(err, strconv.ErrRange) || n < 0 {
		return 0
	}
	return int32(min(n, protocolCollation))
}

// local says whether the client is on this machine.
func (c *conn) local() bool {
	switch a := c.nc.RemoteAddr().(type) {
	case *net.TCPAddr:
		return a.IP.IsLoopback()
	case *net.UnixAddr:
		return true
	default:
		return a.Network() == "pipe" // net.Pipe
	}
}
