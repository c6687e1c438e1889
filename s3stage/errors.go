package s3stage

import (
	"context"
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
)

// Kind is a sort of failure, a target of errors.Is.
type Kind string

// The kinds of failure that callers treat differently.
const (
	// ErrNotFound: the bucket, the object or the upload is not there.
	ErrNotFound Kind = "not found"
	// ErrAccessDenied: the credentials are wrong, missing, expired or do not suffice.
	ErrAccessDenied Kind = "access denied"
	// ErrWrongRegion: the bucket is in another region than Config.Region.
	ErrWrongRegion Kind = "wrong region"
	// ErrManifest: a manifest is not one.
	ErrManifest Kind = "invalid manifest"
)

// Error makes the kind an error.
func (k Kind) Error() string { return string(k) }

// Error is a failed request to S3. It never holds a secret.
type Error struct {
	// Op is what was tried, such as "get".
	Op string
	// URI is the bucket and key or prefix it was tried on.
	URI string
	// Kind is empty when the failure is of none of the kinds.
	Kind Kind
	// Code is S3's code, such as NoSuchKey, when S3 answered.
	Code string
	// RequestID is S3's, for questions to AWS; empty when S3 did not answer.
	RequestID string
	// Err is the SDK's error.
	Err error
}

// Error says what was tried on what, and why it failed.
func (e *Error) Error() string {
	s := "s3stage: " + e.Op + " " + e.URI + ": "
	var api smithy.APIError
	switch {
	case errors.As(e.Err, &api):
		s += e.Code
		// A HEAD has no document, and so repeats the code or says nothing.
		if m := api.ErrorMessage(); m != "" && m != e.Code {
			s += ": " + m
		}
	default:
		s += e.Err.Error()
	}
	if e.RequestID != "" {
		s += " (request " + e.RequestID + ")"
	}
	return s
}

// Unwrap gives the kind and the SDK's error.
func (e *Error) Unwrap() []error {
	if e.Kind == "" {
		return []error{e.Err}
	}
	return []error{e.Kind, e.Err}
}

// wrap makes an *Error of a failed request; nil stays nil.
func wrap(op string, u URI, err error) error {
	if err == nil {
		return nil
	}
	e := &Error{Op: op, URI: u.String(), Err: err}
	var api smithy.APIError
	if errors.As(err, &api) {
		e.Code = api.ErrorCode()
	}
	var answer *awshttp.ResponseError
	status := 0
	if errors.As(err, &answer) {
		status = answer.HTTPStatusCode()
		e.RequestID = answer.ServiceRequestID()
	}
	e.Kind = kindOf(e.Code, status, err)
	return e
}

func kindOf(code string, status int, err error) Kind {
	switch code {
	case "NoSuchKey", "NoSuchBucket", "NoSuchUpload", "NotFound":
		return ErrNotFound
	case "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "Forbidden":
		return ErrAccessDenied
	case "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException":
		return ErrWrongRegion
	}
	switch {
	case status == http.StatusNotFound:
		return ErrNotFound
	case status == http.StatusForbidden || status == http.StatusUnauthorized:
		return ErrAccessDenied
	case status == http.StatusMovedPermanently:
		return ErrWrongRegion
	case errors.As(err, new(*noCredentials)):
		return ErrAccessDenied
	}
	return ""
}

// markedProvider marks the errors of a credentials provider, which the SDK hands on
// without a type.
type markedProvider struct{ aws.CredentialsProvider }

// Retrieve gives the credentials or a marked error.
func (p markedProvider) Retrieve(ctx context.Context) (aws.Credentials, error) {
	c, err := p.CredentialsProvider.Retrieve(ctx)
	if err != nil && ctx.Err() == nil {
		err = &noCredentials{err}
	}
	return c, err
}

type noCredentials struct{ error }

// Unwrap gives the provider's error.
func (n *noCredentials) Unwrap() error { return n.error }
