package pgwire

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/llm-dev-ops/redshift/transport"
)

// sessionTickets is how many servers' TLS sessions are kept: one for each
// address or name.
const sessionTickets = 16

// tlsConfig makes the configuration of a mode, nil for plaintext. Redshift
// asks for TLS 1.2 at least.
func tlsConfig(c transport.TLS) (*tls.Config, error) {
	if c.Mode == transport.TLSDisable {
		return nil, nil
	}
	cfg := &tls.Config{
		MinVersion: tls.VersionTLS12,
		ServerName: c.ServerName,
		// Redshift was seen to renegotiate; lib/pq allows it for that reason.
		Renegotiation: tls.RenegotiateFreelyAsClient,
		// The next connection, and a cancel's, resumes the session of one before
		// and saves the certificates; it is verified all the same.
		ClientSessionCache: tls.NewLRUClientSessionCache(sessionTickets),
	}
	if c.CACert != "" {
		pool, err := certificates(c.CACert)
		if err != nil {
			return nil, err
		}
		cfg.RootCAs = pool
	}
	switch c.Mode {
	case transport.TLSVerifyFull:
	case transport.TLSVerifyCA:
		// The chain is verified without the name, which crypto/tls cannot do by
		// itself.
		cfg.InsecureSkipVerify = true
		cfg.VerifyConnection = func(s tls.ConnectionState) error {
			if len(s.PeerCertificates) == 0 {
				return errors.New("the server has sent no certificate")
			}
			opts := x509.VerifyOptions{Roots: cfg.RootCAs, Intermediates: x509.NewCertPool()}
			for _, cert := range s.PeerCertificates[1:] {
				opts.Intermediates.AddCert(cert)
			}
			_, err := s.PeerCertificates[0].Verify(opts)
			return err
		}
	default: // prefer and require do not say whom they trust
		cfg.InsecureSkipVerify = true
	}
	return cfg, nil
}

// certificates reads a PEM bundle, given itself or by its path.
func certificates(bundle string) (*x509.CertPool, error) {
	pem := []byte(bundle)
	if !strings.Contains(bundle, "-----BEGIN") {
		var err error
		if pem, err = os.ReadFile(bundle); err != nil {
			return nil, fmt.Errorf("pgwire: Config.TLS.CACert: %w", err)
		}
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("pgwire: Config.TLS.CACert holds no certificate in PEM")
	}
	return pool, nil
}
