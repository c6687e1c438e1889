package s3door

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
)

const (
	headerStorageClass = "X-Amz-Storage-Class"
	userPrefix         = "X-Amz-Meta-"
	maxUserMetadata    = 2 << 10
	maxTags            = 10
	defaultContentType = "binary/octet-stream"
)

// systemHeaders are kept with an object and given back. The encryption headers are
// among them because SSE-S3 and SSE-KMS change nothing that a client sees; nothing
// is encrypted here.
var systemHeaders = []string{
	"Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Expires", headerStorageClass,
	"X-Amz-Server-Side-Encryption", "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id",
	"X-Amz-Server-Side-Encryption-Bucket-Key-Enabled",
}

// overridable are the headers that a GET may replace by response-… in its query.
var overridable = []string{
	"Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Type", "Expires",
}

// meta takes an object's metadata from a request's headers.
func meta(h http.Header) (objstore.Meta, error) {
	m := objstore.Meta{ContentType: h.Get("Content-Type"), Headers: map[string]string{}, User: map[string]string{}}
	for _, name := range systemHeaders {
		v := h.Get(name)
		if name == "Content-Encoding" {
			v = withoutToken(v, "aws-chunked")
		}
		if v != "" && !(name == headerStorageClass && v == "STANDARD") {
			m.Headers[name] = v
		}
	}
	size := 0
	for name, values := range h {
		short, ok := strings.CutPrefix(name, userPrefix)
		if !ok || short == "" {
			continue
		}
		v := strings.Join(values, ",")
		size += len(short) + len(v)
		m.User[strings.ToLower(short)] = v
	}
	if size > maxUserMetadata {
		return m, fail(codeMetadataTooLarge, "")
	}
	if v := h.Get("X-Amz-Tagging"); v != "" {
		tags, err := url.ParseQuery(v)
		if err != nil || len(tags) > maxTags {
			return m, fail(codeInvalidArgument, "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.")
		}
		for _, v := range tags {
			if len(v) > 1 {
				return m, fail(codeInvalidArgument, "The header 'x-amz-tagging' has a tag name twice.")
			}
		}
		m.Tags = v
	}
	return m, nil
}

func withoutToken(list, token string) string {
	var keep []string
	for t := range strings.SplitSeq(list, ",") {
		if t = strings.TrimSpace(t); t != "" && !strings.EqualFold(t, token) {
			keep = append(keep, t)
		}
	}
	return strings.Join(keep, ",")
}

// describe puts an object's metadata into the answer's headers.
func (c *call) describe(o objstore.Object) {
	h := c.w.Header()
	h.Set("Etag", quote(o.ETag))
	h.Set("Last-Modified", o.LastModified.UTC().Format(http.TimeFormat))
	h.Set("Accept-Ranges", "bytes")
	h.Set("Content-Type", defaultContentType)
	if o.ContentType != "" {
		h.Set("Content-Type", o.ContentType)
	}
	for name, v := range o.Headers {
		h.Set(name, v)
	}
	for name, v := range o.User {
		h[userPrefix+name] = []string{v} // not canonical: the name is the user's, in lower case
	}
	if o.Tags != "" {
		tags, _ := url.ParseQuery(o.Tags)
		h.Set("X-Amz-Tagging-Count", strconv.Itoa(len(tags)))
	}
}

// checksumHeaders tells the stored checksum.
func (c *call) checksumHeaders(sum objstore.Checksum) {
	if a := findAlgorithm(sum.Algorithm); a != nil {
		c.w.Header().Set(a.header(), sum.Value)
		c.w.Header().Set("X-Amz-Checksum-Type", sum.Type)
	}
}
