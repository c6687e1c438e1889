package wire

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/emulator/internal/session"
)

// intercept asks Config.Intercept about a message. nil is one that has been
// answered with an error.
func (c *conn) intercept(ctx context.Context, msg pgproto3.FrontendMessage) (pgproto3.FrontendMessage, error) {
	operation := ""
	switch msg.(type) {
	case *pgproto3.Query:
		operation = "Query"
	case *pgproto3.Parse:
		operation = "Parse"
	case *pgproto3.Bind:
		operation = "Bind"
	case *pgproto3.Describe:
		operation = "Describe"
	case *pgproto3.Execute:
		operation = "Execute"
	case *pgproto3.Close:
		operation = "Close"
	case *pgproto3.Sync:
		operation = "Sync"
	}
	if operation == "" || c.skipping && operation != "Sync" {
		return msg, nil
	}
	err := c.srv.cfg.Intercept(ctx, c.who.User, c.pid, operation)
	if err == nil {
		return msg, nil
	}
	if err := c.struck(ctx, err, operation == "Sync"); err != nil {
		return nil, err
	}
	if operation == "Query" {
		return nil, c.sync(ctx)
	}
	c.inPipeline, c.skipping = true, true
	return nil, nil
}

// mayLogIn asks Config.Intercept about a login.
func (c *conn) mayLogIn(ctx context.Context) error {
	if c.srv.cfg.Intercept == nil {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, c.srv.cfg.LoginTimeout)
	defer cancel()
	return c.srv.cfg.Intercept(limited, c.who.User, 0, "Login")
}

// struck tells the client what Intercept says, if it is to be told. What it returns
// ends the connection.
func (c *conn) struck(ctx context.Context, err error, final bool) error {
	known, ok := errors.AsType[*session.Error](err)
	if !ok {
		return errOver
	}
	e := *known
	if final {
		e.Severity = severityFatal
	}
	return c.fail(ctx, &doorError{&e})
}
