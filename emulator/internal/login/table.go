// Package login holds the temporary passwords that the emulator's AWS doors
// have given out, until they expire.
package login

import (
	"crypto/md5" //nolint:gosec // it is the protocol's
	"crypto/rand"
	"encoding/hex"
	"slices"
	"sync"
	"time"
)

// maxPerUser bounds the passwords of one user that are valid at once; beyond
// it the oldest ends early.
const maxPerUser = 1000

// Table is what has been given out. The zero value is ready; it is safe for
// concurrent use.
type Table struct {
	// Now is the clock. Defaults to time.Now.
	Now func() time.Time

	mu     sync.Mutex
	issued map[string][]password
}

type password struct {
	md5   string
	until time.Time
}

func (t *Table) now() time.Time {
	if t.Now == nil {
		return time.Now()
	}
	return t.Now()
}

// Issue makes a password of a user that is accepted for so long.
func (t *Table) Issue(user string, valid time.Duration) (text string, until time.Time) {
	text = rand.Text() + rand.Text()
	sum := md5.Sum([]byte(text + user)) //nolint:gosec // it is the protocol's
	until = t.now().Add(valid).Truncate(time.Second)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.issued == nil {
		t.issued = map[string][]password{}
	}
	list := append(t.alive(user), password{hex.EncodeToString(sum[:]), until})
	if len(list) > maxPerUser {
		list = slices.Delete(list, 0, len(list)-maxPerUser)
	}
	t.issued[user] = list
	return text, until
}

// alive are a user's passwords that have not expired. The lock is held.
func (t *Table) alive(user string) []password {
	now := t.now()
	return slices.DeleteFunc(t.issued[user], func(p password) bool { return !now.Before(p.until) })
}

// MD5s are the digests of a user's passwords that are accepted now, each of
// password and user, in hex.
func (t *Table) MD5s(user string) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := t.alive(user)
	if len(list) == 0 {
		delete(t.issued, user)
		return nil
	}
	t.issued[user] = list
	digests := make([]string, len(list))
	for i, p := range list {
		digests[i] = p.md5
	}
	return digests
}
