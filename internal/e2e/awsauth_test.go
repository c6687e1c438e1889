package e2e

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
	rs "github.com/aws/aws-sdk-go-v2/service/redshift"

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

// The AWS CLI sees the same; boto3 drives all operations in TestBoto3.
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

// Groups that credentials ask for are the login's, and a cluster that is paused has
// nobody to talk to.
func TestControlPlaneReachesTheDatabase(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	c := connect(t, s)
	exec1(t, c, "CREATE GROUP analysts")
	control := rs.New(rs.Options{BaseEndpoint: aws.String(s.AWSEndpoint()), Region: "us-east-1", RetryMaxAttempts: 1, Credentials: awscredentials.NewStaticCredentialsProvider("test", "test", "")})
	in := rs.GetClusterCredentialsInput{ClusterIdentifier: aws.String("emulator"), DbUser: aws.String("eve"), AutoCreate: aws.Bool(true), DbGroups: []string{"Analysts"}}
	if _, err := control.GetClusterCredentials(t.Context(), &in); err != nil {
		t.Fatal(err)
	}
	if n := value[int64](t, c, "SELECT count(*) FROM pg_group g, pg_user u WHERE g.groname = 'analysts' AND u.usename = 'eve' AND u.usesysid = ANY(g.grolist)"); n != 1 {
		t.Errorf("eve is in %d groups of that name", n)
	}
	in.DbGroups = []string{"nobody"}
	if _, err := control.GetClusterCredentials(t.Context(), &in); err == nil || !strings.Contains(err.Error(), `group "nobody" does not exist`) {
		t.Error(err)
	}
	if _, err := control.PauseCluster(t.Context(), &rs.PauseClusterInput{ClusterIdentifier: aws.String("emulator")}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Execute(t.Context(), redshift.SQL("SELECT 1")); err == nil {
		t.Error("a paused cluster answers")
	}
	if _, err := control.ResumeCluster(t.Context(), &rs.ResumeClusterInput{ClusterIdentifier: aws.String("emulator")}); err != nil {
		t.Fatal(err)
	}
	if n := value[int64](t, connect(t, s), "SELECT 1"); n != 1 {
		t.Error(n)
	}
}
