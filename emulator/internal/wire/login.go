package wire

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/emulator/internal/login"
	"github.com/llm-dev-ops/redshift/emulator/internal/session"
)

// maxPassword bounds what a client may send for a password or a token, in bytes.
const maxPassword = 64 << 10

// logIn serves a client that has said who it is.
func (c *conn) logIn(ctx context.Context) {
	c.backend = pgproto3.NewBackend(c.in, c.out.w)
	if err := c.mayLogIn(ctx); err != nil {
		_ = c.struck(ctx, err, true)
		return
	}
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

// authenticate asks for the proof that the client is who it says it is. A user who does
// not exist and a wrong password are the same error, after the same work. The SQLSTATE
// is 28000, as PostgreSQL 8.0 has it: 28P01 is younger
// (amazon-redshift-python-driver#237 shows Redshift's answer).
func (c *conn) authenticate() error {
	if c.federated {
		return c.byToken()
	}
	p := known{user: c.who.User, passwords: c.srv.cfg.Lookup(c.who.User)}
	if len(p.passwords) == 0 {
		p.passwords, p.missing = []login.Password{{MD5: c.srv.decoy}}, true
	}
	if c.method == MD5 && p.digestsAlone() {
		c.method = Digest
	}
	var err error
	switch c.method {
	case Cleartext:
		p.right, err = c.byCleartext(p)
	case Digest:
		p.right, err = c.byDigest(p)
	default:
		p.right, err = c.byMD5(p)
	}
	if err == nil && (!p.right || p.missing) {
		err = fatal("28000", `password authentication failed for user "%s"`, c.who.User)
	}
	return err
}

// known is what the server has to check a password by.
type known struct {
	user           string
	passwords      []login.Password
	missing, right bool
}

// digestsAlone: the user's passwords were given as SHA-256, which MD5 cannot prove.
func (k known) digestsAlone() bool {
	for _, p := range k.passwords {
		if p.UserMD5(k.user) != "" {
			return false
		}
	}
	return true
}

func (c *conn) byCleartext(k known) (right bool, err error) {
	if err := c.private("cleartext authentication is"); err != nil {
		return false, err
	}
	c.out.put((&pgproto3.AuthenticationCleartextPassword{}).Encode(c.out.tail()))
	given, err := c.proof('p')
	if err != nil {
		return false, err
	}
	password, _, _ := strings.Cut(string(given), "\x00")
	for _, p := range k.passwords {
		right = p.Is(k.user, password) || right
	}
	return right, nil
}

func (c *conn) byMD5(k known) (right bool, err error) {
	var salt [4]byte
	_, _ = rand.Read(salt[:])
	c.out.put((&pgproto3.AuthenticationMD5Password{Salt: salt}).Encode(c.out.tail()))
	given, err := c.proof('p')
	if err != nil {
		return false, err
	}
	given, _, _ = bytes.Cut(given, []byte{0})
	for _, p := range k.passwords {
		digest := p.UserMD5(k.user)
		expected := "md5" + md5Hex(strings.ToLower(digest)+string(salt[:]))
		same := subtle.ConstantTimeCompare(given, []byte(expected)) == 1
		right = same && digest != "" || right
	}
	return right, nil
}

// private refuses to be told a secret where others may read along.
func (c *conn) private(what string) error {
	if c.who.TLSVersion == "" && !c.local() {
		return fatal("28000", "%s refused without TLS", what)
	}
	return nil
}

// proof sends the request and gives the body of its answer.
func (c *conn) proof(letter byte) ([]byte, error) {
	if c.out.flush() != nil {
		return nil, errOver
	}
	typ, body, err := c.in.header()
	if err != nil || typ == 'X' {
		return nil, errOver // psql comes back when it has asked for the password
	}
	if typ != letter {
		return nil, fatal("08P01", "expected password response, got message type %d", typ)
	}
	if body < 1 || body > maxPassword {
		return nil, fatal("08P01", "invalid password packet size")
	}
	message := make([]byte, 5+body)
	if _, err := io.ReadFull(c.in, message); err != nil {
		return nil, errOver
	}
	return message[5:], nil
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
