package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
	rs "github.com/aws/aws-sdk-go-v2/service/redshift"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/credentials"
	"github.com/llm-dev-ops/redshift/credentials/awsauth"
	"github.com/llm-dev-ops/redshift/emulator"
)

const identities = `{
	"users": [{"name": "ann", "access_key": "AKIAANN", "secret_key": "annssecret"}],
	"roles": [
		{"arn": "arn:aws:iam::123456789012:role/first", "trust": ["ann"], "allow": [{"action": "*"}]},
		{"arn": "arn:aws:iam::123456789012:role/second", "trust": ["arn:aws:iam::123456789012:role/first"], "allow": [{"action": "*"}]}]}`

// TestAWSIdentities logs in as every kind of identity that AWS's chain gives, with
// signatures verified. The chain reads the environment, so the test is not parallel.
func TestAWSIdentities(t *testing.T) {
	s := start(t, emulator.Config{IAM: []byte(identities)})
	dir := t.TempDir()
	file := filepath.Join(dir, "config")
	text := `[profile keys]
aws_access_key_id = AKIAANN
aws_secret_access_key = annssecret
[profile assumed]
role_arn = arn:aws:iam::123456789012:role/first
source_profile = keys
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for k, v := range map[string]string{
		"AWS_CONFIG_FILE": file, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true", "AWS_PROFILE": "",
		"AWS_ACCESS_KEY_ID": "AKIAANN", "AWS_SECRET_ACCESS_KEY": "annssecret", "AWS_SESSION_TOKEN": "", "AWS_ENDPOINT_URL": s.AWSEndpoint(), "AWS_REGION": "us-east-1",
	} {
		t.Setenv(k, v)
	}
	control := rs.New(rs.Options{
		BaseEndpoint: aws.String(s.AWSEndpoint()), Region: "us-east-1",
		Credentials: awscredentials.NewStaticCredentialsProvider("AKIAANN", "annssecret", ""),
	})
	if _, err := control.CreateCustomDomainAssociation(t.Context(), &rs.CreateCustomDomainAssociationInput{
		ClusterIdentifier: aws.String("emulator"), CustomDomainName: aws.String("warehouse.example.com"),
		CustomDomainCertificateArn: aws.String("arn:aws:acm:us-east-1:123456789012:certificate/x"),
	}); err != nil {
		t.Fatal(err)
	}
	roles := []string{"arn:aws:iam::123456789012:role/first", "arn:aws:iam::123456789012:role/second"}
	for name, test := range map[string]struct {
		cfg  awsauth.ClusterConfig
		want string
	}{
		"the environment": {awsauth.ClusterConfig{Cluster: "emulator"}, "IAM:ann"},
		"a profile":       {awsauth.ClusterConfig{Cluster: "emulator", Identity: awsauth.Identity{Profile: "keys"}}, "IAM:ann"},
		"a role's profile": {
			awsauth.ClusterConfig{Cluster: "emulator", Identity: awsauth.Identity{Profile: "assumed"}, DbUser: "bob", AutoCreate: true}, "bob",
		},
		"roles in a chain": {
			awsauth.ClusterConfig{Cluster: "emulator", Identity: awsauth.Identity{Roles: roles}, DbUser: "eve", AutoCreate: true}, "eve",
		},
		"a user's keys": {
			awsauth.ClusterConfig{Cluster: "emulator", Identity: awsauth.Identity{AccessKeyID: "AKIAANN", SecretAccessKey: credentials.NewSecret("annssecret")}}, "IAM:ann",
		},
		"a custom domain": {awsauth.ClusterConfig{CustomDomain: "warehouse.example.com", DbUser: "bob", AutoCreate: true}, "bob"},
	} {
		p, err := awsauth.NewCluster(t.Context(), test.cfg)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		host, port := address(t, s)
		if test.cfg.CustomDomain == "" {
			if e, err := p.Endpoint(t.Context()); err != nil || e.Host != host || e.Port != port {
				t.Errorf("%s: the cluster is at %+v, %v", name, e, err)
			}
		}
		c := open(t, redshift.Config{Host: host, Port: port, Database: "dev", Credentials: p})
		if got := value[string](t, c, "SELECT current_user::varchar"); got != test.want {
			t.Errorf("%s: logged in as %q, want %q", name, got, test.want)
		}
	}
	if p, err := awsauth.NewCluster(t.Context(), awsauth.ClusterConfig{Cluster: "emulator", Identity: awsauth.Identity{Roles: roles[1:]}}); err != nil {
		t.Error(err)
	} else if _, err := p.Retrieve(t.Context()); err == nil {
		t.Error("a role is assumed by one whom it does not trust")
	}
}

// TestSecretRotation: a password that is changed beside its secret costs one refused
// login, after which the secret is read again.
func TestSecretRotation(t *testing.T) {
	t.Parallel()
	s, admin := both(t)
	exec1(t, admin, "CREATE USER app PASSWORD 'First1234'")
	host, port := address(t, s)
	secrets := secretsmanager.New(secretsmanager.Options{
		BaseEndpoint: aws.String(s.AWSEndpoint()), Region: "us-east-1", Credentials: awscredentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	text := func(password string) *string {
		return aws.String(fmt.Sprintf(`{"username":"app","password":%q,"host":%q,"port":%d,"dbname":"dev"}`, password, host, port))
	}
	if _, err := secrets.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String("app"), SecretString: text("First1234")}); err != nil {
		t.Fatal(err)
	}
	p, err := awsauth.NewSecret(t.Context(), awsauth.SecretConfig{Secret: "app", Identity: awsauth.Identity{
		Region: "us-east-1", Endpoint: s.AWSEndpoint(), AccessKeyID: "test", SecretAccessKey: credentials.NewSecret("test"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	e, err := p.Endpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	connected := func() string {
		c := open(t, redshift.Config{Host: e.Host, Port: e.Port, Database: e.Database, Credentials: p})
		return value[string](t, c, "SELECT current_user::varchar")
	}
	if got := connected(); got != "app" {
		t.Fatal(got)
	}
	exec1(t, admin, "ALTER USER app PASSWORD 'Second1234'")
	if _, err := secrets.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: aws.String("app"), SecretString: text("Second1234")}); err != nil {
		t.Fatal(err)
	}
	if got := connected(); got != "app" {
		t.Error(got)
	}
}
