package dataapi

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/llm-dev-ops/redshift/transport"
)

const (
	retryMin = 200 * time.Millisecond
	retryMax = 10 * time.Second
)

// operation is a method of the SDK's client.
type operation[I, O any] func(context.Context, I, ...func(*redshiftdata.Options)) (O, error)

// retrying calls op until it succeeds, fails for good, or has been repeated
// for Config.RetryTime, in which waiting for a turn or for one of the statements
// under way to end does not count. Every operation may be repeated: reading ones change
// nothing, submitting ones carry a token. When ctx ends, its error comes back.
func retrying[I, O any](ctx context.Context, s *service, op operation[I, O], in I) (O, error) {
	return attempts(ctx, s, in, func() (O, error) {
		attempt, cancel := context.WithTimeout(ctx, s.cfg.CallTimeout)
		defer cancel()
		return op(attempt, in)
	})
}

// submitting is retrying for calls that start a statement. The end of ctx does
// not break a call off at once: its answer names the statement that is then to
// be cancelled, so it is awaited for Config.CancelTime.
func submitting[I, O any](ctx context.Context, s *service, op operation[I, O], in I) (out O, sent bool, err error) {
	out, err = attempts(ctx, s, in, func() (O, error) {
		attempt, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.CallTimeout)
		defer cancel()
		stop := context.AfterFunc(ctx, func() {
			timer := time.NewTimer(s.cfg.CancelTime)
			defer timer.Stop()
			select {
			case <-timer.C:
				cancel()
			case <-attempt.Done():
			}
		})
		defer stop()
		out, err := op(attempt, in)
		sent = sent || err != nil && maybeSent(err)
		return out, err
	})
	return out, sent, err
}

func attempts[O any](ctx context.Context, s *service, in any, call func() (O, error)) (O, error) {
	var none O
	if err := ctx.Err(); err != nil {
		return none, err
	}
	began, delay, quota := time.Now(), retryMin, s.quotas.of(in)
	for {
		queued, err := quota.wait(ctx)
		if err != nil {
			return none, err
		}
		began = began.Add(queued) // waiting for a turn is no failure
		out, err := call()
		if err == nil {
			return out, nil
		}
		if ctx.Err() != nil {
			return none, ctx.Err()
		}
		if throttled[code(err)] {
			quota.empty(time.Now())
		}
		wait := jittered(delay)
		if !repeatable(err) || time.Since(began)+wait > s.cfg.RetryTime {
			return none, err
		}
		if !pause(ctx, wait) {
			return none, ctx.Err()
		}
		if code(err) == "ActiveStatementsExceededException" {
			began = began.Add(wait) // the cluster is full: ctx says how long that is borne
		}
		delay = min(2*delay, retryMax)
	}
}

// pause waits and reports whether ctx lasted.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// jittered keeps clients that were throttled together from coming back
// together: three quarters to five quarters of d.
func jittered(d time.Duration) time.Duration {
	return d*3/4 + time.Duration(rand.Int64N(int64(d/2)+1)) // no secret
}

// code is the service's name of an error, "" where the service did not answer.
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// throttled are the codes of calls that did nothing because too much is under
// way (API reference, "Common errors" and ExecuteStatement's).
var throttled = map[string]bool{
	"ThrottlingException":               true,
	"ActiveStatementsExceededException": true,
	"ActiveSessionsExceededException":   true,
	"ServiceUnavailable":                true,
	"SlowDown":                          true,
	"RequestLimitExceeded":              true,
	"TooManyRequestsException":          true,
}

// repeatable reports whether the same call may do better.
func repeatable(err error) bool {
	switch c := code(err); {
	case throttled[c], c == "InternalServerException":
		return true
	case c == "ExecuteStatementException", c == "BatchExecuteStatementException", c == "DatabaseConnectionException":
		return false // answers about the statement, though they come as 500
	}
	// The attempt's own time limit; the caller has seen to its context.
	if errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	return retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err) == aws.TrueTernary
}

// maybeSent reports whether a failed call may have started its statement.
func maybeSent(err error) bool {
	switch c := code(err); {
	case throttled[c], refused[c], c == waitersExceeded, c == "ValidationException", c == "DatabaseConnectionException":
		return false
	case c != "":
		return true
	}
	if dial := (*net.OpError)(nil); errors.As(err, &dial) && dial.Op == "dial" {
		return false
	}
	// What is neither an answer nor a failure of HTTP failed before it: no
	// endpoint, no credentials.
	var (
		send     *smithyhttp.RequestSendError
		answer   *smithyhttp.ResponseError
		canceled *smithy.CanceledError
	)
	return errors.As(err, &send) || errors.As(err, &answer) || errors.As(err, &canceled)
}

// refused are the codes of calls whose signature or identity was refused.
var refused = map[string]bool{
	"AccessDeniedException": true, "ExpiredTokenException": true, "UnrecognizedClientException": true,
	"InvalidSignatureException": true, "MissingAuthenticationTokenException": true,
	"InvalidClientTokenId": true, "IncompleteSignatureException": true, "OptInRequired": true,
}

// submitError gives the failure of a submitting call the seam's form.
func (s *service) submitError(err error, sent bool) error {
	c := code(err)
	var api smithy.APIError
	errors.As(err, &api)
	var dial *net.OpError
	switch {
	case refused[c]:
		return &transport.ConnectError{
			Addr: s.cfg.addr(), Stage: "credentials", Err: err,
			Hint: "the identity needs redshift-data:ExecuteStatement, and redshift:GetClusterCredentials or secretsmanager:GetSecretValue",
		}
	case c == "DatabaseConnectionException":
		return &transport.ConnectError{Addr: s.cfg.addr(), Stage: "login", Err: err}
	case c == "ValidationException" && noSession(api.ErrorMessage()):
		return &transport.LostError{Err: err}
	case c == "ValidationException":
		return serverError(api.ErrorMessage())
	case sent:
		return &transport.LostError{Sent: true, Err: err}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case throttled[c]:
		return &transport.LostError{Err: err}
	case errors.As(err, &dial):
		return &transport.ConnectError{Addr: s.cfg.addr(), Stage: "dial", Err: err}
	}
	return &transport.ConnectError{Addr: s.cfg.addr(), Stage: "credentials", Err: err}
}

// noSession reports whether the service says that it has no such session
// (awslabs/mcp#4587): one that has expired, one that it no longer knows.
func noSession(text string) bool {
	return strings.Contains(text, "Session is not available") ||
		strings.HasPrefix(text, "Session with Id:") && strings.HasSuffix(strings.TrimRight(text, "."), "is invalid")
}
