package wire

import (
	"context"
	"crypto/md5"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/emulator/internal/session"
)

// maxPassword bounds what a client may send for a password, in bytes.
const maxPassword = 64 << 10

// logIn serves a client that has said who it is.
func (c *conn) logIn(ctx context.Context) {
	c.backend = pgproto3.NewBackend(c.in, c.out.w)
	if err := c.authenticate(); err != nil {
		if errors.Is(err, errOver) {
			return
		}
		c.tell(AuthenticationFailure)
		_ = c.fail(ctx, err)
		return
	}
	// Before the session is there: what Open has to tell must come behind it.
	c.out.put((&pgproto3.AuthenticationOk{}).Encode(c.out.tail()))
	if !c.openSession(ctx) {
		return
	}
	defer c.closeSession()
	for _, p := range c.sess.Parameters() {
		c.out.parameterStatus(p)
	}
	c.out.put((&pgproto3.BackendKeyData{ProcessID: uint32(c.pid), SecretKey: c.secret[:]}).Encode(c.out.tail()))
	c.out.readyForQuery(c.sess.TxStatus())
	if c.out.flush() != nil {
		return
	}
	c.work(ctx)
}

// authenticate asks for the password. A user who does not exist and a wrong
// password are the same error, after the same work. The SQLSTATE is 28000, as
// PostgreSQL 8.0 has it: 28P01 is younger (amazon-redshift-python-driver#237
// shows Redshift's answer).
func (c *conn) authenticate() error {
	cleartext := c.srv.cfg.Auth == Cleartext
	if cleartext && c.who.TLSVersion == "" && !c.local() {
		return fatal("28000", "cleartext authentication is refused without TLS")
	}
	var salt [4]byte
	_, _ = rand.Read(salt[:])
	if cleartext {
		c.out.put((&pgproto3.AuthenticationCleartextPassword{}).Encode(c.out.tail()))
	} else {
		c.out.put((&pgproto3.AuthenticationMD5Password{Salt: salt}).Encode(c.out.tail()))
	}
	if c.out.flush() != nil {
		return errOver
	}
	typ, body, err := c.in.header()
	if err != nil || typ == 'X' {
		return errOver // psql comes back when it has asked for the password
	}
	if typ != 'p' {
		return fatal("08P01", "expected password response, got message type %d", typ)
	}
	if body < 1 || body > maxPassword {
		return fatal("08P01", "invalid password packet size")
	}
	msg, err := c.backend.Receive()
	if c.in.left > 0 {
		return errOver
	}
	password, ok := msg.(*pgproto3.PasswordMessage)
	if err != nil || !ok {
		return fatal("08P01", "invalid password packet size")
	}

	digests := c.srv.cfg.Lookup(c.who.User)
	known := len(digests) > 0
	if !known {
		digests = []string{c.srv.decoy}
	}
	right := 0
	for _, digest := range digests {
		digest = strings.ToLower(digest)
		given, expected := password.Password, ""
		if cleartext {
			given, expected = md5Hex(password.Password+c.who.User), digest
		} else {
			expected = "md5" + md5Hex(digest+string(salt[:]))
		}
		right |= subtle.ConstantTimeCompare([]byte(given), []byte(expected))
	}
	if right == 0 || !known {
		return fatal("28000", `password authentication failed for user "%s"`, c.who.User)
	}
	return nil
}

func md5Hex(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// openSession opens the session of a client who may.
func (c *conn) openSession(ctx context.Context) bool {
	if !c.enter(busy) {
		_ = c.end()
		return false
	}
	c.in.arm()
	limited, cancel := context.WithTimeout(ctx, c.srv.cfg.LoginTimeout)
	defer cancel()
	sess, err := c.srv.cfg.Open(limited, c.who)
	if err == nil && sess == nil {
		err = errors.New("wire: Open gave no session")
	}
	if err != nil {
		c.tell(Authenticated)
		e, internal := told(err)
		if internal {
			c.log.ErrorContext(ctx, "a session could not be opened", "error", err)
		}
		e.Severity = severityFatal
		_ = c.fail(ctx, &e)
		c.tell(Disconnecting)
		return false
	}
	c.sess, c.pid = sess, sess.PID()
	_, _ = rand.Read(c.secret[:])
	c.srv.register(c)
	c.mu.Lock()
	c.open = true
	c.mu.Unlock()
	c.tell(Authenticated)
	return true
}

func (c *conn) closeSession() {
	c.srv.forget(c)
	c.mu.Lock()
	c.open = false
	c.mu.Unlock()
	defer c.tell(Disconnecting)
	c.closePortals()
	for _, name := range slices.Sorted(maps.Keys(c.statements)) {
		c.statements[name].stmt.Close()
	}
	c.sess.Close()
}

// notice tells the client something at once, unless rows are being appended.
func (c *conn) notice(n session.Notice) {
	c.out.notice(n)
	if !c.out.lent && c.sess != nil {
		_ = c.out.flush()
	}
}
