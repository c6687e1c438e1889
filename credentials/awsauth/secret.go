package awsauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/llm-dev-ops/redshift/credentials"
)

// SecretConfig is the login with a secret of Secrets Manager, in the form that
// Redshift's own secrets have: a JSON object with username and password, and
// maybe host, port and dbname.
type SecretConfig struct {
	Identity
	// Secret is the secret's name or ARN.
	Secret string
	// Stage is a version's label. Defaults to AWSCURRENT.
	Stage string
	// Refresh is how long a secret is used before it is read again, so that a
	// rotation is seen. Defaults to 1 hour; a refused login reads it at once.
	Refresh time.Duration
}

// Validate tells what is wrong with the configuration.
func (c SecretConfig) Validate() error {
	if c.Secret == "" {
		return errors.New("awsauth: Secret must be given")
	}
	if c.Refresh < 0 {
		return errors.New("awsauth: Refresh is negative")
	}
	return c.Identity.Validate()
}

// NewSecret makes the Provider of a secret. It reads the AWS configuration and
// sends nothing.
func NewSecret(ctx context.Context, cfg SecretConfig) (*Provider, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Refresh == 0 {
		cfg.Refresh = time.Hour
	}
	a, err := cfg.load(ctx)
	if err != nil {
		return nil, err
	}
	client := secretsmanager.NewFromConfig(a)
	return &Provider{
		Cached: credentials.NewCached(retriever(func(ctx context.Context) (credentials.Credentials, error) {
			s, err := cfg.read(ctx, client)
			if err != nil {
				return credentials.Credentials{}, err
			}
			return credentials.Credentials{User: s.Username, Password: credentials.NewSecret(s.Password), Expires: time.Now().Add(cfg.Refresh)}, nil
		})),
		endpoint: func(ctx context.Context) (Endpoint, error) {
			s, err := cfg.read(ctx, client)
			if err != nil {
				return Endpoint{}, err
			}
			return s.endpoint()
		},
	}, nil
}

// secret is the JSON of a secret. Its port is a number or a string.
type secret struct {
	Username string          `json:"username"`
	Password string          `json:"password"`
	Host     string          `json:"host"`
	Port     json.RawMessage `json:"port"`
	Database string          `json:"dbname"`
}

const getSecretValue = "secretsmanager:GetSecretValue"

func (c SecretConfig) read(ctx context.Context, client *secretsmanager.Client) (secret, error) {
	out, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &c.Secret, VersionStage: optional(c.Stage)})
	if err != nil {
		return secret{}, failed(getSecretValue, err)
	}
	var s secret
	// The decoder's error may quote the text, which is secret.
	if json.Unmarshal([]byte(aws.ToString(out.SecretString)), &s) != nil || s.Username == "" || s.Password == "" {
		return secret{}, &Error{
			Operation: getSecretValue, Err: fmt.Errorf("the secret %q is no JSON object with username and password", c.Secret),
			Hint: "use a secret of the type \"Credentials for Amazon Redshift\"",
		}
	}
	return s, nil
}

func (s secret) endpoint() (Endpoint, error) {
	if s.Host == "" {
		return Endpoint{}, &Error{Operation: getSecretValue, Err: errors.New("the secret names no host"), Hint: "set Config.Host"}
	}
	e := Endpoint{Host: s.Host, Port: 5439, Database: s.Database}
	if len(s.Port) > 0 && string(s.Port) != "null" {
		text := string(s.Port)
		if unquoted, err := strconv.Unquote(text); err == nil {
			text = unquoted
		}
		port, err := strconv.Atoi(text)
		if err != nil || port < 1 || port > 65535 {
			return Endpoint{}, &Error{Operation: getSecretValue, Err: errors.New("the secret's port is no port")}
		}
		e.Port = port
	}
	return e, nil
}
