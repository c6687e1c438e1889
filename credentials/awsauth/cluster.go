package awsauth

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshift"

	"github.com/llm-dev-ops/redshift/credentials"
)

// ClusterConfig is the login to a provisioned cluster as an IAM identity.
type ClusterConfig struct {
	Identity
	// Cluster is the cluster's identifier. It or CustomDomain must be given.
	Cluster string
	// CustomDomain is a custom domain name of the cluster.
	CustomDomain string
	// Database limits the credentials to one database. Defaults to any.
	Database string
	// DbUser is the database user (GetClusterCredentials). Defaults to the one
	// that belongs to the IAM identity (GetClusterCredentialsWithIAM).
	DbUser string
	// AutoCreate makes DbUser if it is not there.
	AutoCreate bool
	// DbGroups are joined by DbUser for the session.
	DbGroups []string
	// Duration of the credentials, 15 minutes to 1 hour. Defaults to AWS's 15
	// minutes.
	Duration time.Duration
}

// Validate tells what is wrong with the configuration.
func (c ClusterConfig) Validate() error {
	switch {
	case c.Cluster == "" && c.CustomDomain == "":
		return errors.New("awsauth: Cluster or CustomDomain must be given")
	case c.Cluster != "" && c.CustomDomain != "":
		return errors.New("awsauth: Cluster and CustomDomain exclude each other")
	case c.DbUser == "" && (c.AutoCreate || len(c.DbGroups) > 0):
		return errors.New("awsauth: AutoCreate and DbGroups need DbUser")
	}
	return errors.Join(validDuration(c.Duration), c.Identity.Validate())
}

func validDuration(d time.Duration) error {
	if d != 0 && (d < 15*time.Minute || d > time.Hour) {
		return errors.New("awsauth: Duration is not between 15 minutes and 1 hour")
	}
	return nil
}

func seconds(d time.Duration) *int32 {
	if d == 0 {
		return nil
	}
	return aws.Int32(int32(d / time.Second))
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return aws.String(s)
}

// NewCluster makes the Provider of a cluster. It reads the AWS configuration
// and sends nothing.
func NewCluster(ctx context.Context, cfg ClusterConfig) (*Provider, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	a, err := cfg.load(ctx)
	if err != nil {
		return nil, err
	}
	client := redshift.NewFromConfig(a)
	return &Provider{
		Cached:   credentials.NewCached(retriever(func(ctx context.Context) (credentials.Credentials, error) { return cfg.retrieve(ctx, client) })),
		endpoint: func(ctx context.Context) (Endpoint, error) { return cfg.find(ctx, client) },
	}, nil
}

func (c ClusterConfig) retrieve(ctx context.Context, client *redshift.Client) (credentials.Credentials, error) {
	if c.DbUser == "" {
		out, err := client.GetClusterCredentialsWithIAM(ctx, &redshift.GetClusterCredentialsWithIAMInput{
			ClusterIdentifier: optional(c.Cluster), CustomDomainName: optional(c.CustomDomain),
			DbName: optional(c.Database), DurationSeconds: seconds(c.Duration),
		})
		if err != nil {
			return credentials.Credentials{}, failed("redshift:GetClusterCredentialsWithIAM", err)
		}
		return login(out.DbUser, out.DbPassword, out.Expiration), nil
	}
	out, err := client.GetClusterCredentials(ctx, &redshift.GetClusterCredentialsInput{
		ClusterIdentifier: optional(c.Cluster), CustomDomainName: optional(c.CustomDomain), DbUser: &c.DbUser,
		DbName: optional(c.Database), AutoCreate: aws.Bool(c.AutoCreate), DbGroups: c.DbGroups, DurationSeconds: seconds(c.Duration),
	})
	if err != nil {
		return credentials.Credentials{}, failed("redshift:GetClusterCredentials", err)
	}
	return login(out.DbUser, out.DbPassword, out.Expiration), nil
}

// login takes the user as AWS names it, with its prefix IAM:, IAMA: or IAMR:.
func login(user, password *string, expires *time.Time) credentials.Credentials {
	return credentials.Credentials{
		User: aws.ToString(user), Password: credentials.NewSecret(aws.ToString(password)), Expires: aws.ToTime(expires),
	}
}

func (c ClusterConfig) find(ctx context.Context, client *redshift.Client) (Endpoint, error) {
	const operation = "redshift:DescribeClusters"
	if c.CustomDomain != "" {
		return Endpoint{Host: c.CustomDomain, Port: 5439, Database: c.Database}, nil
	}
	out, err := client.DescribeClusters(ctx, &redshift.DescribeClustersInput{ClusterIdentifier: &c.Cluster})
	if err != nil {
		return Endpoint{}, failed(operation, err)
	}
	for _, cluster := range out.Clusters {
		if e := cluster.Endpoint; e != nil && aws.ToString(e.Address) != "" {
			database := c.Database
			if database == "" {
				database = aws.ToString(cluster.DBName)
			}
			return Endpoint{Host: aws.ToString(e.Address), Port: int(aws.ToInt32(e.Port)), Database: database}, nil
		}
	}
	return Endpoint{}, &Error{Operation: operation, Err: errors.New("the cluster has no endpoint"), Hint: "it is being made, paused or deleted"}
}
