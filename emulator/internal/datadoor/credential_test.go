package datadoor

import "testing"

func TestSecrets(t *testing.T) {
	t.Parallel()
	c := newClient(t, Limits{})
	defer c.close()
	c.door.cfg.Secret = func(id string) (string, bool) {
		text, ok := map[string]string{
			"good":    `{"username":"analyst","password":"right","dbClusterIdentifier":"emulator","host":"h","port":5439}`,
			"wrong":   `{"username":"analyst","password":"wrong"}`,
			"empty":   `{"username":"analyst"}`,
			"none":    `analyst`,
			"another": `{"username":"analyst","password":"right","dbClusterIdentifier":"prod"}`,
		}[id]
		return text, ok
	}
	c.door.cfg.Login = func(user, password string) bool { return user == "analyst" && password == "right" }
	if st := c.end(c.begin("insert", object{"SecretArn": "good"})); st["Status"] != "FINISHED" || st["SecretArn"] != "good" || c.core.users[0] != "analyst" {
		t.Errorf("%v as %v", st, c.core.users)
	}
	if st := c.end(c.begin("insert", object{"SecretArn": "wrong"})); st["Status"] != "FAILED" || st["Error"] != `FATAL: password authentication failed for user "analyst"` {
		t.Errorf("%v", st)
	}
	c.refused("ListDatabases", on(object{"SecretArn": "wrong"}), "DatabaseConnectionException", "password authentication failed")
	for secret, message := range map[string]string{
		"missing": "Secrets Manager can't find the specified secret.",
		"empty":   "username and password in secret cannot be empty",
		"none":    "username and password in secret cannot be empty",
		"another": "ClusterIdentifier must match",
	} {
		c.refused("ExecuteStatement", on(object{"Sql": "insert", "SecretArn": secret}), "ValidationException", message)
		c.refused("ListDatabases", on(object{"SecretArn": secret}), "ValidationException", message)
	}
	// A session stays its secret's, and a workgroup has no cluster to match.
	in := object{"Sql": "insert", "WorkgroupName": "emulator", "Database": "dev", "SecretArn": "another", "SessionKeepAliveSeconds": 60, "WaitTimeSeconds": 30}
	out := c.call("ExecuteStatement", in)
	c.end(c.call("ExecuteStatement", object{"Sql": "insert", "SessionId": out["SessionId"]})["Id"].(string))
	if n := len(c.core.users); out["Status"] != "FINISHED" || c.core.users[n-1] != "analyst" {
		t.Errorf("%v as %v", out, c.core.users)
	}
}
