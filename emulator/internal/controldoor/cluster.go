package controldoor

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsquery"
	"github.com/llm-dev-ops/redshift/emulator/internal/iam"
)

const namespace = "http://redshift.amazonaws.com/doc/2012-12-01/"

// cluster is the service redshift.
type cluster struct{ cfg Config }

// ServeHTTP answers one call of the query protocol.
func (c *cluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	form, err := awsquery.Parameters(w, r)
	if err != nil {
		(&awsquery.Error{Code: "MalformedQueryString", Message: "the parameters cannot be read"}).Refuse(w, namespace)
		return
	}
	document, fault := any(nil), (*awsquery.Error)(nil)
	switch action := form.Get("Action"); action {
	case "DescribeClusters":
		document, fault = c.describe(form)
	case "GetClusterCredentials":
		document, fault = c.credentials(r, form)
	case "GetClusterCredentialsWithIAM":
		document, fault = c.credentialsWithIAM(r, form)
	case "DescribeLoggingStatus":
		document, fault = c.logging(form)
	default:
		fault = &awsquery.Error{Code: "InvalidAction", Message: "not supported by the emulator: redshift " + action}
	}
	if fault != nil {
		fault.Refuse(w, namespace)
		return
	}
	awsquery.Write(w, http.StatusOK, document)
}

func (c *cluster) find(form url.Values) *awsquery.Error {
	if id := form.Get("ClusterIdentifier"); id != c.cfg.Cluster {
		if id == "" && form.Get("CustomDomainName") != "" {
			return &awsquery.Error{Code: "CustomDomainAssociationNotFoundFault", Message: "The custom domain name " + form.Get("CustomDomainName") + " is not associated with a cluster.", Status: http.StatusNotFound}
		}
		return &awsquery.Error{Code: "ClusterNotFound", Message: "Cluster " + id + " not found.", Status: http.StatusNotFound}
	}
	return nil
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
	TotalStorageCapacityInMega int `xml:"TotalStorageCapacityInMegaBytes"`
}

type endpoint struct {
	Address string
	Port    int
}

type describeClusters struct {
	XMLName  xml.Name          `xml:"DescribeClustersResponse"`
	NS       string            `xml:"xmlns,attr"`
	Clusters []description     `xml:"DescribeClustersResult>Clusters>Cluster"`
	Metadata awsquery.Metadata `xml:"ResponseMetadata"`
}

func (c *cluster) describe(form url.Values) (any, *awsquery.Error) {
	if form.Get("ClusterIdentifier") != "" {
		if fault := c.find(form); fault != nil {
			return nil, fault
		}
	}
	return describeClusters{NS: namespace, Metadata: awsquery.NewMetadata(), Clusters: []description{{
		ClusterIdentifier: c.cfg.Cluster, NodeType: "ra3.xlplus", ClusterStatus: "available", ClusterAvailabilityStatus: "Available",
		MasterUsername: c.cfg.User, DBName: c.cfg.Database, Endpoint: endpoint{c.cfg.Host, c.cfg.Port},
		ClusterCreateTime: c.cfg.Created.UTC().Format(time.RFC3339), NumberOfNodes: 2, AllowVersionUpgrade: true, ClusterVersion: "1.0",
		ClusterNamespaceArn: "arn:aws:redshift:" + c.cfg.Region + ":" + c.cfg.Account + ":namespace:00000000-0000-0000-0000-000000000000",
		AvailabilityZone:    c.cfg.Region + "a",
	}}}, nil
}

type grant struct {
	DbUser          string
	DbPassword      string
	Expiration      string
	NextRefreshTime string `xml:",omitempty"`
}

type getCredentials struct {
	XMLName  xml.Name          `xml:"GetClusterCredentialsResponse"`
	NS       string            `xml:"xmlns,attr"`
	Result   grant             `xml:"GetClusterCredentialsResult"`
	Metadata awsquery.Metadata `xml:"ResponseMetadata"`
}

type getCredentialsWithIAM struct {
	XMLName  xml.Name          `xml:"GetClusterCredentialsWithIAMResponse"`
	NS       string            `xml:"xmlns,attr"`
	Result   grant             `xml:"GetClusterCredentialsWithIAMResult"`
	Metadata awsquery.Metadata `xml:"ResponseMetadata"`
}

func duration(text string) (int, *awsquery.Error) {
	if text == "" {
		return minDuration, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < minDuration || n > maxDuration {
		return 0, &awsquery.Error{Code: "InvalidParameterValue", Message: "Duration must be between 900 and 3600 seconds."}
	}
	return n, nil
}

func (c *cluster) credentials(r *http.Request, form url.Values) (any, *awsquery.Error) {
	if fault := c.find(form); fault != nil {
		return nil, fault
	}
	seconds, fault := duration(form.Get("DurationSeconds"))
	if fault != nil {
		return nil, fault
	}
	user := form.Get("DbUser")
	if user == "" {
		return nil, &awsquery.Error{Code: "MissingParameter", Message: "The request must contain the parameter DbUser."}
	}
	auto := form.Get("AutoCreate") == "true"
	prefix := prefixUser
	if auto {
		prefix = prefixAuto
	}
	g, fault := c.give(r, prefix, user, user, auto, seconds)
	return getCredentials{NS: namespace, Result: g, Metadata: awsquery.NewMetadata()}, fault
}

func (c *cluster) credentialsWithIAM(r *http.Request, form url.Values) (any, *awsquery.Error) {
	if fault := c.find(form); fault != nil {
		return nil, fault
	}
	seconds, fault := duration(form.Get("DurationSeconds"))
	if fault != nil {
		return nil, fault
	}
	who := iam.Caller(r.Context())
	if who.ARN == "" {
		return nil, &awsquery.Error{Code: "MissingAuthenticationToken", Message: "Request is missing Authentication Token", Status: http.StatusForbidden}
	}
	g, fault := c.give(r, "", who.DBUser(), who.DBUser(), true, seconds)
	return getCredentialsWithIAM{NS: namespace, Result: g, Metadata: awsquery.NewMetadata()}, fault
}

func (c *cluster) give(r *http.Request, prefix, user, stored string, auto bool, seconds int) (grant, *awsquery.Error) {
	name, password, until, err := c.cfg.login(r.Context(), prefix+user, stored, auto, seconds)
	if err != nil {
		return grant{}, &awsquery.Error{Code: "InternalFailure", Message: err.Error(), Status: http.StatusInternalServerError}
	}
	return grant{DbUser: name, DbPassword: password, Expiration: until.UTC().Format(time.RFC3339)}, nil
}

type loggingStatus struct {
	XMLName        xml.Name          `xml:"DescribeLoggingStatusResponse"`
	NS             string            `xml:"xmlns,attr"`
	LoggingEnabled bool              `xml:"DescribeLoggingStatusResult>LoggingEnabled"`
	Metadata       awsquery.Metadata `xml:"ResponseMetadata"`
}

func (c *cluster) logging(form url.Values) (any, *awsquery.Error) {
	return loggingStatus{NS: namespace, Metadata: awsquery.NewMetadata()}, c.find(form)
}
