package pgwire

import (
	"cmp"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift/credentials"
	"github.com/llm-dev-ops/redshift/transport"
)

// Config configures a transport. Zero fields have the defaults that are said
// below. It may be printed: it shows no secret.
type Config struct {
	// Host is the cluster's or workgroup's host name or address. No default.
	Host string
	// Port is the TCP port. Defaults to 5439.
	Port int
	// Addresses are where to connect instead of to Host and Port, each as
	// host:port: the endpoints of a VPC, a tunnel, a balancer. They are tried in
	// order; the certificate is still Host's, see TLS.ServerName. A name of
	// several addresses needs none: those are tried as they come. Defaults to
	// Host and Port.
	Addresses []string
	// Database to log in to. Defaults to "dev".
	Database string
	// Credentials say who logs in; asked for each connection. No default.
	Credentials credentials.Provider
	// TLS. Defaults to verify-full, and to prefer for a loopback host without
	// other Addresses. TLS is 1.2 at least, and sessions are resumed.
	TLS transport.TLS
	// ApplicationName is shown in STL_CONNECTION_LOG. Defaults to
	// "redshift-go".
	ApplicationName string
	// ProtocolVersion is the newest client_protocol_version that is asked for:
	// from 1 on columns are described with their origin and nullability, from 2
	// on values may be binary, from 3 on the collation is told. The server
	// decides. Defaults to 3; -1 asks for none, which is version 0.
	ProtocolVersion int
	// Compression asks the server to compress the rows that it sends: "lz4",
	// "zstd", or a list in the order of preference, each with a level where one is
	// wanted ("zstd:3,lz4"). A server that does not know it sends them as they are.
	// It pays where the network is slower than about 150 MB/s (bench/README.md).
	// Defaults to none.
	Compression string

	// MaxSessions is the most connections at once. Defaults to 10.
	MaxSessions int
	// MinSessions is how many connections are kept; Open makes them. Defaults to 0:
	// Open does no I/O.
	MinSessions int
	// ConnectTimeout bounds the making of one connection, the login included,
	// and separately the asking for credentials. Defaults to 30 s.
	ConnectTimeout time.Duration
	// ConnectRetries is how often a connection is tried again, within
	// ConnectTimeout, that the server has torn down before the login or refused
	// because it is starting: a serverless workgroup that was idle does so.
	// Defaults to 2; -1 for never.
	ConnectRetries int
	// RetryPause is the mean pause before the first of these retries; it
	// doubles. Defaults to 500 ms.
	RetryPause time.Duration
	// KeepAlive is how long a connection is quiet before TCP asks whether the
	// server is still there; firewalls forget connections that are quiet for
	// longer. Defaults to 30 s; negative for never.
	KeepAlive time.Duration
	// DeadPeerTimeout is how long the server may leave TCP's questions and, on
	// Linux, what was sent without any answer before the connection counts as
	// lost, in whole seconds. Statements that run long are not affected: their
	// server answers TCP. Defaults to 60 s.
	DeadPeerTimeout time.Duration
	// PlainCancel sends the requests to cancel a statement without TLS, as AWS's
	// drivers do, for a server that does not take them otherwise (assumed: they
	// are taken over TLS). They hold the session's number and its key, with
	// which whoever reads along can cancel its statements.
	PlainCancel bool
	// IdleTimeout closes connections above MinSessions that were idle for about so
	// long. Defaults to 10 min.
	IdleTimeout time.Duration
	// MaxLifetime closes connections of about that age when they are free.
	// Defaults to 30 min.
	MaxLifetime time.Duration
	// PingAfter is how long a connection may have been idle and still be
	// leased without asking the server whether it lives. Defaults to 1 min.
	PingAfter time.Duration
	// CancelTimeout bounds the cancelling of a statement: the request, and then
	// the wait for the server to act on it, after which the connection is given
	// up. Defaults to 10 s.
	CancelTimeout time.Duration
	// PreparedStatements is how many prepared statements a connection keeps on the
	// server, those that are in use and those that were closed, for who prepares
	// the same text again; the one that was used least lately gives way, and is
	// prepared again if it is used again. -1 keeps those in use alone. Defaults to
	// 100.
	PreparedStatements int

	// SessionParameters are set when a connection is made, and are what each lease
	// begins with, whatever the one before has set: names in lower case, and values
	// without quotes ("timezone": "Europe/Berlin"), search_path as a list of names.
	// Defaults to none.
	SessionParameters map[string]string
	// QueryGroup is the query group of sessions whose statements name none.
	// Defaults to the server's.
	QueryGroup string
	// StatementTimeout is the statement_timeout of statements that have none of
	// their own. Defaults to the server's.
	StatementTimeout time.Duration
}

func (c Config) withDefaults() Config {
	c.Port = cmp.Or(c.Port, 5439)
	c.Database = cmp.Or(c.Database, "dev")
	c.ApplicationName = cmp.Or(c.ApplicationName, "redshift-go")
	c.ProtocolVersion = cmp.Or(c.ProtocolVersion, maxVersion)
	c.MaxSessions = cmp.Or(c.MaxSessions, 10)
	c.ConnectTimeout = cmp.Or(c.ConnectTimeout, 30*time.Second)
	c.ConnectRetries = cmp.Or(c.ConnectRetries, 2)
	c.RetryPause = cmp.Or(c.RetryPause, 500*time.Millisecond)
	c.KeepAlive = cmp.Or(c.KeepAlive, 30*time.Second)
	c.DeadPeerTimeout = cmp.Or(c.DeadPeerTimeout, time.Minute)
	c.IdleTimeout = cmp.Or(c.IdleTimeout, 10*time.Minute)
	c.MaxLifetime = cmp.Or(c.MaxLifetime, 30*time.Minute)
	c.PingAfter = cmp.Or(c.PingAfter, time.Minute)
	c.PreparedStatements = cmp.Or(c.PreparedStatements, 100)
	c.CancelTimeout = cmp.Or(c.CancelTimeout, 10*time.Second)
	if c.TLS.Mode == transport.TLSDefault {
		c.TLS.Mode = transport.TLSVerifyFull
		far := func(addr string) bool {
			host, _, err := net.SplitHostPort(addr)
			return err != nil || !loopback(host)
		}
		if loopback(c.Host) && !slices.ContainsFunc(c.Addresses, far) {
			c.TLS.Mode = transport.TLSPrefer
		}
	}
	c.TLS.ServerName = cmp.Or(c.TLS.ServerName, c.Host)
	return c
}

// Validate says what is wrong with the configuration, the defaults applied.
// The error names the field.
func (c Config) Validate() error {
	c = c.withDefaults()
	for _, f := range []struct {
		name string
		ok   bool
		want string
	}{
		{"Host", c.Host != "" && !strings.ContainsAny(c.Host, "\x00/,"), "one host name or address"},
		{"Port", c.Port >= 1 && c.Port <= 65535, "between 1 and 65535"},
		{"Addresses", !slices.ContainsFunc(c.Addresses, noAddress), "host:port each"},
		{"Database", !strings.Contains(c.Database, "\x00"), "without a zero byte"},
		{"Credentials", c.Credentials != nil, "given"},
		{"TLS.Mode", knownMode(c.TLS.Mode), "disable, prefer, require, verify-ca or verify-full"},
		{"ApplicationName", !strings.Contains(c.ApplicationName, "\x00"), "without a zero byte"},
		{"ProtocolVersion", c.ProtocolVersion >= -1 && c.ProtocolVersion <= maxVersion, "between 1 and 3, or -1"},
		{"MaxSessions", c.MaxSessions >= 1 && c.MaxSessions <= mostSessions, "between 1 and 2000, the most connections that any cluster or workgroup takes"},
		{"MinSessions", c.MinSessions >= 0 && c.MinSessions <= c.MaxSessions, "between 0 and MaxSessions"},
		{"ConnectTimeout", c.ConnectTimeout > 0, "positive"},
		{"ConnectRetries", c.ConnectRetries >= -1 && c.ConnectRetries <= 1000, "between -1 and 1000"},
		{"RetryPause", c.RetryPause > 0, "positive"},
		{"DeadPeerTimeout", c.DeadPeerTimeout >= time.Second && c.DeadPeerTimeout <= 24*time.Hour, "between 1s and 24h"},
		{"IdleTimeout", c.IdleTimeout > 0, "positive"},
		{"MaxLifetime", c.MaxLifetime > 0, "positive"},
		{"PingAfter", c.PingAfter > 0, "positive"},
		{"CancelTimeout", c.CancelTimeout > 0, "positive"},
		{"PreparedStatements", c.PreparedStatements >= -1 && c.PreparedStatements <= 10_000, "between 1 and 10000, or -1"},
		{"SessionParameters", c.knownParameters(), "names in lower case with values that can be set, but for query_group and statement_timeout, which have fields of their own"},
		{"QueryGroup", !strings.Contains(c.QueryGroup, "\x00"), "without a zero byte"},
		{"StatementTimeout", c.StatementTimeout >= 0, "positive, or 0"},
		{"Compression", knownMethods(c.Compression), "a list of lz4 and zstd"},
	} {
		if !f.ok {
			return fmt.Errorf("pgwire: Config.%s must be %s", f.name, f.want)
		}
	}
	return nil
}

// mostSessions is the limit of connections of the largest clusters and of workgroups
// (management guide, "Quotas and limits"); the smallest have 500.
const mostSessions = 2000

// addresses are where to connect, in order.
func (c Config) addresses() []string {
	if len(c.Addresses) > 0 {
		return c.Addresses
	}
	return []string{c.addr()}
}

func noAddress(s string) bool {
	host, port, err := net.SplitHostPort(s)
	n, portErr := strconv.ParseUint(port, 10, 16)
	return err != nil || portErr != nil || host == "" || n == 0 || strings.ContainsAny(host, "\x00/,")
}

func (c Config) addr() string { return net.JoinHostPort(c.Host, strconv.Itoa(c.Port)) }

func (c Config) knownParameters() bool {
	for name, value := range c.SessionParameters {
		if !knownParameter(name, value) || name == "query_group" || name == "statement_timeout" {
			return false
		}
	}
	return true
}

func knownMethods(list string) bool {
	_, err := methods(list)
	return err == nil
}

func knownMode(m transport.TLSMode) bool {
	switch m {
	case transport.TLSDisable, transport.TLSPrefer, transport.TLSRequire, transport.TLSVerifyCA, transport.TLSVerifyFull:
		return true
	}
	return false
}

// loopback reports a host that no network lies in front of.
func loopback(host string) bool {
	if strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
