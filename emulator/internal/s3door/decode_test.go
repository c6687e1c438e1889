package s3door

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
)

func TestHosts(t *testing.T) {
	t.Parallel()
	p := newHostParser([]string{"emulator.test"})
	for _, tt := range [][4]string{
		{"localhost:4566", "/b/k", "b", "k"},
		{"127.0.0.1:4566", "/b/k", "b", "k"},
		{"[::1]:4566", "/b/k", "b", "k"},
		{"", "/b//k/../x", "b", "/k/../x"},
		{"s3.localhost", "/b/k", "b", "k"},
		{"b.localhost:80", "/k", "b", "k"},
		{"my.dotted.b.localhost", "/k/", "my.dotted.b", "k/"},
		{"b.s3.localhost", "//k", "b", "/k"},
		{"s3.amazonaws.com", "/b/", "b", ""},
		{"B.S3.amazonaws.com.", "/", "b", ""},
		{"s3.eu-west-1.amazonaws.com", "/b", "b", ""},
		{"s3-eu-west-1.amazonaws.com", "/b", "b", ""},
		{"b.s3.us-gov-east-1.amazonaws.com", "/k", "b", "k"},
		{"b.s3.dualstack.us-east-1.amazonaws.com", "/k", "b", "k"},
		{"b.s3.s3.us-east-1.amazonaws.com", "/k", "b.s3", "k"},
		{"b.s3-accelerate.amazonaws.com", "/k", "b", "k"},
		{"b.s3.cn-north-1.amazonaws.com.cn", "/k", "b", "k"},
		{"redshift.us-east-1.amazonaws.com", "/", "", ""},
		{"b.emulator.test:1", "/k", "b", "k"},
		{"elsewhere", "/b/k", "b", "k"},
	} {
		if b, k := p.target(tt[0], tt[1]); b != tt[2] || k != tt[3] {
			t.Errorf("%s %s: got %q %q", tt[0], tt[1], b, k)
		}
	}
}

func FuzzHost(f *testing.F) {
	f.Add("b.s3.us-east-1.amazonaws.com:80", "/k")
	f.Add("[::1]", "")
	f.Add("..localhost", "//")
	f.Fuzz(func(t *testing.T, host, path string) {
		p := newHostParser(nil)
		bucket, key := p.target(host, path)
		if len(key) > len(path) || len(bucket) > len(host)+len(path) {
			t.Errorf("%q %q: %q %q", host, path, bucket, key)
		}
		if p.bucket(host) != "" && "/"+key != path && key != path {
			t.Errorf("%q %q: the path of a virtual host changed to %q", host, path, key)
		}
	})
}

func FuzzChunked(f *testing.F) {
	f.Add([]byte("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"))
	f.Add([]byte("3;chunk-signature=ab\r\nhel\r\n0;chunk-signature=ab\r\n\r\n"))
	f.Add([]byte("ffffffffffffffff\r\n"))
	f.Add([]byte("0\r\na:b\n\r\nc:d\r\n\r\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		whole := newChunkedReader(bytes.NewReader(in))
		a, errA := io.ReadAll(whole)
		bytewise := newChunkedReader(iotest.OneByteReader(bytes.NewReader(in)))
		b, errB := io.ReadAll(iotest.OneByteReader(bytewise))
		if !bytes.Equal(a, b) || fmt.Sprint(errA) != fmt.Sprint(errB) || fmt.Sprint(whole.trailer) != fmt.Sprint(bytewise.trailer) {
			t.Errorf("in one: %q %v; by bytes: %q %v", a, errA, b, errB)
		}
		if len(a) > len(in) {
			t.Errorf("%d bytes from %d", len(a), len(in))
		}
		var e *Error
		if errA != nil && !errors.As(errA, &e) {
			t.Errorf("error %v", errA)
		}
	})
}

func FuzzRange(f *testing.F) {
	f.Add("bytes=0-", int64(5))
	f.Add("bytes=-3", int64(0))
	f.Fuzz(func(t *testing.T, header string, size int64) {
		if size < 0 {
			return
		}
		for _, parse := range []func(string, int64) (span, error){parseRange, sourceRange} {
			s, err := parse(header, size)
			if err == nil && (s.offset < 0 || s.length < 0 || s.offset > size-s.length || s.partial && s.length == 0) {
				t.Errorf("%q of %d: %+v", header, size, s)
			}
		}
	})
}

// TestCombine compares joined CRCs with the CRC of the whole, and the CRC-64 with
// the check value of its catalogue.
func TestCombine(t *testing.T) {
	t.Parallel()
	if got := crc64.Checksum([]byte("123456789"), nvmeTable); got != 0xae8b14860a799888 {
		t.Errorf("CRC64NVME of the check input is %x", got)
	}
	data := noise(1, 100_000)
	for _, a := range algorithms {
		if a.width == 0 {
			continue
		}
		for _, cuts := range [][]int{{0}, {1}, {50_000}, {3, 99_999}, {10, 10, 70_001}} {
			var parts []objstore.Part
			from := 0
			for _, to := range append(cuts, len(data)) {
				h := a.new()
				h.Write(data[from:to])
				parts = append(parts, objstore.Part{Size: int64(to - from), Checksum: objstore.Checksum{
					Algorithm: a.name, Value: base64.StdEncoding.EncodeToString(h.Sum(nil)),
				}})
				from = to
			}
			h := a.new()
			h.Write(data)
			want := base64.StdEncoding.EncodeToString(h.Sum(nil))
			if got, ok := a.join(fullObject, parts); !ok || got.Value != want {
				t.Errorf("%s cut at %v: %v, want %s", a.name, cuts, got, want)
			}
		}
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"a", "\x00\xff", strings.Repeat("é", 500)} {
		if got, err := decodeToken(encodeToken(key)); err != nil || got != key {
			t.Errorf("%q: %q, %v", key, got, err)
		}
	}
}
