package s3stage

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
)

// Config says how S3 is reached. The zero value is useful.
type Config struct {
	// Region of the buckets. Defaults to the standard chain's (AWS_REGION and so on),
	// and under an endpoint of its own to "us-east-1".
	Region string
	// Endpoint is the URL of another S3, such as "http://127.0.0.1:4566". Defaults to
	// AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, or Amazon's.
	Endpoint string
	// PathStyle puts the bucket into the path instead of the host name. Defaults to
	// true under an endpoint of its own and to false at Amazon.
	PathStyle *bool
	// Credentials sign the requests. Defaults to the standard chain's.
	Credentials aws.CredentialsProvider
	// HTTPClient carries the requests to S3; those of the standard chain for
	// credentials go by the SDK's. Defaults to the SDK's.
	HTTPClient aws.HTTPClient
	// PartSize is the size of the parts of large uploads, in bytes, at least 5 MiB.
	// Files of twice the size and more go in parts. Defaults to 8 MiB.
	PartSize int64
	// Concurrency is the number of parts of one file that are sent at the same time;
	// so many, and one more, are held in memory. Defaults to 4.
	Concurrency int
	// Files is the number of files that Upload sends at the same time. Defaults to 2.
	Files int
	// MaxAttempts is how often the SDK sends a request at most. Defaults to the
	// standard chain's (AWS_MAX_ATTEMPTS), which is 3.
	MaxAttempts int
}

const minPartSize = 5 << 20

func (c Config) withDefaults() Config {
	if c.PartSize == 0 {
		c.PartSize = 8 << 20
	}
	if c.Concurrency == 0 {
		c.Concurrency = 4
	}
	if c.Files == 0 {
		c.Files = 2
	}
	return c
}

// Validate says in one sentence what is wrong.
func (c Config) Validate() error {
	c = c.withDefaults()
	if c.Endpoint != "" {
		u, err := url.Parse(c.Endpoint)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return errors.New("s3stage: Endpoint must be a URL such as http://127.0.0.1:4566")
		}
		if u.User != nil {
			return errors.New("s3stage: Endpoint must not hold credentials")
		}
	}
	if c.PartSize < minPartSize || c.PartSize > 5<<30 {
		return errors.New("s3stage: PartSize must be between 5 MiB and 5 GiB")
	}
	for name, n := range map[string]int{"Concurrency": c.Concurrency, "Files": c.Files} {
		if n < 1 || n > 256 {
			return fmt.Errorf("s3stage: %s must be between 1 and 256", name)
		}
	}
	if c.MaxAttempts < 0 {
		return errors.New("s3stage: MaxAttempts must not be negative")
	}
	return nil
}

// load completes the configuration from the SDK's standard chain.
func (c Config) load(ctx context.Context) (aws.Config, error) {
	var opts []func(*config.LoadOptions) error
	if c.Region != "" {
		opts = append(opts, config.WithRegion(c.Region))
	}
	if c.Credentials != nil {
		opts = append(opts, config.WithCredentialsProvider(c.Credentials))
	}
	if c.MaxAttempts > 0 {
		opts = append(opts, config.WithRetryMaxAttempts(c.MaxAttempts))
	}
	a, err := config.LoadDefaultConfig(ctx, opts...)
	if err != nil {
		return aws.Config{}, fmt.Errorf("s3stage: loading the AWS configuration: %w", err)
	}
	if c.HTTPClient != nil {
		// Not while loading: there a client of one's own fails when AWS_CA_BUNDLE is set.
		a.HTTPClient = c.HTTPClient
	}
	return a, nil
}
