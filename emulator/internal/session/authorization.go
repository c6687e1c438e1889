package session

import (
	"fmt"
	"slices"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/bind"
	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// current is as whom the session acts: the user who logged in, or the one of
// SET SESSION AUTHORIZATION, as the catalog knows them by now.
func (b *backend) current(snapshot *catalog.Snapshot) *catalog.User {
	u := b.user
	if b.other != nil {
		u = b.other
	}
	if b.acting != nil {
		u = b.acting
	}
	if now, ok := snapshot.UserByID(u.ID); ok {
		return now
	}
	gone := *u // a user who was dropped is nobody's superuser
	gone.Superuser = false
	return &gone
}

// setAuthorization is SET SESSION AUTHORIZATION (r_SET_SESSION_AUTHORIZATION.md),
// which a superuser may who logged in as one. A nil name is DEFAULT.
func (b *backend) setAuthorization(name *ast.Ident, local bool) error {
	b.number()
	to := (*catalog.User)(nil)
	if name != nil {
		snapshot := b.snapshot()
		u, ok := snapshot.User(name.Name)
		if !ok {
			return &Error{State: "42704", Message: fmt.Sprintf("user %q does not exist", name.Name)}
		}
		login, _ := snapshot.UserByID(b.user.ID)
		if u.ID != b.user.ID && (login == nil || !login.Superuser) {
			return &Error{State: "42501", Message: "permission denied to set session authorization"}
		}
		if u.ID != b.user.ID {
			to = u
		}
	}
	b.tx.localUser = local
	b.become(to)
	return nil
}

// become makes the session act as a user, nil for the one who logged in, and
// tells the client.
func (b *backend) become(to *catalog.User) {
	if b.other == to {
		return
	}
	before := b.current(b.snapshot())
	b.other = to
	after := b.current(b.snapshot())
	if b.startup.Report == nil || before.ID == after.ID {
		return
	}
	b.startup.Report(Parameter{"session_authorization", after.Name})
	if before.Superuser != after.Superuser {
		b.startup.Report(Parameter{"is_superuser", onText(after.Superuser)})
	}
}

func onText(b bool) string {
	if b {
		return "on"
	}
	return "off"
}

// seesAll tells whether a user sees the rows of others in system views
// (c_visibility-of-data.md, r_roles-system-privileges.md).
func seesAll(snapshot *catalog.Snapshot, u *catalog.User) bool {
	return u.Superuser || u.SyslogUnrestricted || snapshot.Who(u.ID).System("access system table")
}

// expired tells whether a password's time is over (CREATE USER … VALID UNTIL).
func expired(u *catalog.User, now time.Time) bool {
	until, err := time.Parse(time.RFC3339, u.ValidUntil)
	return err == nil && now.After(until)
}

// roomFor refuses a session beyond the user's CONNECTION LIMIT, which does not
// count for superusers (r_CREATE_USER.md). The core is locked.
func (c *Core) roomFor(u *catalog.User) error {
	if u.ConnectionLimit == nil || u.Superuser {
		return nil
	}
	n := int32(0)
	for _, b := range c.sessions {
		if b.user.ID == u.ID {
			n++
		}
	}
	if n < *u.ConnectionLimit {
		return nil
	}
	return &Error{Severity: "FATAL", State: "53300", Message: fmt.Sprintf("too many connections for user %q", u.Name)} // assumed text
}

// mayCancel tells whether the session may cancel another's statement: one's own,
// a superuser any, and who has the system privilege.
func (b *backend) mayCancel(other *backend) bool {
	snapshot := b.snapshot()
	u := b.current(snapshot)
	return slices.Contains([]int32{u.ID, b.user.ID}, other.user.ID) || snapshot.Who(u.ID).System("cancel")
}

// userSetting checks a parameter of ALTER USER … SET.
func userSetting(name, value string) (string, *bind.Error) {
	name = settingName(name)
	def, ok := sessionSettings[name]
	bad := func(e *Error) (string, *bind.Error) {
		return "", &bind.Error{State: e.State, Message: e.Message, Hint: e.Hint, Offset: -1}
	}
	switch {
	case !ok:
		return bad(unknownSetting(name))
	case def.fixed:
		return bad(&Error{State: "55P02", Message: fmt.Sprintf("parameter %q cannot be changed", name)})
	}
	v, err := def.check(value)
	if err != nil {
		return bad(invalidSetting(name, value, err))
	}
	return v, nil
}
