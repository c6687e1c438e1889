package redshift

import (
	"cmp"
	"time"

	"github.com/llm-dev-ops/redshift/credentials"
	"github.com/llm-dev-ops/redshift/transport"
)

// TLS configures encryption; see transport.TLS.
type TLS = transport.TLS

// TLSMode is how a connection is encrypted and whom it trusts; see
// transport.TLSMode.
type TLSMode = transport.TLSMode

// The TLS modes; see transport.
const (
	TLSDefault    = transport.TLSDefault
	TLSDisable    = transport.TLSDisable
	TLSPrefer     = transport.TLSPrefer
	TLSRequire    = transport.TLSRequire
	TLSVerifyCA   = transport.TLSVerifyCA
	TLSVerifyFull = transport.TLSVerifyFull
)

// Config configures a Client. Zero fields have the defaults that are said
// below; for a count, -1 means none where that is possible. It may be printed:
// it shows no secret.
type Config struct {
	// Host is the cluster's or workgroup's host name. Open needs it, New does
	// not use it. No default.
	Host string
	// Port is the TCP port. Defaults to 5439.
	Port int
	// Addresses are where Open connects instead of to Host and Port, each as
	// host:port, tried in order: the endpoints of a VPC, a tunnel. The
	// certificate is still Host's. Defaults to Host and Port.
	Addresses []string
	// Database to log in to. Defaults to "dev", the database of a new cluster.
	Database string
	// Credentials say who logs in. Open needs them, New does not use them. No
	// default.
	Credentials credentials.Provider
	// TLS. Defaults to verify-full, and to prefer for a loopback host.
	TLS TLS
	// ApplicationName is shown in STL_CONNECTION_LOG. Defaults to
	// "redshift-go".
	ApplicationName string

	// PoolSize is the most sessions open at once. Defaults to 10.
	PoolSize int
	// MinConnections is how many sessions are kept open; -1 for none. Defaults
	// to 2, or PoolSize if that is less.
	MinConnections int
	// ConnectionTimeout bounds the making of one session. Defaults to 30 s.
	ConnectionTimeout time.Duration
	// ConnectRetries is how often a session is tried again, within
	// ConnectionTimeout, whose connection the server has torn down or refused
	// because it is starting, as a serverless workgroup does that was idle; -1
	// for never. Defaults to 2.
	ConnectRetries int
	// KeepAlive is how long a connection is quiet before TCP asks whether the
	// server is still there; negative for never. Defaults to 30 s.
	KeepAlive time.Duration
	// DeadPeerTimeout is how long the server may leave TCP without any answer
	// before the connection counts as lost; statements that run long are not
	// affected. Defaults to 60 s.
	DeadPeerTimeout time.Duration
	// PlainCancel sends the requests to cancel a statement without TLS; see
	// pgwire.Config.
	PlainCancel bool
	// ProtocolVersion is the newest version of Redshift's protocol that is asked
	// for, from 1 to 3, or -1 for none, which is PostgreSQL's; see
	// pgwire.Config. Defaults to 3.
	ProtocolVersion int
	// Compression asks the server to compress the rows that it sends: "lz4",
	// "zstd", or a list in the order of preference; see pgwire.Config. Defaults to
	// none.
	Compression string
	// PreparedStatements is how many prepared statements a session keeps on the
	// server, those that were closed too, for who prepares the same text again; -1
	// for none. Defaults to 100.
	PreparedStatements int
	// IdleTimeout closes sessions that were idle for so long. Defaults to 10 min.
	IdleTimeout time.Duration
	// MaxLifetime closes sessions of that age when they are free. Defaults to
	// 30 min.
	MaxLifetime time.Duration

	// DefaultTimeout bounds Execute, and Query until its first row, where the
	// Query has no Timeout. Defaults to 5 min.
	DefaultTimeout time.Duration
	// MaxQueryTimeout is the most that Query.Timeout may be. Defaults to 24 h.
	MaxQueryTimeout time.Duration
	// FetchSize is the number of rows asked for at once where a transport reads
	// in pages. Nothing acts on it yet: the wire streams without pages, in
	// bounded memory, unless Query.FetchSize says otherwise. Defaults to 10,000.
	FetchSize int
	// MaxResultRows bounds the rows of Execute; -1 for no bound. Defaults to
	// 1,000,000.
	MaxResultRows int64
	// MaxResultBytes bounds the bytes of values of Execute; -1 for no bound.
	// Defaults to 256 MiB.
	MaxResultBytes int64

	// SessionParameters are set in each session when it is made, so that every
	// statement finds them: names in lower case, values without quotes ("timezone":
	// "Europe/Berlin"), search_path as a list of names. What a Conn sets over them does
	// not reach its next user. Defaults to none.
	SessionParameters map[string]string
	// DefaultQueryGroup routes statements without a QueryGroup. Defaults to
	// none.
	DefaultQueryGroup string
	// WorkloadConcurrencyLimit is the most sessions in use at once through this
	// Client; -1 for no limit. Defaults to 15.
	WorkloadConcurrencyLimit int

	// MaxRetries is how often InTx is repeated after a serialization failure,
	// and a statement of which nothing was sent on a dead session; -1 for never.
	// Defaults to 3.
	MaxRetries int
	// RetryBackoff is the mean pause before the first repetition; it doubles.
	// Defaults to 1 s.
	RetryBackoff time.Duration
	// CircuitBreakerThreshold is the number of failures in a row after which no
	// more are attempted for a while. Nothing acts on it yet. Defaults to 5.
	CircuitBreakerThreshold int

	// DefaultCopyIAMRole is for COPY commands without a role. Defaults to none.
	DefaultCopyIAMRole string
	// MaxCopyErrors is for COPY commands without a bound of their own. Defaults
	// to 0.
	MaxCopyErrors int
	// DefaultUnloadIAMRole is for UNLOAD commands without a role. Defaults to
	// none.
	DefaultUnloadIAMRole string
}

func (c Config) withDefaults() Config {
	c.Port = cmp.Or(c.Port, 5439)
	c.Database = cmp.Or(c.Database, "dev")
	c.ApplicationName = cmp.Or(c.ApplicationName, "redshift-go")
	c.PoolSize = cmp.Or(c.PoolSize, 10)
	if c.MinConnections == 0 {
		c.MinConnections = max(0, min(2, c.PoolSize))
	}
	c.ConnectionTimeout = cmp.Or(c.ConnectionTimeout, 30*time.Second)
	c.IdleTimeout = cmp.Or(c.IdleTimeout, 10*time.Minute)
	c.MaxLifetime = cmp.Or(c.MaxLifetime, 30*time.Minute)
	c.DefaultTimeout = cmp.Or(c.DefaultTimeout, 5*time.Minute)
	c.MaxQueryTimeout = cmp.Or(c.MaxQueryTimeout, 24*time.Hour)
	c.FetchSize = cmp.Or(c.FetchSize, 10_000)
	c.MaxResultRows = cmp.Or(c.MaxResultRows, 1_000_000)
	c.MaxResultBytes = cmp.Or(c.MaxResultBytes, 256<<20)
	c.WorkloadConcurrencyLimit = cmp.Or(c.WorkloadConcurrencyLimit, 15)
	c.MaxRetries = cmp.Or(c.MaxRetries, 3)
	c.RetryBackoff = cmp.Or(c.RetryBackoff, time.Second)
	c.CircuitBreakerThreshold = cmp.Or(c.CircuitBreakerThreshold, 5)
	return c
}

// Validate says what is wrong with the configuration, the defaults applied.
// The error names the field. Host and Credentials are for Open to demand.
func (c Config) Validate() error {
	c = c.withDefaults()
	for _, f := range []struct {
		name string
		ok   bool
		want string
	}{
		{"Port", c.Port >= 1 && c.Port <= 65535, "between 1 and 65535"},
		{"PoolSize", c.PoolSize >= 1 && c.PoolSize <= 2000, "between 1 and 2000, the most connections that any cluster takes"},
		{"MinConnections", c.MinConnections >= -1 && c.MinConnections <= c.PoolSize, "between -1 and PoolSize"},
		{"ConnectionTimeout", c.ConnectionTimeout > 0, "positive"},
		{"IdleTimeout", c.IdleTimeout > 0, "positive"},
		{"MaxLifetime", c.MaxLifetime > 0, "positive"},
		{"DefaultTimeout", c.DefaultTimeout > 0 && c.DefaultTimeout <= c.MaxQueryTimeout, "positive and at most MaxQueryTimeout"},
		{"MaxQueryTimeout", c.MaxQueryTimeout > 0, "positive"},
		{"FetchSize", c.FetchSize >= 1, "at least 1"},
		{"MaxResultRows", c.MaxResultRows >= -1, "at least -1"},
		{"MaxResultBytes", c.MaxResultBytes >= -1, "at least -1"},
		{"WorkloadConcurrencyLimit", c.WorkloadConcurrencyLimit >= -1, "at least -1"},
		{"MaxRetries", c.MaxRetries >= -1, "at least -1"},
		{"RetryBackoff", c.RetryBackoff > 0, "positive"},
		{"CircuitBreakerThreshold", c.CircuitBreakerThreshold >= 1, "at least 1"},
		{"MaxCopyErrors", c.MaxCopyErrors >= 0 && c.MaxCopyErrors <= 100_000, "between 0 and 100000"},
		{"TLS.Mode", validMode(c.TLS.Mode), "disable, prefer, require, verify-ca or verify-full"},
	} {
		if !f.ok {
			return usage("Config.%s must be %s", f.name, f.want)
		}
	}
	return nil
}

func validMode(m transport.TLSMode) bool {
	switch m {
	case transport.TLSDefault, transport.TLSDisable, transport.TLSPrefer, transport.TLSRequire, transport.TLSVerifyCA, transport.TLSVerifyFull:
		return true
	}
	return false
}
