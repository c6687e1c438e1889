package emulator

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/faults"
	"github.com/llm-dev-ops/redshift/emulator/internal/iam"
)

// Config says what an emulator is like. The zero value is a provisioned cluster
// in memory on free ports of the loopback interface.
type Config struct {
	// Listen is the address of the wire protocol. Defaults to "127.0.0.1:0", a
	// free port.
	Listen string
	// AWSListen is the address of the HTTP endpoint for AWS's services. Defaults
	// to "127.0.0.1:0", a free port.
	AWSListen string
	// DataDir keeps everything in this folder, which is made when missing and
	// used by one server at a time. Defaults to "": in memory.
	DataDir string
	// Database is the first database. Defaults to "dev".
	Database string
	// User is the superuser. Defaults to "awsuser".
	User string
	// Password is the superuser's. Defaults to "Emulator1".
	Password string
	// Auth is how the wire protocol asks for passwords. Defaults to AuthMD5.
	Auth AuthMethod
	// Token gives the database user whom the token of an identity provider names,
	// for clients that log in with one; it may be called by many goroutines. The
	// error is logged, so it must not hold the token. Defaults to nil: such logins
	// are refused.
	Token func(token string) (user string, err error)
	// TLS says how connections are encrypted. Clients may come without in any
	// case. Defaults to TLSAuto.
	TLS TLSMode
	// Certificate is the server's with TLSGiven.
	Certificate tls.Certificate
	// Serverless makes it a serverless workgroup, where the STL, STV, SVL and
	// SVCS views hold nothing. Defaults to false, a provisioned cluster.
	Serverless bool
	// SingleNode makes it a cluster of one node, where one FETCH takes 1,000 rows
	// at most. Defaults to false.
	SingleNode bool
	// IdleTransaction is how long a client may be silent inside of a transaction
	// block before its session is ended; negative is for ever. Defaults to 6 hours.
	IdleTransaction time.Duration
	// IdleSession is the same outside of a block. Defaults to 4 hours, 1 with
	// Serverless.
	IdleSession time.Duration
	// Region is the AWS region of cluster and buckets. Defaults to "us-east-1".
	Region string
	// Cluster and Workgroup are the identifiers that AWS's services know the
	// database by, both at once. Both default to "emulator".
	Cluster, Workgroup string
	// DataAPI are the quotas of the Data API.
	DataAPI DataAPILimits
	// IAM lists who may use AWS's services, as JSON (docs/emulator.md): signatures
	// are verified then, and roles have the rights that it gives them. Defaults to
	// none: every access key is good for everything.
	IAM []byte
	// Faults are rules of what goes wrong, as JSON (docs/emulator.md). Defaults to
	// none; Server.SetFaults and POST /_emulator/faults change them.
	Faults []byte
	// Bucket is a bucket that is there from the start. Defaults to "emulator".
	Bucket string
	// Role is the ARN that IAM_ROLE default stands for. Defaults to
	// "arn:aws:iam::123456789012:role/Redshift".
	Role string
	// MemoryLimit is DuckDB's, such as "2GB". Defaults to DuckDB's own, 80 % of
	// the machine's.
	MemoryLimit string
	// Threads is how many threads DuckDB uses. Defaults to one for every core.
	Threads int
	// Logger takes what people who run the server should know. Defaults to
	// discarding it.
	Logger *slog.Logger
}

// DataAPILimits are the quotas of the Redshift Data API. Zero values are AWS's,
// but for Rates.
type DataAPILimits struct {
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
	// Rates are the calls a second that operations take, by their names
	// ("ExecuteStatement"); what is beyond gets ThrottlingException. AWS's are 30
	// for ExecuteStatement, 100 for DescribeStatement, 20 for GetStatementResult.
	// Defaults to no limits.
	Rates map[string]float64
}

// AuthMethod is a login by password in the wire protocol.
type AuthMethod string

// The logins by password.
const (
	// AuthMD5 asks for Redshift's usual digest. A user whose password was given as
	// sha256|… is asked for that.
	AuthMD5 AuthMethod = "md5"
	// AuthDigest asks for a SHA-256 digest, which drivers of PostgreSQL do not know.
	// Users whose password was given as md5… cannot log in.
	AuthDigest AuthMethod = "digest"
	// AuthCleartext asks for the password, from other machines with TLS only.
	AuthCleartext AuthMethod = "cleartext"
)

// TLSMode says how the wire protocol is encrypted.
type TLSMode string

// The TLS modes.
const (
	// TLSAuto makes a certificate at start; its authority is Server.CACert.
	TLSAuto TLSMode = "auto"
	// TLSOff answers that there is no TLS.
	TLSOff TLSMode = "off"
	// TLSGiven uses Config.Certificate.
	TLSGiven TLSMode = "given"
)

// account is the account of everybody and everything.
const account = "123456789012"

func (c Config) withDefaults() Config {
	set := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	set(&c.Listen, "127.0.0.1:0")
	set(&c.AWSListen, "127.0.0.1:0")
	set(&c.Database, "dev")
	set(&c.User, "awsuser")
	set(&c.Password, "Emulator1")
	set((*string)(&c.Auth), string(AuthMD5))
	set((*string)(&c.TLS), string(TLSAuto))
	set(&c.Region, "us-east-1")
	set(&c.Cluster, "emulator")
	set(&c.Workgroup, "emulator")
	set(&c.Bucket, "emulator")
	set(&c.Role, "arn:aws:iam::123456789012:role/Redshift")
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// Validate tells what is wrong with the configuration.
func (c Config) Validate() error {
	c = c.withDefaults()
	for _, a := range []struct{ field, address string }{{"Listen", c.Listen}, {"AWSListen", c.AWSListen}} {
		if _, _, err := net.SplitHostPort(a.address); err != nil {
			return fmt.Errorf("emulator: %s must be host:port: %w", a.field, err)
		}
	}
	switch c.Auth {
	case AuthMD5, AuthDigest, AuthCleartext:
	default:
		return fmt.Errorf("emulator: Auth is %q; it takes md5, digest or cleartext", c.Auth)
	}
	switch c.TLS {
	case TLSAuto, TLSOff:
	case TLSGiven:
		if len(c.Certificate.Certificate) == 0 {
			return errors.New("emulator: TLS is given, but Certificate is empty")
		}
	default:
		return fmt.Errorf("emulator: TLS is %q; it takes auto, off or given", c.TLS)
	}
	if c.IAM != nil {
		if _, err := iam.New(account, time.Now, c.IAM); err != nil {
			return fmt.Errorf("emulator: IAM: %w", err)
		}
	}
	if c.Faults != nil {
		if err := faults.New().Replace(c.Faults); err != nil {
			return fmt.Errorf("emulator: Faults: %w", err)
		}
	}
	if c.Threads < 0 {
		return errors.New("emulator: Threads is negative")
	}
	return nil
}
