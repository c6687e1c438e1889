package pgwire

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"github.com/llm-dev-ops/redshift/transport"
)

// hint says what to do about a connection that could not be made.
func hint(cfg Config, stage string, err error) string {
	var (
		dns       *net.DNSError
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		server    *transport.ServerError
	)
	switch {
	case errors.As(err, &server):
		return loginHint(cfg, server)
	case stage == stageCredentials:
		return "the credentials provider has failed; nothing was sent to Redshift"
	case errors.As(err, &dns):
		return "check Config.Host: the name cannot be resolved"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there: check Config.Host and Config.Port, and that the cluster is not paused"
	case errors.As(err, &authority):
		return "the certificate is of no known authority: give its bundle as Config.TLS.CACert"
	case errors.As(err, &name):
		return "the certificate names another host: check Config.Host, or set Config.TLS.ServerName"
	case errors.As(err, &invalid):
		return "the server's certificate is not valid now: check the clock and the certificate"
	case errors.Is(err, errNoTLS):
		return "the server refuses TLS: Config.TLS.Mode " + string(cfg.TLS.Mode) + " needs it; disable or prefer would send everything in plaintext"
	case stage == stageDial && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, syscall.ETIMEDOUT)):
		return "no answer: check security group, routing and whether the cluster is publicly accessible"
	case errors.Is(err, errNoToken):
		return "the user or the identity provider of the database wants a token: use a credentials.Provider that gives Credentials.Token"
	case errors.Is(err, errNoPassword):
		return "the server has not taken the login for one with a token: check Credentials.Identity, whose Type and Provider it goes by"
	case errors.Is(err, errPlainPassword):
		return "set Config.TLS.Mode to require or better"
	case passing(err):
		return "the server has torn the connection down, as a serverless workgroup does that was idle: raise Config.ConnectRetries; or something between tears it down"
	}
	return ""
}

// connectionLimit is how Redshift says that it takes no more connections.
var connectionLimit = regexp.MustCompile(`^connection limit "(\d+)" exceeded`)

func loginHint(cfg Config, e *transport.ServerError) string {
	switch {
	case strings.HasPrefix(e.SQLState, "28"):
		return "check user and password; temporary credentials expire"
	case e.SQLState == "3D000":
		return "check Config.Database"
	case e.SQLState == "57P03":
		return "the server is starting or stopping: wait, or raise Config.ConnectRetries"
	case e.SQLState == "53300" || connectionLimit.MatchString(e.Message):
		if m := connectionLimit.FindStringSubmatch(e.Message); m != nil {
			if n, err := strconv.Atoi(m[1]); err == nil && cfg.MaxSessions > n {
				return fmt.Sprintf("the pool may have %d sessions (pool_size), the server takes %d connections: lower the pool's size", cfg.MaxSessions, n)
			}
		}
		return "the server takes no more connections now: lower the pool's size, or wait"
	}
	return ""
}
