package emulator

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net"
	"net/http"
	"testing"
	"time"
)

// start is Start, or a skip where there is no cgo.
func start(t *testing.T, cfg Config) *Server {
	t.Helper()
	s, err := Start(t.Context(), cfg)
	if errors.Is(err, ErrNoCgo) {
		t.Skipf("needs DuckDB: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closeIt(t *testing.T, s *Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := s.Close(ctx); err != nil {
		t.Error(err)
	}
}

func TestStart(t *testing.T) {
	t.Parallel()
	s := start(t, Config{})
	block, _ := pem.Decode(s.CACert())
	if _, err := x509.ParseCertificate(block.Bytes); err != nil {
		t.Error(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := client.Get(s.AWSEndpoint() + "/emulator")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Body.Close(); err != nil || r.StatusCode != http.StatusOK {
		t.Errorf("%s %v", r.Status, err)
	}
	c, err := net.Dial("tcp", s.WireAddr())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	closeIt(t, s)
	closeIt(t, s)
	if c, err := net.Dial("tcp", s.WireAddr()); err == nil {
		t.Error("the door is open after Close", c.Close())
	}
}

// Two servers share nothing, and a folder belongs to one.
func TestFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := start(t, Config{DataDir: dir})
	if second, err := Start(t.Context(), Config{DataDir: dir}); err == nil || second != nil {
		t.Errorf("two servers in one folder: %v", err)
	}
	closeIt(t, s)
	s = start(t, Config{DataDir: dir})
	other := start(t, Config{})
	if bytes.Equal(s.CACert(), other.CACert()) {
		t.Error("the same certificate")
	}
	closeIt(t, other)
	closeIt(t, s)
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for _, c := range []Config{
		{Listen: "5439"}, {AWSListen: "x"}, {TLS: "sometimes"}, {TLS: TLSGiven}, {Threads: -1},
	} {
		if _, err := Start(t.Context(), c); err == nil {
			t.Errorf("accepted: %+v", c)
		}
	}
}
