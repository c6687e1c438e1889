package awsauth

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/smithy-go"

	"github.com/llm-dev-ops/redshift/credentials"
)

// Endpoint is where a database is.
type Endpoint struct {
	Host string
	Port int
	// Database is the one that a secret or a namespace names; it may be empty.
	Database string
}

// Provider gives temporary credentials. It is safe for concurrent use and holds
// nothing that must be closed.
type Provider struct {
	*credentials.Cached
	endpoint func(context.Context) (Endpoint, error)
}

var (
	_ credentials.Provider    = (*Provider)(nil)
	_ credentials.Invalidator = (*Provider)(nil)
)

// Endpoint asks AWS where the database is. The error is an *Error.
func (p *Provider) Endpoint(ctx context.Context) (Endpoint, error) { return p.endpoint(ctx) }

// retriever is a function as a credentials.Provider.
type retriever func(context.Context) (credentials.Credentials, error)

// Retrieve implements credentials.Provider.
func (r retriever) Retrieve(ctx context.Context) (credentials.Credentials, error) { return r(ctx) }

// Error is a call of AWS that failed.
type Error struct {
	// Operation is AWS's name of it, such as "redshift:GetClusterCredentials".
	Operation string
	// Hint says what to do, empty where nobody can tell.
	Hint string
	Err  error
}

// Error says what failed, how, and what to do.
func (e *Error) Error() string {
	text := fmt.Sprintf("awsauth: %s: %v", e.Operation, e.Err)
	if e.Hint != "" {
		text += "; hint: " + e.Hint
	}
	return text
}

// Unwrap is the SDK's error.
func (e *Error) Unwrap() error { return e.Err }

// hints by AWS's error codes.
var hints = map[string]string{
	"AccessDenied":              "the identity needs the permission for this operation in an IAM policy",
	"AccessDeniedException":     "the identity needs the permission for this operation in an IAM policy",
	"UnauthorizedOperation":     "the identity needs the permission for this operation in an IAM policy",
	"ClusterNotFound":           "look at the cluster's identifier and the region",
	"ResourceNotFoundException": "look at the name and the region",
	"ExpiredToken":              "the AWS session has expired: log in to AWS again",
	"ExpiredTokenException":     "the AWS session has expired: log in to AWS again",
	"InvalidClientTokenId":      "the access key is not known to AWS",
	"SignatureDoesNotMatch":     "the secret access key does not belong to the access key",
}

func failed(operation string, err error) error {
	e := &Error{Operation: operation, Err: err}
	var api smithy.APIError
	if errors.As(err, &api) {
		e.Hint = hints[api.ErrorCode()]
	}
	return e
}
