package s3door

import (
	"context"
	"encoding/base64"
	"net/url"

	tmtypes "github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager/types"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

func transferAlgorithm(a types.ChecksumAlgorithm) tmtypes.ChecksumAlgorithm {
	return tmtypes.ChecksumAlgorithm(a)
}

func mustUnescape(s string) string {
	s, err := url.QueryUnescape(s)
	if err != nil {
		panic(err)
	}
	return s
}

// smithyFlipHeader makes the SDK send a wrong checksum.
func smithyFlipHeader(name string) func(*middleware.Stack) error {
	return func(s *middleware.Stack) error {
		return s.Finalize.Insert(middleware.FinalizeMiddlewareFunc("FlipChecksum",
			func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
				if r, ok := in.Request.(*smithyhttp.Request); ok {
					raw, _ := base64.StdEncoding.DecodeString(r.Header.Get(name))
					if len(raw) > 0 {
						raw[0] ^= 1
						r.Header.Set(name, base64.StdEncoding.EncodeToString(raw))
					}
				}
				return next.HandleFinalize(ctx, in)
			}), "Signing", middleware.Before)
	}
}
