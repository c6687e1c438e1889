package login

import (
	"slices"
	"testing"
	"time"
)

func TestTable(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	table := &Table{Now: func() time.Time { return now }}
	if table.Passwords("bob") != nil {
		t.Error("nobody has a password yet")
	}
	first, until := table.Issue("bob", 15*time.Minute)
	now = now.Add(10 * time.Minute)
	second, _ := table.Issue("bob", 15*time.Minute)
	if first == second || !until.Equal(time.Date(2026, 1, 1, 0, 15, 0, 0, time.UTC)) {
		t.Error(until)
	}
	if got := table.Passwords("bob"); len(got) != 2 || !slices.ContainsFunc(got, func(p Password) bool { return p.Is("bob", first) }) {
		t.Error(len(got))
	}
	now = now.Add(10 * time.Minute)
	if got := table.Passwords("bob"); len(got) != 1 {
		t.Error(len(got))
	}
	if table.Passwords("alice") != nil {
		t.Error("alice has bob's")
	}
	now = now.Add(time.Hour)
	if got := table.Passwords("bob"); got != nil {
		t.Error(len(got))
	}
	for range maxPerUser + 5 {
		table.Issue("bob", time.Hour)
	}
	if got := len(table.Passwords("bob")); got != maxPerUser {
		t.Error(got)
	}
}
