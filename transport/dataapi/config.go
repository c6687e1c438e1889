package dataapi

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"

	"github.com/llm-dev-ops/redshift/transport"
)

// Results is the form in which the service sends rows, which must be said when a
// statement is submitted. Both give the same values.
type Results string

// The forms of results.
const (
	// ResultsAuto is CSV for statements of which many rows may come
	// (transport.Statement.Large: Client.Query, and jobs), and JSON for all others.
	ResultsAuto Results = ""
	// ResultsJSON is for all: about 1 MB in a call, and NULL is told apart from an
	// empty text by the documents, not by an assumption about CSV.
	ResultsJSON Results = "JSON"
	// ResultsCSV is for all but batches, which have JSON: about 15 MB in a call.
	ResultsCSV Results = "CSV"
)

// Config says which database is meant, who asks and how patiently. Cluster or
// Workgroup, Database and AWS are required.
type Config struct {
	// Cluster is the identifier of a provisioned cluster. Set it or Workgroup.
	Cluster string
	// Workgroup is the name of a serverless workgroup, or its ARN for one of
	// another account.
	Workgroup string
	// Database is the database to connect to.
	Database string
	// DbUser is the database user whose temporary credentials the service gets
	// (redshift:GetClusterCredentials); for a cluster only. Defaults to the
	// user that belongs to the IAM identity.
	DbUser string
	// SecretARN names a secret of Secrets Manager that holds user and password.
	// It excludes DbUser. Defaults to none.
	SecretARN string
	// Region is the AWS region of the service. Defaults to AWS.Region.
	Region string
	// Endpoint is the URL of the service, for a VPC endpoint or an emulator.
	// Defaults to the region's.
	Endpoint string
	// AWS holds the credentials and the HTTP client, as config.LoadDefaultConfig
	// of the AWS SDK gives them. Its retryer is not used: see RetryTime.
	AWS aws.Config

	// Rates keep the calls of all transports of the process that have the same
	// Account, Region and Endpoint within the account's quotas; calls wait for their
	// turn. Raised quotas are to be told here. Defaults to the quotas of a new account.
	Rates Rates
	// Account tells accounts apart that the process works for, for Rates. Defaults to
	// one account.
	Account string
	// WithEvent has the service send an event to EventBridge when a statement has
	// ended, with the statement's Label in it. Defaults to false.
	WithEvent bool

	// MaxSessions bounds the sessions that are leased at once. Defaults to 100.
	MaxSessions int
	// MaxActive bounds the statements that are under way at once, of all transports
	// of the process with the same Account, Region, Endpoint and Cluster or Workgroup;
	// the first of them says it. Others wait. The service takes 500. Defaults to 400;
	// negative is no bound.
	MaxActive int
	// KeepAlive is how long the service keeps an idle session that holds state,
	// in whole seconds up to 24 hours. The service cannot be told to end one
	// earlier. Defaults to 5 minutes.
	KeepAlive time.Duration
	// PollMin and PollMax bound the pause between two questions for a
	// statement's outcome; it grows by half each time. Default to 100 ms and 5 s.
	PollMin, PollMax time.Duration
	// Results is the form in which rows come. Defaults to ResultsAuto.
	Results Results
	// LongPoll is how long the service is asked to hold back the answer that a
	// statement has not ended, in whole seconds up to 30 and half of CallTimeout; a
	// service that does not do that is polled. Defaults to 10 s; negative polls.
	LongPoll time.Duration
	// CallTimeout bounds one HTTP call. Defaults to 30 s.
	CallTimeout time.Duration
	// RetryTime is how long a call that was throttled, or whose answer did not
	// come, is repeated; the context ends it earlier. That too many statements are
	// under way is waited out without a bound but the context's. Defaults to 2 minutes.
	RetryTime time.Duration
	// CancelTime bounds what is done after a context has ended: cancelling a
	// statement, rolling a transaction back. Defaults to 5 s.
	CancelTime time.Duration
}

// The service's limits (data-api.md, "Considerations when calling the Data API").
const (
	maxStatement = 200 << 10 // "200 KB"; that a KB is 1024 bytes is assumed
	maxBatch     = 40
	maxParams    = 32767 // the service names no bound; PREPARE's is assumed
	maxLabel     = 2048
	maxToken     = 64
	maxKeepAlive = 24 * time.Hour
	maxLongPoll  = 30 * time.Second
)

func (c Config) withDefaults() Config {
	if c.Region == "" {
		c.Region = c.AWS.Region
	}
	c.Rates = c.Rates.withDefaults()
	if c.MaxSessions == 0 {
		c.MaxSessions = 100
	}
	if c.MaxActive == 0 {
		c.MaxActive = 400
	}
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&c.KeepAlive, 5 * time.Minute},
		{&c.PollMin, 100 * time.Millisecond},
		{&c.PollMax, 5 * time.Second},
		{&c.LongPoll, 10 * time.Second},
		{&c.CallTimeout, 30 * time.Second},
		{&c.RetryTime, 2 * time.Minute},
		{&c.CancelTime, 5 * time.Second},
	} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	return c
}

// Validate reports the first field that cannot be right, by name.
func (c Config) Validate() error {
	c = c.withDefaults()
	switch {
	case (c.Cluster == "") == (c.Workgroup == ""):
		return errors.New("dataapi: set Config.Cluster or Config.Workgroup, and not both")
	case c.Database == "":
		return errors.New("dataapi: Config.Database is empty")
	case c.DbUser != "" && c.Cluster == "":
		return errors.New("dataapi: Config.DbUser is for a cluster; a workgroup derives the user from the IAM identity")
	case c.DbUser != "" && c.SecretARN != "":
		return errors.New("dataapi: Config.DbUser and Config.SecretARN exclude each other")
	case c.Region == "":
		return errors.New("dataapi: Config.Region and Config.AWS.Region are empty")
	case c.AWS.Credentials == nil:
		return errors.New("dataapi: Config.AWS.Credentials is nil; use config.LoadDefaultConfig of the AWS SDK")
	case c.MaxSessions < 0:
		return errors.New("dataapi: Config.MaxSessions is negative")
	case c.KeepAlive < time.Second || c.KeepAlive > maxKeepAlive:
		return fmt.Errorf("dataapi: Config.KeepAlive is %v; it is from one second to 24 hours", c.KeepAlive)
	case c.PollMin < 0 || c.PollMax < c.PollMin:
		return fmt.Errorf("dataapi: Config.PollMin is %v and Config.PollMax is %v", c.PollMin, c.PollMax)
	case c.Results != ResultsAuto && c.Results != ResultsJSON && c.Results != ResultsCSV:
		return fmt.Errorf("dataapi: Config.Results is %q; it is JSON, CSV or empty", c.Results)
	case c.LongPoll > maxLongPoll:
		return fmt.Errorf("dataapi: Config.LongPoll is %v; the service waits 30 s at most", c.LongPoll)
	case c.CallTimeout < 0:
		return errors.New("dataapi: Config.CallTimeout is negative")
	case c.RetryTime < 0:
		return errors.New("dataapi: Config.RetryTime is negative")
	case c.CancelTime < 0:
		return errors.New("dataapi: Config.CancelTime is negative")
	}
	if c.Endpoint != "" {
		if u, err := url.Parse(c.Endpoint); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			return errors.New("dataapi: Config.Endpoint is not an http or https URL")
		}
	}
	return nil
}

// Open makes a transport. It does no I/O: the first statement proves the
// credentials. The transport must be closed.
func Open(cfg Config) (transport.Transport, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	api := redshiftdata.NewFromConfig(cfg.AWS, func(o *redshiftdata.Options) {
		o.Region = cfg.Region
		// Calls are repeated by retrying, which knows which calls may be
		// repeated and for how long; two loops would multiply.
		o.Retryer = aws.NopRetryer{}
		if cfg.Endpoint != "" {
			o.BaseEndpoint = aws.String(cfg.Endpoint)
		}
	})
	return newService(cfg, api), nil
}

// addr names the service for errors.
func (c Config) addr() string {
	where := c.Cluster
	if where == "" {
		where = c.Workgroup
	}
	if c.Endpoint != "" {
		if u, err := url.Parse(c.Endpoint); err == nil {
			return where + " at " + u.Host
		}
	}
	return where + " at redshift-data." + c.Region
}
