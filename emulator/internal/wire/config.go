package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/login"
	"github.com/llm-dev-ops/redshift/emulator/internal/session"
)

// The values of Config.Auth.
const (
	MD5       = "md5"
	Cleartext = "cleartext"
	Digest    = "digest"
)

// Token is the AuthMethod of a login with an identity token.
const Token = "token"

// Config is what a Server needs. Open and Lookup must be given.
type Config struct {
	// Open opens a session for a client whose password was right. A
	// *session.Error is told to the client as FATAL, any other error as an
	// internal one. The context ends with the login and must not be kept.
	Open func(ctx context.Context, who session.Startup) (session.Session, error)
	// Lookup gives the passwords that a user may have; none for a user who may not
	// log in. It is called for every login with one, by many goroutines.
	Lookup func(user string) []login.Password
	// Token gives the user whom an identity token names, or an error, which the client
	// is not told. It is called by many goroutines. Defaults to nil: such logins are
	// refused.
	Token func(token string) (user string, err error)
	// Auth is MD5, Digest or Cleartext, how a password is asked for. Cleartext is
	// refused to a client that comes without TLS from another machine, and so are
	// tokens. With MD5 those users are asked for a digest of whose passwords nothing
	// else is known; with Digest those cannot log in of whose passwords only the MD5
	// is known. Defaults to MD5.
	Auth string
	// TLS answers SSLRequest. Defaults to nil: there is no TLS.
	TLS *tls.Config
	// RequireTLS refuses clients without TLS. Defaults to false.
	RequireTLS bool
	// Intercept is asked before a client may log in ("Login") and before each of its
	// messages ("Query", "Parse", "Bind", "Describe", "Execute", "Close", "Sync");
	// pid is 0 before there is a session. It may wait as long as its context lasts.
	// An *session.Error is told to the client as the message's failure, or as the
	// connection's end when it is FATAL or comes before the login; any other error
	// ends the connection without a word. Defaults to nil: nothing is asked.
	Intercept func(ctx context.Context, user string, pid int32, operation string) error
	// OnConnection is told what happens to connections. It is called on their
	// goroutines and must not block. Defaults to nil: nobody is told.
	OnConnection func(ConnectionEvent)
	// MaxConns is how many clients may be logged in or logging in. Defaults to
	// 500.
	MaxConns int
	// MaxMessage is the longest message, in bytes, that a client may send after
	// login. Defaults to 64 MiB.
	MaxMessage int
	// LoginTimeout is the time a client has to log in. Defaults to 60 seconds.
	LoginTimeout time.Duration
	// Watch is how long a message is worked on before the door begins to look
	// whether the client is still there. Defaults to 100 milliseconds.
	Watch time.Duration
	// Logger takes what clients must not be told. Defaults to nil: nothing is
	// logged.
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.Auth == "" {
		c.Auth = MD5
	}
	if c.MaxConns == 0 {
		c.MaxConns = 500
	}
	if c.MaxMessage == 0 {
		c.MaxMessage = 64 << 20
	}
	if c.LoginTimeout == 0 {
		c.LoginTimeout = time.Minute
	}
	if c.Watch == 0 {
		c.Watch = 100 * time.Millisecond
	}
	if c.OnConnection == nil {
		c.OnConnection = func(ConnectionEvent) {}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// Validate says which field cannot be used.
func (c Config) Validate() error {
	c = c.withDefaults()
	switch {
	case c.Open == nil:
		return errors.New("wire: Open is missing")
	case c.Lookup == nil:
		return errors.New("wire: Lookup is missing")
	case c.Auth != MD5 && c.Auth != Cleartext && c.Auth != Digest:
		return fmt.Errorf("wire: Auth is %q, none of %q, %q and %q", c.Auth, MD5, Digest, Cleartext)
	case c.RequireTLS && c.TLS == nil:
		return errors.New("wire: RequireTLS is set without TLS")
	case c.MaxConns < 0:
		return fmt.Errorf("wire: MaxConns is %d", c.MaxConns)
	case c.MaxMessage < 0:
		return fmt.Errorf("wire: MaxMessage is %d", c.MaxMessage)
	case c.LoginTimeout < 0:
		return fmt.Errorf("wire: LoginTimeout is %s", c.LoginTimeout)
	case c.Watch < 0:
		return fmt.Errorf("wire: Watch is %s", c.Watch)
	}
	return nil
}

// EventKind says what happened to a connection.
type EventKind uint8

// The kinds, in the order in which a connection has them.
const (
	Initiating EventKind = iota + 1
	Authenticated
	AuthenticationFailure
	Disconnecting
)

// String has the words of STL_CONNECTION_LOG.event (r_STL_CONNECTION_LOG.md).
func (k EventKind) String() string {
	switch k {
	case Initiating:
		return "initiating session"
	case Authenticated:
		return "authenticated"
	case AuthenticationFailure:
		return "authentication failure"
	case Disconnecting:
		return "disconnecting session"
	}
	return fmt.Sprintf("EventKind(%d)", uint8(k))
}

// ConnectionEvent is something that happened to a connection whose client has
// said who it is. What comes in cancel requests and garbage is no event.
type ConnectionEvent struct {
	Kind EventKind
	At   time.Time
	// PID is the session's. It is 0 before there is one: with Initiating, with
	// AuthenticationFailure, and where Open failed.
	PID            int32
	User, Database string
	Host, Port     string
	// TLSVersion and TLSCipher are empty for plaintext.
	TLSVersion, TLSCipher string
	// AuthMethod is Config.Auth's value by which the client was asked, or Token.
	AuthMethod string
	// Application, OSVersion, DriverVersion and PluginName are what the client
	// says of itself.
	Application, OSVersion, DriverVersion, PluginName string
	// ProtocolVersion is the client_protocol_version that was agreed.
	ProtocolVersion int32
	// Duration is the connection's, with Disconnecting.
	Duration time.Duration
}
