package bind

import (
	"crypto/md5" //nolint:gosec // Redshift's own digest of passwords
	"encoding/hex"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// user finds a user by name.
func (c *change) user(id ast.Ident) (*catalog.User, error) {
	name := c.newName(id)
	switch {
	case !id.Quoted && (name == "current_user" || name == "session_user" || name == "user"):
		name = c.env.User
	}
	if u, ok := c.env.Catalog.User(name); ok {
		return u, nil
	}
	return nil, errorAt(id.Pos(), "42704", "user %q does not exist", name)
}

// createUser is CREATE USER (r_CREATE_USER.md).
func (c *change) createUser(s *ast.CreateUser) error {
	c.tag("CREATE USER", "UTILITY")
	if !c.env.Superuser {
		return errorAt(s.Pos(), "42501", "must be superuser to create users")
	}
	name := c.newName(s.Name)
	if name == "public" {
		return errorAt(s.Name.Pos(), "42939", "user name \"public\" is reserved") // assumed text
	}
	c.lockName("user", name)
	if _, ok := c.env.Catalog.User(name); ok {
		return errorAt(s.Name.Pos(), "42710", "user %q already exists", name)
	}
	id, err := c.newID()
	if err != nil {
		return err
	}
	u := &catalog.User{ID: id, Name: name}
	if err := c.userOptions(u, s.Options); err != nil {
		return err
	}
	c.apply(catalog.Change{User: u})
	return nil
}

// alterUser is ALTER USER (r_ALTER_USER.md). A user may change the own password.
func (c *change) alterUser(s *ast.AlterUser) error {
	c.tag("ALTER USER", "UTILITY")
	u, err := c.user(s.Name)
	if err != nil {
		return err
	}
	changed := *u
	if !c.env.Superuser {
		for _, o := range s.Options {
			if u.ID != c.env.UserID || o.Kind != ast.UserPassword {
				return errorAt(s.Pos(), "42501", "permission denied")
			}
		}
	}
	c.lockName("user", u.Name)
	if err := c.userOptions(&changed, s.Options); err != nil {
		return err
	}
	c.apply(catalog.Change{User: &changed})
	return nil
}

func (c *change) userOptions(u *catalog.User, options []ast.UserOption) error {
	for _, o := range options {
		switch o.Kind {
		case ast.UserPassword:
			digest, err := passwordMD5(u.Name, o)
			if err != nil {
				return err
			}
			u.MD5 = digest
		case ast.UserPasswordDisable:
			u.MD5 = ""
		case ast.UserCreateDB, ast.UserNoCreateDB:
			u.CreateDB = o.Kind == ast.UserCreateDB
		case ast.UserCreateUser, ast.UserNoCreateUser:
			u.Superuser = o.Kind == ast.UserCreateUser
		case ast.UserRename:
			name := c.newName(o.Idents[0])
			c.lockName("user", name)
			if _, ok := c.env.Catalog.User(name); ok {
				return errorAt(o.Idents[0].Pos(), "42710", "user %q already exists", name)
			}
			if u.MD5 != "" {
				// The name is part of the digest.
				u.MD5 = ""
				c.notice("NOTICE", "00000", "MD5 password cleared because of user rename")
			}
			u.Name = name
		default:
			if err := inert(o); err != nil {
				return err
			}
		}
	}
	return nil
}

// inert lets those options pass that say what holds anyway.
func inert(o ast.UserOption) error {
	switch {
	case o.Kind == ast.UserSyslog && strings.EqualFold(o.Text, "restricted"),
		o.Kind == ast.UserConnectionLimit && o.Number < 0,
		o.Kind == ast.UserValidUntil && strings.EqualFold(o.Text, "infinity"),
		o.Kind == ast.UserResetSessionTimeout,
		o.Kind == ast.UserReset:
		return nil
	}
	what := map[ast.UserOptionKind]string{
		ast.UserSyslog: "SYSLOG ACCESS UNRESTRICTED", ast.UserInGroup: "IN GROUP", ast.UserValidUntil: "VALID UNTIL",
		ast.UserConnectionLimit: "CONNECTION LIMIT", ast.UserSessionTimeout: "SESSION TIMEOUT", ast.UserExternalID: "EXTERNALID", ast.UserSet: "settings of users",
	}[o.Kind]
	return unsupported(o.Pos(), "%s", what)
}

// passwordMD5 is the digest that is kept of a password: of the words md5 and 32
// hexadecimal digits themselves, or of a password in clear. The rules are those
// of r_CREATE_USER.md; the texts are assumed. None shows the password.
func passwordMD5(user string, o ast.UserOption) (string, error) {
	p := o.Text
	if digest, ok := strings.CutPrefix(p, "md5"); ok && len(digest) == 32 {
		if _, err := hex.DecodeString(digest); err == nil {
			return strings.ToLower(digest), nil
		}
	}
	if strings.HasPrefix(p, "sha256|") {
		return "", unsupported(o.Pos(), "passwords of SHA-256")
	}
	bad := func(why string) (string, error) { return "", errorAt(o.Pos(), "22023", "password %s", why) }
	var upper, lower, digit bool
	for _, r := range p {
		switch {
		case r >= 'A' && r <= 'Z':
			upper = true
		case r >= 'a' && r <= 'z':
			lower = true
		case r >= '0' && r <= '9':
			digit = true
		case strings.ContainsRune(`'"\/@ `, r):
			return bad(`must not contain any of ' " \ / @ or a space`)
		case r < '!' || r > '~':
			return bad("must consist of ASCII characters 33 to 126")
		}
	}
	switch {
	case len(p) < 8 || len(p) > 64:
		return bad("must be 8 to 64 characters long")
	case !upper:
		return bad("must contain at least one uppercase letter")
	case !lower:
		return bad("must contain at least one lowercase letter")
	case !digit:
		return bad("must contain at least one number")
	}
	sum := md5.Sum([]byte(p + user)) //nolint:gosec // as the protocol wants it
	return hex.EncodeToString(sum[:]), nil
}
