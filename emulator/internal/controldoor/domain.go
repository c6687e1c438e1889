package controldoor

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsquery"
)

func (d *domains) get(name string) (domain, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	found, ok := d.all[strings.ToLower(name)]
	return found, ok
}

// of are those of a cluster or workgroup, by name; of "" are all.
func (d *domains) of(owner string) []domain {
	d.mu.Lock()
	defer d.mu.Unlock()
	var own []domain
	for _, x := range d.all {
		if owner == "" || x.of == owner {
			own = append(own, x)
		}
	}
	slices.SortFunc(own, func(a, b domain) int { return strings.Compare(a.name, b.name) })
	return own
}

// put makes a domain, or gives an old one another certificate.
func (d *domains) put(name, certificate, owner string) domain {
	d.mu.Lock()
	defer d.mu.Unlock()
	name = strings.ToLower(name)
	x := domain{name: name, certificate: certificate, of: owner, expires: time.Now().Add(certificateLife)}
	d.all[name] = x
	return x
}

func (d *domains) remove(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.all, strings.ToLower(name))
}

func (d *domains) drop(owner string) {
	for _, x := range d.of(owner) {
		d.remove(x.name)
	}
}

func (d *domains) rename(from, to string) {
	for _, x := range d.of(from) {
		d.put(x.name, x.certificate, to)
	}
}

var (
	domainName     = regexp.MustCompile(`^(((?i)[a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+)((?i)[a-z]{2,})$`)
	certificateARN = regexp.MustCompile(`^arn:aws[\w-]*:acm:[\w-]+:\d{12}:certificate/[\w-]+$`)
)

// association is a domain as the actions that change one answer it.
type association struct {
	CustomDomainName           string
	CustomDomainCertificateArn string
	ClusterIdentifier          string
	CustomDomainCertExpiryTime string
}

func associated(d domain) association {
	return association{d.name, d.certificate, d.of, d.expires.UTC().Format(time.RFC3339)}
}

func (c *clusters) domain(name string) (domain, *awsquery.Error) {
	d, ok := c.domains.get(name)
	if !ok {
		return d, &awsquery.Error{Code: "CustomDomainAssociationNotFoundFault", Message: "The custom domain name " + name + " is not associated with a cluster.", Status: http.StatusNotFound}
	}
	return d, nil
}

// owner checks the parameters of a domain and finds its cluster.
func (c *clusters) owner(form url.Values) (*cluster, *awsquery.Error) {
	if !domainName.MatchString(form.Get("CustomDomainName")) {
		return nil, &awsquery.Error{Code: "InvalidParameterValue", Message: "The custom domain name is not valid."}
	}
	if !certificateARN.MatchString(form.Get("CustomDomainCertificateArn")) {
		return nil, &awsquery.Error{Code: "InvalidParameterValue", Message: "The certificate's ARN is not valid."}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.find(url.Values{"ClusterIdentifier": form["ClusterIdentifier"]})
}

func (c *clusters) createDomain(_ *http.Request, form url.Values) (any, *awsquery.Error) {
	k, fault := c.owner(form)
	if fault != nil {
		return nil, fault
	}
	name := form.Get("CustomDomainName")
	if _, taken := c.domains.get(name); taken || len(c.domains.of(k.ClusterIdentifier)) > 0 {
		return nil, &awsquery.Error{Code: "CustomCnameAssociationFault", Message: "A custom domain is already associated with the cluster, or the name " + name + " is taken."}
	}
	return associated(c.domains.put(name, form.Get("CustomDomainCertificateArn"), k.ClusterIdentifier)), nil
}

func (c *clusters) modifyDomain(_ *http.Request, form url.Values) (any, *awsquery.Error) {
	k, fault := c.owner(form)
	if fault != nil {
		return nil, fault
	}
	name := form.Get("CustomDomainName")
	own := c.domains.of(k.ClusterIdentifier)
	if len(own) == 0 {
		return nil, &awsquery.Error{Code: "CustomDomainAssociationNotFoundFault", Message: "The cluster has no custom domain.", Status: http.StatusNotFound}
	}
	if d, taken := c.domains.get(name); taken && d.of != k.ClusterIdentifier {
		return nil, &awsquery.Error{Code: "CustomCnameAssociationFault", Message: "The name " + name + " is taken."}
	}
	c.domains.drop(k.ClusterIdentifier)
	return associated(c.domains.put(name, form.Get("CustomDomainCertificateArn"), k.ClusterIdentifier)), nil
}

func (c *clusters) deleteDomain(_ *http.Request, form url.Values) (any, *awsquery.Error) {
	d, fault := c.domain(form.Get("CustomDomainName"))
	if fault != nil {
		return nil, fault
	}
	if id := form.Get("ClusterIdentifier"); id != "" && id != d.of {
		return nil, &awsquery.Error{Code: "ClusterNotFound", Message: "Cluster " + id + " not found.", Status: http.StatusNotFound}
	}
	c.domains.remove(d.name)
	return nil, nil
}

type certificates struct {
	Marker       string        `xml:",omitempty"`
	Associations []certificate `xml:"Associations>Association"`
}

type certificate struct {
	CustomDomainCertificateArn        string
	CustomDomainCertificateExpiryDate string
	CertificateAssociations           []struct{ CustomDomainName, ClusterIdentifier string } `xml:"CertificateAssociations>CertificateAssociation"`
}

func (c *clusters) listDomains(_ *http.Request, form url.Values) (any, *awsquery.Error) {
	var all []certificate
	for _, d := range c.domains.of("") {
		if name := form.Get("CustomDomainName"); name != "" && !strings.EqualFold(name, d.name) {
			continue
		}
		if arn := form.Get("CustomDomainCertificateArn"); arn != "" && arn != d.certificate {
			continue
		}
		all = append(all, certificate{
			CustomDomainCertificateArn: d.certificate, CustomDomainCertificateExpiryDate: d.expires.UTC().Format(time.RFC3339),
			CertificateAssociations: []struct{ CustomDomainName, ClusterIdentifier string }{{d.name, d.of}},
		})
	}
	part, marker, fault := page(form, all, func(x certificate) string { return x.CertificateAssociations[0].CustomDomainName })
	return certificates{Associations: part, Marker: marker}, fault
}
