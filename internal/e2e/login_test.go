package e2e

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/credentials"
	"github.com/llm-dev-ops/redshift/credentials/awsauth"
	"github.com/llm-dev-ops/redshift/emulator"
)

// TestLogins: the three logins by password, for users whose passwords were given in each
// of the forms of CREATE USER.
func TestLogins(t *testing.T) {
	t.Parallel()
	sum := md5.Sum([]byte("Secret12" + "hashed"))
	for _, auth := range []emulator.AuthMethod{emulator.AuthMD5, emulator.AuthDigest, emulator.AuthCleartext} {
		t.Run(string(auth), func(t *testing.T) {
			t.Parallel()
			s := start(t, emulator.Config{Auth: auth})
			admin := connect(t, s)
			exec1(t, admin, "CREATE USER plain PASSWORD 'Secret12'")
			exec1(t, admin, "CREATE USER hashed PASSWORD 'md5"+hex.EncodeToString(sum[:])+"'")
			exec1(t, admin, "CREATE USER strong PASSWORD 'sha256|Secret12'")
			host, port := address(t, s)
			config := func(user, password string) redshift.Config {
				return redshift.Config{Host: host, Port: port, Database: "dev", Credentials: credentials.Static(user, password), MinConnections: -1}
			}
			for _, user := range []string{"plain", "hashed", "strong"} {
				if user == "hashed" && auth == emulator.AuthDigest {
					if err := firstFailure(t, config(user, "Secret12")); !errors.Is(err, redshift.ErrAuthenticationFailed) {
						t.Errorf("%s, of whom only the MD5 is known: %v", user, err)
					}
					continue
				}
				if got := value[string](t, open(t, config(user, "Secret12")), "SELECT current_user::varchar"); got != user {
					t.Errorf("logged in as %q, not %s", got, user)
				}
				if err := firstFailure(t, config(user, "Secret13")); !errors.Is(err, redshift.ErrAuthenticationFailed) {
					t.Errorf("%s with a wrong password: %v", user, err)
				}
			}
			// And by the temporary ones that AWS gives.
			p, err := awsauth.NewCluster(t.Context(), awsauth.ClusterConfig{
				Identity: awsauth.Identity{Region: "us-east-1", Endpoint: s.AWSEndpoint(), AccessKeyID: "AKIDANN", SecretAccessKey: credentials.NewSecret("x")},
				Cluster:  "emulator", DbUser: "plain",
			})
			if got := loggedIn(t, p, err); got != "plain" {
				t.Errorf("GetClusterCredentials: logged in as %q", got)
			}
		})
	}
}

// bearer has a token.
type bearer string

func (b bearer) Retrieve(context.Context) (credentials.Credentials, error) {
	return credentials.Credentials{Token: credentials.NewSecret(string(b)), Identity: credentials.Identity{Type: "AzureAD", TokenType: "ACCESS_TOKEN"}}, nil
}

// TestTokenLogin: an identity token names the user.
func TestTokenLogin(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{Token: func(token string) (string, error) {
		switch token {
		case "of awsuser":
			return "awsuser", nil
		case "of nobody":
			return "nobody", nil
		}
		return "", errors.New("unknown")
	}})
	host, port := address(t, s)
	config := func(token string) redshift.Config {
		return redshift.Config{Host: host, Port: port, Database: "dev", Credentials: bearer(token), MinConnections: -1}
	}
	if got := value[string](t, open(t, config("of awsuser")), "SELECT current_user::varchar"); got != "awsuser" {
		t.Errorf("logged in as %q", got)
	}
	for _, token := range []string{"of nobody", "another"} {
		if err := firstFailure(t, config(token)); !errors.Is(err, redshift.ErrAuthenticationFailed) {
			t.Errorf("the token %s: %v", token, err)
		}
	}
	none := start(t, emulator.Config{})
	host, port = address(t, none)
	if err := firstFailure(t, config("of awsuser")); err == nil {
		t.Error("a token is taken where none can be checked")
	}
}
