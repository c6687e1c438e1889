package e2e

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/llm-dev-ops/redshift/credentials"
	"github.com/llm-dev-ops/redshift/credentials/awsauth"
	"github.com/llm-dev-ops/redshift/emulator"
)

const iamFile = `{
	"users": [
		{"name": "ann", "access_key": "AKIAANN", "secret_key": "annssecret"},
		{"name": "bob", "access_key": "AKIABOB", "secret_key": "bobssecret", "allow": [{"action": "s3:*", "resource": "emulator/bob/*"}, {"action": "redshift-data:*"}]}],
	"roles": [{"arn": "arn:aws:iam::123456789012:role/reader", "trust": ["ann"], "allow": [{"action": "s3:Get*", "resource": "emulator/bob/*"}]}]}`

func code(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	return ""
}

// The SDKs' own signatures are verified at every door, and what is wrong gets AWS's
// answer.
func TestIAM(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{IAM: []byte(iamFile)})
	as := func(key, secret, token string) aws.CredentialsProvider {
		return awscredentials.NewStaticCredentialsProvider(key, secret, token)
	}
	objects := func(c aws.CredentialsProvider) *s3.Client {
		return s3.New(s3.Options{BaseEndpoint: aws.String(s.AWSEndpoint()), Region: "us-east-1", UsePathStyle: true, RetryMaxAttempts: 1, Credentials: c})
	}
	put := func(c aws.CredentialsProvider, key string) error {
		_, err := objects(c).PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("emulator"), Key: aws.String(key), Body: bytes.NewReader([]byte("text of " + key))})
		return err
	}
	ann, bob := as("AKIAANN", "annssecret", ""), as("AKIABOB", "bobssecret", "")
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"right":                       {put(ann, "a b+c/ü~!'()*.txt"), ""},
		"wrong secret":                {put(as("AKIAANN", "x", ""), "k"), "SignatureDoesNotMatch"},
		"nobody":                      {put(as("AKIANONE", "x", ""), "k"), "InvalidAccessKeyId"},
		"unsigned":                    {put(aws.AnonymousCredentials{}, "k"), "AccessDenied"},
		"a prefix that is allowed":    {put(bob, "bob/1"), ""},
		"a prefix that is not":        {put(bob, "ann/1"), "AccessDenied"},
		"another bucket's name in it": {put(bob, "../emulator/bob/1"), "AccessDenied"},
	} {
		if code(c.err) != c.want || (c.err == nil) != (c.want == "") {
			t.Errorf("%s: %v", name, c.err)
		}
	}
	if _, err := objects(bob).CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: aws.String("emulator"), Key: aws.String("bob/2"), CopySource: aws.String("emulator/a%20b")}); code(err) != "AccessDenied" {
		t.Errorf("a copy of what may not be read: %v", err)
	}

	// Credentials of a role: with their token, and the role's rights.
	roles := sts.New(sts.Options{BaseEndpoint: aws.String(s.AWSEndpoint()), Region: "us-east-1", Credentials: ann})
	in := &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::123456789012:role/reader"), RoleSessionName: aws.String("test")}
	out, err := roles.AssumeRole(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	temporary := out.Credentials
	reader := as(*temporary.AccessKeyId, *temporary.SecretAccessKey, *temporary.SessionToken)
	got, err := objects(reader).GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("emulator"), Key: aws.String("bob/1")})
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(got.Body); err != nil || string(text) != "text of bob/1" {
		t.Errorf("%q, %v", text, err)
	}
	if err := put(reader, "bob/1"); code(err) != "AccessDenied" {
		t.Errorf("a reader writes: %v", err)
	}
	if err := put(as(*temporary.AccessKeyId, *temporary.SecretAccessKey, ""), "bob/1"); code(err) != "InvalidToken" {
		t.Errorf("without the token: %v", err)
	}
	who, err := sts.New(sts.Options{BaseEndpoint: aws.String(s.AWSEndpoint()), Region: "us-east-1", Credentials: reader}).GetCallerIdentity(t.Context(), nil)
	if err != nil || *who.Arn != "arn:aws:sts::123456789012:assumed-role/reader/test" {
		t.Error(who, err)
	}
	for name, c := range map[string]struct {
		as   aws.CredentialsProvider
		want string
	}{"not trusted": {bob, "AccessDenied"}, "nobody": {as("AKIANONE", "x", ""), "InvalidClientTokenId"}, "wrong secret": {as("AKIAANN", "x", ""), "SignatureDoesNotMatch"}} {
		_, err := sts.New(sts.Options{BaseEndpoint: aws.String(s.AWSEndpoint()), Region: "us-east-1", Credentials: c.as}).AssumeRole(t.Context(), in)
		if code(err) != c.want {
			t.Errorf("AssumeRole, %s: %v", name, err)
		}
	}

	// A URL that is signed in advance needs nothing else, and cannot be changed.
	url, err := s3.NewPresignClient(objects(bob)).PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("emulator"), Key: aws.String("bob/1")}, s3.WithPresignExpires(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]int{url.URL: 200, strings.Replace(url.URL, "bob/1", "bob/2", 1): 403, url.URL + "&versionId=null": 403} {
		r, err := http.Get(address)
		if err != nil || r.Body.Close() != nil || r.StatusCode != want {
			t.Errorf("%s: %v, %v", address, r, err)
		}
	}

	// The login that AWS gives is the caller's.
	identity := awsauth.Identity{Region: "us-east-1", Endpoint: s.AWSEndpoint(), AccessKeyID: "AKIAANN", SecretAccessKey: credentials.NewSecret("annssecret")}
	p, err := awsauth.NewServerless(t.Context(), awsauth.ServerlessConfig{Identity: identity, Workgroup: "emulator"})
	if user := loggedIn(t, p, err); user != "IAM:ann" {
		t.Errorf("logged in as %q", user)
	}
	identity.Roles = []string{"arn:aws:iam::123456789012:role/reader"}
	p, err = awsauth.NewServerless(t.Context(), awsauth.ServerlessConfig{Identity: identity, Workgroup: "emulator"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Retrieve(t.Context()); code(err) != "AccessDeniedException" {
		t.Errorf("a role without the right: %v", err)
	}
}

// The AWS CLI's signatures of a form and of an upload whose parts are hashed.
func TestIAMCLI(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{IAM: []byte(`{"users":[{"name":"test","access_key":"test","secret_key":"test"}]}`)})
	for _, c := range []struct{ stdin, args, want string }{
		{"", "sts get-caller-identity --query Arn --output text", "user/test"},
		{strings.Repeat("0123456789abcdef", 1<<16), "s3 cp - s3://emulator/a+b/c=d.txt", ""},
	} {
		if out, err := run(t, s, c.stdin, "aws", strings.Fields(c.args)...); err != nil || !strings.Contains(out, c.want) {
			t.Errorf("aws %s: %v\n%s", c.args, err, out)
		}
	}
}
