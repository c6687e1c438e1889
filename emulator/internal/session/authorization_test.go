package session

import (
	"context"
	"testing"
)

// TestPasswordEnds: VALID UNTIL ends a password, and nothing else.
func TestPasswordEnds(t *testing.T) {
	t.Parallel()
	core := newCore(t)
	c := openClient(t, core)
	t.Cleanup(c.Close)
	c.script(context.Background(), `CREATE USER past PASSWORD 'Abcdefg1' VALID UNTIL '2001-01-01'; CREATE USER next PASSWORD 'Abcdefg1' VALID UNTIL '2999-01-01 10:00:00'; CREATE USER none PASSWORD DISABLE`)
	for name, want := range map[string]bool{"past": false, "next": true, "none": false, "awsuser": true, "nosuch": false} {
		if _, ok := core.MD5(name); ok != want {
			t.Errorf("%s may log in with a password: %v; %s", name, ok, c.taken())
		}
	}
}
