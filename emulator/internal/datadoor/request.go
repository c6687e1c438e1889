package datadoor

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// target is what a request connects to, and as whom.
type target struct {
	ClusterIdentifier string `json:",omitempty"`
	WorkgroupName     string `json:",omitempty"`
	Database          string `json:",omitempty"`
	DbUser            string `json:",omitempty"`
	SecretArn         string `json:",omitempty"`
}

// submission is the input of ExecuteStatement and BatchExecuteStatement.
type submission struct {
	target
	Sql                     *string
	Sqls                    []string
	ClientToken             *string
	Parameters              []parameter
	ResultFormat            string
	SessionId               *string
	SessionKeepAliveSeconds *int
	StatementName           *string
	ExecutionMode           string
	WaitTimeSeconds         *int
}

// The patterns of the service's model.
var (
	idPattern        = regexp.MustCompile(`^[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}(:\d{0,2})?$`)
	clusterPattern   = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	workgroupPattern = regexp.MustCompile(`^([a-z0-9-]{3,63}|arn:aws(-[a-z]+)*:redshift-serverless:[a-z0-9-]+:\d{12}:workgroup/[0-9a-f-]{36})$`)
)

const (
	maxBatch     = 40
	maxName      = 2048
	maxToken     = 64
	maxKeepAlive = 86400
	maxWait      = 30
)

// check says what is wrong with a submission as such.
func (s *submission) check(limit int, batch bool) error {
	statements, member := s.Sqls, "sqls"
	if !batch {
		member = "sql"
		if s.Sql == nil {
			return constraint(nil, "sql", "not be null")
		}
		statements = []string{*s.Sql}
	}
	if len(statements) == 0 || len(statements) > maxBatch {
		return constraint(len(statements), member, "have a length from 1 to 40")
	}
	for _, sql := range statements {
		switch {
		case strings.TrimSpace(sql) == "":
			return invalid("SQL statement cannot be empty.")
		case !utf8.ValidString(sql) || strings.ContainsRune(sql, 0):
			return constraint("", member, "be text")
		case len(sql) > limit:
			return invalid("Cannot process query string larger than %d kB.", limit>>10)
		}
	}
	if t := s.ClientToken; t != nil && (*t == "" || len(*t) > maxToken) {
		return constraint(*t, "clientToken", "have a length from 1 to 64")
	}
	if n := s.StatementName; n != nil && len(*n) > maxName {
		return constraint(*n, "statementName", "have length less than or equal to 2048")
	}
	if k := s.SessionKeepAliveSeconds; k != nil && (*k < 0 || *k > maxKeepAlive) {
		return constraint(*k, "sessionKeepAliveSeconds", "have a value from 0 to 86400")
	}
	if err := checkWait(s.WaitTimeSeconds); err != nil {
		return err
	}
	if f := s.ResultFormat; f != "" && f != formatJSON && f != formatCSV {
		return constraint(f, "resultFormat", "satisfy enum value set: [JSON, CSV]")
	}
	if m := s.ExecutionMode; m != "" && (!batch || m != modeTransaction && m != modeAutoCommit) {
		return constraint(m, "executionMode", "satisfy enum value set: [TRANSACTION, AUTO_COMMIT]")
	}
	return checkParameters(s.Parameters)
}

func checkWait(seconds *int) error {
	if seconds != nil && (*seconds < 1 || *seconds > maxWait) {
		return constraint(*seconds, "waitTimeSeconds", "have a value from 1 to 30")
	}
	return nil
}

const (
	formatJSON = "JSON"
	formatCSV  = "CSV"

	modeTransaction = "TRANSACTION"
	modeAutoCommit  = "AUTO_COMMIT"
)

// reach says what is wrong with a target (API reference, ExecuteStatement: the
// combinations of parameters).
func (d *Door) reach(t target, database string) error {
	switch {
	case t.ClusterIdentifier == "" && t.WorkgroupName == "":
		return invalid(textNoTarget)
	case t.ClusterIdentifier != "" && t.WorkgroupName != "":
		return invalid("ClusterIdentifier and WorkgroupName can't both be specified.")
	case t.ClusterIdentifier != "" && !clusterPattern.MatchString(t.ClusterIdentifier):
		return constraint(t.ClusterIdentifier, "clusterIdentifier", "satisfy regular expression pattern: [a-z][a-z0-9]*(-[a-z0-9]+)*")
	case t.WorkgroupName != "" && !workgroupPattern.MatchString(t.WorkgroupName):
		return constraint(t.WorkgroupName, "workgroupName", "be the name or the ARN of a workgroup")
	case t.ClusterIdentifier != "" && t.ClusterIdentifier != d.cfg.Cluster,
		t.WorkgroupName != "" && t.WorkgroupName != d.cfg.Workgroup:
		return invalid(textNoEndpoint)
	case database == "":
		return invalid("Database needs to be specified.")
	case t.DbUser != "" && t.SecretArn != "":
		return invalid("DbUser and SecretArn can't both be specified.")
	case t.DbUser != "" && t.WorkgroupName != "":
		return invalid("DbUser can't be specified with WorkgroupName.")
	}
	return nil
}
