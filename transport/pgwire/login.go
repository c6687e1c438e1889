package pgwire

import (
	"context"
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/credentials"
)

// The kinds of login that follow the letter R. Redshift's ODBC driver numbers
// GSS and SSPI otherwise than PostgreSQL does, so no other number is trusted.
const (
	authOK        = 0
	authCleartext = 3
	authMD5       = 5
	authDigest    = 13
	authIdP       = 14
)

var (
	errPlainPassword = errors.New("the server asks for the password or the token in plaintext over a connection without TLS")
	errNoToken       = errors.New("the server asks for the token of an identity provider, and the credentials have none")
	errNoPassword    = errors.New("the server asks for a password, and the credentials have a token alone")
)

// login starts the session: startup message, password, and the server's
// parameters up to its first ReadyForQuery. secret says whether others cannot
// read along.
func (c *conn) login(ctx context.Context, cfg Config, cred credentials.Credentials, secret bool) error {
	release := bound(ctx, c.nc)
	defer release()
	c.out = appendStartup(c.out, startup(cfg, cred))
	if _, err := c.flush(); err != nil {
		return ended(ctx, err)
	}
	ok := false
	for {
		typ, body, err := c.in.next()
		if err != nil {
			return ended(ctx, err)
		}
		switch typ {
		case 'R':
			if ok, err = c.authenticate(body, cred, secret); err != nil {
				return err
			}
			if _, err := c.flush(); err != nil {
				return ended(ctx, err)
			}
		case 'E':
			e, err := serverError(body)
			if err != nil {
				return err
			}
			return e
		case 'S':
			if err := c.parameter(body); err != nil {
				return err
			}
		case 'K':
			if len(body) < 8 {
				return &protocolError{"BackendKeyData is too short"}
			}
			c.pid, c.key = binary.BigEndian.Uint32(body), append([]byte(nil), body[4:]...)
		case 'N', 'v': // a notice; a NegotiateProtocolVersion, of which nothing was asked
		case 'Z':
			if !ok || len(body) != 1 || body[0] != 'I' {
				return &protocolError{"the session is ready without a login, or not idle"}
			}
			c.tx = body[0]
			c.in.limit(maxBody)
			c.baseline = maps.Clone(c.params)
			return nil
		default:
			return &protocolError{fmt.Sprintf("a message of type %q during the login", typ)}
		}
	}
}

// authenticate answers one request of the login; ok says that it was granted.
func (c *conn) authenticate(body []byte, cred credentials.Credentials, secret bool) (ok bool, err error) {
	if len(body) < 4 {
		return false, &protocolError{"an authentication request is too short"}
	}
	kind, rest := binary.BigEndian.Uint32(body), body[4:]
	switch kind {
	case authCleartext, authMD5, authDigest:
		if cred.Password.IsZero() && !cred.Token.IsZero() {
			return false, errNoPassword
		}
	}
	switch kind {
	case authOK:
		return true, nil
	case authCleartext:
		if !secret {
			return false, errPlainPassword
		}
		c.send(&pgproto3.PasswordMessage{Password: cred.Password.Reveal()})
	case authMD5:
		if len(rest) < 4 {
			return false, &protocolError{"an MD5 request is too short"}
		}
		c.send(&pgproto3.PasswordMessage{Password: "md5" + md5Hex(md5Hex(cred.Password.Reveal()+cred.User)+string(rest[:4]))})
	case authDigest:
		answer, err := digestAnswer(rest, cred.Password.Reveal())
		if err != nil {
			return false, err
		}
		c.out = append(c.out, answer...)
	case authIdP:
		token := cred.Token.Reveal()
		switch {
		case token == "":
			return false, errNoToken
		case !secret:
			return false, errPlainPassword
		}
		// With a zero byte behind it, as JDBC's and ODBC's drivers send it;
		// Python's sends none.
		c.out = append(c.out, 'i')
		c.out = binary.BigEndian.AppendUint32(c.out, uint32(4+len(token)+1))
		c.out = append(append(c.out, token...), 0)
	default:
		return false, fmt.Errorf("the server asks for a login of kind %d, which Redshift does not have", kind)
	}
	return false, nil
}

func md5Hex(s string) string {
	sum := md5.Sum([]byte(s)) // the protocol's choice
	return hex.EncodeToString(sum[:])
}
