package datadoor

import (
	"context"
	"log/slog"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/session"
)

// Config says what the door stands on. Open and Catalog must be set.
type Config struct {
	// Open begins a session for a user who counts as authenticated
	// (session.Core.Open).
	Open func(context.Context, session.Startup) (session.Session, error)
	// Catalog is what is committed (catalog.Catalog.Committed).
	Catalog func() *catalog.Snapshot
	// Cluster and Workgroup are the identifiers that the database answers to.
	// Both default to "emulator".
	Cluster, Workgroup string
	// User is the database user of who brings neither DbUser nor a secret.
	// Defaults to "awsuser".
	User string
	// Secret is the text of a secret by its name or ARN. Nil takes any for User's.
	Secret func(id string) (text string, ok bool)
	// Login tells whether a password is a user's. Nil takes any.
	Login func(user, password string) bool
	// Limits are the service's quotas.
	Limits Limits
	// Logger gets a debug line per call. Defaults to discarding.
	Logger *slog.Logger
}

// Limits are the quotas of the service (data-api.md, "Considerations when
// calling the Data API"). Zero values are AWS's, but for Rates.
type Limits struct {
	// Statement is how many bytes a statement's text has at most. Defaults to
	// 200 KB.
	Statement int
	// ActiveStatements is how many may be submitted or running at once.
	// Defaults to 500.
	ActiveStatements int
	// Sessions is how many sessions may be kept at once. Defaults to 500.
	Sessions int
	// Result bounds the rows of one statement in bytes. Defaults to 500 MB.
	Result int64
	// Kept bounds the rows of all statements together; beyond it the oldest
	// results are given up. It is the emulator's own. Defaults to 1 GB.
	Kept int64
	// Retention is how long statements and results are kept. Defaults to 24 hours.
	Retention time.Duration
	// TokenRetention is how long client tokens are remembered. Defaults to 8 hours.
	TokenRetention time.Duration
	// SessionLife is how long a session lives at most. Defaults to 24 hours.
	SessionLife time.Duration
	// Rates are the calls a second that operations take, by their names; what is
	// beyond is throttled. AWSRates are the service's. Defaults to no limits.
	Rates map[string]float64
}

// AWSRates are the default transaction quotas per account and region
// (data-api.md; amazon-redshift-limits.md).
func AWSRates() map[string]float64 {
	return map[string]float64{
		"ExecuteStatement": 30, "BatchExecuteStatement": 20, "DescribeStatement": 100,
		"GetStatementResult": 20, "GetStatementResultV2": 20, "CancelStatement": 3, "DescribeTable": 3,
		"ListStatements": 3, "ListSessions": 3, "ListDatabases": 3, "ListSchemas": 3, "ListTables": 3,
	}
}

func (c Config) withDefaults() Config {
	text := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	text(&c.Cluster, "emulator")
	text(&c.Workgroup, "emulator")
	text(&c.User, "awsuser")
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	c.Limits = c.Limits.withDefaults()
	return c
}

func (l Limits) withDefaults() Limits {
	setDefault(&l.Statement, 200<<10)
	setDefault(&l.ActiveStatements, 500)
	setDefault(&l.Sessions, 500)
	setDefault(&l.Result, 500<<20)
	setDefault(&l.Kept, 1<<30)
	setDefault(&l.Retention, 24*time.Hour)
	setDefault(&l.TokenRetention, 8*time.Hour)
	setDefault(&l.SessionLife, 24*time.Hour)
	return l
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
