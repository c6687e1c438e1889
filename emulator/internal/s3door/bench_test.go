package s3door

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
)

// BenchmarkObject puts and gets 64 MiB, and 1 KiB, over HTTP.
func BenchmarkObject(b *testing.B) {
	for _, medium := range media {
		srv := newServer(b, medium)
		makeBucket(b, newClient(srv, true), "bkt")
		for name, size := range map[string]int{"1KiB": 1 << 10, "64MiB": 64 << 20} {
			data := noise(1, size)
			b.Run(medium+"/put-"+name, func(b *testing.B) {
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					send(b, srv.Client(), http.MethodPut, srv.URL+"/bkt/"+name, data)
				}
			})
			b.Run(medium+"/get-"+name, func(b *testing.B) {
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					send(b, srv.Client(), http.MethodGet, srv.URL+"/bkt/"+name, nil)
				}
			})
		}
	}
}

func send(b *testing.B, c *http.Client, method, url string, data []byte) {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), method, url, bytes.NewReader(data))
	if err != nil {
		b.Fatal(err)
	}
	res, err := c.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusOK {
		b.Fatal(res.Status, err)
	}
}

// BenchmarkList lists the first page of 100,000 keys, plain and rolled up.
func BenchmarkList(b *testing.B) {
	s, err := objstore.Open(objstore.Config{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if err := s.CreateBucket(b.Context(), "bkt"); err != nil {
		b.Fatal(err)
	}
	key := []byte("d00/00000")
	for i := range 100_000 {
		key[1], key[2] = byte('0'+i/10_000), byte('0'+i/1000%10)
		for j, n := 8, i; j > 3; j, n = j-1, n/10 {
			key[j] = byte('0' + n%10)
		}
		if _, err := s.Put(b.Context(), "bkt", string(key), objstore.Meta{}, bytes.NewReader(nil)); err != nil {
			b.Fatal(err)
		}
	}
	for _, delimiter := range []string{"", "/"} {
		b.Run("delimiter="+delimiter, func(b *testing.B) {
			for b.Loop() {
				p, err := s.ListPage(b.Context(), "bkt", objstore.ListQuery{Delimiter: delimiter, Max: 1000})
				if err != nil || len(p.Objects)+len(p.Prefixes) < 100 {
					b.Fatal(len(p.Objects), len(p.Prefixes), err)
				}
			}
		})
	}
}
