package iam

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Signature Version 4 (reference_sigv.html, S3's sig-v4-header-based-auth.html).
const (
	algorithm  = "AWS4-HMAC-SHA256"
	timeFormat = "20060102T150405Z"
	maxSkew    = 15 * time.Minute
	maxPresign = 7 * 24 * 3600 // seconds
	maxBody    = 16 << 20      // of requests that are hashed here
	unsigned   = "UNSIGNED-PAYLOAD"
	streaming  = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	trailer    = "-TRAILER"
)

const mismatch = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."

// signed is a request's signature, taken apart.
type signed struct {
	key, date, region, service string // of the credential's scope
	at                         string // X-Amz-Date
	headers                    []string
	signature                  string
	token                      string
	presigned                  bool
	expires                    int // seconds, of a presigned one
}

func (s signed) scope() string {
	return s.date + "/" + s.region + "/" + s.service + "/aws4_request"
}

// read takes the signature of a request apart; ok is false where there is none.
func read(r *http.Request) (s signed, ok bool, err error) {
	wrong := &Error{Malformed, "The authorization header that you provided is not valid."}
	var credential, headers string
	auth := r.Header.Get("Authorization")
	q := r.URL.Query()
	switch {
	case auth != "":
		fields, found := strings.CutPrefix(auth, algorithm)
		if !found {
			return s, true, &Error{Malformed, "Unsupported Authorization Type"}
		}
		for field := range strings.SplitSeq(fields, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
			switch name {
			case "Credential":
				credential = value
			case "SignedHeaders":
				headers = value
			case "Signature":
				s.signature = value
			}
		}
		s.token = r.Header.Get("X-Amz-Security-Token")
		if s.at = r.Header.Get("X-Amz-Date"); s.at == "" {
			if t, err := http.ParseTime(r.Header.Get("Date")); err == nil {
				s.at = t.UTC().Format(timeFormat)
			}
		}
	case q.Get("X-Amz-Algorithm") != "":
		if q.Get("X-Amz-Algorithm") != algorithm {
			return s, true, wrong
		}
		s.presigned = true
		credential, headers, s.signature = q.Get("X-Amz-Credential"), q.Get("X-Amz-SignedHeaders"), q.Get("X-Amz-Signature")
		s.token, s.at = q.Get("X-Amz-Security-Token"), q.Get("X-Amz-Date")
		if s.expires, err = strconv.Atoi(q.Get("X-Amz-Expires")); err != nil || s.expires < 0 || s.expires > maxPresign {
			return s, true, wrong
		}
	default:
		return s, false, nil
	}
	parts := strings.Split(credential, "/")
	if len(parts) != 5 || parts[4] != "aws4_request" || headers == "" || s.signature == "" {
		return s, true, wrong
	}
	s.key, s.date, s.region, s.service = parts[0], parts[1], parts[2], parts[3]
	s.headers = strings.Split(headers, ";")
	if !strings.HasPrefix(s.at, s.date) || !slices.Contains(s.headers, "host") {
		return s, true, wrong
	}
	return s, true, nil
}

// Verify finds who sent a request to a service and whether it is signed by them. The
// body can still be read; of one that is signed in chunks, reading it verifies the
// rest, and an *Error is what reading gives then. The error is an *Error.
func (d *Directory) Verify(r *http.Request, service string) (Identity, error) {
	s, ok, err := read(r)
	if d.open {
		who := Identity{}
		if ok && s.key != "" {
			known, _ := d.key(s.key)
			if who = known.who; d.expired(known) {
				return who, &Error{Expired, "The security token included in the request is expired"}
			}
		}
		return who, nil
	}
	if err != nil {
		return Identity{}, err
	}
	if !ok {
		return Identity{}, &Error{NoToken, "Request is missing Authentication Token"}
	}
	known, ok := d.key(s.key)
	if !ok {
		return Identity{}, &Error{UnknownKey, "The security token included in the request is invalid."}
	}
	if !hmac.Equal([]byte(s.token), []byte(known.token)) && known.token != "" {
		return Identity{}, &Error{BadToken, "The security token included in the request is invalid."}
	}
	if s.service != service {
		return Identity{}, &Error{Malformed, "Credential should be scoped to correct service: '" + service + "'."}
	}
	payload, err := s.payload(r)
	if err != nil {
		return Identity{}, err
	}
	key := signingKey(known.secret, s)
	if !hmac.Equal([]byte(s.sign(key, canonical(r, s, payload))), []byte(s.signature)) {
		return Identity{}, &Error{BadSignature, mismatch}
	}
	if err := d.timely(s); err != nil {
		return Identity{}, err
	}
	if d.expired(known) {
		return Identity{}, &Error{Expired, "The security token included in the request is expired"}
	}
	if strings.HasPrefix(payload, streaming) {
		r.Body = newChunks(r.Body, s, key, strings.HasSuffix(payload, trailer))
	}
	return known.who, nil
}

// timely checks the time of a signature.
func (d *Directory) timely(s signed) error {
	at, err := time.Parse(timeFormat, s.at)
	if err != nil {
		return &Error{Malformed, "AWS authentication requires a valid Date or x-amz-date header"}
	}
	age := d.now().Sub(at)
	switch {
	case s.presigned && age > time.Duration(s.expires)*time.Second:
		return &Error{Denied, "Request has expired"}
	case !s.presigned && age > maxSkew, age < -maxSkew:
		return &Error{Skewed, "The difference between the request time and the current time is too large."}
	}
	return nil
}

// payload is what stands for the body in the canonical request.
func (s signed) payload(r *http.Request) (string, error) {
	said := r.Header.Get("X-Amz-Content-Sha256")
	if s.service == "s3" {
		switch {
		case said == "" && s.presigned:
			return unsigned, nil
		case said == "":
			return "", &Error{Malformed, "Missing required header for this request: x-amz-content-sha256"}
		}
		return said, nil // the door compares it with the body
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody+1))
	if err != nil {
		return "", &Error{Malformed, "the request could not be read"}
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	sum := sha256.Sum256(body)
	got := hex.EncodeToString(sum[:])
	if said != "" && said != got && said != unsigned {
		return "", &Error{BadSignature, mismatch}
	}
	return cmp.Or(said, got), nil
}

// canonical is the request in the form that is signed.
func canonical(r *http.Request, s signed, payload string) string {
	path := encode(r.URL.Path, true)
	if s.service != "s3" {
		path = encode(path, true)
	}
	if path == "" {
		path = "/"
	}
	var b strings.Builder
	b.WriteString(r.Method + "\n" + path + "\n" + query(r.URL.RawQuery) + "\n")
	for _, name := range s.headers {
		b.WriteString(name + ":" + header(r, name) + "\n")
	}
	b.WriteString("\n" + strings.Join(s.headers, ";") + "\n" + payload)
	return b.String()
}

func header(r *http.Request, name string) string {
	values := r.Header.Values(name)
	switch {
	case name == "host":
		values = []string{r.Host}
	case name == "content-length" && len(values) == 0:
		values = []string{strconv.FormatInt(r.ContentLength, 10)}
	case name == "transfer-encoding" && len(values) == 0:
		values = r.TransferEncoding
	}
	trimmed := make([]string, len(values))
	for i, v := range values {
		trimmed[i] = strings.Join(strings.Fields(v), " ")
	}
	return strings.Join(trimmed, ",")
}

// query is a query in its canonical form, without the signature.
func query(raw string) string {
	if raw == "" {
		return ""
	}
	var pairs [][2]string
	for part := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(part, "=")
		name, value = encode(unescape(name), false), encode(unescape(value), false)
		if part != "" && name != "X-Amz-Signature" {
			pairs = append(pairs, [2]string{name, value})
		}
	}
	slices.SortFunc(pairs, func(a, b [2]string) int { return cmp.Or(strings.Compare(a[0], b[0]), strings.Compare(a[1], b[1])) })
	parts := make([]string, len(pairs))
	for i, p := range pairs {
		parts[i] = p[0] + "=" + p[1]
	}
	return strings.Join(parts, "&")
}

func unescape(text string) string {
	plain, err := url.QueryUnescape(text)
	if err != nil {
		return text // the door refuses it
	}
	return plain
}

// encode is AWS's UriEncode.
func encode(text string, isPath bool) string {
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.~", c) >= 0 || isPath && c == '/' {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hexDigits[c>>4], hexDigits[c&15]})
	}
	return b.String()
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func signingKey(secret string, s signed) []byte {
	return mac(mac(mac(mac([]byte("AWS4"+secret), s.date), s.region), s.service), "aws4_request")
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// sign is the signature of a canonical request.
func (s signed) sign(key []byte, canonical string) string {
	return hex.EncodeToString(mac(key, algorithm+"\n"+s.at+"\n"+s.scope()+"\n"+hash(canonical)))
}
