package dataapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// The service has members that the SDK's model is behind with (API reference:
// WaitTimeSeconds of DescribeStatement, ExecutionMode of BatchExecuteStatement and
// of DescribeStatement's answer). They are put into the JSON of a call, and read
// from that of its answer. That a server which does not know a member passes over
// it, as AWS's JSON protocols have it, is counted on: what it does instead is seen.

// with is an operation with a change of its calls.
func with[I, O any](op operation[I, O], change func(*middleware.Stack) error) operation[I, O] {
	return func(ctx context.Context, in I, opts ...func(*redshiftdata.Options)) (O, error) {
		return op(ctx, in, append(opts, func(o *redshiftdata.Options) { o.APIOptions = append(o.APIOptions, change) })...)
	}
}

// member gives a call's input one member more.
func member(name string, value any) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		return stack.Serialize.Add(middleware.SerializeMiddlewareFunc("member "+name, func(
			ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler,
		) (out middleware.SerializeOutput, md middleware.Metadata, err error) {
			req, ok := in.Request.(*smithyhttp.Request)
			if !ok {
				return out, md, fmt.Errorf("dataapi: a request of type %T", in.Request)
			}
			body, err := io.ReadAll(req.GetStream())
			if err != nil {
				return out, md, err
			}
			text, err := json.Marshal(map[string]any{name: value})
			if err != nil {
				return out, md, err
			}
			if body = bytes.TrimSpace(body); len(body) < 3 || body[0] != '{' {
				return out, md, fmt.Errorf("dataapi: the input is no object with members")
			}
			text[len(text)-1] = ',' // all inputs have a member that is required
			if in.Request, err = req.SetStream(bytes.NewReader(append(text, body[1:]...))); err != nil {
				return out, md, err
			}
			return next.HandleSerialize(ctx, in)
		}), middleware.After)
	}
}

// answered reads a member of a call's answer, into a pointer.
func answered(name string, into any) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("answered "+name, func(
			ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
		) (out middleware.DeserializeOutput, md middleware.Metadata, err error) {
			if out, md, err = next.HandleDeserialize(ctx, in); err != nil {
				return out, md, err
			}
			res, ok := out.RawResponse.(*smithyhttp.Response)
			if !ok {
				return out, md, nil
			}
			body, err := io.ReadAll(res.Body)
			if err != nil {
				return out, md, err
			}
			res.Body = struct {
				io.Reader
				io.Closer
			}{bytes.NewReader(body), res.Body}
			var all map[string]json.RawMessage
			if json.Unmarshal(body, &all) == nil && all[name] != nil {
				_ = json.Unmarshal(all[name], into) // else it stays what it was
			}
			return out, md, nil
		}), middleware.After)
	}
}
