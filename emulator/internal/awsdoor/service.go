package awsdoor

import (
	"mime"
	"net/http"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsquery"
)

// targets are the services that are told by X-Amz-Target, by the part before
// its last dot (the models' targetPrefix).
var targets = map[string]string{
	"RedshiftData":       "redshift-data",
	"RedshiftServerless": "redshift-serverless",
	"secretsmanager":     "secretsmanager",
	"AWSGlue":            "glue",
	"DynamoDB_20120810":  "dynamodb",
	"TrentService":       "kms",
	"Logs_20140328":      "logs",
	"AmazonSSM":          "ssm",
}

// versions are the services of the query protocol by the Version that goes with
// every Action; a form need not be signed (AssumeRoleWithWebIdentity).
var versions = map[string]string{
	"2011-06-15": "sts",
	"2012-12-01": "redshift",
	"2010-05-08": "iam",
}

// namespaces are the XML namespaces of their answers.
var namespaces = map[string]string{
	"sts":      "https://sts.amazonaws.com/doc/2011-06-15/",
	"redshift": "http://redshift.amazonaws.com/doc/2012-12-01/",
	"iam":      "https://iam.amazonaws.com/doc/2010-05-08/",
}

// service names the service that a request is for, as it would be signed.
func service(r *http.Request) string {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		prefix, _, _ := cutLast(target)
		if name, ok := targets[prefix]; ok {
			return name
		}
		if name := scope(r); name != "" {
			return name
		}
		return strings.ToLower(prefix)
	}
	switch name := scope(r); name {
	case "", "s3", "s3express", "s3-object-lambda":
		// A presigned or unsigned request; a browser's form for S3 is multipart.
		if name == "" && isForm(r) {
			if form, err := awsquery.Parameters(nil, r); err == nil && form.Get("Action") != "" {
				if name, ok := versions[form.Get("Version")]; ok {
					return name
				}
			}
		}
		return "s3"
	default:
		return name
	}
}

// cutLast cuts at the last dot.
func cutLast(target string) (before, after string, ok bool) {
	i := strings.LastIndexByte(target, '.')
	if i < 0 {
		return target, "", false
	}
	return target[:i], target[i+1:], true
}

// scope is the service in the credential scope of the signature, "" without:
// AKID/20260102/us-east-1/s3/aws4_request, and without the region for sigv4a.
func scope(r *http.Request) string {
	parts := strings.Split(credential(r), "/")
	if len(parts) < 4 || parts[len(parts)-1] != "aws4_request" {
		return ""
	}
	return strings.ToLower(parts[len(parts)-2])
}

// credential is the signature's Credential, from the header or a presigned URL.
func credential(r *http.Request) string {
	auth := r.Header.Get("Authorization")
	if !strings.HasPrefix(auth, "AWS4-") {
		if !strings.Contains(r.URL.RawQuery, "X-Amz-Credential") {
			return ""
		}
		return r.URL.Query().Get("X-Amz-Credential")
	}
	_, rest, ok := strings.Cut(auth, "Credential=")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, ", "); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

func isForm(r *http.Request) bool {
	if r.Method == http.MethodGet {
		return r.URL.Path == "/" && strings.Contains(r.URL.RawQuery, "Action=")
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/x-www-form-urlencoded" && r.Method == http.MethodPost && r.URL.Path == "/"
}
