package sqldriver

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"github.com/llm-dev-ops/redshift"
)

// Name is the name of the driver for sql.Open.
const Name = "redshift"

func init() { sql.Register(Name, Driver{}) }

// Driver is the driver of database/sql. It has no state.
type Driver struct{}

var _ driver.DriverContext = Driver{}

// OpenConnector makes a Connector of a URL, or of the environment where the URL
// is empty. It does no I/O. The Connector must be closed, which a sql.DB does.
func (Driver) OpenConnector(url string) (driver.Connector, error) {
	cfg, err := config(url)
	if err != nil {
		return nil, err
	}
	c, err := NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	return c, nil
}

func config(url string) (redshift.Config, error) {
	if url == "" {
		return redshift.ConfigFromEnv()
	}
	return redshift.ParseURL(url)
}

// Open makes a connection that stands alone. database/sql does not use it.
func (d Driver) Open(url string) (driver.Conn, error) {
	cfg, err := config(url)
	if err != nil {
		return nil, err
	}
	c, err := NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	conn, err := c.connect(context.Background())
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	conn.closeAll = c.Close
	return conn, nil
}
