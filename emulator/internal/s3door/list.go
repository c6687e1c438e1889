package s3door

import (
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
)

// maxKeys is the greatest page of a listing.
const maxKeys = 1000

type contentElement struct {
	Key               string
	LastModified      string
	ETag              string
	ChecksumAlgorithm string `xml:",omitempty"`
	ChecksumType      string `xml:",omitempty"`
	Size              int64
	Owner             *owner `xml:",omitempty"`
	StorageClass      string
}

type prefixElement struct {
	Prefix string
}

type listResult struct {
	XMLName               xml.Name `xml:"ListBucketResult"`
	NS                    string   `xml:"xmlns,attr"`
	Name                  string
	Prefix                string
	Marker                *string `xml:",omitempty"`
	NextMarker            string  `xml:",omitempty"`
	StartAfter            string  `xml:",omitempty"`
	ContinuationToken     string  `xml:",omitempty"`
	NextContinuationToken string  `xml:",omitempty"`
	KeyCount              *int    `xml:",omitempty"`
	MaxKeys               int
	Delimiter             string           `xml:",omitempty"`
	EncodingType          string           `xml:",omitempty"`
	IsTruncated           bool             `xml:"IsTruncated"`
	Contents              []contentElement `xml:"Contents"`
	CommonPrefixes        []prefixElement  `xml:"CommonPrefixes"`
}

// list reads the parameters that both listings have and makes the page.
func (c *call) list(after string, withOwner bool) (listResult, objstore.ListPage, func(string) string, error) {
	var none objstore.ListPage
	encode, err := c.keyEncoding()
	if err != nil {
		return listResult{}, none, nil, err
	}
	limit, err := c.number("max-keys", maxKeys, 0, maxKeys)
	if err != nil {
		return listResult{}, none, nil, err
	}
	q := objstore.ListQuery{Prefix: c.q.Get("prefix"), Delimiter: c.q.Get("delimiter"), After: after, Max: limit}
	page, err := c.store.ListPage(c.r.Context(), c.bucket, q)
	if err != nil {
		return listResult{}, none, nil, err
	}
	out := listResult{
		NS: xmlns, Name: c.bucket, Prefix: encode(q.Prefix), Delimiter: encode(q.Delimiter),
		MaxKeys: limit, EncodingType: c.q.Get("encoding-type"), IsTruncated: page.Truncated,
	}
	for _, o := range page.Objects {
		e := contentElement{
			Key: encode(o.Key), LastModified: stamp(o.LastModified), ETag: quote(o.ETag), Size: o.Size,
			ChecksumAlgorithm: o.Checksum.Algorithm, ChecksumType: o.Checksum.Type, StorageClass: storageClass(o),
		}
		if withOwner {
			e.Owner = &owner{c.Owner}
		}
		out.Contents = append(out.Contents, e)
	}
	for _, p := range page.Prefixes {
		out.CommonPrefixes = append(out.CommonPrefixes, prefixElement{encode(p)})
	}
	return out, page, encode, nil
}

// listObjects is the first version of the listing; it names a next marker only
// under a delimiter, as documented.
func (c *call) listObjects() error {
	marker := c.q.Get("marker")
	out, page, encode, err := c.list(marker, true)
	if err != nil {
		return err
	}
	marker = encode(marker)
	out.Marker = &marker
	if page.Truncated && out.Delimiter != "" {
		out.NextMarker = encode(page.Next)
	}
	return c.xml(http.StatusOK, out)
}

func (c *call) listObjectsV2() error {
	after := c.q.Get("start-after")
	token := c.q.Get("continuation-token")
	if c.q.Has("continuation-token") {
		next, err := decodeToken(token)
		if err != nil || token == "" {
			return fail(codeInvalidArgument, "The continuation token provided is incorrect")
		}
		after = next
	}
	out, page, encode, err := c.list(after, c.q.Get("fetch-owner") == "true")
	if err != nil {
		return err
	}
	out.StartAfter = encode(c.q.Get("start-after"))
	out.ContinuationToken = token
	if page.Truncated {
		out.NextContinuationToken = encodeToken(page.Next)
	}
	count := len(out.Contents) + len(out.CommonPrefixes)
	out.KeyCount = &count
	return c.xml(http.StatusOK, out)
}

// tokenMark keeps foreign tokens from being taken for ours.
const tokenMark = "1"

func encodeToken(key string) string {
	return tokenMark + base64.URLEncoding.EncodeToString([]byte(key))
}

func decodeToken(token string) (string, error) {
	if token == "" {
		return "", nil
	}
	rest, ok := strings.CutPrefix(token, tokenMark)
	key, err := base64.URLEncoding.DecodeString(rest)
	if !ok || err != nil {
		return "", fail(codeInvalidArgument, "The continuation token provided is incorrect")
	}
	return string(key), nil
}

// keyEncoding is how keys are written in a listing. Without encoding-type=url a
// key that XML cannot carry is changed; that is what the parameter is for.
func (c *call) keyEncoding() (func(string) string, error) {
	switch c.q.Get("encoding-type") {
	case "":
		return func(s string) string { return s }, nil
	case "url":
		return encodeKey, nil
	}
	return nil, fail(codeInvalidArgument, "Invalid Encoding Method specified in Request")
}

// encodeKey escapes all but the unreserved characters and the slash. A space is
// %20, which decoders of both kinds understand.
func encodeKey(s string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		switch ch := s[i]; {
		case ch >= 'a' && ch <= 'z', ch >= 'A' && ch <= 'Z', ch >= '0' && ch <= '9', strings.IndexByte("-_.*/", ch) >= 0:
			b.WriteByte(ch)
		default:
			b.WriteByte('%')
			b.WriteByte(digits[ch>>4])
			b.WriteByte(digits[ch&15])
		}
	}
	return b.String()
}

func quote(etag string) string { return `"` + etag + `"` }

func storageClass(o objstore.Object) string {
	if v := o.Headers[headerStorageClass]; v != "" {
		return v
	}
	return "STANDARD"
}
