package session

import (
	"context"
	"fmt"
	"slices"
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
	return c.changeUsers(ctx, func() ([]catalog.Change, error) {
		if c.HasUser(name) {
			return nil, nil
		}
		return []catalog.Change{{User: &catalog.User{ID: c.cfg.Catalog.NextID(), Name: name}}}, nil
	})
}

// JoinGroups puts a user into groups in which it is not yet, as DbGroups asks for.
func (c *Core) JoinGroups(ctx context.Context, user string, groups []string) error {
	return c.changeUsers(ctx, func() ([]catalog.Change, error) {
		now := c.cfg.Catalog.Committed()
		u, ok := now.User(user)
		if !ok {
			return nil, fmt.Errorf("user %q does not exist", user)
		}
		var changes []catalog.Change
		for _, name := range slices.Compact(slices.Sorted(slices.Values(groups))) {
			g, ok := now.Group(name)
			if !ok {
				return nil, fmt.Errorf("group %q does not exist", name)
			}
			if !slices.Contains(g.Users, u.ID) {
				changes = append(changes, catalog.Change{Group: &catalog.Group{ID: g.ID, Name: g.Name, Users: append(slices.Clip(g.Users), u.ID)}})
			}
		}
		return changes, nil
	})
}

// changeUsers commits changes that no session makes.
func (c *Core) changeUsers(ctx context.Context, decide func() ([]catalog.Change, error)) error {
	conn, err := c.cfg.DB.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() // it was committed or is rolled back
	c.gate.Lock()
	defer c.gate.Unlock()
	changes, err := decide()
	if err != nil || len(changes) == 0 {
		return err
	}
	script := []string{"BEGIN TRANSACTION"}
	for _, change := range changes {
		script = append(script, change.SQL()...)
	}
	for _, sql := range append(script, "COMMIT") {
		if _, err := conn.Exec(ctx, sql, nil); err != nil {
			return err
		}
	}
	c.cfg.Catalog.Commit(changes)
	return nil
}
