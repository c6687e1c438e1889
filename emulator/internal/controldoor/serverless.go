package controldoor

import (
	"context"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsjson"
	"github.com/llm-dev-ops/redshift/emulator/internal/iam"
)

// serverless is the service redshift-serverless.
type serverless struct {
	cfg     Config
	domains domains

	mu         sync.Mutex
	workgroups map[string]*workgroup
	namespaces map[string]*namespaceOf
}

// object is a JSON object.
type object = map[string]any

func newServerless(cfg Config) http.Handler {
	s := &serverless{cfg: cfg, domains: domains{all: map[string]domain{}}, workgroups: map[string]*workgroup{}, namespaces: map[string]*namespaceOf{}}
	s.namespaces[cfg.Workgroup] = s.newNamespace(cfg.Workgroup, zeroID, cfg.Database, cfg.User)
	s.workgroups[cfg.Workgroup] = s.newWorkgroup(cfg.Workgroup, zeroID, cfg.Workgroup, 8)
	return &awsjson.Service{
		Name: "redshift-serverless", Target: "RedshiftServerless", Version: "1.1",
		Operations: map[string]awsjson.Operation{
			"GetWorkgroup": awsjson.Do(s.getWorkgroup), "ListWorkgroups": awsjson.Do(s.listWorkgroups), "CreateWorkgroup": awsjson.Do(s.createWorkgroup),
			"UpdateWorkgroup": awsjson.Do(s.updateWorkgroup), "DeleteWorkgroup": awsjson.Do(s.deleteWorkgroup),
			"GetNamespace": awsjson.Do(s.getNamespace), "ListNamespaces": awsjson.Do(s.listNamespaces), "CreateNamespace": awsjson.Do(s.createNamespace),
			"UpdateNamespace": awsjson.Do(s.updateNamespace), "DeleteNamespace": awsjson.Do(s.deleteNamespace),
			"CreateCustomDomainAssociation": awsjson.Do(s.createDomain), "GetCustomDomainAssociation": awsjson.Do(s.getDomain),
			"UpdateCustomDomainAssociation": awsjson.Do(s.updateDomain), "DeleteCustomDomainAssociation": awsjson.Do(s.deleteDomain),
			"ListCustomDomainAssociations": awsjson.Do(s.listDomains),
			"GetCredentials":               awsjson.Do(s.getCredentials),
		},
		Known: []string{
			"CreateSnapshot", "DeleteSnapshot", "GetSnapshot", "ListSnapshots", "CreateUsageLimit", "ListUsageLimits",
			"CreateEndpointAccess", "GetEndpointAccess", "ListEndpointAccess", "DeleteEndpointAccess", "ListTagsForResource", "TagResource",
		},
	}
}

func notFound(what, name string) *awsjson.Error {
	return &awsjson.Error{
		Code: "ResourceNotFoundException", Message: what + " " + name + " not found.", Status: http.StatusBadRequest,
		Fields: object{"resourceName": name},
	}
}

func conflict(format string, args ...any) *awsjson.Error {
	return awsjson.Errorf("ConflictException", format, args...)
}

// workgroup is one of them, as the service tells it.
type workgroup struct {
	Name               string             `json:"workgroupName"`
	ARN                string             `json:"workgroupArn"`
	ID                 string             `json:"workgroupId"`
	Namespace          string             `json:"namespaceName"`
	Status             string             `json:"status"`
	BaseCapacity       int                `json:"baseCapacity"`
	Port               int                `json:"port"`
	PubliclyAccessible bool               `json:"publiclyAccessible"`
	EnhancedVpcRouting bool               `json:"enhancedVpcRouting"`
	Endpoint           serverlessEndpoint `json:"endpoint"`
	Created            string             `json:"creationDate"` // ISO 8601, unlike other timestamps
	Domain             string             `json:"customDomainName,omitempty"`
	Certificate        string             `json:"customDomainCertificateArn,omitempty"`
}

type serverlessEndpoint struct {
	Address string `json:"address"`
	Port    int    `json:"port"`
}

// namespaceOf is a namespace, as the service tells it.
type namespaceOf struct {
	Name     string   `json:"namespaceName"`
	ARN      string   `json:"namespaceArn"`
	ID       string   `json:"namespaceId"`
	Status   string   `json:"status"`
	Database string   `json:"dbName"`
	Admin    string   `json:"adminUsername"`
	Role     string   `json:"defaultIamRoleArn,omitempty"`
	Roles    []string `json:"iamRoles,omitempty"`
	Created  string   `json:"creationDate"`
}

const zeroID = "00000000-0000-0000-0000-000000000000"

func (s *serverless) newWorkgroup(name, id, namespace string, capacity int) *workgroup {
	c := s.cfg
	return &workgroup{
		Name: name, ARN: "arn:aws:redshift-serverless:" + c.Region + ":" + c.Account + ":workgroup/" + id, ID: id,
		Namespace: namespace, Status: "AVAILABLE", BaseCapacity: capacity, Port: c.Port,
		Endpoint: serverlessEndpoint{c.Host, c.Port}, Created: time.Now().UTC().Format(time.RFC3339),
	}
}

func (s *serverless) newNamespace(name, id, database, admin string) *namespaceOf {
	c := s.cfg
	return &namespaceOf{
		Name: name, ID: id, ARN: "arn:aws:redshift-serverless:" + c.Region + ":" + c.Account + ":namespace/" + id, Status: "AVAILABLE",
		Database: database, Admin: admin, Created: time.Now().UTC().Format(time.RFC3339),
	}
}

// serverlessInput are the members of all requests.
type serverlessInput struct {
	Workgroup          string   `json:"workgroupName"`
	Namespace          string   `json:"namespaceName"`
	BaseCapacity       *int     `json:"baseCapacity"`
	PubliclyAccessible *bool    `json:"publiclyAccessible"`
	EnhancedVpcRouting *bool    `json:"enhancedVpcRouting"`
	Database           string   `json:"dbName"`
	Admin              string   `json:"adminUsername"`
	AdminPassword      string   `json:"adminUserPassword"`
	Role               string   `json:"defaultIamRoleArn"`
	Roles              []string `json:"iamRoles"`
	Snapshot           string   `json:"finalSnapshotName"`
	Domain             string   `json:"customDomainName"`
	Certificate        string   `json:"customDomainCertificateArn"`
	Seconds            int      `json:"durationSeconds"`
	MaxResults         int      `json:"maxResults"`
	NextToken          string   `json:"nextToken"`
}

var serverlessName = regexp.MustCompile(`^[a-z0-9-]{3,64}$`)

// told is a workgroup with its domain, in a state.
func (s *serverless) told(w *workgroup, status string) object {
	t := *w
	t.Status = status
	for _, d := range s.domains.of(w.Name) {
		t.Domain, t.Certificate = d.name, d.certificate
	}
	return object{"workgroup": t}
}

func (s *serverless) workgroup(name string) (*workgroup, error) {
	w := s.workgroups[name]
	if w == nil {
		return nil, notFound("Workgroup", name)
	}
	return w, nil
}

func (s *serverless) namespace(name string) (*namespaceOf, error) {
	n := s.namespaces[name]
	if n == nil {
		return nil, notFound("Namespace", name)
	}
	return n, nil
}

func (s *serverless) getWorkgroup(_ context.Context, in *serverlessInput) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, err := s.workgroup(in.Workgroup)
	if err != nil {
		return nil, err
	}
	return s.told(w, w.Status), nil
}

// listing is a page of what is in the order of its names.
func listing[T any](in *serverlessInput, member string, all map[string]T, show func(T) any) object {
	size := in.MaxResults
	if size < 1 || size > 100 {
		size = 100
	}
	out, found := object{}, []any{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if name <= in.NextToken {
			continue
		}
		if len(found) == size {
			break
		}
		found = append(found, show(all[name]))
		out["nextToken"] = name
	}
	if names := slices.Sorted(maps.Keys(all)); len(names) == 0 || out["nextToken"] == nil || out["nextToken"] == names[len(names)-1] {
		delete(out, "nextToken")
	}
	out[member] = found
	return out
}

func (s *serverless) listWorkgroups(_ context.Context, in *serverlessInput) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return listing(in, "workgroups", s.workgroups, func(w *workgroup) any { return s.told(w, w.Status)["workgroup"] }), nil
}

func capacity(in *serverlessInput, or int) (int, error) {
	if in.BaseCapacity == nil {
		return or, nil
	}
	n := *in.BaseCapacity
	if n < 4 || n > 1024 || n > 4 && n%8 != 0 {
		return 0, awsjson.Errorf("ValidationException", "Base capacity must be 4, or 8 to 1024 RPUs in units of 8.")
	}
	return n, nil
}

func (s *serverless) createWorkgroup(_ context.Context, in *serverlessInput) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	base, err := capacity(in, 128)
	switch {
	case err != nil:
		return nil, err
	case !serverlessName.MatchString(in.Workgroup):
		return nil, awsjson.Errorf("ValidationException", "The workgroup name is not valid: 3 to 64 lowercase letters, digits and hyphens.")
	case s.workgroups[in.Workgroup] != nil:
		return nil, conflict("Workgroup %s already exists.", in.Workgroup)
	}
	if _, err := s.namespace(in.Namespace); err != nil {
		return nil, err
	}
	for _, w := range s.workgroups {
		if w.Namespace == in.Namespace {
			return nil, conflict("Namespace %s already has a workgroup.", in.Namespace)
		}
	}
	w := s.newWorkgroup(in.Workgroup, awsjson.RequestID(), in.Namespace, base)
	s.workgroups[in.Workgroup] = w
	w.set(in)
	return s.told(w, "CREATING"), nil
}

func (w *workgroup) set(in *serverlessInput) {
	if in.PubliclyAccessible != nil {
		w.PubliclyAccessible = *in.PubliclyAccessible
	}
	if in.EnhancedVpcRouting != nil {
		w.EnhancedVpcRouting = *in.EnhancedVpcRouting
	}
}

func (s *serverless) updateWorkgroup(_ context.Context, in *serverlessInput) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, err := s.workgroup(in.Workgroup)
	if err != nil {
		return nil, err
	}
	if w.BaseCapacity, err = capacity(in, w.BaseCapacity); err != nil {
		return nil, err
	}
	w.set(in)
	return s.told(w, "MODIFYING"), nil
}

func (s *serverless) deleteWorkgroup(_ context.Context, in *serverlessInput) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, err := s.workgroup(in.Workgroup)
	if err != nil {
		return nil, err
	}
	if w.Name == s.cfg.Workgroup {
		return nil, conflict("not supported by the emulator: deleting its own workgroup")
	}
	delete(s.workgroups, w.Name)
	s.domains.drop(w.Name)
	return s.told(w, "DELETING"), nil
}

func (s *serverless) getNamespace(_ context.Context, in *serverlessInput) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.namespace(in.Namespace)
	if err != nil {
		return nil, err
	}
	return object{"namespace": *n}, nil
}

func (s *serverless) listNamespaces(_ context.Context, in *serverlessInput) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return listing(in, "namespaces", s.namespaces, func(n *namespaceOf) any { return *n }), nil
}

func (s *serverless) createNamespace(_ context.Context, in *serverlessInput) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !serverlessName.MatchString(in.Namespace):
		return nil, awsjson.Errorf("ValidationException", "The namespace name is not valid: 3 to 64 lowercase letters, digits and hyphens.")
	case s.namespaces[in.Namespace] != nil:
		return nil, conflict("Namespace %s already exists.", in.Namespace)
	}
	n := s.newNamespace(in.Namespace, awsjson.RequestID(), s.cfg.Database, s.cfg.User) // the database is the one that there is
	n.Role, n.Roles = in.Role, in.Roles
	s.namespaces[n.Name] = n
	return object{"namespace": *n}, nil
}

func (s *serverless) updateNamespace(_ context.Context, in *serverlessInput) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.namespace(in.Namespace)
	if err != nil {
		return nil, err
	}
	if in.AdminPassword != "" || in.Admin != "" {
		return nil, awsjson.Errorf("ValidationException", "not supported by the emulator: changing the administrator")
	}
	if in.Role != "" {
		n.Role = in.Role
	}
	if in.Roles != nil {
		n.Roles = in.Roles
	}
	t := *n
	t.Status = "MODIFYING"
	return object{"namespace": t}, nil
}

func (s *serverless) deleteNamespace(_ context.Context, in *serverlessInput) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.namespace(in.Namespace)
	if err != nil {
		return nil, err
	}
	if in.Snapshot != "" {
		return nil, awsjson.Errorf("ValidationException", "not supported by the emulator: snapshots")
	}
	for _, w := range s.workgroups {
		if w.Namespace == n.Name {
			return nil, conflict("Namespace %s is associated with the workgroup %s, which must be deleted first.", n.Name, w.Name)
		}
	}
	delete(s.namespaces, n.Name)
	t := *n
	t.Status = "DELETING"
	return object{"namespace": t}, nil
}

func shown(d domain) object {
	return object{
		"customDomainName": d.name, "workgroupName": d.of, "customDomainCertificateArn": d.certificate,
		"customDomainCertificateExpiryTime": d.expires.UTC().Format(time.RFC3339),
	}
}

// domain finds a workgroup's domain.
func (s *serverless) domain(in *serverlessInput) (domain, error) {
	d, ok := s.domains.get(in.Domain)
	if !ok || in.Workgroup != "" && in.Workgroup != d.of {
		return d, notFound("Custom domain", in.Domain)
	}
	return d, nil
}

func (s *serverless) createDomain(_ context.Context, in *serverlessInput) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, err := s.workgroup(in.Workgroup)
	if err != nil {
		return nil, err
	}
	if !domainName.MatchString(in.Domain) || !certificateARN.MatchString(in.Certificate) {
		return nil, awsjson.Errorf("ValidationException", "The custom domain name or the certificate's ARN is not valid.")
	}
	if _, taken := s.domains.get(in.Domain); taken || len(s.domains.of(w.Name)) > 0 {
		return nil, conflict("The workgroup has a custom domain, or the name %s is taken.", in.Domain)
	}
	return shown(s.domains.put(in.Domain, in.Certificate, w.Name)), nil
}

func (s *serverless) getDomain(_ context.Context, in *serverlessInput) (object, error) {
	d, err := s.domain(in)
	if err != nil {
		return nil, err
	}
	return shown(d), nil
}

func (s *serverless) updateDomain(_ context.Context, in *serverlessInput) (object, error) {
	d, err := s.domain(in)
	if err != nil {
		return nil, err
	}
	if !certificateARN.MatchString(in.Certificate) {
		return nil, awsjson.Errorf("ValidationException", "The certificate's ARN is not valid.")
	}
	return shown(s.domains.put(d.name, in.Certificate, d.of)), nil
}

func (s *serverless) deleteDomain(_ context.Context, in *serverlessInput) (object, error) {
	d, err := s.domain(in)
	if err != nil {
		return nil, err
	}
	s.domains.remove(d.name)
	return object{}, nil
}

func (s *serverless) listDomains(_ context.Context, in *serverlessInput) (object, error) {
	all := map[string]domain{}
	for _, d := range s.domains.of("") {
		if (in.Domain == "" || strings.EqualFold(in.Domain, d.name)) && (in.Certificate == "" || in.Certificate == d.certificate) {
			all[d.name] = d
		}
	}
	return listing(in, "associations", all, func(d domain) any { return shown(d) }), nil
}

// getCredentials is for the caller's own database user.
func (s *serverless) getCredentials(ctx context.Context, in *serverlessInput) (object, error) {
	if in.Workgroup == "" && in.Domain != "" {
		d, err := s.domain(in)
		if err != nil {
			return nil, err
		}
		in.Workgroup = d.of
	}
	s.mu.Lock()
	_, err := s.workgroup(in.Workgroup)
	s.mu.Unlock()
	switch {
	case err != nil:
		return nil, err
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
	return object{
		"dbUser": name, "dbPassword": password, "expiration": float64(until.Unix()),
		"nextRefreshTime": float64(until.Add(-time.Duration(in.Seconds) * time.Second / 4).Unix()),
	}, nil
}
