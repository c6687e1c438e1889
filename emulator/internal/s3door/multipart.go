package s3door

import (
	"encoding/xml"
	"hash"
	"net/http"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
)

func sumsOf(a *algorithm, h hash.Hash) map[*algorithm]hash.Hash {
	return map[*algorithm]hash.Hash{a: h}
}

// checksumOf is the checksum that an upload's parts and object have; an upload
// that announced none gets S3's default.
func checksumOf(u objstore.Upload) (*algorithm, string) {
	a := findAlgorithm(u.ChecksumAlgorithm)
	if a == nil {
		a = findAlgorithm(defaultAlgorithm)
	}
	if u.ChecksumType == "" {
		return a, a.types[0]
	}
	return a, u.ChecksumType
}

func (c *call) createUpload() error {
	m, err := meta(c.r.Header)
	if err != nil {
		return err
	}
	u := objstore.Upload{Key: c.key, Meta: m}
	kind := strings.ToUpper(c.r.Header.Get("X-Amz-Checksum-Type"))
	if name := c.r.Header.Get("X-Amz-Checksum-Algorithm"); name != "" {
		a := findAlgorithm(name)
		if a == nil {
			return fail(codeInvalidRequest, "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
		}
		if kind == "" {
			kind = a.types[0]
		}
		if !hasToken(strings.Join(a.types, ","), kind) {
			return fail(codeInvalidRequest, "The "+kind+" checksum type cannot be used with the "+strings.ToLower(a.name)+" checksum algorithm.")
		}
		u.ChecksumAlgorithm, u.ChecksumType = a.name, kind
	} else if kind != "" {
		return fail(codeInvalidRequest, "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
	}
	u, err = c.store.CreateUpload(c.r.Context(), c.bucket, u)
	if err != nil {
		return err
	}
	if u.ChecksumAlgorithm != "" {
		c.w.Header().Set("X-Amz-Checksum-Algorithm", u.ChecksumAlgorithm)
		c.w.Header().Set("X-Amz-Checksum-Type", u.ChecksumType)
	}
	return c.xml(http.StatusOK, struct {
		XMLName  xml.Name `xml:"InitiateMultipartUploadResult"`
		NS       string   `xml:"xmlns,attr"`
		Bucket   string
		Key      string
		UploadID string `xml:"UploadId"`
	}{NS: xmlns, Bucket: c.bucket, Key: c.key, UploadID: u.ID})
}

func (c *call) partNumber() (int, error) {
	n, err := strconv.Atoi(c.q.Get("partNumber"))
	if err != nil || n < 1 || n > objstore.MaxParts {
		return 0, fail(codeInvalidArgument, "Part number must be an integer between 1 and 10000, inclusive")
	}
	return n, nil
}

// part finds the upload and the part that a request is about.
func (c *call) part() (objstore.Upload, int, error) {
	n, err := c.partNumber()
	if err != nil {
		return objstore.Upload{}, 0, err
	}
	u, err := c.store.StatUpload(c.r.Context(), c.bucket, c.key, c.q.Get("uploadId"))
	return u, n, err
}

func (c *call) uploadPart() error {
	u, n, err := c.part()
	if err != nil {
		return err
	}
	a, _ := checksumOf(u)
	p, err := c.payload(a)
	if err != nil {
		return err
	}
	if u.ChecksumAlgorithm != "" && p.claimed != nil && p.claimed != a {
		return fail(codeInvalidRequest, "Checksum Type mismatch occurred, expected checksum Type: "+strings.ToLower(a.name)+", actual checksum Type: "+strings.ToLower(p.claimed.name))
	}
	w, err := c.store.CreatePart(c.r.Context(), c.bucket, c.key, u.ID, n)
	if err != nil {
		return err
	}
	defer w.Abort()
	if err := p.store(w, a); err != nil {
		return err
	}
	o, err := w.Commit()
	if err != nil {
		return err
	}
	c.w.Header().Set("Etag", quote(o.ETag))
	if p.claimed != nil {
		c.w.Header().Set(p.claimed.header(), p.checksum(p.claimed).Value)
	}
	return c.empty(http.StatusOK)
}

func (c *call) uploadPartCopy() error {
	u, n, err := c.part()
	if err != nil {
		return err
	}
	src, o, err := c.openSource()
	if err != nil {
		return err
	}
	defer src.Close()
	s, err := sourceRange(c.r.Header.Get("X-Amz-Copy-Source-Range"), o.Size)
	if err != nil {
		return err
	}
	if s.length > maxPut {
		return fail(codeEntityTooLarge, "")
	}
	w, err := c.store.CreatePart(c.r.Context(), c.bucket, c.key, u.ID, n)
	if err != nil {
		return err
	}
	defer w.Abort()
	a, _ := checksumOf(u)
	if err := c.transfer(w, src, s, a); err != nil {
		return err
	}
	o, err = w.Commit()
	if err != nil {
		return err
	}
	return c.xml(http.StatusOK, copyResult{
		XMLName: xml.Name{Local: "CopyPartResult"}, NS: xmlns, LastModified: stamp(o.LastModified), ETag: quote(o.ETag),
		checksumElements: newChecksumElements(o.Checksum),
	})
}

func (c *call) abortUpload() error {
	if err := c.store.AbortUpload(c.r.Context(), c.bucket, c.key, c.q.Get("uploadId")); err != nil {
		return err
	}
	return c.empty(http.StatusNoContent)
}

// maxCompletion is room for 10,000 parts with a SHA-256 each.
const maxCompletion = 8 << 20

type completedPart struct {
	PartNumber int
	ETag       string
	checksumElements
}

// completeUpload reads its document before the checksum headers' meaning is known:
// here they speak of the whole object and not of the request's body.
func (c *call) completeUpload() error {
	claimed := map[*algorithm]string{}
	for _, a := range algorithms {
		if v := c.r.Header.Get(a.header()); v != "" {
			claimed[a] = v
			c.r.Header.Del(a.header())
		}
	}
	cond, err := writeCondition(c.r.Header)
	if err != nil {
		return err
	}
	var doc struct {
		XMLName xml.Name        `xml:"CompleteMultipartUpload"`
		Part    []completedPart `xml:"Part"`
	}
	ok, _, err := c.document(&doc, maxCompletion)
	if err != nil {
		return err
	}
	if !ok || len(doc.Part) == 0 || len(doc.Part) > objstore.MaxParts {
		return fail(codeMalformedXML, "")
	}
	u, err := c.store.StatUpload(c.r.Context(), c.bucket, c.key, c.q.Get("uploadId"))
	if err != nil {
		return err
	}
	done := objstore.Completion{Precondition: cond}
	chosen, err := c.chosenParts(u, doc.Part)
	if err != nil {
		return err
	}
	for _, p := range doc.Part {
		done.Parts = append(done.Parts, objstore.CompletedPart{Number: p.PartNumber, ETag: p.ETag})
	}
	a, kind := checksumOf(u)
	if v := strings.ToUpper(c.r.Header.Get("X-Amz-Checksum-Type")); v != "" && v != kind {
		return fail(codeInvalidRequest, "The upload was created using the "+kind+" checksum mode. The complete request must use the same checksum mode.")
	}
	if chosen != nil {
		done.Checksum, _ = a.join(kind, chosen)
	}
	if err := c.checkCompletion(done.Checksum, chosen, claimed); err != nil {
		return err
	}
	o, err := c.store.CompleteUpload(c.r.Context(), c.bucket, c.key, u.ID, done)
	if err != nil {
		return err
	}
	return c.xml(http.StatusOK, struct {
		XMLName      xml.Name `xml:"CompleteMultipartUploadResult"`
		NS           string   `xml:"xmlns,attr"`
		Location     string
		Bucket       string
		Key          string
		ETag         string
		ChecksumType string `xml:",omitempty"`
		checksumElements
	}{
		NS: xmlns, Location: "http://" + c.r.Host + "/" + c.bucket + "/" + encodeKey(c.key), Bucket: c.bucket, Key: c.key,
		ETag: quote(o.ETag), ChecksumType: o.Checksum.Type, checksumElements: newChecksumElements(o.Checksum),
	})
}

// chosenParts looks the named parts up and checks the checksums given for them. It
// returns nil when a part is missing; the store then says what is wrong.
func (c *call) chosenParts(u objstore.Upload, named []completedPart) ([]objstore.Part, error) {
	all, _, err := c.store.ListParts(c.r.Context(), c.bucket, c.key, u.ID, 0, objstore.MaxParts)
	if err != nil {
		return nil, err
	}
	byNumber := make(map[int]objstore.Part, len(all))
	for _, p := range all {
		byNumber[p.Number] = p
	}
	chosen := make([]objstore.Part, 0, len(named))
	for i, n := range named {
		p, ok := byNumber[n.PartNumber]
		if !ok || i > 0 && n.PartNumber <= named[i-1].PartNumber {
			return nil, nil
		}
		if v := n.field(p.Checksum.Algorithm); v != nil && *v != "" && *v != p.Checksum.Value {
			return nil, fail(codeInvalidPart, "")
		}
		chosen = append(chosen, p)
	}
	return chosen, nil
}

// checkCompletion compares the object with what the client says about it.
func (c *call) checkCompletion(sum objstore.Checksum, parts []objstore.Part, claimed map[*algorithm]string) error {
	if parts == nil {
		return nil
	}
	for a, v := range claimed {
		if a.name != sum.Algorithm {
			continue // S3 keeps one checksum; another algorithm's cannot be compared
		}
		bare, _, _ := strings.Cut(v, "-")
		want, _, _ := strings.Cut(sum.Value, "-")
		if bare != want {
			return fail(codeBadDigest, "The "+a.name+" you specified did not match the calculated checksum.")
		}
	}
	if v := c.r.Header.Get("X-Amz-Mp-Object-Size"); v != "" {
		var size int64
		for _, p := range parts {
			size += p.Size
		}
		if v != strconv.FormatInt(size, 10) {
			return fail(codeInvalidRequest, "The provided 'x-amz-mp-object-size' header value "+v+" does not match what was computed: "+strconv.FormatInt(size, 10))
		}
	}
	return nil
}
