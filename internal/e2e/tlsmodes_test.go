package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/credentials"
	"github.com/llm-dev-ops/redshift/emulator"
)

// certificate is one for a name, of an authority of its own.
func certificate(t *testing.T, name string, until time.Time) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	self := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: until.Add(-48 * time.Hour), NotAfter: until, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, self, self, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// TestTLSModes: every mode against every kind of server, with each login. What a mode
// does not allow fails before the login, and nothing that it must not be is in plaintext.
func TestTLSModes(t *testing.T) {
	t.Parallel()
	good, goodCA := certificate(t, "cluster.example", time.Now().Add(time.Hour))
	old, oldCA := certificate(t, "cluster.example", time.Now().Add(-time.Hour))
	_, strange := certificate(t, "cluster.example", time.Now().Add(time.Hour))
	modes := []redshift.TLSMode{redshift.TLSDisable, redshift.TLSPrefer, redshift.TLSRequire, redshift.TLSVerifyCA, redshift.TLSVerifyFull}
	// What comes of each mode: p(laintext), t(ls), or - for a refusal.
	for _, kind := range []struct {
		name     string
		cfg      emulator.Config
		ca, host string // that the client knows
		want     string
	}{
		{"no TLS", emulator.Config{TLS: emulator.TLSOff}, goodCA, "cluster.example", "pp---"},
		{"the right certificate", emulator.Config{TLS: emulator.TLSGiven, Certificate: good}, goodCA, "cluster.example", "ptttt"},
		{"another name", emulator.Config{TLS: emulator.TLSGiven, Certificate: good}, goodCA, "other.example", "pttt-"},
		{"an unknown authority", emulator.Config{TLS: emulator.TLSGiven, Certificate: good}, strange, "cluster.example", "ptt--"},
		{"the system's roots alone", emulator.Config{TLS: emulator.TLSGiven, Certificate: good}, "", "cluster.example", "ptt--"},
		{"an expired certificate", emulator.Config{TLS: emulator.TLSGiven, Certificate: old}, oldCA, "cluster.example", "ptt--"},
	} {
		for _, auth := range []emulator.AuthMethod{emulator.AuthMD5, emulator.AuthDigest, emulator.AuthCleartext} {
			if auth != emulator.AuthMD5 && kind.want != "pp---" && kind.want != "ptttt" {
				continue // the login does not come to it
			}
			cfg := kind.cfg
			cfg.Auth = auth
			t.Run(kind.name+"/"+string(auth), func(t *testing.T) {
				t.Parallel()
				s := start(t, cfg)
				host, port := address(t, s)
				for i, mode := range modes {
					client := redshift.Config{
						Host: host, Port: port, Database: "dev", MinConnections: -1, Credentials: credentials.Static("awsuser", "Emulator1"),
						TLS: redshift.TLS{Mode: mode, CACert: kind.ca, ServerName: kind.host},
					}
					if kind.want[i] == '-' {
						if err := firstFailure(t, client); !errors.Is(err, redshift.ErrConnectionFailed) || !redshift.SafeToRetry(err) {
							t.Errorf("%s: %v", mode, err)
						}
						continue
					}
					c := open(t, client)
					version := value[string](t, c, "select trim(sslversion)::varchar from stl_connection_log where pid = pg_backend_pid() and event = 'authenticated'")
					if (version != "") != (kind.want[i] == 't') {
						t.Errorf("%s: TLS %q", mode, version)
					}
					// A cancel goes the way of its session.
					if _, err := c.Execute(t.Context(), redshift.Query{SQL: slow, Timeout: 20 * time.Millisecond}); !errors.Is(err, redshift.ErrQueryTimeout) {
						t.Errorf("%s: %v", mode, err)
					}
					client.Credentials = credentials.Static("awsuser", "wrong-secret")
					if err := firstFailure(t, client); !errors.Is(err, redshift.ErrAuthenticationFailed) {
						t.Errorf("%s with a wrong password: %v", mode, err)
					}
				}
			})
		}
	}
}
