package redshift

import (
	"context"
	"errors"

	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/pgwire"
)

// Open makes a Client over Redshift's wire protocol. Host and Credentials must
// be given. It makes MinConnections sessions within ctx, so that a wrong address
// or password is known at once, as an ErrConnectionFailed or
// ErrAuthenticationFailed that says where and why; with MinConnections -1 it
// does no I/O. The Client must be closed.
func Open(ctx context.Context, cfg Config) (*Client, error) {
	switch {
	case cfg.Host == "":
		return nil, usage("Config.Host is empty")
	case cfg.Credentials == nil:
		return nil, usage("Config.Credentials is nil")
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	t, err := pgwire.Open(ctx, cfg.withDefaults().wire())
	var connect *transport.ConnectError
	switch {
	case errors.As(err, &connect):
		return nil, wrap(err)
	case err != nil: // nothing was attempted
		return nil, &Error{Kind: ErrUsage, Message: err.Error(), cause: err}
	}
	return New(t, cfg)
}

// wire is the part of the configuration that is the wire's.
func (c Config) wire() pgwire.Config {
	return pgwire.Config{
		Host:            c.Host,
		Port:            c.Port,
		Database:        c.Database,
		Credentials:     c.Credentials,
		TLS:             c.TLS,
		ApplicationName: c.ApplicationName,
		MaxSessions:     c.PoolSize,
		MinSessions:     max(0, c.MinConnections),
		ConnectTimeout:  c.ConnectionTimeout,
		Addresses:       c.Addresses,
		ConnectRetries:  c.ConnectRetries,
		KeepAlive:       c.KeepAlive,
		DeadPeerTimeout: c.DeadPeerTimeout,
		PlainCancel:     c.PlainCancel,
		ProtocolVersion: c.ProtocolVersion,
		Compression:     c.Compression,

		PreparedStatements: c.PreparedStatements,
		SessionParameters:  c.SessionParameters,
		IdleTimeout:        c.IdleTimeout,
		MaxLifetime:        c.MaxLifetime,
		QueryGroup:         c.DefaultQueryGroup,
	}
}
