package wire

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
)

// The logins that PostgreSQL does not have (redshift_connector's core.py, JDBC's
// ConnectionFactoryImpl), and the one digest that drivers support.
const (
	authDigest   = 13
	authToken    = 14
	digestSHA256 = 0
)

// byDigest is the login by SHA-256 of the salted password and two nonces. One salt is
// asked with: the first of those that the user's digests have; a temporary password,
// which is kept whole, goes with any.
func (c *conn) byDigest(k known) (right bool, err error) {
	salt := c.srv.salt(k.user)
	for _, p := range k.passwords {
		if len(p.Salt) > 0 {
			salt = p.Salt
			break
		}
	}
	server := make([]byte, 32)
	_, _ = rand.Read(server)
	c.out.put(appendDigestRequest(c.out.tail(), salt, server), nil)
	answer, err := c.proof('d')
	if err != nil {
		return false, err
	}
	given, rest, ok := counted(answer)
	client, rest, also := counted(rest)
	if !ok || !also || len(rest) > 0 {
		return false, fatal("08P01", "invalid digest packet")
	}
	for _, p := range k.passwords {
		inner := p.Salted(salt)
		outer := sha256.New()
		outer.Write(inner)
		outer.Write(server)
		outer.Write(client)
		same := subtle.ConstantTimeCompare(given, outer.Sum(nil)) == 1
		right = same && len(inner) > 0 || right
	}
	return right, nil
}

// appendDigestRequest appends the request of a digest of SHA-256.
func appendDigestRequest(dst, salt, server []byte) []byte {
	dst = append(dst, 'R')
	dst = binary.BigEndian.AppendUint32(dst, uint32(4+4+4+4+len(salt)+4+len(server)))
	dst = binary.BigEndian.AppendUint32(dst, authDigest)
	dst = binary.BigEndian.AppendUint32(dst, digestSHA256)
	for _, part := range [][]byte{salt, server} {
		dst = binary.BigEndian.AppendUint32(dst, uint32(len(part)))
		dst = append(dst, part...)
	}
	return dst
}

// counted reads a length and so many bytes.
func counted(b []byte) (part, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := binary.BigEndian.Uint32(b)
	if b = b[4:]; uint64(n) > uint64(len(b)) {
		return nil, nil, false
	}
	return b[:n], b[n:], true
}

// salt is a user's who has none: always the same, so that it does not tell whether there
// is such a user.
func (s *Server) salt(user string) []byte {
	h := hmac.New(sha256.New, []byte(s.decoy))
	h.Write([]byte(user))
	return h.Sum(nil)
}

// federation are the startup parameters of a client that logs in with the token of an
// identity provider (the drivers send them for nothing else).
var federation = []string{"idp_type", "provider_name", "token_type"}

// byToken is the login with an identity token, which says who the user is.
func (c *conn) byToken() error {
	c.method = Token
	if c.srv.cfg.Token == nil {
		return fatal("0A000", "not supported by the emulator: login with an identity token")
	}
	if err := c.private("login with an identity token is"); err != nil {
		return err
	}
	c.out.put(append(c.out.tail(), 'R', 0, 0, 0, 8, 0, 0, 0, authToken), nil)
	given, err := c.proof('i')
	if err != nil {
		return err
	}
	// JDBC's and ODBC's drivers send a zero byte behind it, Python's none.
	if n := len(given) - 1; given[n] == 0 {
		given = given[:n]
	}
	user, err := c.srv.cfg.Token(string(given))
	if err == nil && user == "" {
		err = errors.New("the token names no user")
	}
	if err != nil {
		c.log.Info("an identity token was refused", "error", err)
		return fatal("28000", "identity token authentication failed") // assumed text
	}
	if c.who.Database == "" {
		c.who.Database = user
	}
	c.who.User = user
	return nil
}
