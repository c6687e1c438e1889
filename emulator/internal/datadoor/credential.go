package datadoor

import (
	"encoding/json"
	"fmt"

	"github.com/llm-dev-ops/redshift/emulator/internal/session"
)

// login is whom a target connects as. err is what the database says to it when
// it connects.
type login struct {
	user string
	err  error
}

// login finds the database user of a target; the error is the request's. Who
// brings neither DbUser nor a secret is an IAM identity, which has the rights of
// the superuser: assumed.
func (d *Door) login(t target) (login, error) {
	switch {
	case t.DbUser != "":
		return login{user: t.DbUser}, nil
	case t.SecretArn == "" || d.cfg.Secret == nil:
		return login{user: d.cfg.User}, nil
	}
	text, ok := d.cfg.Secret(t.SecretArn)
	if !ok {
		return login{}, invalid("Secrets Manager can't find the specified secret.")
	}
	var secret struct {
		Username            string `json:"username"`
		Password            string `json:"password"`
		DbClusterIdentifier string `json:"dbClusterIdentifier"`
	}
	// What is no JSON has no user either.
	if err := json.Unmarshal([]byte(text), &secret); err != nil || secret.Username == "" || secret.Password == "" {
		return login{}, invalid(textBadSecret)
	}
	if c := secret.DbClusterIdentifier; t.ClusterIdentifier != "" && c != "" && c != t.ClusterIdentifier {
		return login{}, invalid("ClusterIdentifier must match the cluster identifier in the secret.")
	}
	l := login{user: secret.Username}
	if d.cfg.Login != nil && !d.cfg.Login(secret.Username, secret.Password) {
		l.err = badPassword(secret.Username)
	}
	return l, nil
}

func badPassword(user string) error {
	return &session.Error{Severity: "FATAL", State: "28000", Message: fmt.Sprintf("password authentication failed for user %q", user)}
}
