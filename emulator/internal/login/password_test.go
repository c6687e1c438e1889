package login

import (
	"bytes"
	"encoding/hex"
	"testing"
)

func TestPassword(t *testing.T) {
	t.Parallel()
	kept, clear := NewPassword("bob", "Secret12"), Password{Text: "Secret12"}
	if kept.Text != "" || len(kept.Salt) != 32 || bytes.Equal(kept.Salt, NewPassword("bob", "Secret12").Salt) {
		t.Error("the password is kept, or its salt is not its own")
	}
	for name, p := range map[string]Password{
		"kept": kept, "clear": clear, "md5": {MD5: kept.MD5}, "sha256": {SHA256: kept.SHA256, Salt: kept.Salt},
	} {
		if !p.Is("bob", "Secret12") || p.Is("bob", "secret12") || p.Is("bob", "") {
			t.Errorf("%s is not the password", name)
		}
	}
	if kept.UserMD5("bob") != clear.UserMD5("bob") || (Password{MD5: kept.MD5}).Is("eve", "Secret12") {
		t.Error("the MD5 is not the user's")
	}
	if !bytes.Equal(kept.Salted(kept.Salt), clear.Salted(kept.Salt)) || kept.Salted([]byte("other")) != nil {
		t.Error("the digest is not the salt's")
	}
	// printf 'abc' | sha256sum, with the salt "c" behind "ab".
	if got := hex.EncodeToString((Password{Text: "ab"}).Salted([]byte("c"))); got != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Error(got)
	}
	if (Password{}).Is("bob", "") {
		t.Error("nothing is a password")
	}
}
