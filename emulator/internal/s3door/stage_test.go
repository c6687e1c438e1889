package s3door

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/llm-dev-ops/redshift/s3stage"
)

// TestStage drives the door with the client's s3stage: the two ends of COPY's and
// UNLOAD's road. Only this test knows both.
func TestStage(t *testing.T) {
	t.Parallel()
	for _, medium := range media {
		t.Run(medium, func(t *testing.T) {
			t.Parallel()
			srv := newServer(t, medium)
			makeBucket(t, newClient(srv, true), "bkt")
			ctx := t.Context()
			s, err := s3stage.New(ctx, s3stage.Config{
				Endpoint: srv.URL, Region: "us-east-1", PartSize: 5 << 20, HTTPClient: dialling(srv),
				Credentials: credentials.NewStaticCredentialsProvider("AKIAEXAMPLE", "secret", ""),
			})
			if err != nil {
				t.Fatal(err)
			}
			prefix, err := s3stage.UniquePrefix("s3://bkt")
			if err != nil {
				t.Fatal(err)
			}
			var files []s3stage.File
			var total int64
			for i, size := range []int{0, 1, 12 << 20, 10<<20 - 1, 10 << 20, 70_000} {
				total += int64(size)
				files = append(files, s3stage.File{URI: fmt.Sprintf("%sf %d+é", prefix, i), Size: int64(size), Open: func() (io.ReadCloser, error) {
					return io.NopCloser(bytes.NewReader(noise(uint64(i), size))), nil
				}})
			}
			var last s3stage.Progress
			objects, err := s.Upload(ctx, files, func(p s3stage.Progress) { last = p })
			if err != nil || last.Sent != total || last.FilesDone != len(files) {
				t.Fatalf("%+v, %v", last, err)
			}
			if _, err := s.PutManifest(ctx, prefix+"manifest", s3stage.NewManifest(objects)); err != nil {
				t.Fatal(err)
			}
			m, err := s.ReadManifest(ctx, prefix+"manifest")
			if err != nil {
				t.Fatal(err)
			}
			for i, e := range m.Entries {
				r, o, err := s.Open(ctx, e.URL)
				if err != nil {
					t.Fatal(err)
				}
				data, err := io.ReadAll(r)
				r.Close()
				if err != nil || !bytes.Equal(data, noise(uint64(i), int(files[i].Size))) || o.Size != e.Meta.ContentLength {
					t.Errorf("%s: %d bytes, %v", e.URL, len(data), err)
				}
			}
			n := 0
			for _, err := range s.List(ctx, prefix) {
				if err != nil {
					t.Error(err)
				}
				n++
			}
			if n != len(files)+1 {
				t.Errorf("%d objects", n)
			}
			if err := s.CleanUp(ctx, prefix); err != nil {
				t.Error(err)
			}
			for o, err := range s.List(ctx, "s3://bkt") {
				t.Errorf("left: %+v, %v", o, err)
			}
			if _, _, err := s.Open(ctx, prefix+"manifest"); !errors.Is(err, s3stage.ErrNotFound) {
				t.Errorf("got %v", err)
			}
			if _, err := s.Put(ctx, "s3://nobucket/k", bytes.NewReader(nil)); !errors.Is(err, s3stage.ErrNotFound) {
				t.Errorf("got %v", err)
			}
		})
	}
}
