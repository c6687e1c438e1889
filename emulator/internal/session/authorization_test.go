package session

import (
	"context"
	"strings"
	"testing"
	"time"
)

// TestPasswordEnds: VALID UNTIL ends a password, and nothing else.
func TestPasswordEnds(t *testing.T) {
	t.Parallel()
	core := newCore(t)
	c := openClient(t, core)
	t.Cleanup(c.Close)
	c.script(context.Background(), `CREATE USER past PASSWORD 'Abcdefg1' VALID UNTIL '2001-01-01'; CREATE USER next PASSWORD 'Abcdefg1' VALID UNTIL '2999-01-01 10:00:00'; CREATE USER none PASSWORD DISABLE`)
	for name, want := range map[string]bool{"past": false, "next": true, "none": false, "awsuser": true, "nosuch": false} {
		if _, ok := core.Password(name); ok != want {
			t.Errorf("%s may log in with a password: %v; %s", name, ok, c.taken())
		}
	}
}

// TestPasswordForms: what can be checked of a password that was given in one of the forms
// of CREATE USER.
func TestPasswordForms(t *testing.T) {
	t.Parallel()
	core := newCore(t)
	c := openClient(t, core)
	t.Cleanup(c.Close)
	// The digest is that of "Abcdefg1" and 32 zero bytes.
	const digest = "759e6ec245986900ff47585ec9dc4b942f56534505b8384d8c4da932043d912e"
	c.script(context.Background(), `CREATE USER plain PASSWORD 'Abcdefg1'; CREATE USER hash PASSWORD 'md5`+strings.Repeat("aB", 16)+`';
		CREATE USER strong PASSWORD 'sha256|Abcdefg1'; CREATE USER given PASSWORD 'sha256|`+digest+"|"+strings.Repeat("0", 64)+`';
		CREATE USER renamed PASSWORD 'Abcdefg1'; ALTER USER renamed RENAME TO other; CREATE USER kept PASSWORD 'sha256|Abcdefg1'; ALTER USER kept RENAME TO same;
		CREATE USER disabled PASSWORD 'sha256|Abcdefg1'; ALTER USER disabled PASSWORD DISABLE;
		CREATE USER back PASSWORD 'sha256|Abcdefg1'; ALTER USER back PASSWORD 'md5`+strings.Repeat("0", 32)+`'`)
	for name, want := range map[string]struct{ md5, sha256, is bool }{
		"plain": {true, true, true}, "hash": {true, false, false}, "strong": {false, true, true}, "given": {false, true, true},
		"other": {}, "same": {false, true, true}, "disabled": {}, "back": {true, false, false},
	} {
		p, ok := core.Password(name)
		if ok != (want.md5 || want.sha256) || (p.MD5 != "") != want.md5 || (len(p.SHA256) == 32 && len(p.Salt) == 32) != want.sha256 || p.Is(name, "Abcdefg1") != want.is || p.Text != "" {
			t.Errorf("%s: %v, MD5 %v, SHA-256 %v", name, ok, p.MD5 != "", len(p.SHA256) > 0)
		}
	}
	for _, bad := range []string{"sha256|short1A", "sha256|abcdefgh1", "sha256|" + digest + "|00", "sha256|" + digest, "sha256|" + digest[1:] + "|" + strings.Repeat("0", 64)} {
		c.script(context.Background(), "CREATE USER bad PASSWORD '"+bad+"'")
	}
	if _, ok := core.Password("bad"); ok {
		t.Error("a bad password is taken")
	}
}

// TestSessionTimeout: a user's SESSION TIMEOUT holds in sessions that begin after
// it, outside of a block.
func TestSessionTimeout(t *testing.T) {
	t.Parallel()
	core := newCore(t)
	admin := openClient(t, core)
	t.Cleanup(admin.Close)
	admin.script(context.Background(), "CREATE USER bob PASSWORD DISABLE SESSION TIMEOUT 60")
	bob, err := openAs(core, "bob", "dev")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bob.Close)
	if d, e := bob.Session.(Idler).Idle(); d != time.Minute || e.State != "57P05" {
		t.Errorf("%v, %v", d, e)
	}
	bob.script(context.Background(), "BEGIN")
	if d, _ := bob.Session.(Idler).Idle(); d != 6*time.Hour {
		t.Errorf("in a block %v", d)
	}
}
