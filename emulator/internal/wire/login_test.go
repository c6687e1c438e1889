package wire_test

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/emulator/internal/wire"
)

// dialogue is a login byte for byte: the client sends its startup packet and answers
// the first request.
type dialogue struct {
	t  testing.TB
	nc net.Conn
}

func talk(t testing.TB, address string, parameters map[string]string) *dialogue {
	t.Helper()
	nc, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nc.Close() })
	_ = nc.SetDeadline(time.Now().Add(patience))
	d := &dialogue{t, nc}
	d.send(encode(&pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: parameters}))
	return d
}

func (d *dialogue) send(b []byte) {
	d.t.Helper()
	if _, err := d.nc.Write(b); err != nil {
		d.t.Fatal(err)
	}
}

// request reads a message that must be R.
func (d *dialogue) request() (code uint32, rest []byte) {
	d.t.Helper()
	head := make([]byte, 5)
	if _, err := io.ReadFull(d.nc, head); err != nil {
		d.t.Fatal(err)
	}
	body := make([]byte, binary.BigEndian.Uint32(head[1:])-4)
	if _, err := io.ReadFull(d.nc, body); err != nil {
		d.t.Fatal(err)
	}
	if head[0] != 'R' {
		return 0, append(head, body...)
	}
	return binary.BigEndian.Uint32(body), body[4:]
}

// outcome is what the server says to an answer, up to the login's end.
func (d *dialogue) outcome(letter byte, body []byte) string {
	d.t.Helper()
	d.send(append(binary.BigEndian.AppendUint32([]byte{letter}, uint32(4+len(body))), body...))
	code, rest := d.request()
	if code == 0 && len(rest) == 4 || len(rest) == 0 {
		return "ok"
	}
	return strings.TrimSpace(messages(rest))
}

func part(b []byte) []byte { return append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...) }

// cut reads a length and so many bytes.
func cut(t testing.TB, b []byte) (part, rest []byte) {
	t.Helper()
	if len(b) < 4 || int(binary.BigEndian.Uint32(b)) > len(b)-4 {
		t.Fatalf("%x is no length and so many bytes", b)
	}
	n := 4 + binary.BigEndian.Uint32(b)
	return b[4:n], b[n:]
}

// digest logs in as wire-protocol.md 2.4 has it: int32 algorithm, salt and server's
// nonce; the answer is SHA256(SHA256(password‖salt)‖nonce‖client's nonce) and that nonce.
func (d *dialogue) digest(password string) (outcome string, salt []byte) {
	d.t.Helper()
	code, body := d.request()
	if code != 13 || binary.BigEndian.Uint32(body) != 0 {
		d.t.Fatalf("asked for %d %x", code, body)
	}
	salt, rest := cut(d.t, body[4:])
	server, rest := cut(d.t, rest)
	if len(salt) < 16 || len(server) < 16 || len(rest) > 0 {
		d.t.Errorf("the request is %x", body)
	}
	client := []byte("1700000000000")
	inner := sha256.Sum256(append([]byte(password), salt...))
	outer := sha256.Sum256(append(append(inner[:], server...), client...))
	return d.outcome('d', append(part(outer[:]), part(client)...)), salt
}

func user(name string) map[string]string { return map[string]string{"user": name, "database": "dev"} }

func TestDigest(t *testing.T) {
	t.Parallel()
	b := start(t, func(c *wire.Config) { c.Auth = wire.Digest })
	refused := func(user string) string {
		return `ErrorResponse FATAL 28000 password authentication failed for user "` + user + `"`
	}
	for _, c := range []struct{ user, password, want string }{
		{"awsuser", password, "ok"},
		{"awsuser", "emulator1", refused("awsuser")},
		{"awsuser", "", refused("awsuser")},
		{"strong", password, "ok"},
		{"temporary", password, "ok"},
		{"temporary", "another", "ok"},
		{"old", password, refused("old")}, // of whom only the MD5 is known
		{"old", "", refused("old")},
		{"nobody", password, refused("nobody")},
		{"nobody", "", refused("nobody")},
	} {
		if got, _ := talk(t, b.address, user(c.user)).digest(c.password); got != c.want {
			t.Errorf("%s by %q: %s, want %s", c.user, c.password, got, c.want)
		}
	}
	// A user who is not there has the same salt each time, like one who is.
	_, first := talk(t, b.address, user("nobody")).digest("x")
	_, second := talk(t, b.address, user("nobody")).digest("x")
	_, other := talk(t, b.address, user("somebody")).digest("x")
	if !bytes.Equal(first, second) || bytes.Equal(first, other) {
		t.Errorf("salts %x, %x, %x", first, second, other)
	}
	for _, e := range b.recorded() {
		if e.AuthMethod != wire.Digest {
			t.Errorf("the record says %q", e.AuthMethod)
		}
	}
	for _, body := range [][]byte{
		{0},
		part(nil), part([]byte("short")),
		{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0},
		append(part(nil), 0, 0, 0, 9, 1),
		append(append(part(nil), part(nil)...), 0),
	} {
		d := talk(t, b.address, user("awsuser"))
		d.request()
		if got := d.outcome('d', body); got != "ErrorResponse FATAL 08P01 invalid digest packet" {
			t.Errorf("%x: %s", body, got)
		}
	}
	d := talk(t, b.address, user("awsuser"))
	d.request()
	if got := d.outcome('p', []byte(password+"\x00")); got != "ErrorResponse FATAL 08P01 expected password response, got message type 112" {
		t.Error(got)
	}
}

// With MD5 who has set a password as SHA-256 is asked for that.
func TestDigestOfOne(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	if got, _ := talk(t, b.address, user("strong")).digest(password); got != "ok" {
		t.Error(got)
	}
	for _, name := range []string{"awsuser", "old", "temporary"} {
		d := talk(t, b.address, user(name))
		code, salt := d.request()
		if code != 5 || len(salt) != 4 {
			t.Fatalf("%s is asked for %d %x", name, code, salt)
		}
		sum := func(s string) string { h := md5.Sum([]byte(s)); return hex.EncodeToString(h[:]) }
		if got := d.outcome('p', []byte("md5"+sum(sum(password+name)+string(salt))+"\x00")); got != "ok" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestCleartextOfAll(t *testing.T) {
	t.Parallel()
	b := start(t, func(c *wire.Config) { c.Auth = wire.Cleartext })
	for _, name := range []string{"awsuser", "old", "strong", "temporary"} {
		for text, want := range map[string]string{password: "ok", "wrong": `ErrorResponse FATAL 28000 password authentication failed for user "` + name + `"`} {
			d := talk(t, b.address, user(name))
			d.request()
			if got := d.outcome('p', []byte(text+"\x00")); got != want {
				t.Errorf("%s by %q: %s", name, text, got)
			}
		}
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	b := start(t, func(c *wire.Config) {
		c.Token = func(token string) (string, error) {
			switch token {
			case "a.b.c":
				return "awsuser", nil
			case "none":
				return "", nil
			}
			return "", errors.New("not ours: " + token)
		}
	})
	const refused = "ErrorResponse FATAL 28000 identity token authentication failed"
	for _, c := range []struct{ user, parameter, body, want string }{
		{"", "idp_type", "a.b.c", "ok"},     // as Python's driver sends it
		{"", "idp_type", "a.b.c\x00", "ok"}, // as JDBC's and ODBC's do
		{"", "provider_name", "a.b.c", "ok"},
		{"anybody", "token_type", "a.b.c", "ok"},
		{"", "idp_type", "a.b", refused},
		{"", "idp_type", "none", refused},
		{"", "idp_type", "\x00", refused},
	} {
		p := map[string]string{"database": "dev", c.parameter: "AzureAD"}
		if c.user != "" {
			p["user"] = c.user
		}
		d := talk(t, b.address, p)
		if code, rest := d.request(); code != 14 || len(rest) > 0 {
			t.Fatalf("asked for %d %x", code, rest)
		}
		if got := d.outcome('i', []byte(c.body)); got != c.want {
			t.Errorf("%q: %s, want %s", c.body, got, c.want)
		}
		if c.want == "ok" {
			if f := b.session(); f.who.User != "awsuser" || f.who.Database != "dev" {
				t.Errorf("the session was opened for %+v", f.who)
			}
		}
	}
	// Others log in by password.
	connect(t, b, nil)

	none := start(t, nil)
	d := talk(t, none.address, map[string]string{"database": "dev", "idp_type": "Okta"})
	if _, rest := d.request(); strings.TrimSpace(messages(rest)) != "ErrorResponse FATAL 0A000 not supported by the emulator: login with an identity token" {
		t.Errorf("without a callback: %s", messages(rest))
	}
}
