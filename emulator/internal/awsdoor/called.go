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
