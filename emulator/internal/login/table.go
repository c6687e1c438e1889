// Package login checks passwords, and holds the temporary ones that the emulator's
// AWS doors have given out, until they expire.
package login

import (
	"crypto/rand"
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
	text  string
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
	until = t.now().Add(valid).Truncate(time.Second)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.issued == nil {
		t.issued = map[string][]password{}
	}
	list := append(t.alive(user), password{text, until})
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

// Passwords are those of a user that are accepted now.
func (t *Table) Passwords(user string) []Password {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := t.alive(user)
	if len(list) == 0 {
		delete(t.issued, user)
		return nil
	}
	t.issued[user] = list
	all := make([]Password, len(list))
	for i, p := range list {
		all[i].Text = p.text
	}
	return all
}
