package e2e

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/credentials"
	"github.com/llm-dev-ops/redshift/emulator"
	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/pgwire"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

// counted is an address that leads to another one and counts what comes back.
func counted(t testing.TB, host string, port int) (address string, received *atomic.Int64) {
	t.Helper()
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	received = new(atomic.Int64)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	t.Cleanup(func() {
		_ = ln.Close()
		mu.Lock()
		for _, nc := range open {
			_ = nc.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	wg.Go(func() {
		for {
			client, err := ln.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
			if err != nil {
				_ = client.Close()
				continue
			}
			mu.Lock()
			open = append(open, client, server)
			mu.Unlock()
			wg.Go(func() {
				_, _ = io.Copy(server, client)
				_ = server.Close()
			})
			wg.Go(func() {
				buf := make([]byte, 64<<10)
				for {
					n, err := server.Read(buf)
					received.Add(int64(n))
					if _, werr := client.Write(buf[:n]); err != nil || werr != nil {
						_ = client.Close()
						return
					}
				}
			})
		}
	})
	return ln.Addr().String(), received
}

// compressed are the settings of compression that there are.
var compressed = []string{"", "lz4", "zstd", "zstd:9,lz4"}

// many is a statement of n × 1000 rows as a report has them: a number, a name out of
// a thousand, an amount, a day, a text out of a few, a token that is like no other.
func many(n int) string {
	return fmt.Sprintf(`select id, 'customer ' || strtol(left(sum, 2), 16) * 4 as name, (strtol(left(sum, 6), 16) / 100.0)::numeric(12, 2) as amount,
		date '2026-01-01' + (id / 300)::int as day, case strtol(left(sum, 1), 16) %% 3 when 0 then 'delivered' when 1 then 'returned by the customer' else 'on its way' end as state,
		substring(sum, 9, 16) as token
		from (select id, md5(id::varchar) as sum from (select d.n * 1000 + a.n * 100 + b.n * 10 + c.n as id from (%s) a, (%s) b, (%s) c, (%s) d where d.n < %d)) order by id`,
		digits, digits, digits, digits+strings.Replace(more, "?", digits, 1), n)
}

const more = " union all select n + 10 from (?)"

// TestCompression: what comes compressed is what comes plain, in fewer bytes, with
// TLS below it too.
func TestCompression(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	host, port := address(t, s)
	sums := map[string]string{}
	bytes := map[string]int64{}
	for _, list := range compressed {
		through, received := counted(t, host, port)
		cfg, err := redshift.ParseURL(s.URL())
		if err != nil {
			t.Fatal(err)
		}
		cfg.Compression, cfg.Addresses, cfg.MinConnections, cfg.TLS.Mode = list, []string{through}, -1, redshift.TLSDisable
		c := open(t, cfg)
		res, err := c.Execute(t.Context(), redshift.SQL(many(5)))
		if err != nil {
			t.Fatalf("%q: %v", list, err)
		}
		if len(res.Rows) != 5000 {
			t.Fatalf("%q: %d rows", list, len(res.Rows))
		}
		sums[list] = showValues(t, res)
		bytes[list] = received.Load()
		if sums[list] != sums[""] {
			t.Errorf("%q: other rows than without", list)
		}
		if list != "" && bytes[list] > bytes[""]/2 {
			t.Errorf("%q: %d bytes, %d without", list, bytes[list], bytes[""])
		}
		if _, err := c.Execute(t.Context(), redshift.SQL("select 1/0")); !errors.Is(err, redshift.ErrData) {
			t.Errorf("%q: %v", list, err)
		}
	}
}

// TestCompressionConformance: nothing else changes with compression.
func TestCompressionConformance(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	host, port := address(t, s)
	for _, list := range compressed[1:3] {
		t.Run(list, func(t *testing.T) {
			t.Parallel()
			transporttest.Exercise(t, func(t *testing.T) transport.Transport {
				t.Helper()
				tr, err := pgwire.Open(t.Context(), pgwire.Config{
					Host: host, Port: port, Database: "dev", Credentials: credentials.Static("awsuser", "Emulator1"),
					TLS: transport.TLS{Mode: transport.TLSPrefer}, Compression: list,
				})
				if err != nil {
					t.Fatal(err)
				}
				return tr
			}, transporttest.Options{Slow: slow})
		})
	}
}

// BenchmarkCompression is the cost of compression where the network costs nothing.
func BenchmarkCompression(b *testing.B) {
	s, err := emulator.Start(b.Context(), emulator.Config{})
	if errors.Is(err, emulator.ErrNoCgo) {
		b.Skipf("needs the emulator: %v", err)
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close(b.Context()) })
	cfg, err := redshift.ParseURL(s.URL())
	if err != nil {
		b.Fatal(err)
	}
	host, port := cfg.Host, cfg.Port
	cfg.TLS.Mode, cfg.MinConnections = redshift.TLSDisable, -1
	setup, err := redshift.Open(b.Context(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = setup.Close(b.Context()) }()
	if _, err := setup.Execute(b.Context(), redshift.SQL("create table report as "+many(20))); err != nil {
		b.Fatal(err)
	}
	for _, list := range []string{"none", "lz4", "zstd", "zstd:9"} {
		b.Run(list, func(b *testing.B) {
			through, received := counted(b, host, port)
			cfg.Addresses = []string{through}
			if cfg.Compression = list; list == "none" {
				cfg.Compression = ""
			}
			c, err := redshift.Open(b.Context(), cfg)
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = c.Close(b.Context()) }()
			before := received.Load()
			for b.Loop() {
				rows, err := c.Query(b.Context(), redshift.SQL("select * from report"))
				if err != nil {
					b.Fatal(err)
				}
				n := 0
				for rows.Next() {
					n++
				}
				if err := rows.Close(); err != nil || n != 20_000 {
					b.Fatal(n, err)
				}
			}
			b.ReportMetric(float64(received.Load()-before)/float64(b.N)/1e6, "MB/op")
		})
	}
}
