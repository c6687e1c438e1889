package awsdoor

import (
	"net/http"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsjson"
	"github.com/llm-dev-ops/redshift/emulator/internal/awsquery"
	"github.com/llm-dev-ops/redshift/emulator/internal/iam"
	"github.com/llm-dev-ops/redshift/emulator/internal/s3door"
)

// refusal is an error in whichever form a service has.
type refusal struct {
	code, message string
	status        int
}

func (f refusal) refuse(w http.ResponseWriter, r *http.Request, name string) {
	namespace, query := namespaces[name]
	switch {
	case name == "s3":
		(&s3door.Error{Code: f.code, Message: f.message, Status: f.status}).Refuse(w, r)
	case query:
		(&awsquery.Error{Code: f.code, Message: f.message, Status: f.status}).Refuse(w, namespace)
	default:
		(&awsjson.Error{Code: f.code, Message: f.message, Status: f.status}).Refuse(w, jsonVersion(name))
	}
}

// jsonVersion is the version of the JSON protocol that a service speaks.
func jsonVersion(name string) string {
	if name == "dynamodb" {
		return "1.0"
	}
	return "1.1"
}

// unauthorized are the names that the protocols have for what is wrong with
// credentials: S3's, those of the query protocol, of JSON (CommonErrors of each
// service).
var unauthorized = map[iam.Kind]struct{ s3, query, json refusal }{
	iam.NoToken:      {refusal{"AccessDenied", "Access Denied", 403}, refusal{"MissingAuthenticationToken", "", 403}, refusal{"MissingAuthenticationTokenException", "", 400}},
	iam.UnknownKey:   {refusal{"InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403}, refusal{"InvalidClientTokenId", "", 403}, refusal{"UnrecognizedClientException", "", 400}},
	iam.BadSignature: {refusal{"SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. Check your key and signing method.", 403}, refusal{"SignatureDoesNotMatch", "", 403}, refusal{"InvalidSignatureException", "", 400}},
	iam.Expired:      {refusal{"ExpiredToken", "The provided token has expired.", 400}, refusal{"ExpiredToken", "", 403}, refusal{"ExpiredTokenException", "", 400}},
	iam.BadToken:     {refusal{"InvalidToken", "The provided token is malformed or otherwise invalid.", 400}, refusal{"InvalidClientTokenId", "", 403}, refusal{"UnrecognizedClientException", "", 400}},
	iam.Skewed:       {refusal{"RequestTimeTooSkewed", "", 403}, refusal{"SignatureDoesNotMatch", "", 403}, refusal{"InvalidSignatureException", "", 400}},
	iam.Malformed:    {refusal{"AuthorizationHeaderMalformed", "", 400}, refusal{"IncompleteSignature", "", 400}, refusal{"IncompleteSignatureException", "", 400}},
	iam.Denied:       {refusal{"AccessDenied", "", 403}, refusal{"AccessDenied", "", 403}, refusal{"AccessDeniedException", "", 400}},
}

// unauthorizedAt is a refusal of credentials in a service's form.
func unauthorizedAt(name string, e *iam.Error) *refusal {
	kinds := unauthorized[e.Kind]
	f := kinds.json
	if _, query := namespaces[name]; query {
		f = kinds.query
	} else if name == "s3" {
		f = kinds.s3
	}
	if f.message == "" {
		f.message = e.Message
	}
	return &f
}
