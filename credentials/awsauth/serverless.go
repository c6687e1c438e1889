package awsauth

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftserverless"

	"github.com/llm-dev-ops/redshift/credentials"
)

// ServerlessConfig is the login to a serverless workgroup as an IAM identity.
type ServerlessConfig struct {
	Identity
	// Workgroup is the workgroup's name. It or CustomDomain must be given.
	Workgroup string
	// CustomDomain is a custom domain name of the workgroup.
	CustomDomain string
	// Database limits the credentials to one database. Defaults to any.
	Database string
	// Duration of the credentials, 15 minutes to 1 hour. Defaults to AWS's 15
	// minutes.
	Duration time.Duration
}

// Validate tells what is wrong with the configuration.
func (c ServerlessConfig) Validate() error {
	switch {
	case c.Workgroup == "" && c.CustomDomain == "":
		return errors.New("awsauth: Workgroup or CustomDomain must be given")
	case c.Workgroup != "" && c.CustomDomain != "":
		return errors.New("awsauth: Workgroup and CustomDomain exclude each other")
	}
	return errors.Join(validDuration(c.Duration), c.Identity.Validate())
}

// NewServerless makes the Provider of a workgroup. It reads the AWS
// configuration and sends nothing.
func NewServerless(ctx context.Context, cfg ServerlessConfig) (*Provider, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	a, err := cfg.load(ctx)
	if err != nil {
		return nil, err
	}
	client := redshiftserverless.NewFromConfig(a)
	return &Provider{
		Cached:   credentials.NewCached(retriever(func(ctx context.Context) (credentials.Credentials, error) { return cfg.retrieve(ctx, client) })),
		endpoint: func(ctx context.Context) (Endpoint, error) { return cfg.find(ctx, client) },
	}, nil
}

func (c ServerlessConfig) retrieve(ctx context.Context, client *redshiftserverless.Client) (credentials.Credentials, error) {
	out, err := client.GetCredentials(ctx, &redshiftserverless.GetCredentialsInput{
		WorkgroupName: optional(c.Workgroup), CustomDomainName: optional(c.CustomDomain),
		DbName: optional(c.Database), DurationSeconds: seconds(c.Duration),
	})
	if err != nil {
		return credentials.Credentials{}, failed("redshift-serverless:GetCredentials", err)
	}
	return login(out.DbUser, out.DbPassword, out.Expiration), nil
}

func (c ServerlessConfig) find(ctx context.Context, client *redshiftserverless.Client) (Endpoint, error) {
	const operation = "redshift-serverless:GetWorkgroup"
	if c.CustomDomain != "" {
		return Endpoint{Host: c.CustomDomain, Port: 5439, Database: c.Database}, nil
	}
	out, err := client.GetWorkgroup(ctx, &redshiftserverless.GetWorkgroupInput{WorkgroupName: &c.Workgroup})
	if err != nil {
		return Endpoint{}, failed(operation, err)
	}
	if w := out.Workgroup; w != nil && w.Endpoint != nil && aws.ToString(w.Endpoint.Address) != "" {
		return Endpoint{Host: aws.ToString(w.Endpoint.Address), Port: int(aws.ToInt32(w.Endpoint.Port)), Database: c.Database}, nil
	}
	return Endpoint{}, &Error{Operation: operation, Err: errors.New("the workgroup has no endpoint"), Hint: "it is being made or deleted"}
}
