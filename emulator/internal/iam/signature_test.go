package iam

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// The user and the requests of AWS's own examples (S3's sig-v4-header-based-auth,
// sigv4-query-string-auth, sigv4-streaming).
const example = `{"users":[{"name":"ann","access_key":"AKIAIOSFODNN7EXAMPLE","secret_key":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}],
	"roles":[{"arn":"arn:aws:iam::123456789012:role/loader","trust":["redshift","ann"],"allow":[{"action":"s3:Get*","resource":"calls/in/*"},{"action":"s3:ListBucket","resource":"calls"}]},
		{"arn":"arn:aws:iam::123456789012:role/chained","trust":["arn:aws:iam::123456789012:role/loader"]}]}`

var exampleTime = time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC)

func directory(t testing.TB, now func() time.Time) *Directory {
	t.Helper()
	d, err := New("123456789012", now, []byte(example))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func at(when time.Time) func() time.Time { return func() time.Time { return when } }

func kind(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return 0
}

const scope = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"

func get() *http.Request {
	r := httptest.NewRequest("GET", "http://examplebucket.s3.amazonaws.com/test.txt", nil)
	r.Header.Set("Range", "bytes=0-9")
	r.Header.Set("X-Amz-Content-Sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
	r.Header.Set("X-Amz-Date", "20130524T000000Z")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+scope+",SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
	return r
}

func presigned() *http.Request {
	return httptest.NewRequest("GET", "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="+strings.ReplaceAll(scope, "/", "%2F")+"&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404", nil)
}

func TestExamples(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		request *http.Request
		now     time.Time
		want    Kind
	}{
		"header":             {get(), exampleTime, 0},
		"a quarter later":    {get(), exampleTime.Add(15 * time.Minute), 0},
		"too late":           {get(), exampleTime.Add(15*time.Minute + time.Second), Skewed},
		"too early":          {get(), exampleTime.Add(-time.Hour), Skewed},
		"presigned":          {presigned(), exampleTime.Add(23 * time.Hour), 0},
		"presigned, expired": {presigned(), exampleTime.Add(25 * time.Hour), Denied},
		"unsigned":           {httptest.NewRequest("GET", "/", nil), exampleTime, NoToken},
	} {
		who, err := directory(t, at(c.now)).Verify(c.request, "s3")
		if kind(err) != c.want || err == nil && who.ARN != "arn:aws:iam::123456789012:user/ann" {
			t.Errorf("%s: %v, %v", name, who, err)
		}
	}
	for name, change := range map[string]func(*http.Request){
		"method": func(r *http.Request) { r.Method = "PUT" }, "path": func(r *http.Request) { r.URL.Path = "/test.txT" }, "host": func(r *http.Request) { r.Host = "other" },
		"a signed header": func(r *http.Request) { r.Header.Set("Range", "bytes=0-10") }, "body": func(r *http.Request) { r.Header.Set("X-Amz-Content-Sha256", unsigned) },
		"query": func(r *http.Request) { r.URL.RawQuery = "a=b" },
	} {
		r := get()
		change(r)
		if _, err := directory(t, at(exampleTime)).Verify(r, "s3"); kind(err) != BadSignature {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, c := range map[string]struct {
		old, new string
		want     Kind
	}{
		"key":       {"AKIAIOSFODNN7EXAMPLE", "AKIAOTHER", UnknownKey},
		"service":   {"/s3/", "/sts/", Malformed},
		"date":      {"20130524/", "20130525/", Malformed},
		"region":    {"us-east-1", "us-west-1", BadSignature},
		"signature": {"Signature=f", "Signature=e", BadSignature},
		"headers":   {"host;", "", Malformed},
		"algorithm": {"AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256", Malformed},
		"scope":     {"/aws4_request", "", Malformed},
	} {
		r := get()
		r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), c.old, c.new, 1))
		if _, err := directory(t, at(exampleTime)).Verify(r, "s3"); kind(err) != c.want {
			t.Errorf("another %s: %v", name, err)
		}
	}
}

func TestChunks(t *testing.T) {
	t.Parallel()
	body := func(change func(string) string) *http.Request {
		a := strings.Repeat("a", 65536)
		text := "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" + a + "\r\n" +
			"400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" + a[:1024] + "\r\n" +
			"0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n"
		r := httptest.NewRequest("PUT", "https://s3.amazonaws.com/examplebucket/chunkObject.txt", strings.NewReader(change(text)))
		for name, value := range map[string]string{
			"X-Amz-Date": "20130524T000000Z", "X-Amz-Storage-Class": "REDUCED_REDUNDANCY", "X-Amz-Content-Sha256": streaming, "Content-Encoding": "aws-chunked",
			"X-Amz-Decoded-Content-Length": "66560", "Content-Length": "66824",
			"Authorization": "AWS4-HMAC-SHA256 Credential=" + scope + ",SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class,Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
		} {
			r.Header.Set(name, value)
		}
		return r
	}
	for name, c := range map[string]struct {
		old, new string
		want     Kind
	}{
		"as it is":         {"", "", 0},
		"a byte":           {"aaa\r\n400", "aab\r\n400", BadSignature},
		"a signature":      {"=0055", "=0056", BadSignature},
		"the last one":     {"=b6c6", "=b6c7", BadSignature},
		"no signature":     {"400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497", "400", Malformed},
		"a size":           {"400;", "-1;", Malformed},
		"chunks exchanged": {"10000;chunk-signature=ad80", "10000;chunk-signature=0055", BadSignature},
	} {
		r := body(func(text string) string { return strings.Replace(text, c.old, c.new, 1) })
		if _, err := directory(t, at(exampleTime)).Verify(r, "s3"); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := io.ReadAll(r.Body)
		if kind(err) != c.want || err == nil && len(got) != 66824 {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}

// A body with signed headers behind it, signed here.
func TestTrailer(t *testing.T) {
	t.Parallel()
	s := signed{key: "AKIAIOSFODNN7EXAMPLE", date: "20130524", region: "us-east-1", service: "s3", at: "20130524T000000Z", signature: strings.Repeat("0", 64)}
	key := signingKey("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", s)
	last := s.signature
	next := func(algorithm, text string) string {
		last = fmt.Sprintf("%x", mac(key, algorithm+"\n"+s.at+"\n"+s.scope()+"\n"+last+"\n"+text))
		return last
	}
	text := "3;chunk-signature=" + next("AWS4-HMAC-SHA256-PAYLOAD", hash("")+"\n"+hash("abc")) + "\r\nabc\r\n0;chunk-signature=" + next("AWS4-HMAC-SHA256-PAYLOAD", hash("")+"\n"+hash("")) +
		"\r\nx-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:" + next("AWS4-HMAC-SHA256-TRAILER", hash("x-amz-checksum-crc32c:sOO8/Q==\n")) + "\r\n\r\n"
	for name, c := range map[string]struct {
		old, new string
		want     Kind
	}{
		"as it is":  {"", "", 0},
		"the value": {"sOO8", "sOO9", BadSignature},
		"signature": {"x-amz-trailer-signature:", "x-other:", Malformed},
	} {
		r := newChunks(io.NopCloser(strings.NewReader(strings.Replace(text, c.old, c.new, 1))), s, key, true)
		if got, err := io.ReadAll(r); kind(err) != c.want || err == nil && string(got) != text {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func FuzzChunks(f *testing.F) {
	f.Add("3;chunk-signature=00\r\nabc\r\n0;chunk-signature=00\r\n\r\n", true)
	f.Fuzz(func(t *testing.T, body string, trailer bool) {
		s := signed{date: "20130524", signature: "0"}
		got, err := io.ReadAll(newChunks(io.NopCloser(strings.NewReader(body)), s, signingKey("x", s), trailer))
		if err == nil && string(got) != body {
			t.Errorf("%q became %q", body, got)
		}
	})
}

func FuzzSignature(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential="+scope+", SignedHeaders=host, Signature=0", "a=b&X-Amz-Algorithm=AWS4-HMAC-SHA256")
	f.Fuzz(func(t *testing.T, auth, query string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Authorization", auth)
		r.URL.RawQuery = query
		if who, err := directory(t, at(exampleTime)).Verify(r, "s3"); err == nil {
			t.Errorf("%v signed with %q", who, auth)
		}
	})
}
