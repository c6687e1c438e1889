package awsauth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/credentials"
)

// fakeAWS answers like AWS's services, by operation.
type fakeAWS struct {
	t  *testing.T
	mu sync.Mutex
	// answers by operation: a body, or "!code" for an error.
	answers map[string]string
	calls   []string
}

func (s *fakeAWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	operation, isJSON := "", false
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		_, operation, _ = strings.Cut(target, ".")
		isJSON = true
	} else {
		form, _ := url.ParseQuery(string(body))
		operation = form.Get("Action")
	}
	_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	key, _, _ := strings.Cut(scope, "/")
	s.mu.Lock()
	s.calls = append(s.calls, key+" "+operation+" "+string(body))
	answer, ok := s.answers[operation]
	s.mu.Unlock()
	if !ok {
		s.t.Errorf("unexpected %s", operation)
	}
	code, refused := strings.CutPrefix(answer, "!")
	switch {
	case isJSON && refused:
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"__type":%q,"message":"no"}`, code)
	case isJSON:
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		fmt.Fprint(w, answer)
	case refused:
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>no</Message></Error></ErrorResponse>", code)
	default:
		fmt.Fprintf(w, "<%[1]sResponse><%[1]sResult>%[2]s</%[1]sResult></%[1]sResponse>", operation, answer)
	}
}

func (s *fakeAWS) said(i int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i >= len(s.calls) {
		return ""
	}
	return s.calls[i]
}

func start(t *testing.T, answers map[string]string) (*fakeAWS, Identity) {
	t.Helper()
	s := &fakeAWS{t: t, answers: answers}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, Identity{
		Region: "us-east-1", Endpoint: server.URL, AccessKeyID: "AKUSER", SecretAccessKey: credentials.NewSecret("sk"),
		HTTPClient: server.Client(),
	}
}

func inAnHour() string { return time.Now().Add(time.Hour).UTC().Format(time.RFC3339) }

func retrieved(t *testing.T, p *Provider, err error) credentials.Credentials {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestCluster(t *testing.T) {
	t.Parallel()
	xml := "<DbUser>IAMA:bob</DbUser><DbPassword>temporary</DbPassword><Expiration>" + inAnHour() + "</Expiration>"
	s, identity := start(t, map[string]string{
		"GetClusterCredentials": xml, "GetClusterCredentialsWithIAM": xml,
		"DescribeClusters": "<Clusters><Cluster><DBName>sales</DBName><Endpoint><Address>c.example</Address><Port>5440</Port></Endpoint></Cluster></Clusters>",
	})
	cfg := ClusterConfig{Identity: identity, Cluster: "c", DbUser: "bob", AutoCreate: true, DbGroups: []string{"g"}, Duration: time.Hour}
	p, err := NewCluster(t.Context(), cfg)
	got := retrieved(t, p, err)
	if got.User != "IAMA:bob" || got.Password.Reveal() != "temporary" || time.Until(got.Expires) < 50*time.Minute {
		t.Errorf("%+v", got)
	}
	for _, want := range []string{"AKUSER GetClusterCredentials ", "AutoCreate=true", "DbGroups.DbGroup.1=g", "DurationSeconds=3600", "DbUser=bob"} {
		if !strings.Contains(s.said(0), want) {
			t.Errorf("%q lacks %q", s.said(0), want)
		}
	}
	if _, err := p.Retrieve(t.Context()); err != nil || s.said(1) != "" {
		t.Error(err, "asked again: ", s.said(1))
	}
	p.Invalidate()
	if _, err := p.Retrieve(t.Context()); err != nil || s.said(1) == "" {
		t.Error(err, "not asked again")
	}
	if e, err := p.Endpoint(t.Context()); err != nil || e != (Endpoint{"c.example", 5440, "sales"}) {
		t.Error(e, err)
	}
	p, err = NewCluster(t.Context(), ClusterConfig{Identity: identity, Cluster: "c"})
	retrieved(t, p, err)
	if !strings.Contains(s.said(3), "GetClusterCredentialsWithIAM") {
		t.Error(s.said(3))
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()
	s, identity := start(t, map[string]string{
		"AssumeRole":                   "<Credentials><AccessKeyId>AKROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>" + inAnHour() + "</Expiration></Credentials>",
		"GetClusterCredentialsWithIAM": "<DbUser>IAMR:r</DbUser><DbPassword>p</DbPassword><Expiration>" + inAnHour() + "</Expiration>",
	})
	identity.Roles = []string{"arn:aws:iam::1:role/one", "arn:aws:iam::2:role/two"}
	identity.ExternalID = "ext"
	p, err := NewCluster(t.Context(), ClusterConfig{Identity: identity, Cluster: "c"})
	retrieved(t, p, err)
	for i, want := range []string{"AKUSER AssumeRole", "AKROLE AssumeRole", "AKROLE GetClusterCredentialsWithIAM"} {
		if !strings.HasPrefix(s.said(i), want) {
			t.Errorf("call %d is %q, want %s", i, s.said(i), want)
		}
	}
	if !strings.Contains(s.said(0), "ExternalId=ext") || !strings.Contains(s.said(1), "role%2Ftwo") {
		t.Error(s.calls)
	}
}

func TestServerlessAndSecret(t *testing.T) {
	t.Parallel()
	s, identity := start(t, map[string]string{
		"GetCredentials": fmt.Sprintf(`{"dbUser":"IAM:x","dbPassword":"p","expiration":%d}`, time.Now().Add(time.Hour).Unix()),
		"GetWorkgroup":   `{"workgroup":{"endpoint":{"address":"w.example","port":5439}}}`,
		"GetSecretValue": `{"SecretString":"{\"username\":\"u\",\"password\":\"pw\",\"host\":\"h\",\"port\":\"5441\",\"dbname\":\"d\"}"}`,
	})
	p, err := NewServerless(t.Context(), ServerlessConfig{Identity: identity, Workgroup: "w", Database: "dev"})
	if got := retrieved(t, p, err); got.User != "IAM:x" {
		t.Error(got)
	}
	if e, err := p.Endpoint(t.Context()); err != nil || e != (Endpoint{"w.example", 5439, "dev"}) {
		t.Error(e, err)
	}
	p, err = NewSecret(t.Context(), SecretConfig{Identity: identity, Secret: "s"})
	if got := retrieved(t, p, err); got.User != "u" || got.Password.Reveal() != "pw" {
		t.Error(got)
	}
	if e, err := p.Endpoint(t.Context()); err != nil || e != (Endpoint{"h", 5441, "d"}) {
		t.Error(e, err)
	}
	// A secret that is none must not be shown.
	s.mu.Lock()
	s.answers["GetSecretValue"] = `{"SecretString":"hunter2"}`
	s.mu.Unlock()
	p.Invalidate()
	if _, err := p.Retrieve(t.Context()); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Error(err)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	_, identity := start(t, map[string]string{"GetClusterCredentialsWithIAM": "!AccessDenied", "DescribeClusters": "!ClusterNotFound"})
	p, err := NewCluster(t.Context(), ClusterConfig{Identity: identity, Cluster: "c"})
	if err != nil {
		t.Fatal(err)
	}
	var e *Error
	if _, err := p.Retrieve(t.Context()); !errors.As(err, &e) || e.Operation != "redshift:GetClusterCredentialsWithIAM" || !strings.Contains(e.Hint, "permission") {
		t.Error(err)
	}
	if _, err := p.Endpoint(t.Context()); !errors.As(err, &e) || !strings.Contains(e.Hint, "region") {
		t.Error(err)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for i, err := range []error{
		second(NewCluster(ctx, ClusterConfig{})),
		second(NewCluster(ctx, ClusterConfig{Cluster: "c", CustomDomain: "d"})),
		second(NewCluster(ctx, ClusterConfig{Cluster: "c", AutoCreate: true})),
		second(NewCluster(ctx, ClusterConfig{Cluster: "c", Duration: time.Minute})),
		second(NewCluster(ctx, ClusterConfig{Cluster: "c", Identity: Identity{AccessKeyID: "a"}})),
		second(NewServerless(ctx, ServerlessConfig{})),
		second(NewSecret(ctx, SecretConfig{})),
		second(NewSecret(ctx, SecretConfig{Secret: "s", Identity: Identity{ExternalID: "x"}})),
	} {
		if err == nil {
			t.Errorf("case %d is accepted", i)
		}
	}
}

func second(_ *Provider, err error) error { return err }
