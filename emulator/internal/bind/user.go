package bind

import (
	"crypto/md5" // Redshift's own digest of passwords
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/login"
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

// createUser is CREATE USER (r_CREATE_USER.md). Who may by a role creates no
// superusers (r_roles-system-privileges.md).
func (c *change) createUser(s *ast.CreateUser) error {
	c.tag("CREATE USER", "UTILITY")
	if !c.system("create user") {
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
	if _, ok := c.env.Catalog.Role(name); ok {
		return errorAt(s.Name.Pos(), "42710", "a role with the name %q already exists", name) // assumed text
	}
	id, err := c.newID()
	if err != nil {
		return err
	}
	u := &catalog.User{ID: id, Name: name}
	if err := c.userOptions(u, s.Options); err != nil {
		return err
	}
	if u.Superuser && !c.env.Superuser {
		return errorAt(s.Pos(), "42501", "must be superuser to create superusers") // assumed text
	}
	c.apply(catalog.Change{User: u})
	for _, o := range s.Options {
		for _, id := range o.Idents {
			g, err := c.group(id)
			if err != nil {
				return err
			}
			changed := *g
			if !slices.Contains(changed.Users, u.ID) {
				changed.Users = append(slices.Clip(changed.Users), u.ID)
			}
			c.lockName("group", g.Name)
			c.apply(catalog.Change{Group: &changed})
		}
	}
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
	if !c.system("alter user") {
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
	if !c.env.Superuser && (u.Superuser && u.ID != c.env.UserID || changed.Superuser != u.Superuser) {
		return errorAt(s.Pos(), "42501", "must be superuser to alter superusers") // assumed text
	}
	c.apply(catalog.Change{User: &changed})
	return nil
}

func (c *change) userOptions(u *catalog.User, options []ast.UserOption) error {
	for _, o := range options {
		if err := c.userOption(u, o); err != nil {
			return err
		}
	}
	if i := slices.IndexFunc(options, func(o ast.UserOption) bool { return o.Kind == ast.UserPasswordDisable }); i >= 0 && u.Superuser {
		return errorAt(options[i].Pos(), "22023", "cannot disable the password of a superuser") // assumed text
	}
	return nil
}

func (c *change) userOption(u *catalog.User, o ast.UserOption) (err error) {
	switch o.Kind {
	case ast.UserPassword:
		err = setPassword(u, o)
	case ast.UserPasswordDisable:
		u.MD5, u.SHA256, u.Salt = "", "", ""
	case ast.UserCreateDB, ast.UserNoCreateDB:
		u.CreateDB = o.Kind == ast.UserCreateDB
	case ast.UserCreateUser, ast.UserNoCreateUser:
		u.Superuser = o.Kind == ast.UserCreateUser
	case ast.UserSyslog:
		u.SyslogUnrestricted = strings.EqualFold(o.Text, "unrestricted")
	case ast.UserInGroup:
		// They are joined once the user is there.
	case ast.UserValidUntil:
		u.ValidUntil, err = validUntil(o)
	case ast.UserConnectionLimit:
		switch {
		case o.Number < 0:
			u.ConnectionLimit = nil
		case o.Number > math.MaxInt32:
			return errorAt(o.Pos(), "22023", "invalid connection limit: %d", o.Number)
		default:
			u.ConnectionLimit = new(int32(o.Number))
		}
	case ast.UserExternalID:
		u.ExternalID = o.Text
	case ast.UserRename:
		return c.renameUser(u, o.Idents[0])
	case ast.UserReset:
		u.Settings = maps.Clone(u.Settings)
		if delete(u.Settings, strings.ToLower(o.Text)); strings.EqualFold(o.Text, "all") {
			u.Settings = nil
		}
	case ast.UserSet:
		return c.userSetting(u, o)
	case ast.UserResetSessionTimeout:
		u.SessionTimeout = 0
	case ast.UserSessionTimeout:
		if o.Number < minSessionTimeout || o.Number > maxSessionTimeout {
			return errorAt(o.Pos(), "22023", "session timeout must be between %d and %d seconds", minSessionTimeout, maxSessionTimeout) // assumed text
		}
		u.SessionTimeout = int32(o.Number)
	default:
		return unsupported(o.Pos(), "this option of a user")
	}
	return err
}

// userSetting is ALTER USER … SET: what the user's sessions begin with from the
// next one on (r_ALTER_USER.md).
func (c *change) userSetting(u *catalog.User, o ast.UserOption) error {
	if c.env.Setting == nil {
		return unsupported(o.Pos(), "settings of users")
	}
	words := make([]string, len(o.Set.Values))
	for i, v := range o.Set.Values {
		words[i] = v.Text
	}
	name := strings.ToLower(o.Set.Name)
	settings := maps.Clone(u.Settings)
	if o.Set.Default || len(words) == 0 {
		delete(settings, name)
		u.Settings = settings
		return nil
	}
	value, bad := c.env.Setting(name, strings.Join(words, ", "))
	if bad != nil {
		e := *bad
		e.Offset = o.Set.NamePos
		return &e
	}
	if settings == nil {
		settings = make(map[string]string, 1)
	}
	settings[name] = value
	u.Settings = settings
	return nil
}

// The limits of SESSION TIMEOUT, in seconds (r_CREATE_USER.md).
const (
	minSessionTimeout = 60
	maxSessionTimeout = 1_728_000
)

func (c *change) renameUser(u *catalog.User, id ast.Ident) error {
	name := c.newName(id)
	c.lockName("user", name)
	if _, ok := c.env.Catalog.User(name); ok {
		return errorAt(id.Pos(), "42710", "user %q already exists", name)
	}
	if u.MD5 != "" {
		// The name is part of the digest, the password of both.
		u.MD5, u.SHA256, u.Salt = "", "", ""
		c.notice("NOTICE", "00000", "MD5 password cleared because of user rename")
	}
	u.Name = name
	return nil
}

// validUntil reads the time of VALID UNTIL, UTC where no zone is said (assumed).
func validUntil(o ast.UserOption) (string, error) {
	text := strings.TrimSpace(o.Text)
	if strings.EqualFold(text, "infinity") {
		return "", nil
	}
	for _, layout := range []string{
		time.DateOnly, time.DateTime, "2006-01-02 15:04", "2006-01-02 15:04:05-07", "2006-01-02 15:04:05-07:00",
		time.RFC3339, "2006-01-02T15:04:05", "01/02/2006", "Jan 2 2006", "Jan 2, 2006", "January 2 2006", "January 2, 2006",
	} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC().Format(time.RFC3339), nil
		}
	}
	return "", errorAt(o.Pos(), "22007", "invalid input syntax for type abstime: %q", o.Text)
}

// setPassword keeps the digests of a password (r_CREATE_USER.md): of md5 with 32
// hexadecimal digits these alone, of sha256| with text that text's SHA-256 under a salt
// of the server's, of sha256|digest|salt those, and of a password in clear the MD5, with
// a SHA-256 beside it for logins by digest (assumed).
func setPassword(u *catalog.User, o ast.UserOption) error {
	if digest, ok := strings.CutPrefix(o.Text, "md5"); ok && isHex(digest, md5.Size) {
		u.MD5, u.SHA256, u.Salt = strings.ToLower(digest), "", ""
		return nil
	}
	text, strong := strings.CutPrefix(o.Text, "sha256|")
	if digest, salt, ok := strings.Cut(text, "|"); ok && strong && isHex(digest, sha256.Size) {
		if !isHex(salt, sha256.Size) {
			return errorAt(o.Pos(), "22023", "the salt of a SHA-256 password must be 64 hexadecimal digits") // assumed
		}
		u.MD5, u.SHA256, u.Salt = "", strings.ToLower(digest), strings.ToLower(salt)
		return nil
	}
	if err := checkPassword(text, o); err != nil {
		return err
	}
	p := login.NewPassword(u.Name, text)
	u.MD5, u.SHA256, u.Salt = p.MD5, hex.EncodeToString(p.SHA256), hex.EncodeToString(p.Salt)
	if strong {
		u.MD5 = ""
	}
	return nil
}

// isHex tells whether a text is so many bytes in hexadecimal.
func isHex(text string, bytes int) bool {
	_, err := hex.DecodeString(text)
	return err == nil && len(text) == 2*bytes
}

// checkPassword has the rules of r_CREATE_USER.md for passwords in clear; the texts are
// assumed. None shows the password.
func checkPassword(p string, o ast.UserOption) error {
	bad := func(why string) error { return errorAt(o.Pos(), "22023", "password %s", why) }
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
	return nil
}
