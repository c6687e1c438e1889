package s3door

import (
	"net"
	"net/netip"
	"regexp"
	"strings"
)

// hostParser finds the bucket in a host name.
type hostParser struct{ domains []string }

func newHostParser(extra []string) hostParser {
	p := hostParser{domains: []string{"localhost", "amazonaws.com", "amazonaws.com.cn"}}
	for _, d := range extra {
		p.domains = append(p.domains, strings.ToLower(strings.Trim(d, ".")))
	}
	return p
}

// service is the part of a host name between the bucket and the domain: "s3",
// "s3.us-east-1", "s3-us-west-2", "s3.dualstack.eu-west-1".
var service = regexp.MustCompile(`^(?:(.+)\.)?s3(?:-fips|-accelerate)?(?:\.dualstack)?(?:[.-][a-z]{2}(?:-[a-z]+)+-\d+)?$`)

// target finds bucket and key. Both may be empty; the key is taken as it is, with
// empty and dotted segments.
func (p hostParser) target(host, path string) (bucket, key string) {
	path = strings.TrimPrefix(path, "/")
	if b := p.bucket(host); b != "" {
		return b, path
	}
	bucket, key, _ = strings.Cut(path, "/")
	return bucket, key
}

func (p hostParser) bucket(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return ""
	}
	for _, d := range p.domains {
		rest, ok := strings.CutSuffix(host, "."+d)
		if !ok || d == "" {
			continue
		}
		if m := service.FindStringSubmatch(rest); m != nil {
			return m[1]
		}
		if strings.HasPrefix(d, "amazonaws.com") {
			return ""
		}
		return rest
	}
	return ""
}
