package s3door

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
)

// copySource reads x-amz-copy-source: bucket and key, escaped, with or without a
// leading slash.
func copySource(header string) (bucket, key string, err error) {
	path, version, _ := strings.Cut(header, "?versionId=")
	if version != "" && version != "null" {
		return "", "", fail(codeNoSuchVersion, "")
	}
	path, err = url.PathUnescape(path)
	if err != nil {
		return "", "", fail(codeInvalidArgument, "Invalid copy source encoding")
	}
	bucket, key, _ = strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if bucket == "" || key == "" {
		return "", "", fail(codeInvalidArgument, "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
	}
	return bucket, key, nil
}

// openSource opens what is to be copied and checks its conditions.
func (c *call) openSource() (*objstore.Reader, objstore.Object, error) {
	bucket, key, err := copySource(c.r.Header.Get("X-Amz-Copy-Source"))
	if err != nil {
		return nil, objstore.Object{}, err
	}
	r, o, err := c.store.Open(c.r.Context(), bucket, key)
	if err != nil {
		return nil, objstore.Object{}, err
	}
	if err := checkRead(c.r.Header, "X-Amz-Copy-Source-", o); err != nil {
		return nil, objstore.Object{}, errors.Join(err, r.Close())
	}
	return r, o, nil
}

// copyAlgorithm is the checksum of a copy: what is asked for, else the source's.
func (c *call) copyAlgorithm(o objstore.Object) (*algorithm, error) {
	name := c.r.Header.Get("X-Amz-Checksum-Algorithm")
	if name == "" {
		name = o.Checksum.Algorithm
	}
	if name == "" {
		name = defaultAlgorithm
	}
	a := findAlgorithm(name)
	if a == nil {
		return nil, fail(codeInvalidRequest, "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
	}
	return a, nil
}

type copyResult struct {
	XMLName      xml.Name
	NS           string `xml:"xmlns,attr"`
	LastModified string
	ETag         string
	ChecksumType string `xml:",omitempty"`
	checksumElements
}

func (c *call) copyObject() error {
	m, err := c.copyMeta()
	if err != nil {
		return err
	}
	cond, err := writeCondition(c.r.Header)
	if err != nil {
		return err
	}
	src, o, err := c.openSource()
	if err != nil {
		return err
	}
	defer src.Close()
	if o.Size > maxPut {
		return fail(codeInvalidRequest, "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120")
	}
	replace := strings.EqualFold(c.r.Header.Get("X-Amz-Metadata-Directive"), "REPLACE")
	if !replace {
		if o.Bucket == c.bucket && o.Key == c.key && len(m.Headers) == 0 {
			return fail(codeInvalidRequest, "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.")
		}
		headers := m.Headers
		tags := m.Tags
		m = o.Meta
		m.Tags = tags
		m.Headers = map[string]string{}
		for name, v := range o.Headers {
			// Class and encryption are the copy's own.
			if !strings.HasPrefix(name, "X-Amz-") {
				m.Headers[name] = v
			}
		}
		for name, v := range headers {
			if strings.HasPrefix(name, "X-Amz-") {
				m.Headers[name] = v
			}
		}
	}
	if !strings.EqualFold(c.r.Header.Get("X-Amz-Tagging-Directive"), "REPLACE") {
		m.Tags = o.Tags
	}
	a, err := c.copyAlgorithm(o)
	if err != nil {
		return err
	}
	w, err := c.store.Create(c.r.Context(), c.bucket, c.key, m)
	if err != nil {
		return err
	}
	defer w.Abort()
	if err := c.transfer(w, src, span{length: o.Size}, a); err != nil {
		return err
	}
	o, err = w.CommitIf(cond)
	if err != nil {
		return err
	}
	return c.xml(http.StatusOK, copyResult{
		XMLName: xml.Name{Local: "CopyObjectResult"}, NS: xmlns, LastModified: stamp(o.LastModified), ETag: quote(o.ETag),
		ChecksumType: o.Checksum.Type, checksumElements: newChecksumElements(o.Checksum),
	})
}

// copyMeta takes the metadata of the request and checks the directives.
func (c *call) copyMeta() (objstore.Meta, error) {
	for _, name := range []string{"X-Amz-Metadata-Directive", "X-Amz-Tagging-Directive"} {
		switch strings.ToUpper(c.r.Header.Get(name)) {
		case "", "COPY", "REPLACE":
		default:
			return objstore.Meta{}, fail(codeInvalidArgument, "Unknown "+strings.ToLower(name[len("X-Amz-"):])+".")
		}
	}
	return meta(c.r.Header)
}

// transfer copies a piece of an object and notes its checksum.
func (c *call) transfer(w *objstore.Writer, src *objstore.Reader, s span, a *algorithm) error {
	sum := a.new()
	in := io.NewSectionReader(src, s.offset, s.length)
	buf := make([]byte, min(ioBuffer, s.length+1))
	for {
		if err := c.r.Context().Err(); err != nil {
			return err
		}
		n, err := in.Read(buf)
		sum.Write(buf[:n])
		if _, err := w.Write(buf[:n]); err != nil {
			return err
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	p := payload{sums: sumsOf(a, sum)}
	w.SetChecksum(p.checksum(a))
	return nil
}
