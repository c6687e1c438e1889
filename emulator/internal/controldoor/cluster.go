package controldoor

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsquery"
)

const namespace = "http://redshift.amazonaws.com/doc/2012-12-01/"

// clusters is the service redshift.
type clusters struct {
	cfg     Config
	domains domains
	actions map[string]func(*http.Request, url.Values) (any, *awsquery.Error)

	mu  sync.Mutex
	all map[string]*cluster
}

// cluster is one of them.
type cluster struct {
	description
	logging logging
}

// description is a cluster as DescribeClusters has it.
type description struct {
	ClusterIdentifier          string
	NodeType                   string
	ClusterStatus              string
	ClusterAvailabilityStatus  string
	MasterUsername             string
	DBName                     string
	Endpoint                   endpoint
	ClusterCreateTime          string
	NumberOfNodes              int
	PubliclyAccessible         bool
	Encrypted                  bool
	EnhancedVpcRouting         bool
	AllowVersionUpgrade        bool
	ClusterVersion             string
	ClusterNamespaceArn        string
	AvailabilityZone           string
	TotalStorageCapacityInMega int    `xml:"TotalStorageCapacityInMegaBytes"`
	CustomDomainName           string `xml:",omitempty"`
	CustomDomainCertificateArn string `xml:",omitempty"`
}

type endpoint struct {
	Address string
	Port    int
}

func newClusters(cfg Config) *clusters {
	c := &clusters{cfg: cfg, all: map[string]*cluster{}, domains: domains{all: map[string]domain{}}}
	c.all[cfg.Cluster] = &cluster{description: c.describe(cfg.Cluster, "ra3.xlplus", 2)}
	c.actions = map[string]func(*http.Request, url.Values) (any, *awsquery.Error){
		"DescribeClusters": c.list, "CreateCluster": c.create, "DeleteCluster": c.remove, "ModifyCluster": c.modify,
		"PauseCluster":          c.change("available", "pausing", "paused"),
		"ResumeCluster":         c.change("paused", "resuming", "available"),
		"RebootCluster":         c.change("available", "rebooting", "available"),
		"GetClusterCredentials": c.credentials, "GetClusterCredentialsWithIAM": c.credentialsWithIAM,
		"DescribeLoggingStatus": c.loggingStatus, "EnableLogging": c.enableLogging, "DisableLogging": c.disableLogging,
		"CreateCustomDomainAssociation": c.createDomain, "ModifyCustomDomainAssociation": c.modifyDomain,
		"DeleteCustomDomainAssociation": c.deleteDomain, "DescribeCustomDomainAssociations": c.listDomains,
	}
	return c
}

// answer is the document of an action.
type answer struct {
	XMLName  xml.Name
	NS       string `xml:"xmlns,attr"`
	Result   result
	Metadata awsquery.Metadata `xml:"ResponseMetadata"`
}

// result is its middle, with a name that is the action's, too.
type result struct {
	name string
	body any
}

// MarshalXML writes the body under the result's name.
func (r result) MarshalXML(e *xml.Encoder, _ xml.StartElement) error {
	if r.body == nil {
		return nil
	}
	return e.EncodeElement(r.body, xml.StartElement{Name: xml.Name{Local: r.name}})
}

// ServeHTTP answers one call of the query protocol.
func (c *clusters) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	form, err := awsquery.Parameters(w, r)
	if err != nil {
		(&awsquery.Error{Code: "MalformedQueryString", Message: "the parameters cannot be read"}).Refuse(w, namespace)
		return
	}
	action := form.Get("Action")
	do, ok := c.actions[action]
	if !ok {
		(&awsquery.Error{Code: "InvalidAction", Message: "not supported by the emulator: redshift " + action}).Refuse(w, namespace)
		return
	}
	body, fault := do(r, form)
	if fault != nil {
		fault.Refuse(w, namespace)
		return
	}
	awsquery.Write(w, http.StatusOK, answer{XMLName: xml.Name{Local: action + "Response"}, NS: namespace, Result: result{action + "Result", body}, Metadata: awsquery.NewMetadata()})
}

func (c *clusters) describe(id, nodeType string, nodes int) description {
	return description{
		ClusterIdentifier: id, NodeType: nodeType, ClusterStatus: "available", ClusterAvailabilityStatus: "Available",
		MasterUsername: c.cfg.User, DBName: c.cfg.Database, Endpoint: endpoint{c.cfg.Host, c.cfg.Port},
		ClusterCreateTime: time.Now().UTC().Format(time.RFC3339), NumberOfNodes: nodes, AllowVersionUpgrade: true, ClusterVersion: "1.0",
		ClusterNamespaceArn: "arn:aws:redshift:" + c.cfg.Region + ":" + c.cfg.Account + ":namespace:" + zeroID, AvailabilityZone: c.cfg.Region + "a",
	}
}

// find finds the cluster of a call, by its identifier or its custom domain. The
// lock is held.
func (c *clusters) find(form url.Values) (*cluster, *awsquery.Error) {
	id := form.Get("ClusterIdentifier")
	if name := form.Get("CustomDomainName"); id == "" && name != "" {
		d, fault := c.domain(name)
		if fault != nil {
			return nil, fault
		}
		id = d.of
	}
	k, ok := c.all[strings.ToLower(id)]
	if !ok {
		return nil, &awsquery.Error{Code: "ClusterNotFound", Message: "Cluster " + id + " not found.", Status: http.StatusNotFound}
	}
	return k, nil
}

// told is a cluster with its domain, in a state.
func (c *clusters) told(k *cluster, status string) description {
	d := k.description
	d.ClusterStatus = status
	if status != "available" {
		d.ClusterAvailabilityStatus = "Modifying"
	}
	if status == "paused" {
		d.ClusterAvailabilityStatus = "Paused"
	}
	for _, own := range c.domains.of(d.ClusterIdentifier) {
		d.CustomDomainName, d.CustomDomainCertificateArn = own.name, own.certificate
	}
	return d
}

// one is an answer with one cluster.
type one struct{ Cluster description }

type listed struct {
	Marker   string        `xml:",omitempty"`
	Clusters []description `xml:"Clusters>Cluster"`
}

func (c *clusters) list(_ *http.Request, form url.Values) (any, *awsquery.Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if form.Get("ClusterIdentifier") != "" {
		k, fault := c.find(form)
		if fault != nil {
			return nil, fault
		}
		return listed{Clusters: []description{c.told(k, k.ClusterStatus)}}, nil
	}
	for name := range form {
		if strings.HasPrefix(name, "Tag") {
			return nil, &awsquery.Error{Code: "InvalidParameterValue", Message: "not supported by the emulator: clusters by tags"}
		}
	}
	var all []description
	for _, k := range c.all {
		all = append(all, c.told(k, k.ClusterStatus))
	}
	slices.SortFunc(all, func(a, b description) int { return strings.Compare(a.ClusterIdentifier, b.ClusterIdentifier) })
	part, marker, fault := page(form, all, func(d description) string { return d.ClusterIdentifier })
	return listed{Clusters: part, Marker: marker}, fault
}

// page cuts a page out of what is in order, behind the entry of the marker.
func page[T any](form url.Values, all []T, key func(T) string) (part []T, marker string, fault *awsquery.Error) {
	size := 100
	if text := form.Get("MaxRecords"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 20 || n > 100 {
			return nil, "", &awsquery.Error{Code: "InvalidParameterValue", Message: "Invalid value " + text + " for parameter MaxRecords. Must be between 20 and 100."}
		}
		size = n
	}
	after := form.Get("Marker")
	all = slices.DeleteFunc(all, func(x T) bool { return key(x) <= after })
	if len(all) > size {
		return all[:size], key(all[size-1]), nil
	}
	return all, "", nil
}

var clusterName = regexp.MustCompile(`^[a-z](?:-?[a-z0-9]){0,62}$`)

// number reads a number of a form.
func number(form url.Values, name string, or, least, most int) (int, *awsquery.Error) {
	text := form.Get(name)
	if text == "" {
		return or, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, &awsquery.Error{Code: "InvalidParameterValue", Message: "Invalid value " + text + " for parameter " + name + "."}
	}
	return n, nil
}

func (c *clusters) create(_ *http.Request, form url.Values) (any, *awsquery.Error) {
	id := strings.ToLower(form.Get("ClusterIdentifier"))
	if !clusterName.MatchString(id) {
		return nil, &awsquery.Error{Code: "InvalidParameterValue", Message: "The parameter ClusterIdentifier is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."}
	}
	for _, name := range []string{"NodeType", "MasterUsername"} {
		if form.Get(name) == "" {
			return nil, &awsquery.Error{Code: "MissingParameter", Message: "The request must contain the parameter " + name + "."}
		}
	}
	or := 1
	if form.Get("ClusterType") == "multi-node" || form.Get("ClusterType") == "" {
		or = 2
	}
	nodes, fault := number(form, "NumberOfNodes", or, 1, 100)
	if fault != nil {
		return nil, fault
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all[id] != nil {
		return nil, &awsquery.Error{Code: "ClusterAlreadyExists", Message: "Cluster already exists"}
	}
	k := &cluster{description: c.describe(id, form.Get("NodeType"), nodes)}
	k.Encrypted, k.PubliclyAccessible = form.Get("Encrypted") == "true", form.Get("PubliclyAccessible") == "true"
	c.all[id] = k
	c.serve(id, true)
	return one{c.told(k, "creating")}, nil
}

// serve tells the server of its own cluster.
func (c *clusters) serve(id string, on bool) {
	if id == c.cfg.Cluster {
		c.cfg.Serve(on)
	}
}

func (c *clusters) remove(_ *http.Request, form url.Values) (any, *awsquery.Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, fault := c.find(form)
	if fault != nil {
		return nil, fault
	}
	skip, snapshot := form.Get("SkipFinalClusterSnapshot") == "true", form.Get("FinalClusterSnapshotIdentifier")
	switch {
	case skip && snapshot != "":
		return nil, &awsquery.Error{Code: "InvalidParameterCombination", Message: "FinalClusterSnapshotIdentifier cannot be specified when SkipFinalClusterSnapshot is true."}
	case !skip && snapshot == "":
		return nil, &awsquery.Error{Code: "InvalidParameterCombination", Message: "FinalClusterSnapshotIdentifier is required unless SkipFinalClusterSnapshot is specified."}
	case !skip:
		return nil, &awsquery.Error{Code: "InvalidParameterValue", Message: "not supported by the emulator: snapshots; SkipFinalClusterSnapshot does without"}
	}
	delete(c.all, k.ClusterIdentifier)
	c.domains.drop(k.ClusterIdentifier)
	c.serve(k.ClusterIdentifier, false)
	return one{c.told(k, "deleting")}, nil
}

// change makes an action that leads from one state to another.
func (c *clusters) change(from, during, to string) func(*http.Request, url.Values) (any, *awsquery.Error) {
	return func(_ *http.Request, form url.Values) (any, *awsquery.Error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		k, fault := c.find(form)
		if fault != nil {
			return nil, fault
		}
		if k.ClusterStatus != from {
			return nil, badState(k)
		}
		k.ClusterStatus = to
		c.serve(k.ClusterIdentifier, to == "available")
		return one{c.told(k, during)}, nil
	}
}

func badState(k *cluster) *awsquery.Error {
	return &awsquery.Error{Code: "InvalidClusterState", Message: "There is an operation running on the Cluster, or it is not available: the Cluster " + k.ClusterIdentifier + " is " + k.ClusterStatus + "."}
}

// unchangeable are parameters of ModifyCluster that would need more than a new
// description.
var unchangeable = []string{"MasterUserPassword", "ManageMasterPassword", "ClusterParameterGroupName", "ElasticIp", "Port"}

func (c *clusters) modify(_ *http.Request, form url.Values) (any, *awsquery.Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, fault := c.find(form)
	if fault != nil {
		return nil, fault
	}
	if k.ClusterStatus != "available" {
		return nil, badState(k)
	}
	for _, name := range unchangeable {
		if form.Has(name) {
			return nil, &awsquery.Error{Code: "InvalidParameterValue", Message: "not supported by the emulator: ModifyCluster " + name}
		}
	}
	nodes, fault := number(form, "NumberOfNodes", k.NumberOfNodes, 1, 100)
	if fault != nil {
		return nil, fault
	}
	if id := strings.ToLower(form.Get("NewClusterIdentifier")); id != "" {
		switch {
		case k.ClusterIdentifier == c.cfg.Cluster:
			return nil, &awsquery.Error{Code: "InvalidParameterValue", Message: "not supported by the emulator: another name for its own cluster"}
		case !clusterName.MatchString(id):
			return nil, &awsquery.Error{Code: "InvalidParameterValue", Message: "The parameter NewClusterIdentifier is not a valid identifier."}
		case c.all[id] != nil:
			return nil, &awsquery.Error{Code: "ClusterAlreadyExists", Message: "Cluster already exists"}
		}
		delete(c.all, k.ClusterIdentifier)
		c.domains.rename(k.ClusterIdentifier, id)
		k.ClusterIdentifier = id
		c.all[id] = k
	}
	k.NumberOfNodes = nodes
	if t := form.Get("NodeType"); t != "" {
		k.NodeType = t
	}
	for name, field := range map[string]*bool{"Encrypted": &k.Encrypted, "PubliclyAccessible": &k.PubliclyAccessible, "EnhancedVpcRouting": &k.EnhancedVpcRouting, "AllowVersionUpgrade": &k.AllowVersionUpgrade} {
		if form.Has(name) {
			*field = form.Get(name) == "true"
		}
	}
	return one{c.told(k, "modifying")}, nil
}
