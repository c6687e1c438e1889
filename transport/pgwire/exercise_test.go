package pgwire

import (
	"strconv"
	"testing"

	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

func exercise(t *testing.T, s *server, cfg Config) {
	t.Helper()
	cfg.MaxSessions = 4
	transporttest.Exercise(t, func(t *testing.T) transport.Transport {
		tr, err := Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		return tr
	}, transporttest.Options{Rows: generate, Slow: slowStatement})
}

func TestExercise(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	exercise(t, s, s.config())
}

// TestExerciseVersions is the suite with the extended descriptions and binary
// values of the newer versions.
func TestExerciseVersions(t *testing.T) {
	t.Parallel()
	for version := range maxVersion + 1 {
		t.Run(strconv.Itoa(version), func(t *testing.T) {
			t.Parallel()
			s := newServer(t, func(s *server) { s.version = version })
			exercise(t, s, s.config())
		})
	}
}

func TestExerciseOverTLS(t *testing.T) {
	t.Parallel()
	cert, ca := certificate(t)
	s := newServer(t, func(s *server) { s.tls, s.cert, s.auth, s.forgets = 'S', cert, "cleartext", true })
	cfg := s.config()
	cfg.TLS = transport.TLS{Mode: transport.TLSVerifyFull, CACert: ca}
	cfg.MinSessions = 2
	exercise(t, s, cfg)
}
