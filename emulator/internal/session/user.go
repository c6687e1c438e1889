package session

import (
	"context"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
)

// iamPrefixes stand before a user's name in a login with temporary credentials
// (API_GetClusterCredentials).
var iamPrefixes = []string{"IAM:", "IAMA:", "IAMR:"}

// loginUser is the database user that a login names: by its own name, or by the
// one behind the prefix of temporary credentials.
func loginUser(s *catalog.Snapshot, name string) (*catalog.User, bool) {
	if u, ok := s.User(name); ok {
		return u, true
	}
	for _, p := range iamPrefixes {
		if rest, ok := strings.CutPrefix(name, p); ok {
			return s.User(rest)
		}
	}
	return nil, false
}

// namespace is the GUID that DescribeClusters tells too.
const namespace = "00000000-0000-0000-0000-000000000000"

// arn is who logged in through IAM, empty for a local user. The forms are assumed.
func (b *backend) arn() string {
	for _, p := range iamPrefixes {
		if name, ok := strings.CutPrefix(b.startup.User, p); ok {
			kind := "iam::" + b.core.cfg.Account + ":user/"
			if strings.HasPrefix(p, "IAMR") {
				kind = "sts::" + b.core.cfg.Account + ":assumed-role/"
			}
			return "arn:aws:" + kind + name
		}
	}
	return ""
}

// HasUser tells whether a database user exists.
func (c *Core) HasUser(name string) bool {
	_, ok := c.cfg.Catalog.Committed().User(name)
	return ok
}

// MakeUser makes a database user without a password, as AutoCreate does. A user
// that is there is no error.
func (c *Core) MakeUser(ctx context.Context, name string) error {
	conn, err := c.cfg.DB.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() // it was committed or is rolled back
	c.gate.Lock()
	defer c.gate.Unlock()
	if c.HasUser(name) {
		return nil
	}
	change := catalog.Change{User: &catalog.User{ID: c.cfg.Catalog.NextID(), Name: name}}
	for _, sql := range append(append([]string{"BEGIN TRANSACTION"}, change.SQL()...), "COMMIT") {
		if _, err := conn.Exec(ctx, sql, nil); err != nil {
			return err
		}
	}
	c.cfg.Catalog.Commit([]catalog.Change{change})
	return nil
}
