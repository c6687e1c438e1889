package controldoor

import (
	"context"
	"net/http"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsjson"
	"github.com/llm-dev-ops/redshift/emulator/internal/iam"
)

func newServerless(cfg Config) http.Handler {
	s := &serverless{cfg}
	service := &awsjson.Service{
		Name: "redshift-serverless", Target: "RedshiftServerless", Version: "1.1",
		Operations: map[string]awsjson.Operation{
			"GetWorkgroup":   awsjson.Do(s.getWorkgroup),
			"ListWorkgroups": awsjson.Do(s.listWorkgroups),
			"GetNamespace":   awsjson.Do(s.getNamespace),
			"ListNamespaces": awsjson.Do(s.listNamespaces),
			"GetCredentials": awsjson.Do(s.getCredentials),
		},
		Known: []string{
			"CreateWorkgroup", "DeleteWorkgroup", "UpdateWorkgroup", "CreateNamespace", "DeleteNamespace", "UpdateNamespace",
			"CreateSnapshot", "DeleteSnapshot", "GetSnapshot", "ListSnapshots", "CreateUsageLimit", "ListUsageLimits",
			"CreateCustomDomainAssociation", "GetCustomDomainAssociation", "ListCustomDomainAssociations", "DeleteCustomDomainAssociation",
			"CreateEndpointAccess", "GetEndpointAccess", "ListEndpointAccess", "DeleteEndpointAccess", "ListTagsForResource", "TagResource",
		},
	}
	return service
}

// serverless is the service redshift-serverless.
type serverless struct{ cfg Config }

func notFound(what, name string) *awsjson.Error {
	return &awsjson.Error{
		Code: "ResourceNotFoundException", Message: what + " " + name + " not found.", Status: http.StatusBadRequest,
		Fields: map[string]any{"resourceName": name},
	}
}

type workgroup struct {
	Name               string             `json:"workgroupName"`
	ARN                string             `json:"workgroupArn"`
	ID                 string             `json:"workgroupId"`
	Namespace          string             `json:"namespaceName"`
	Status             string             `json:"status"`
	BaseCapacity       int                `json:"baseCapacity"`
	Port               int                `json:"port"`
	PubliclyAccessible bool               `json:"publiclyAccessible"`
	Endpoint           serverlessEndpoint `json:"endpoint"`
	Created            string             `json:"creationDate"` // ISO 8601, unlike other timestamps
}

type serverlessEndpoint struct {
	Address string `json:"address"`
	Port    int    `json:"port"`
}

const zeroID = "00000000-0000-0000-0000-000000000000"

func (s *serverless) workgroup() workgroup {
	c := s.cfg
	return workgroup{
		Name: c.Workgroup, ARN: "arn:aws:redshift-serverless:" + c.Region + ":" + c.Account + ":workgroup/" + zeroID, ID: zeroID,
		Namespace: c.Workgroup, Status: "AVAILABLE", BaseCapacity: 8, Port: c.Port,
		Endpoint: serverlessEndpoint{c.Host, c.Port}, Created: c.Created.UTC().Format(time.RFC3339),
	}
}

type getWorkgroupInput struct {
	Name string `json:"workgroupName"`
}

func (s *serverless) getWorkgroup(_ context.Context, in *getWorkgroupInput) (map[string]any, error) {
	if in.Name != s.cfg.Workgroup {
		return nil, notFound("Workgroup", in.Name)
	}
	return map[string]any{"workgroup": s.workgroup()}, nil
}

func (s *serverless) listWorkgroups(context.Context, *struct{}) (map[string]any, error) {
	return map[string]any{"workgroups": []workgroup{s.workgroup()}}, nil
}

type getNamespaceInput struct {
	Name string `json:"namespaceName"`
}

func (s *serverless) namespace() map[string]any {
	c := s.cfg
	return map[string]any{
		"namespaceName": c.Workgroup, "namespaceId": zeroID, "status": "AVAILABLE", "dbName": c.Database, "adminUsername": c.User,
		"namespaceArn": "arn:aws:redshift-serverless:" + c.Region + ":" + c.Account + ":namespace/" + zeroID,
		"creationDate": c.Created.UTC().Format(time.RFC3339),
	}
}

func (s *serverless) getNamespace(_ context.Context, in *getNamespaceInput) (map[string]any, error) {
	if in.Name != s.cfg.Workgroup {
		return nil, notFound("Namespace", in.Name)
	}
	return map[string]any{"namespace": s.namespace()}, nil
}

func (s *serverless) listNamespaces(context.Context, *struct{}) (map[string]any, error) {
	return map[string]any{"namespaces": []any{s.namespace()}}, nil
}

type getCredentialsInput struct {
	Workgroup    string `json:"workgroupName"`
	CustomDomain string `json:"customDomainName"`
	Database     string `json:"dbName"`
	Seconds      int    `json:"durationSeconds"`
}

// getCredentials is for the caller's own database user.
func (s *serverless) getCredentials(ctx context.Context, in *getCredentialsInput) (map[string]any, error) {
	switch {
	case in.CustomDomain != "":
		return nil, notFound("Custom domain", in.CustomDomain)
	case in.Workgroup != s.cfg.Workgroup:
		return nil, notFound("Workgroup", in.Workgroup)
	case in.Seconds == 0:
		in.Seconds = minDuration
	case in.Seconds < minDuration || in.Seconds > maxDuration:
		return nil, awsjson.Errorf("ValidationException", "durationSeconds must be between %d and %d", minDuration, maxDuration)
	}
	who := iam.Caller(ctx)
	if who.ARN == "" {
		return nil, &awsjson.Error{Code: "AccessDeniedException", Message: "Request is missing Authentication Token", Status: http.StatusForbidden}
	}
	name, password, until, err := s.cfg.login(ctx, who.DBUser(), who.DBUser(), true, in.Seconds)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"dbUser": name, "dbPassword": password, "expiration": float64(until.Unix()),
		"nextRefreshTime": float64(until.Add(-time.Duration(in.Seconds) * time.Second / 4).Unix()),
	}, nil
}
