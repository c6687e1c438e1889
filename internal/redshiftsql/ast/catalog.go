package ast

// Behavior is CASCADE, RESTRICT or neither.
type Behavior uint8

// The behaviours of DROP and REVOKE.
const (
	BehaviorUnsaid Behavior = iota
	Restrict
	Cascade
)

// ObjectKind is a kind of database object, as DROP, COMMENT and GRANT name it.
type ObjectKind uint8

// The kinds of objects.
const (
	KindTable ObjectKind = iota
	KindView
	KindMaterializedView
	KindSchema
	KindDatabase
	KindUser
	KindGroup
	KindRole
	KindColumn
	KindConstraint
	KindFunction
	KindProcedure
	KindLanguage
	KindAllTables     // ALL TABLES IN SCHEMA
	KindAllFunctions  // ALL FUNCTIONS IN SCHEMA
	KindAllProcedures // ALL PROCEDURES IN SCHEMA
	KindTables        // TABLES of ALTER DEFAULT PRIVILEGES
	KindFunctions     // FUNCTIONS of ALTER DEFAULT PRIVILEGES
	KindProcedures    // PROCEDURES of ALTER DEFAULT PRIVILEGES
	KindModel
	KindDatashare
	KindExternalTable
	KindExternalSchema
	KindCopyJob
	KindTemplate
	numKinds
)

var kindNames = [numKinds]string{
	"table", "view", "materialized view", "schema", "database", "user", "group", "role", "column",
	"constraint", "function", "procedure", "language", "all tables in schema", "all functions in schema",
	"all procedures in schema", "tables", "functions", "procedures", "model", "datashare",
	"external table", "external schema", "copy job", "template",
}

// String is the kind in lower case, as in messages.
func (k ObjectKind) String() string {
	if k >= numKinds {
		return "?"
	}
	return kindNames[k]
}

// Option is a name with a value, both as decoded: DATABASE 'd'. Value is "" for
// a word that stands alone. HasValue tells it from an empty value.
type Option struct {
	Span
	Name     string // in lower case, words joined by one space
	Value    string
	HasValue bool
}

// Quota is QUOTA n [MB|GB|TB], or UNLIMITED. Redshift's default unit is GB.
type Quota struct {
	Span
	Unlimited bool
	Megabytes int64
}

// CreateSchema is CREATE [EXTERNAL] SCHEMA. Name is nil for CREATE SCHEMA
// AUTHORIZATION user, where the user's name serves.
type CreateSchema struct {
	Span
	External      bool
	IfNotExists   bool
	Name          *Ident
	Authorization *Ident
	Quota         *Quota
	Elements      []Stmt // CREATE TABLE, CREATE VIEW and GRANT inside

	Source  string   // of an external one, in lower case: "data catalog", "postgres" …
	Options []Option // of an external one: database, region, iam_role, uri, port …
}

// CreateDatabase is CREATE DATABASE. Options are owner, connection limit,
// collate, isolation level.
type CreateDatabase struct {
	Span
	Name    Ident
	Options []Option
}

// Drop is DROP of objects of one kind.
type Drop struct {
	Span
	Kind         ObjectKind
	IfExists     bool
	Names        []Name
	Behavior     Behavior
	Force        bool // DROP ROLE … FORCE
	WithExternal bool // DROP SCHEMA … DROP EXTERNAL DATABASE
}

// AlterSchema is ALTER SCHEMA: exactly one of RenameTo, Owner and Quota is set.
type AlterSchema struct {
	Span
	Name     Ident
	RenameTo *Ident
	Owner    *Ident
	Quota    *Quota
}

// AlterDatabase is ALTER DATABASE: RenameTo, Owner, or Options as of CREATE DATABASE.
type AlterDatabase struct {
	Span
	Name     Ident
	RenameTo *Ident
	Owner    *Ident
	Options  []Option
}

// UserOptionKind is the kind of a UserOption.
type UserOptionKind uint8

// The options of CREATE USER and ALTER USER.
const (
	UserPassword            UserOptionKind = iota // PASSWORD 'x': Text
	UserPasswordDisable                           // PASSWORD DISABLE
	UserCreateDB                                  // CREATEDB
	UserNoCreateDB                                // NOCREATEDB
	UserCreateUser                                // CREATEUSER
	UserNoCreateUser                              // NOCREATEUSER
	UserSyslog                                    // SYSLOG ACCESS RESTRICTED|UNRESTRICTED: Text
	UserInGroup                                   // IN GROUP a, b: Idents
	UserValidUntil                                // VALID UNTIL 'x': Text
	UserConnectionLimit                           // CONNECTION LIMIT n, -1 when UNLIMITED: Number
	UserSessionTimeout                            // SESSION TIMEOUT n: Number
	UserResetSessionTimeout                       // RESET SESSION TIMEOUT
	UserExternalID                                // EXTERNALID 'x': Text
	UserRename                                    // RENAME TO x: Idents[0]
	UserSet                                       // SET p TO v: Set
	UserReset                                     // RESET p: Text
)

// UserOption is one option of CREATE USER or ALTER USER.
type UserOption struct {
	Span
	Kind   UserOptionKind
	Text   string
	Number int64
	Idents []Ident
	Set    *Set
}

// CreateUser is CREATE USER.
type CreateUser struct {
	Span
	Name    Ident
	Options []UserOption
}

// AlterUser is ALTER USER.
type AlterUser struct {
	Span
	Name    Ident
	Options []UserOption
}

// CreateGroup is CREATE GROUP name [WITH USER a, b].
type CreateGroup struct {
	Span
	Name  Ident
	Users []Ident
}

// AlterGroup is ALTER GROUP: one of AddUsers, DropUsers and RenameTo is set.
type AlterGroup struct {
	Span
	Name      Ident
	AddUsers  []Ident
	DropUsers []Ident
	RenameTo  *Ident
}

// CreateRole is CREATE ROLE.
type CreateRole struct {
	Span
	Name       Ident
	ExternalID string
}

// AlterRole is ALTER ROLE: those of RenameTo, Owner and ExternalID that were given.
type AlterRole struct {
	Span
	Name       Ident
	RenameTo   *Ident
	Owner      *Ident
	ExternalID string
}

// Privilege is one privilege; Columns is that of select (a, b). Name is in
// lower case, words joined by one space ("select", "create user"); it is "all"
// for ALL (a, b).
type Privilege struct {
	Span
	Name    string
	Columns []Ident
}

// GranteeKind is the kind of a Grantee.
type GranteeKind uint8

// The kinds of grantees.
const (
	GranteeUser GranteeKind = iota
	GranteeGroup
	GranteeRole
	GranteePublic
)

// Grantee is one of those whom a GRANT or REVOKE speaks of.
type Grantee struct {
	Span
	Kind        GranteeKind
	Name        Ident
	GrantOption bool // WITH GRANT OPTION (or ADMIN OPTION) behind it
}

// Grants is the common part of GRANT and REVOKE.
type Grants struct {
	All        bool        // ALL [PRIVILEGES]
	Privileges []Privilege // empty with All or Roles
	Roles      []Ident     // GRANT ROLE a, b; and then nothing of Kind and Objects
	System     bool        // system privileges to a role: no ON clause
	Kind       ObjectKind
	Objects    []Name
	ArgTypes   [][]TypeName // of functions and procedures, in step with Objects; nil when not given
	Grantees   []Grantee
}

// Grant is GRANT.
type Grant struct {
	Span
	Grants
}

// Revoke is REVOKE.
type Revoke struct {
	Span
	Grants
	OptionFor bool // GRANT OPTION FOR, ADMIN OPTION FOR
	Behavior  Behavior
}

// AlterDefaultPrivileges is ALTER DEFAULT PRIVILEGES; Action is *Grant or *Revoke.
type AlterDefaultPrivileges struct {
	Span
	ForUsers []Ident
	Schemas  []Ident
	Action   Stmt
}

// Comment is COMMENT ON. Text is nil for IS NULL. On is the table of a
// constraint.
type Comment struct {
	Span
	Kind ObjectKind
	Name Name
	On   *Name
	Text *string
}

func (*CreateSchema) stmt()           {}
func (*CreateDatabase) stmt()         {}
func (*Drop) stmt()                   {}
func (*AlterSchema) stmt()            {}
func (*AlterDatabase) stmt()          {}
func (*CreateUser) stmt()             {}
func (*AlterUser) stmt()              {}
func (*CreateGroup) stmt()            {}
func (*AlterGroup) stmt()             {}
func (*CreateRole) stmt()             {}
func (*AlterRole) stmt()              {}
func (*Grant) stmt()                  {}
func (*Revoke) stmt()                 {}
func (*AlterDefaultPrivileges) stmt() {}
func (*Comment) stmt()                {}
