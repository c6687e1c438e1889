package iam

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	goHash "hash"
	"io"
	"strconv"
	"strings"
)

// chunks passes a body on that is signed in chunks (sigv4-streaming.html), as it is,
// and verifies each chunk before its end is passed on.
type chunks struct {
	body io.Closer
	r    *bufio.Reader
	s    signed
	key  []byte
	last string // the signature before

	trailer bool         // it ends with signed headers
	signed  bytes.Buffer // of them
	ready   bytes.Buffer // to pass on
	left    int64        // of the chunk
	sum     goHash.Hash  // of the chunk
	claimed string       // the chunk's signature
	next    func() error // puts more into ready
	err     error
}

// maxLine is the longest line between chunks.
const maxLine = 8 << 10

func newChunks(body io.ReadCloser, s signed, key []byte, trailer bool) *chunks {
	c := &chunks{body: body, r: bufio.NewReaderSize(body, 64<<10), s: s, key: key, last: s.signature, trailer: trailer, sum: sha256.New()}
	c.next = c.header
	return c
}

// Close closes the body.
func (c *chunks) Close() error { return c.body.Close() }

// Read gives the body's bytes.
func (c *chunks) Read(p []byte) (int, error) {
	for c.ready.Len() == 0 {
		if c.err != nil {
			return 0, c.err
		}
		c.err = c.next()
	}
	return c.ready.Read(p)
}

var (
	errMismatch  = &Error{BadSignature, "The request signature we calculated does not match the signature you provided. Check your key and signing method."}
	errMalformed = &Error{Malformed, "A chunk of the body has no signature."}
)

// line reads a line and passes it on.
func (c *chunks) line() (string, error) {
	text, err := c.r.ReadSlice('\n')
	if len(text) > maxLine {
		return "", errMalformed
	}
	c.ready.Write(text)
	return strings.TrimRight(string(text), "\r\n"), err
}

func (c *chunks) header() error {
	text, err := c.line()
	if err != nil {
		return err
	}
	digits, extension, _ := strings.Cut(text, ";")
	claimed, ok := strings.CutPrefix(extension, "chunk-signature=")
	if c.left, err = strconv.ParseInt(digits, 16, 64); err != nil || !ok || c.left < 0 {
		c.ready.Reset()
		return errMalformed
	}
	c.claimed, c.next = claimed, c.data
	c.sum.Reset()
	if c.left > 0 {
		return nil
	}
	if err := c.verify("AWS4-HMAC-SHA256-PAYLOAD", c.claimed, hash("")+"\n"+hex.EncodeToString(c.sum.Sum(nil))); err != nil {
		return err
	}
	c.next = c.rest
	return nil
}

// verify checks one more signature of the chain.
func (c *chunks) verify(algorithm, claimed, text string) error {
	want := hex.EncodeToString(mac(c.key, algorithm+"\n"+c.s.at+"\n"+c.s.scope()+"\n"+c.last+"\n"+text))
	if !hmac.Equal([]byte(want), []byte(claimed)) {
		c.ready.Reset()
		return errMismatch
	}
	c.last = want
	return nil
}

func (c *chunks) data() error {
	if c.left == 0 {
		if err := c.verify("AWS4-HMAC-SHA256-PAYLOAD", c.claimed, hash("")+"\n"+hex.EncodeToString(c.sum.Sum(nil))); err != nil {
			return err
		}
		c.next = c.header
		_, err := c.line()
		return err
	}
	n, err := io.CopyN(io.MultiWriter(&c.ready, c.sum), c.r, min(c.left, 32<<10))
	c.left -= n
	return err
}

// rest is what stands behind the last chunk: nothing, or headers and their
// signature.
func (c *chunks) rest() error {
	text, err := c.line()
	name, value, isHeader := strings.Cut(text, ":")
	switch {
	case err != nil && c.trailer:
		c.ready.Reset()
		return errMalformed // without its signature
	case err != nil || !c.trailer || !isHeader:
		return err
	case strings.EqualFold(name, "x-amz-trailer-signature"):
		c.trailer = false
		return c.verify("AWS4-HMAC-SHA256-TRAILER", strings.TrimSpace(value), hash(c.signed.String()))
	}
	c.signed.WriteString(strings.ToLower(strings.TrimSpace(name)) + ":" + strings.TrimSpace(value) + "\n")
	return nil
}
