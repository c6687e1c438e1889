package e2e

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/credentials"
	"github.com/llm-dev-ops/redshift/transport"
)

// replay is a server that answers the login and then every statement with a
// transcript of transport/pgwire.
func replay(t *testing.T, login, answer string) (host string, port int) {
	t.Helper()
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join("..", "..", "transport", "pgwire", "testdata", "wire", name+".bin"))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	hello, rows := read(login), read(answer)
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() {
		_ = ln.Close()
		<-done
	})
	go func() {
		defer close(done)
		nc, err := ln.Accept()
		if err != nil {
			return
		}
		defer func() { _ = nc.Close() }()
		head := make([]byte, 5)
		skip := func(n uint32) bool {
			_, err := io.CopyN(io.Discard, nc, int64(n))
			return err == nil
		}
		if _, err := io.ReadFull(nc, head[:4]); err != nil || !skip(binary.BigEndian.Uint32(head)-4) {
			return
		}
		if _, err := nc.Write(hello); err != nil {
			return
		}
		for {
			if _, err := io.ReadFull(nc, head); err != nil || !skip(binary.BigEndian.Uint32(head[1:])-4) {
				return
			}
			if head[0] == 'S' {
				if _, err := nc.Write(rows); err != nil {
					return
				}
			}
		}
	}()
	addr := ln.Addr().(*net.TCPAddr)
	return "127.0.0.1", addr.Port
}

// TestFormatsAgree: a value of every type is the same in text and in binary, at
// every version of the protocol.
func TestFormatsAgree(t *testing.T) {
	t.Parallel()
	values := map[string]string{}
	for _, name := range []string{"text_v0", "text_v1", "text_v2", "text_v3", "binary_v2", "binary_v3"} {
		version := name[len(name)-1:]
		host, port := replay(t, "login_v"+version, "select_"+name)
		c, err := redshift.Open(t.Context(), redshift.Config{
			Host: host, Port: port, Credentials: credentials.Static("ann", "secret"), MinConnections: -1, PoolSize: 1,
			TLS: redshift.TLS{Mode: redshift.TLSDisable},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close(context.Background()) }()
		res, err := c.Execute(t.Context(), redshift.SQL("select everything"))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(res.Rows) != 2 {
			t.Fatalf("%s: %d rows", name, len(res.Rows))
		}
		var all strings.Builder
		for _, row := range res.Rows {
			vs, err := row.Values()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for i, v := range vs {
				fmt.Fprintf(&all, "%s %T %v\n", row.Columns()[i].Name, v, v)
			}
		}
		values[name] = all.String()
		if values[name] != values["text_v0"] {
			t.Errorf("%s:\n%s\nwant\n%s", name, values[name], values["text_v0"])
		}
		col, null := res.Columns[3], transport.NotNull
		if version == "0" {
			null = transport.NullUnknown
		}
		if col.Nullable != null || (col.Origin == "col_i8" && col.Schema == "sales" && col.Table == "facts" && col.Catalog == "dev") != (version != "0") {
			t.Errorf("%s: %+v", name, col)
		}
	}
}
