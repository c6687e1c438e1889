package pgwire

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
)

// digestAnswer answers Redshift's own login request, DIGEST (AWS's drivers:
// ExtensibleDigest). The request is an algorithm, of which only SHA-256 is
// known to exist, a salt and the server's nonce; the answer a digest over
// them, the password and a nonce of ours.
func digestAnswer(body []byte, password string) ([]byte, error) {
	if len(body) < 4 {
		return nil, errDigest
	}
	algorithm := binary.BigEndian.Uint32(body)
	salt, rest, ok := counted(body[4:])
	if !ok {
		return nil, errDigest
	}
	server, _, ok := counted(rest)
	if !ok {
		return nil, errDigest
	}
	if algorithm != 0 {
		return nil, errors.New("the server asks for a digest that is not SHA-256")
	}
	client := rand.Text()
	digest := passwordDigest(password, salt, server, []byte(client))
	out := []byte{'d', 0, 0, 0, 0}
	for _, part := range [][]byte{digest, []byte(client)} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(part)))
		out = append(out, part...)
	}
	binary.BigEndian.PutUint32(out[1:], uint32(len(out)-1))
	return out, nil
}

var errDigest = &protocolError{"a digest request is too short"}

// passwordDigest is SHA256(SHA256(password‖salt)‖server nonce‖client nonce).
// The user's name is not in it.
func passwordDigest(password string, salt, server, client []byte) []byte {
	inner := sha256.New()
	inner.Write([]byte(password))
	inner.Write(salt)
	outer := sha256.New()
	outer.Write(inner.Sum(nil))
	outer.Write(server)
	outer.Write(client)
	return outer.Sum(nil)
}

// counted reads a length and so many bytes.
func counted(b []byte) (part, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := int(int32(binary.BigEndian.Uint32(b)))
	if n < 0 || n > len(b)-4 {
		return nil, nil, false
	}
	return b[4 : 4+n], b[4+n:], true
}
