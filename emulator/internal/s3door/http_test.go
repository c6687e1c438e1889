package s3door

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestRequests sends what no SDK would send, one table row after the other to one
// server.
func TestRequests(t *testing.T) {
	t.Parallel()
	const stream = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
	const signed = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	const sig = ";chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"
	crc := "NhCmhg==" // CRC32 of "hello"
	chunked := func(mode, size, trailer string) string {
		return "x-amz-content-sha256: " + mode + "\ncontent-encoding: aws-chunked\nx-amz-decoded-content-length: " + size + "\nx-amz-trailer: " + trailer
	}
	for _, medium := range media {
		t.Run(medium, func(t *testing.T) {
			t.Parallel()
			srv := newServer(t, medium)
			for _, tt := range []struct {
				method, target, headers, body string
				status                        int
				code                          string // of the error, or the body of a success
			}{
				{"GET", "/", "", "", 200, "*"},
				{"PUT", "/", "", "", 405, codeMethodNotAllowed},
				{"PUT", "/Bad_Name", "", "", 400, codeInvalidBucketName},
				{"PUT", "/ab", "", "", 400, codeInvalidBucketName},
				{"PUT", "/bkt", "", "", 200, ""},
				{"PUT", "/bkt", "", "", 409, codeBucketOwned},
				{"PUT", "/bkt/", "", "", 409, codeBucketOwned},
				{"PUT", "/eu-bucket", "", "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>", 200, ""},
				{"GET", "/eu-bucket?location", "", "", 200, "*eu-west-1"},
				{"PUT", "/other-bucket", "", "<broken", 400, codeMalformedXML},
				{"PUT", "/other-bucket", "", "<Other/>", 400, codeMalformedXML},
				{"GET", "/bkt?location", "", "", 200, "*LocationConstraint"},
				{"GET", "/bkt?versioning", "", "", 200, "*VersioningConfiguration"},
				{"GET", "/bkt?acl", "", "", 501, codeNotImplemented},
				{"PUT", "/bkt?lifecycle", "", "<x/>", 501, codeNotImplemented},
				{"GET", "/bkt?versions", "", "", 501, codeNotImplemented},
				{"POST", "/bkt", "", "", 501, codeNotImplemented},
				{"PATCH", "/bkt", "", "", 405, codeMethodNotAllowed},
				{"GET", "/bkt?list-type=2&max-keys=x", "", "", 400, codeInvalidArgument},
				{"GET", "/bkt?list-type=2&encoding-type=x", "", "", 400, codeInvalidArgument},
				{"GET", "/bkt?list-type=2&continuation-token=", "", "", 400, codeInvalidArgument},
				{"GET", "/bkt?list-type=2&continuation-token=1!", "", "", 400, codeInvalidArgument},
				{"GET", "/none?list-type=2", "", "", 404, codeNoSuchBucket},
				{"GET", "/none/k", "", "", 404, codeNoSuchBucket},

				{"PUT", "/bkt/k", "", "hello", 200, ""},
				{"GET", "/bkt/k", "", "", 200, "hello"},
				{"GET", "/k", "host: bkt.localhost", "", 200, "hello"},
				{"GET", "/k", "host: bkt.s3.localhost:4566", "", 200, "hello"},
				{"GET", "/k", "host: bkt.s3.us-east-1.amazonaws.com", "", 200, "hello"},
				{"GET", "/bkt/k", "host: s3.us-east-1.amazonaws.com", "", 200, "hello"},
				{"GET", "/bkt/k", "host: emulator:4566", "", 200, "hello"},
				{"GET", "/bkt/k?versionId=null", "", "", 200, "hello"},
				{"GET", "/bkt/k?versionId=abc", "", "", 404, codeNoSuchVersion},
				{"GET", "/bkt/none", "", "", 404, codeNoSuchKey},
				{"PUT", "/none/k", "", strings.Repeat("x", 3<<20), 404, codeNoSuchBucket},
				{"GET", "/bkt/k?partNumber=1", "", "", 206, "hello"},
				{"GET", "/bkt/k?partNumber=2", "", "", 416, codeInvalidPartNumber},
				{"GET", "/bkt/k?partNumber=0", "", "", 400, codeInvalidArgument},
				{"GET", "/bkt/k?partNumber=1", "range: bytes=0-1", "", 400, codeInvalidRequest},
				{"GET", "/bkt/k", "range: bytes=0-1,3-4", "", 200, "hello"},
				{"GET", "/bkt/k", "range: bytes=-0", "", 416, codeInvalidRange},
				{"GET", "/bkt/k", "range: bytes=99999999999999999999-", "", 416, codeInvalidRange},
				{"GET", "/bkt/k", "range: bytes=1-99999999999999999999", "", 206, "ello"},
				{"GET", "/bkt/k?attributes", "", "", 400, codeInvalidArgument},
				{"GET", "/bkt/k", "x-amz-expected-bucket-owner: 999999999999", "", 403, codeAccessDenied},
				{"GET", "/bkt/k", "x-amz-expected-bucket-owner: 123456789012", "", 200, "hello"},
				{"GET", "/bkt/k", "if-match: W/\"x\", \"5d41402abc4b2a76b9719d911017c592\"", "", 200, "hello"},
				{"GET", "/bkt/k", "if-none-match: *", "", 304, ""},
				{"GET", "/bkt/k%", "", "", 400, "*"},
				{"GET", "/bkt/k?a=%zz", "", "", 400, codeInvalidURI},

				{"PUT", "/bkt/m", "content-md5: XUFAKrxLKna5cZ2REBfFkg==", "hello", 200, ""},
				{"PUT", "/bkt/m", "content-md5: AUFAKrxLKna5cZ2REBfFkg==", "hello", 400, codeBadDigest},
				{"PUT", "/bkt/m", "content-md5: short", "hello", 400, codeInvalidDigest},
				{"PUT", "/bkt/m", "x-amz-content-sha256: 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", "hello", 200, ""},
				{"PUT", "/bkt/m", "x-amz-content-sha256: 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9825", "hello", 400, codeContentSHA256},
				{"PUT", "/bkt/m", "x-amz-checksum-crc32: " + crc, "hello", 200, ""},
				{"PUT", "/bkt/m", "x-amz-checksum-crc32: AAAAAA==", "hello", 400, codeBadDigest},
				{"PUT", "/bkt/m", "x-amz-checksum-crc32: xx", "hello", 400, codeInvalidRequest},
				{"PUT", "/bkt/m", "x-amz-checksum-crc32: " + crc + "\nx-amz-checksum-crc32c: " + crc, "hello", 400, codeInvalidRequest},
				{"PUT", "/bkt/m", "x-amz-sdk-checksum-algorithm: CRC32", "hello", 400, codeInvalidRequest},
				{"PUT", "/bkt/m", "x-amz-checksum-xxhash64: AAAA", "hello", 501, codeNotImplemented},
				{"PUT", "/bkt/m", "if-none-match: \"x\"", "hello", 501, codeNotImplemented},
				{"PUT", "/bkt/m", "x-amz-acl: public-read", "hello", 400, codeACLNotSupported},
				{"PUT", "/bkt/m", "x-amz-grant-read: id=1", "hello", 400, codeACLNotSupported},
				{"PUT", "/bkt/m", "x-amz-acl: bucket-owner-full-control", "hello", 200, ""},
				{"PUT", "/bkt/m", "x-amz-server-side-encryption-customer-algorithm: AES256", "hello", 501, codeNotImplemented},
				{"PUT", "/bkt/m", "x-amz-meta-a: " + strings.Repeat("x", 2048), "hello", 400, codeMetadataTooLarge},
				{"PUT", "/bkt/m", "x-amz-tagging: a=1&a=2", "hello", 400, codeInvalidArgument},
				{"PUT", "/bkt/m?partNumber=1", "", "hello", 405, codeMethodNotAllowed},
				{"PUT", "/bkt/m?partNumber=1&uploadId=x", "", "hello", 404, codeNoSuchUpload},
				{"PUT", "/bkt/m?partNumber=10001&uploadId=x", "", "hello", 400, codeInvalidArgument},
				{"PUT", "/bkt/m", "x-amz-copy-source: bkt", "", 400, codeInvalidArgument},
				{"PUT", "/bkt/m", "x-amz-copy-source: bkt/k\nx-amz-metadata-directive: NONE", "", 400, codeInvalidArgument},
				{"PUT", "/bkt/m", "x-amz-copy-source: bkt/k?versionId=1", "", 404, codeNoSuchVersion},

				{"PUT", "/bkt/c", chunked(stream, "5", "x-amz-checksum-crc32"), "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:" + crc + "\r\n\r\n", 200, ""},
				{"GET", "/bkt/c", "", "", 200, "hello"},
				{"PUT", "/bkt/d", chunked(stream, "5", "x-amz-checksum-crc32"), "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", 400, codeBadDigest},
				{"PUT", "/bkt/d", chunked(stream, "5", "x-amz-checksum-crc32"), "5\r\nhello\r\n0\r\n\r\n", 400, codeMalformedTrailer},
				{"PUT", "/bkt/d", chunked(stream, "5", "x-amz-checksum-none"), "5\r\nhello\r\n0\r\n\r\n", 400, codeInvalidRequest},
				{"PUT", "/bkt/d", chunked(stream, "6", ""), "5\r\nhello\r\n0\r\n\r\n", 400, codeIncompleteBody},
				{"PUT", "/bkt/d", chunked(stream, "4", ""), "5\r\nhello\r\n0\r\n\r\n", 400, codeIncompleteBody},
				{"PUT", "/bkt/d", chunked(stream, "5", ""), "5\r\nhel", 400, codeIncompleteBody},
				{"PUT", "/bkt/d", chunked(stream, "5", ""), "5\r\nhello!\r\n0\r\n\r\n", 400, codeInvalidRequest},
				{"PUT", "/bkt/d", chunked(stream, "5", ""), "zz\r\nhello\r\n0\r\n\r\n", 400, codeInvalidRequest},
				{"PUT", "/bkt/d", "x-amz-content-sha256: " + stream, "5\r\nhello\r\n0\r\n\r\n", 411, codeMissingLength},
				{"GET", "/bkt/d", "", "", 404, codeNoSuchKey},
				{"PUT", "/bkt/c", chunked(signed, "5", ""), "3" + sig + "\r\nhel\r\n2" + sig + "\r\nlo\r\n0" + sig + "\r\n\r\n", 200, ""},
				{"GET", "/bkt/c", "", "", 200, "hello"},
				{
					"PUT", "/bkt/c", chunked(signed+"-TRAILER", "5", "x-amz-checksum-crc32"),
					"5" + sig + "\r\nhello\r\n0" + sig + "\r\nx-amz-checksum-crc32:" + crc + "\n\r\nx-amz-trailer-signature:63bddb24\r\n\r\n", 200, "",
				},

				{"POST", "/bkt?delete", "", "<Delete><Object><Key>k</Key></Object></Delete>", 400, codeInvalidRequest},
				{"POST", "/bkt?delete", "content-md5: 1B2M2Y8AsgTpgAmY7PhCfg==", "", 400, codeMalformedXML},
				{"POST", "/bkt?delete", "", strings.Repeat(" ", maxDeleteDocument+1), 400, codeMaxMessage},
				{"POST", "/bkt/m?uploads", "x-amz-checksum-algorithm: NONE", "", 400, codeInvalidRequest},
				{"POST", "/bkt/m?uploads", "x-amz-checksum-algorithm: SHA256\nx-amz-checksum-type: FULL_OBJECT", "", 400, codeInvalidRequest},
				{"POST", "/bkt/m?uploadId=x", "", "<x/>", 400, codeMalformedXML},
				{"POST", "/bkt/m", "", "", 405, codeMethodNotAllowed},
				{"DELETE", "/bkt", "", "", 409, codeBucketNotEmpty},
				{"DELETE", "/bkt/none", "", "", 204, ""},
				{"DELETE", "/none/none", "", "", 404, codeNoSuchBucket},
			} {
				req, err := http.NewRequestWithContext(t.Context(), tt.method, srv.URL, strings.NewReader(tt.body))
				if err != nil {
					t.Fatal(err)
				}
				path, query, _ := strings.Cut(tt.target, "?")
				req.URL.Opaque = path
				req.URL.RawQuery = query
				for line := range strings.SplitSeq(tt.headers, "\n") {
					if name, value, ok := strings.Cut(line, ": "); ok && value != "" {
						if name == "host" {
							req.Host = value
						}
						req.Header.Set(name, value)
					}
				}
				name := fmt.Sprintf("%s %s [%s]", tt.method, tt.target, strings.ReplaceAll(tt.headers[:min(90, len(tt.headers))], "\n", "; "))
				res, err := dialling(srv).Do(req)
				if err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				body, err := io.ReadAll(res.Body)
				res.Body.Close()
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
				checkAnswer(t, name, res, string(body), tt.status, tt.code)
			}
		})
	}
}

func checkAnswer(t *testing.T, name string, res *http.Response, body string, status int, want string) {
	t.Helper()
	if res.StatusCode != status {
		t.Errorf("%s: status %d, want %d: %s", name, res.StatusCode, status, body)
		return
	}
	if part, ok := strings.CutPrefix(want, "*"); ok {
		if !strings.Contains(body, part) {
			t.Errorf("%s: no %q in %s", name, part, body)
		}
		return
	}
	if res.Header.Get("X-Amz-Request-Id") == "" {
		t.Errorf("%s: no request id", name)
	}
	if status < 400 {
		if body != want {
			t.Errorf("%s: got %q", name, body)
		}
		return
	}
	var doc errorDocument
	if err := xml.Unmarshal([]byte(body), &doc); err != nil || doc.Code != want || doc.Message == "" || doc.RequestID != res.Header.Get("X-Amz-Request-Id") {
		t.Errorf("%s: want %s, got %v %s", name, want, err, body)
	}
}

func TestAuthorize(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err  error
		code string
	}{
		{&Error{Code: codeInvalidAccessKey}, codeInvalidAccessKey},
		{io.ErrUnexpectedEOF, codeAccessDenied},
	} {
		srv := newServerWith(t, Config{Authorize: func(*http.Request) error { return tt.err }})
		res, err := srv.Client().Get(srv.URL + "/bkt/k")
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		checkAnswer(t, tt.code, res, string(body), 403, tt.code)
	}
}
