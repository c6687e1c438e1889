package session

import (
	"testing"
	"time"
)

// TestIdle sees that a session in a block has the transaction's time.
func TestIdle(t *testing.T) {
	t.Parallel()
	core := newCore(t)
	c := openClient(t, core)
	defer c.Close()
	i := c.Session.(Idler)
	if d, e := i.Idle(); d != 4*time.Hour || e.Severity != "FATAL" {
		t.Fatalf("%v %v", d, e)
	}
	c.must(t, "BEGIN", Call{})
	if d, e := i.Idle(); d != 6*time.Hour || e.State != "25P03" {
		t.Fatalf("%v %v", d, e)
	}
	if c := (Config{Serverless: true, IdleTransaction: -1}).withIdle(); c.IdleSession != time.Hour || c.IdleTransaction != -1 {
		t.Fatalf("%+v", c)
	}
}
