package awsdoor

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsjson"
	"github.com/llm-dev-ops/redshift/emulator/internal/awsquery"
	"github.com/llm-dev-ops/redshift/emulator/internal/faults"
	"github.com/llm-dev-ops/redshift/emulator/internal/s3door"
)

// called is what a request asks of a service.
type called struct {
	operation string
	resources []string
	session   string // of the Data API
}

// identify reads what a request asks for; its body can still be read.
func identify(r *http.Request, name string) called {
	if name == "s3" {
		o := s3door.Identify(r)
		return called{operation: o.Name, resources: []string{o.Bucket, o.Bucket + "/" + o.Key}}
	}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		_, operation, _ := cutLast(target)
		c := called{operation: operation}
		body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, awsjson.MaxBody+1))
		if err != nil { // the service finds it, too
			r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), r.Body))
			return c
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		var members map[string]json.RawMessage
		if json.Unmarshal(body, &members) == nil {
			c.name(members)
		}
		return c
	}
	form, err := awsquery.Parameters(nil, r)
	if err != nil {
		return called{}
	}
	c := called{operation: form.Get("Action")}
	for _, member := range []string{"ClusterIdentifier", "RoleArn", "CustomDomainName", "DbUser"} {
		if v := form.Get(member); v != "" {
			c.resources = append(c.resources, v)
		}
	}
	return c
}

// name finds the names of what a document is about.
func (c *called) name(members map[string]json.RawMessage) {
	text := func(member string) (v string) {
		_ = json.Unmarshal(members[member], &v) // "" unless it is a text
		return v
	}
	for _, member := range []string{
		"ClusterIdentifier", "WorkgroupName", "SessionId", "Id", "StatementName", // redshift-data
		"workgroupName", "namespaceName", "customDomainName", // redshift-serverless
		"TableName", "DatabaseName", "Name", // dynamodb, glue
		"SecretId", // secretsmanager
	} {
		if v := text(member); v != "" {
			c.resources = append(c.resources, v)
		}
	}
	c.session = text("SessionId")
	if database := text("DatabaseName"); database != "" {
		for _, member := range []string{"TableName", "Name"} {
			if v := text(member); v != "" {
				c.resources = append(c.resources, database+"."+v)
			}
		}
	}
	var tables map[string]json.RawMessage // of dynamodb's batches
	if json.Unmarshal(members["RequestItems"], &tables) == nil {
		c.resources = slices.AppendSeq(c.resources, maps.Keys(tables))
	}
}

// fault does what the rules say about a request, and tells whether that was all.
func (d *door) fault(w http.ResponseWriter, r *http.Request, name string) bool {
	what := identify(r, name)
	do := d.cfg.Faults.Decide(name, what.operation, what.resources...)
	if d.cfg.Faults.Wait(r.Context(), do.Delay) != nil {
		panic(http.ErrAbortHandler) // the client is gone
	}
	switch do.Action {
	case faults.Throttle:
		throttled(name).refuse(w, r, name)
	case faults.Error:
		refusal{do.Code, do.Message, do.Status}.refuse(w, r, name)
	case faults.Drop:
		panic(http.ErrAbortHandler)
	case faults.Timeout:
		d.cfg.Faults.Silence(r.Context(), do.Silence)
		panic(http.ErrAbortHandler)
	case faults.Lose:
		d.serve(&nowhere{header: http.Header{}}, r, name)
		panic(http.ErrAbortHandler)
	case faults.Kill:
		if what.session != "" {
			d.cfg.EndSession(what.session)
		}
		return false // the service says what a dead session's answer is
	default:
		return false
	}
	return true
}

// nowhere takes an answer that nobody gets.
type nowhere struct{ header http.Header }

func (n *nowhere) Header() http.Header         { return n.header }
func (n *nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (n *nowhere) WriteHeader(int)             {}

// refusal is an error in whichever form a service has.
type refusal struct {
	code, message string
	status        int
}

// throttled is a service's refusal of too many calls.
func throttled(name string) refusal {
	switch name {
	case "s3":
		return refusal{"SlowDown", "Please reduce your request rate.", http.StatusServiceUnavailable}
	case "dynamodb":
		return refusal{"ProvisionedThroughputExceededException", "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.", http.StatusBadRequest}
	case "redshift", "sts", "iam":
		return refusal{"Throttling", "Rate exceeded", http.StatusBadRequest}
	}
	return refusal{"ThrottlingException", "Rate exceeded", http.StatusBadRequest}
}

func (f refusal) refuse(w http.ResponseWriter, r *http.Request, name string) {
	namespace, query := namespaces[name]
	switch {
	case name == "s3":
		(&s3door.Error{Code: f.code, Message: f.message, Status: f.status}).Refuse(w, r)
	case query:
		(&awsquery.Error{Code: f.code, Message: f.message, Status: f.status}).Refuse(w, namespace)
	default:
		(&awsjson.Error{Code: f.code, Message: f.message, Status: f.status}).Refuse(w, jsonVersion(name))
	}
}

// jsonVersion is the version of the JSON protocol that a service speaks.
func jsonVersion(name string) string {
	if name == "dynamodb" {
		return "1.0"
	}
	return "1.1"
}
