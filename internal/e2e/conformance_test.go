package e2e

import (
	"testing"

	"github.com/llm-dev-ops/redshift/credentials"
	"github.com/llm-dev-ops/redshift/emulator"
	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/pgwire"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

// slow runs for minutes and does nothing but count.
const slow = `select sum((a.n * b.n) % 7 + (c.n % 3)) as n
	from (` + digits + `) a, (` + digits + `) b, (` + digits + `) c, (` + digits + `) d, (` + digits + `) e,
	     (` + digits + `) f, (` + digits + `) g, (` + digits + `) h, (` + digits + `) i, (` + digits + `) j,
	     (` + digits + `) k, (` + digits + `) l where a.n + l.n + k.n + j.n + i.n + h.n + g.n + f.n + e.n + d.n > 3`

const digits = `select 0 as n union all select 1 union all select 2 union all select 3 union all select 4
	union all select 5 union all select 6 union all select 7 union all select 8 union all select 9`

func TestConformance(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	host, port := address(t, s)
	transporttest.Exercise(t, func(t *testing.T) transport.Transport {
		t.Helper()
		tr, err := pgwire.Open(t.Context(), pgwire.Config{
			Host: host, Port: port, Database: "dev", Credentials: credentials.Static("awsuser", "Emulator1"),
			TLS: transport.TLS{Mode: transport.TLSPrefer},
		})
		if err != nil {
			t.Fatal(err)
		}
		return tr
	}, transporttest.Options{Slow: slow})
}
