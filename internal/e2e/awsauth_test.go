package e2e

import (
	"errors"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/credentials"
	"github.com/llm-dev-ops/redshift/credentials/awsauth"
	"github.com/llm-dev-ops/redshift/emulator"
)

// loggedIn opens a client with what AWS gives, and tells as whom.
func loggedIn(t *testing.T, p *awsauth.Provider, err error) (user string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	e, err := p.Endpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := open(t, redshift.Config{Host: e.Host, Port: e.Port, Database: "dev", Credentials: p})
	return value[string](t, c, "SELECT current_user::varchar")
}

// What the AWS doors give out is what the login accepts.
func TestAWSLogins(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	identity := awsauth.Identity{Region: "us-east-1", Endpoint: s.AWSEndpoint(), AccessKeyID: "AKIDANN", SecretAccessKey: credentials.NewSecret("x")}

	p, err := awsauth.NewCluster(t.Context(), awsauth.ClusterConfig{Identity: identity, Cluster: "emulator", DbUser: "bob", AutoCreate: true})
	if got := loggedIn(t, p, err); got != "bob" {
		t.Errorf("GetClusterCredentials: logged in as %q", got)
	}
	p, err = awsauth.NewCluster(t.Context(), awsauth.ClusterConfig{Identity: identity, Cluster: "emulator"})
	if got := loggedIn(t, p, err); got != "IAM:akidann" {
		t.Errorf("GetClusterCredentialsWithIAM: logged in as %q", got)
	}
	p, err = awsauth.NewServerless(t.Context(), awsauth.ServerlessConfig{Identity: identity, Workgroup: "emulator"})
	if got := loggedIn(t, p, err); got != "IAM:akidann" {
		t.Errorf("GetCredentials: logged in as %q", got)
	}
	p, err = awsauth.NewSecret(t.Context(), awsauth.SecretConfig{Identity: identity, Secret: "emulator/awsuser"})
	if got := loggedIn(t, p, err); got != "awsuser" {
		t.Errorf("secret: logged in as %q", got)
	}
	identity.Roles = []string{"arn:aws:iam::123456789012:role/analyst"}
	p, err = awsauth.NewCluster(t.Context(), awsauth.ClusterConfig{Identity: identity, Cluster: "emulator", DbUser: "awsuser"})
	if got := loggedIn(t, p, err); got != "awsuser" {
		t.Errorf("assumed role: logged in as %q", got)
	}

	for name, cfg := range map[string]awsauth.ClusterConfig{
		"no cluster": {Identity: identity, Cluster: "nowhere", DbUser: "bob"},
	} {
		p, err := awsauth.NewCluster(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		var e *awsauth.Error
		if _, err := p.Retrieve(t.Context()); !errors.As(err, &e) || !strings.Contains(e.Hint, "identifier") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A user who is not made gets credentials and no login.
	p, err = awsauth.NewCluster(t.Context(), awsauth.ClusterConfig{Identity: identity, Cluster: "emulator", DbUser: "nobody"})
	if err != nil {
		t.Fatal(err)
	}
	host, port := address(t, s)
	if err := firstFailure(t, redshift.Config{Host: host, Port: port, Credentials: p, MinConnections: -1}); !errors.Is(err, redshift.ErrAuthenticationFailed) {
		t.Errorf("nobody: %v", err)
	}
}

// The AWS CLI sees the same.
func TestAWSCLIControlPlane(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"redshift", "describe-clusters", "--query", "Clusters[0].ClusterStatus", "--output", "text"}, "available"},
		{[]string{"redshift", "get-cluster-credentials", "--cluster-identifier", "emulator", "--db-user", "x", "--auto-create", "--query", "DbUser", "--output", "text"}, "IAMA:x"},
		{[]string{"redshift-serverless", "get-workgroup", "--workgroup-name", "emulator", "--query", "workgroup.status", "--output", "text"}, "AVAILABLE"},
		{[]string{"redshift-serverless", "get-credentials", "--workgroup-name", "emulator", "--query", "dbUser", "--output", "text"}, "IAM:test"},
		{[]string{"secretsmanager", "create-secret", "--name", "mine", "--secret-string", "v1", "--query", "Name", "--output", "text"}, "mine"},
		{[]string{"secretsmanager", "put-secret-value", "--secret-id", "mine", "--secret-string", "v2", "--query", "Name", "--output", "text"}, "mine"},
		{[]string{"secretsmanager", "get-secret-value", "--secret-id", "mine", "--version-stage", "AWSPREVIOUS", "--query", "SecretString", "--output", "text"}, "v1"},
		{[]string{"secretsmanager", "list-secrets", "--query", "length(SecretList)", "--output", "text"}, "2"},
		{[]string{"secretsmanager", "delete-secret", "--secret-id", "mine", "--force-delete-without-recovery", "--query", "Name", "--output", "text"}, "mine"},
		{[]string{"sts", "get-caller-identity", "--query", "Account", "--output", "text"}, "123456789012"},
	} {
		out, err := run(t, s, "", "aws", test.args...)
		if err != nil || strings.TrimSpace(out) != test.want {
			t.Errorf("aws %v: %v\n%s", test.args, err, out)
		}
	}
	if out, err := run(t, s, "", "aws", "secretsmanager", "get-secret-value", "--secret-id", "gone"); err == nil || !strings.Contains(out, "ResourceNotFoundException") {
		t.Errorf("%v\n%s", err, out)
	}
}
