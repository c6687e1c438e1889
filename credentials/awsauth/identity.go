package awsauth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/llm-dev-ops/redshift/credentials"
)

// Identity says as whom AWS is asked. The zero value is the SDK's standard
// chain: environment, shared files, container and instance roles.
type Identity struct {
	// Region. Defaults to the standard chain's.
	Region string
	// Endpoint is the URL of all AWS services, such as the emulator's. Defaults
	// to AWS_ENDPOINT_URL and its kin, or Amazon's.
	Endpoint string
	// Profile of the shared files. Defaults to AWS_PROFILE.
	Profile string
	// AccessKeyID, SecretAccessKey and SessionToken are the keys of an IAM user
	// or a session, instead of the chain.
	AccessKeyID     string
	SecretAccessKey credentials.Secret
	SessionToken    credentials.Secret
	// Roles are assumed one after another; the last one's identity asks.
	Roles []string
	// RoleSessionName names the sessions of Roles. Defaults to "redshift-go".
	RoleSessionName string
	// ExternalID is given with each of Roles.
	ExternalID string
	// HTTPClient carries the requests. Defaults to the SDK's.
	HTTPClient aws.HTTPClient
}

func (i Identity) withDefaults() Identity {
	if i.RoleSessionName == "" {
		i.RoleSessionName = "redshift-go"
	}
	return i
}

// Validate tells what is wrong with the identity.
func (i Identity) Validate() error {
	if (i.AccessKeyID == "") != i.SecretAccessKey.IsZero() {
		return errors.New("awsauth: AccessKeyID and SecretAccessKey go together")
	}
	if i.AccessKeyID == "" && !i.SessionToken.IsZero() {
		return errors.New("awsauth: SessionToken is without AccessKeyID")
	}
	if i.AccessKeyID != "" && i.Profile != "" {
		return errors.New("awsauth: AccessKeyID and Profile exclude each other")
	}
	if i.ExternalID != "" && len(i.Roles) == 0 {
		return errors.New("awsauth: ExternalID is without Roles")
	}
	return nil
}

// load makes the SDK's configuration. It sends nothing.
func (i Identity) load(ctx context.Context) (aws.Config, error) {
	if err := i.Validate(); err != nil {
		return aws.Config{}, err
	}
	i = i.withDefaults()
	var options []func(*config.LoadOptions) error
	if i.Region != "" {
		options = append(options, config.WithRegion(i.Region))
	}
	if i.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(i.Profile))
	}
	if i.Endpoint != "" {
		options = append(options, config.WithBaseEndpoint(i.Endpoint))
	}
	if endpoint := cmp.Or(i.Endpoint, os.Getenv("AWS_ENDPOINT_URL_STS"), os.Getenv("AWS_ENDPOINT_URL")); endpoint != "" {
		options = append(options, config.WithAssumeRoleCredentialOptions(func(o *stscreds.AssumeRoleOptions) {
			o.Client = roleAssumer{o.Client, endpoint}
		}))
	}
	if i.AccessKeyID != "" {
		options = append(options, config.WithCredentialsProvider(
			awscredentials.NewStaticCredentialsProvider(i.AccessKeyID, i.SecretAccessKey.Reveal(), i.SessionToken.Reveal())))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, fmt.Errorf("awsauth: AWS configuration: %w", err)
	}
	if i.HTTPClient != nil { // not as an option, which AWS_CA_BUNDLE cannot stand
		cfg.HTTPClient = i.HTTPClient
	}
	if cfg.Region == "" {
		return aws.Config{}, errors.New("awsauth: there is no region: set Region or AWS_REGION")
	}
	for _, role := range i.Roles {
		assume := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), role, func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName = i.RoleSessionName
			if i.ExternalID != "" {
				o.ExternalID = aws.String(i.ExternalID)
			}
		})
		cfg.Credentials = aws.NewCredentialsCache(assume)
	}
	return cfg, nil
}

// roleAssumer assumes the role of a profile at an endpoint: the SDK makes this client
// before it has read which endpoint there is.
type roleAssumer struct {
	stscreds.AssumeRoleAPIClient
	endpoint string
}

// AssumeRole implements stscreds.AssumeRoleAPIClient.
func (a roleAssumer) AssumeRole(ctx context.Context, in *sts.AssumeRoleInput, options ...func(*sts.Options)) (*sts.AssumeRoleOutput, error) {
	return a.AssumeRoleAPIClient.AssumeRole(ctx, in, append(options, func(o *sts.Options) { o.BaseEndpoint = aws.String(a.endpoint) })...)
}
