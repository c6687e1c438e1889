package login

import (
	"crypto/md5" //nolint:gosec // it is the protocol's
	"encoding/hex"
	"slices"
	"testing"
	"time"
)

func TestTable(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	table := &Table{Now: func() time.Time { return now }}
	if table.MD5s("bob") != nil {
		t.Error("nobody has a password yet")
	}
	first, until := table.Issue("bob", 15*time.Minute)
	now = now.Add(10 * time.Minute)
	second, _ := table.Issue("bob", 15*time.Minute)
	if first == second || !until.Equal(time.Date(2026, 1, 1, 0, 15, 0, 0, time.UTC)) {
		t.Error(until)
	}
	sum := md5.Sum([]byte(first + "bob")) //nolint:gosec // it is the protocol's
	if got := table.MD5s("bob"); len(got) != 2 || !slices.Contains(got, hex.EncodeToString(sum[:])) {
		t.Error(got)
	}
	now = now.Add(10 * time.Minute)
	if got := table.MD5s("bob"); len(got) != 1 {
		t.Error(got)
	}
	if table.MD5s("alice") != nil {
		t.Error("alice has bob's")
	}
	now = now.Add(time.Hour)
	if got := table.MD5s("bob"); got != nil {
		t.Error(got)
	}
	for range maxPerUser + 5 {
		table.Issue("bob", time.Hour)
	}
	if got := len(table.MD5s("bob")); got != maxPerUser {
		t.Error(got)
	}
}
