package s3door

import (
	"encoding/xml"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
)

// ioBuffer is the size of the pieces in which bodies pass.
const ioBuffer = 256 << 10

func (c *call) headObject() error {
	o, err := c.store.Stat(c.r.Context(), c.bucket, c.key)
	if err != nil {
		return err
	}
	_, status, err := c.prepareRead(o)
	if err != nil {
		return err
	}
	return c.empty(status)
}

func (c *call) getObject() error {
	r, o, err := c.store.Open(c.r.Context(), c.bucket, c.key)
	if err != nil {
		return err
	}
	defer r.Close()
	s, status, err := c.prepareRead(o)
	if err != nil {
		return err
	}
	_ = c.empty(status)
	_, err = io.CopyBuffer(struct{ io.Writer }{c.w}, io.NewSectionReader(r, s.offset, s.length), make([]byte, min(ioBuffer, s.length+1)))
	return err
}

// prepareRead checks the conditions and sets the headers of GET and HEAD.
func (c *call) prepareRead(o objstore.Object) (span, int, error) {
	h := c.r.Header
	if err := checkRead(h, "", o); err != nil {
		if asError(err).Code == codeNotModified {
			c.describe(o)
		}
		return span{}, 0, err
	}
	s, err := c.span(o)
	if err != nil {
		if asError(err).Code == codeInvalidRange {
			c.w.Header().Set("Content-Range", "bytes */"+strconv.FormatInt(o.Size, 10))
		}
		return span{}, 0, err
	}
	c.describe(o)
	out := c.w.Header()
	for _, name := range overridable {
		if v := c.q.Get("response-" + strings.ToLower(name)); v != "" {
			out.Set(name, v)
		}
	}
	if strings.EqualFold(h.Get("X-Amz-Checksum-Mode"), "ENABLED") && s.length == o.Size {
		c.checksumHeaders(o.Checksum)
	}
	if s.parts > 0 {
		out.Set("X-Amz-Mp-Parts-Count", strconv.Itoa(s.parts))
	}
	out.Set("Content-Length", strconv.FormatInt(s.length, 10))
	if !s.partial {
		return s, http.StatusOK, nil
	}
	out.Set("Content-Range", s.contentRange(o.Size))
	return s, http.StatusPartialContent, nil
}

func (c *call) span(o objstore.Object) (span, error) {
	if !c.q.Has("partNumber") {
		return parseRange(c.r.Header.Get("Range"), o.Size)
	}
	if c.r.Header.Get("Range") != "" {
		return span{}, fail(codeInvalidRequest, "Cannot specify both Range header and partNumber query parameter")
	}
	n, err := c.partNumber()
	if err != nil {
		return span{}, err
	}
	return partSpan(o, n)
}

func (c *call) putObject() error {
	m, err := meta(c.r.Header)
	if err != nil {
		return err
	}
	cond, err := writeCondition(c.r.Header)
	if err != nil {
		return err
	}
	p, err := c.payload(nil)
	if err != nil {
		return err
	}
	a := p.claimed
	if a == nil {
		a = findAlgorithm(defaultAlgorithm)
		p.sums[a] = a.new()
	}
	w, err := c.store.Create(c.r.Context(), c.bucket, c.key, m)
	if err != nil {
		return err
	}
	defer w.Abort()
	if err := p.store(w, a); err != nil {
		return err
	}
	o, err := w.CommitIf(cond)
	if err != nil {
		return err
	}
	c.wroteObject(o)
	return c.empty(http.StatusOK)
}

// store copies the payload into a writer, verifies it, and notes its checksum.
func (p *payload) store(w *objstore.Writer, a *algorithm) error {
	if _, err := io.CopyBuffer(struct{ io.Writer }{w}, p, make([]byte, min(ioBuffer, p.size+1))); err != nil {
		return err
	}
	if err := p.verify(); err != nil {
		return err
	}
	w.SetChecksum(p.checksum(a))
	return nil
}

// wroteObject sets the headers that answer a write.
func (c *call) wroteObject(o objstore.Object) {
	h := c.w.Header()
	h.Set("Etag", quote(o.ETag))
	for _, name := range systemHeaders {
		if v := o.Headers[name]; v != "" && strings.HasPrefix(name, "X-Amz-Server-Side-Encryption") {
			h.Set(name, v)
		}
	}
	c.checksumHeaders(o.Checksum)
}

func (c *call) deleteObject() error {
	cond, err := writeCondition(c.r.Header)
	if err != nil {
		return err
	}
	if err := c.store.DeleteIf(c.r.Context(), c.bucket, c.key, cond); err != nil {
		return err
	}
	return c.empty(http.StatusNoContent)
}

const (
	maxDeletes        = 1000
	maxDeleteDocument = 2 << 20
)

type deletedElement struct {
	Key string
}

type deleteErrorElement struct {
	Key     string
	Code    string
	Message string
}

func (c *call) deleteObjects() error {
	var doc struct {
		XMLName xml.Name `xml:"Delete"`
		Quiet   bool
		Object  []struct{ Key, VersionId, ETag string }
	}
	ok, p, err := c.document(&doc, maxDeleteDocument)
	if err != nil {
		return err
	}
	if !ok || len(doc.Object) == 0 || len(doc.Object) > maxDeletes {
		return fail(codeMalformedXML, "")
	}
	if p.md5 == nil && p.claimed == nil {
		return fail(codeInvalidRequest, "Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
	}
	if _, err := c.store.HeadBucket(c.r.Context(), c.bucket); err != nil {
		return err
	}
	var out struct {
		XMLName xml.Name             `xml:"DeleteResult"`
		NS      string               `xml:"xmlns,attr"`
		Deleted []deletedElement     `xml:"Deleted"`
		Errors  []deleteErrorElement `xml:"Error"`
	}
	out.NS = xmlns
	for _, o := range doc.Object {
		var err error
		if o.VersionId != "" && o.VersionId != "null" {
			err = fail(codeNoSuchVersion, "")
		} else {
			err = c.store.DeleteIf(c.r.Context(), c.bucket, o.Key, objstore.Precondition{IfMatch: strings.Trim(o.ETag, `"`)})
		}
		switch {
		case err != nil:
			e := asError(err)
			out.Errors = append(out.Errors, deleteErrorElement{o.Key, e.Code, e.message()})
		case !doc.Quiet:
			out.Deleted = append(out.Deleted, deletedElement{o.Key})
		}
	}
	return c.xml(http.StatusOK, out)
}

func (c *call) objectTagging() error {
	o, err := c.store.Stat(c.r.Context(), c.bucket, c.key)
	if err != nil {
		return err
	}
	type tag struct{ Key, Value string }
	var out struct {
		XMLName xml.Name `xml:"Tagging"`
		NS      string   `xml:"xmlns,attr"`
		TagSet  struct {
			Tag []tag
		}
	}
	out.NS = xmlns
	tags, _ := url.ParseQuery(o.Tags)
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		out.TagSet.Tag = append(out.TagSet.Tag, tag{name, tags.Get(name)})
	}
	return c.xml(http.StatusOK, out)
}
