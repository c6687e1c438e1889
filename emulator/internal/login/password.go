package login

import (
	"crypto/md5" // it is the protocol's
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
)

// Password is what a server keeps of a user's password to check one by: at least one of
// MD5, SHA256 and Text. It is not to be printed.
type Password struct {
	// MD5 is that of the password and the user behind it, as pg_shadow holds it after
	// its "md5", in lower case.
	MD5 string
	// SHA256 is that of the password and Salt behind it.
	SHA256, Salt []byte
	// Text is the password itself, of which either can be made.
	Text string
}

// NewPassword keeps the digests of a password, under a salt of its own, and not the
// password.
func NewPassword(user, text string) Password {
	salt := make([]byte, sha256.Size)
	_, _ = rand.Read(salt) // never fails
	return Password{MD5: md5Hex(text + user), SHA256: salted(text, salt), Salt: salt}
}

// UserMD5 is Password.MD5 as it is, or made of Text; empty when it is not known.
func (p Password) UserMD5(user string) string {
	if p.Text != "" {
		return md5Hex(p.Text + user)
	}
	return p.MD5
}

// Salted is the SHA-256 of the password with a salt; nil when it is not known.
func (p Password) Salted(salt []byte) []byte {
	switch {
	case p.Text != "":
		return salted(p.Text, salt)
	case subtle.ConstantTimeCompare(p.Salt, salt) == 1:
		return p.SHA256
	}
	return nil
}

// Is tells whether a text is the user's password.
func (p Password) Is(user, text string) bool {
	if len(p.SHA256) > 0 {
		return subtle.ConstantTimeCompare(p.SHA256, salted(text, p.Salt)) == 1
	}
	return subtle.ConstantTimeCompare([]byte(p.UserMD5(user)), []byte(md5Hex(text+user))) == 1
}

func md5Hex(s string) string {
	sum := md5.Sum([]byte(s)) // it is the protocol's
	return hex.EncodeToString(sum[:])
}

func salted(text string, salt []byte) []byte {
	h := sha256.New()
	h.Write([]byte(text))
	h.Write(salt)
	return h.Sum(nil)
}
