package sqldriver

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
	"time"

	"github.com/llm-dev-ops/redshift"
)

// MaxSessions bounds the sessions of a Connector whose Config has no PoolSize:
// every cluster takes so many connections, and the larger ones more.
const MaxSessions = 500

// closing bounds what must be done whatever became of the caller's context.
const closing = 5 * time.Second

// Connector makes connections for a sql.DB. It is safe for concurrent use.
type Connector struct {
	client *redshift.Client
	shared bool // the Client, and its pool, are the caller's
}

var (
	_ driver.Connector = (*Connector)(nil)
	_ io.Closer        = (*Connector)(nil)
)

// NewConnector makes a Connector for sql.OpenDB, with a Client of its own over
// Redshift's wire protocol. It does no I/O. Config.PoolSize is the most
// sessions, and its default MaxSessions; MinConnections is not used, and
// WorkloadConcurrencyLimit counts every session and defaults to none.
func NewConnector(cfg redshift.Config) (*Connector, error) {
	// database/sql keeps what is idle, so the Client must not.
	cfg.MinConnections = -1
	if cfg.PoolSize == 0 {
		cfg.PoolSize = MaxSessions
	}
	if cfg.WorkloadConcurrencyLimit == 0 {
		cfg.WorkloadConcurrencyLimit = -1
	}
	client, err := redshift.Open(context.Background(), cfg)
	if err != nil {
		return nil, err
	}
	return &Connector{client: client}, nil
}

// ClientConnector makes a Connector whose connections are sessions of a
// Client's pool, which they go back to when they are closed. Closing the
// Connector does not close the Client. [OpenDB] is right for most.
func ClientConnector(client *redshift.Client) *Connector {
	return &Connector{client: client, shared: true}
}

// OpenDB makes a sql.DB over a Client. It keeps no idle connection, because the
// Client does, and opens no more than the Client's pool has; SetMaxIdleConns
// lets it keep some, which the Client is then without. Closing it does not
// close the Client.
func OpenDB(client *redshift.Client) *sql.DB {
	db := sql.OpenDB(ClientConnector(client))
	db.SetMaxIdleConns(-1)
	db.SetMaxOpenConns(client.PoolStats().Max)
	return db
}

// Connect takes a session for a connection. It is not an error to try again
// on: database/sql would log in three times with a wrong password.
func (c *Connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.connect(ctx)
	if err != nil {
		return nil, err
	}
	return conn, nil
}

func (c *Connector) connect(ctx context.Context) (*Conn, error) {
	s, err := c.client.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	return &Conn{s: s, shared: c.shared}, nil
}

// Driver is the driver.
func (c *Connector) Driver() driver.Driver { return Driver{} }

// Client is the Client below, for what database/sql has no word for: COPY,
// UNLOAD. Its statements run on sessions of their own.
func (c *Connector) Client() *redshift.Client { return c.client }

// Close closes the Client, if it is the Connector's own, and gives running
// statements five seconds. sql.DB's Close calls it. It is idempotent.
func (c *Connector) Close() error {
	if c.shared {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	return c.client.Close(ctx)
}
