package redshift

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift/credentials"
	"github.com/llm-dev-ops/redshift/transport"
)

func TestOpenDemandsHostAndCredentials(t *testing.T) {
	t.Parallel()
	who := credentials.Static("u", "p")
	for want, cfg := range map[string]Config{
		"Config.Host":        {Credentials: who},
		"Config.Credentials": {Host: "h"},
		"Config.PoolSize":    {Host: "h", Credentials: who, PoolSize: -1},
		"Config.Addresses":   {Host: "h", Credentials: who, Addresses: []string{"h"}},
		"Config.ConnectRet":  {Host: "h", Credentials: who, ConnectRetries: -2},
		"Config.DeadPeer":    {Host: "h", Credentials: who, DeadPeerTimeout: -1},
		"Config.ProtocolVer": {Host: "h", Credentials: who, ProtocolVersion: 4},
		"CACert":             {Host: "h", Credentials: who, TLS: TLS{CACert: "-----BEGIN nonsense"}},
	} {
		_, err := Open(context.Background(), cfg)
		if !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error that names %s", err, want)
		}
	}
}

// closedPort gives an address where nothing listens.
func closedPort(t *testing.T) (host string, port int) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	addr := ln.Addr().(*net.TCPAddr)
	return addr.IP.String(), addr.Port
}

func TestOpenSaysWhyItFails(t *testing.T) {
	t.Parallel()
	host, port := closedPort(t)
	cfg := Config{Host: host, Port: port, Credentials: credentials.Static("u", "hunter2")}
	_, err := Open(context.Background(), cfg)
	var connect *transport.ConnectError
	if !errors.Is(err, ErrConnectionFailed) || !errors.As(err, &connect) || connect.Stage != "dial" || connect.Hint == "" {
		t.Errorf("got %v", err)
	}
	if !SafeToRetry(err) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

func TestOpenWithoutConnections(t *testing.T) {
	t.Parallel()
	host, port := closedPort(t)
	c, err := Open(context.Background(), Config{Host: host, Port: port, Credentials: credentials.Static("u", "p"), MinConnections: -1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Execute(context.Background(), SQL("select 1")); !errors.Is(err, ErrConnectionFailed) {
		t.Errorf("got %v", err)
	}
	if err := c.Close(context.Background()); err != nil {
		t.Error(err)
	}
	if _, err := c.Execute(context.Background(), SQL("select 1")); !errors.Is(err, transport.ErrClosed) {
		t.Errorf("after Close: got %v", err)
	}
}

func TestRefusedLoginKeepsItsHint(t *testing.T) {
	t.Parallel()
	err := wrap(&transport.ConnectError{
		Addr: "h:5439", Stage: "login", Hint: "check user and password",
		Err: &transport.ServerError{Severity: "FATAL", SQLState: "28P01", Message: "refused"},
	})
	var e *Error
	if !errors.As(err, &e) || !errors.Is(err, ErrAuthenticationFailed) || e.Hint != "check user and password" || e.Message != "refused" {
		t.Errorf("got %+v", e)
	}
}
