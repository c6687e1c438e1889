package s3door

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
)

// maxPut is the largest body of one request, as in S3.
const maxPut = 5 << 30

// payload is a request's body: decoded, counted, and checked against everything
// that the client said about it.
type payload struct {
	src     io.Reader
	chunked *chunkedReader
	size    int64 // announced; -1 when not
	read    int64

	md5     []byte
	md5Sum  hash.Hash
	sha     string
	shaSum  hash.Hash
	claimed *algorithm // of the header or trailer
	value   string     // of the header; of the trailer it comes at the end
	sums    map[*algorithm]hash.Hash
}

// payload prepares to read the body. Beside what the client claims, the checksum
// of the algorithm `also` is computed; nil is none.
func (c *call) payload(also *algorithm) (*payload, error) {
	h := c.r.Header
	p := &payload{src: c.r.Body, size: c.r.ContentLength, sums: map[*algorithm]hash.Hash{}}
	content := h.Get("X-Amz-Content-Sha256")
	if strings.HasPrefix(content, "STREAMING-") || hasToken(h.Get("Content-Encoding"), "aws-chunked") {
		p.chunked = newChunkedReader(c.r.Body)
		p.src = p.chunked
		p.size = -1
		if v := h.Get("X-Amz-Decoded-Content-Length"); v != "" {
			n, err := strconv.ParseInt(v, 10, 64)
			if err != nil || n < 0 {
				return nil, fail(codeInvalidArgument, "x-amz-decoded-content-length is not a number.")
			}
			p.size = n
		}
	} else if raw, err := hex.DecodeString(content); err == nil && len(raw) == sha256.Size {
		p.sha, p.shaSum = strings.ToLower(content), sha256.New()
	}
	if p.size < 0 {
		return nil, fail(codeMissingLength, "")
	}
	if p.size > maxPut {
		return nil, fail(codeEntityTooLarge, "")
	}
	if v := h.Get("Content-Md5"); v != "" {
		raw, err := base64.StdEncoding.DecodeString(v)
		if err != nil || len(raw) != md5.Size {
			return nil, fail(codeInvalidDigest, "")
		}
		p.md5, p.md5Sum = raw, md5.New()
	}
	if err := p.claim(h); err != nil {
		return nil, err
	}
	for _, a := range []*algorithm{p.claimed, also} {
		if a != nil && p.sums[a] == nil {
			p.sums[a] = a.new()
		}
	}
	return p, nil
}

// claim finds the checksum that the client promises in header or trailer.
func (p *payload) claim(h http.Header) error {
	for _, a := range algorithms {
		v := h.Get(a.header())
		if v == "" {
			continue
		}
		if p.claimed != nil {
			return fail(codeInvalidRequest, "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
		}
		if !a.valid(v) {
			return fail(codeInvalidRequest, "Value for "+strings.ToLower(a.header())+" header is invalid.")
		}
		p.claimed, p.value = a, v
	}
	for name := range h {
		if rest, ok := strings.CutPrefix(name, "X-Amz-Checksum-"); ok && findAlgorithm(rest) == nil &&
			rest != "Algorithm" && rest != "Type" && rest != "Mode" {
			return notImplemented(strings.ToLower(name))
		}
	}
	for name := range strings.SplitSeq(h.Get("X-Amz-Trailer"), ",") {
		if strings.TrimSpace(name) == "" {
			continue
		}
		a := byTrailer(name)
		if a == nil || p.claimed != nil || p.chunked == nil {
			return fail(codeInvalidRequest, "The value specified in the x-amz-trailer header is not supported")
		}
		p.claimed = a
	}
	if v := h.Get("X-Amz-Sdk-Checksum-Algorithm"); v != "" {
		a := findAlgorithm(v)
		switch {
		case a == nil:
			return fail(codeInvalidRequest, "Value for x-amz-sdk-checksum-algorithm header is invalid.")
		case p.claimed == nil:
			return fail(codeInvalidRequest, "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.")
		case p.claimed != a:
			return fail(codeInvalidRequest, "Value for x-amz-sdk-checksum-algorithm header is invalid.")
		}
	}
	return nil
}

// Read returns decoded bytes; at the end it returns io.EOF only if the length was
// as announced.
func (p *payload) Read(b []byte) (int, error) {
	n, err := p.src.Read(b)
	p.read += int64(n)
	if p.read > p.size {
		return 0, fail(codeIncompleteBody, "The body is longer than announced.")
	}
	for _, s := range p.sums {
		s.Write(b[:n])
	}
	if p.md5Sum != nil {
		p.md5Sum.Write(b[:n])
	}
	if p.shaSum != nil {
		p.shaSum.Write(b[:n])
	}
	switch {
	case err == nil:
		return n, nil
	case !errors.Is(err, io.EOF):
		return n, cutShort(err)
	case p.read != p.size:
		return n, fail(codeIncompleteBody, "")
	}
	return n, io.EOF
}

// verify checks what was read to the end.
func (p *payload) verify() error {
	if p.md5 != nil && !bytes.Equal(p.md5, p.md5Sum.Sum(nil)) {
		return fail(codeBadDigest, "")
	}
	if p.sha != "" && p.sha != hex.EncodeToString(p.shaSum.Sum(nil)) {
		return fail(codeContentSHA256, "")
	}
	if p.claimed == nil {
		return nil
	}
	value := p.value
	if value == "" {
		value = p.chunked.trailer[strings.ToLower(p.claimed.header())]
		if !p.claimed.valid(value) {
			return fail(codeMalformedTrailer, "")
		}
	}
	if value != p.checksum(p.claimed).Value {
		return fail(codeBadDigest, "The "+p.claimed.name+" you specified did not match the calculated checksum.")
	}
	return nil
}

// checksum is the computed checksum of an algorithm that the payload was told of.
func (p *payload) checksum(a *algorithm) objstore.Checksum {
	return objstore.Checksum{Algorithm: a.name, Value: base64.StdEncoding.EncodeToString(p.sums[a].Sum(nil)), Type: fullObject}
}

// document reads an XML body of at most limit bytes. An empty body leaves v as it
// is and returns false.
func (c *call) document(v any, limit int64) (bool, *payload, error) {
	p, err := c.payload(nil)
	if err != nil {
		return false, nil, err
	}
	if p.size > limit {
		return false, nil, fail(codeMaxMessage, "")
	}
	data, err := io.ReadAll(p)
	if err != nil {
		return false, nil, err
	}
	if err := p.verify(); err != nil {
		return false, nil, err
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return false, p, nil
	}
	if err := xml.Unmarshal(data, v); err != nil {
		return false, nil, fail(codeMalformedXML, "")
	}
	return true, p, nil
}

func hasToken(list, token string) bool {
	for t := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.TrimSpace(t), token) {
			return true
		}
	}
	return false
}
