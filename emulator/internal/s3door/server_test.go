package s3door

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
)

// media are the two forms of a store; tests of behaviour run on both.
var media = []string{"memory", "directory"}

func newServer(t testing.TB, medium string) *httptest.Server {
	t.Helper()
	cfg := objstore.Config{}
	if medium == "directory" {
		cfg.Dir = t.TempDir()
	}
	return serve(t, cfg, Config{})
}

func newServerWith(t testing.TB, cfg Config) *httptest.Server {
	t.Helper()
	return serve(t, objstore.Config{}, cfg)
}

func serve(t testing.TB, storeCfg objstore.Config, cfg Config) *httptest.Server {
	t.Helper()
	store, err := objstore.Open(storeCfg)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(New(store, cfg))
	t.Cleanup(func() {
		srv.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return srv
}

// newClient is a client of the real SDK; virtual-host style goes to names below
// localhost, which are dialled at the server's address.
func newClient(srv *httptest.Server, pathStyle bool) *s3.Client {
	return s3.New(s3.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(strings.Replace(srv.URL, "127.0.0.1", "localhost", 1)),
		UsePathStyle: pathStyle,
		Credentials:  credentials.NewStaticCredentialsProvider("AKIAEXAMPLE", "secret", ""),
		HTTPClient:   dialling(srv),
	})
}

func dialling(srv *httptest.Server) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, srv.Listener.Addr().String())
		},
		DisableKeepAlives: true,
	}}
}

func makeBucket(t testing.TB, c *s3.Client, name string) {
	t.Helper()
	if _, err := c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name}); err != nil {
		t.Fatal(err)
	}
}

func putObject(t testing.TB, c *s3.Client, bucket, key string, data []byte) {
	t.Helper()
	_, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(data)})
	if err != nil {
		t.Fatal(err)
	}
}

func getObject(t testing.TB, c *s3.Client, in *s3.GetObjectInput) []byte {
	t.Helper()
	out, err := c.GetObject(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Body.Close()
	data, err := io.ReadAll(out.Body)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// noise is data that is the same for a seed.
func noise(seed uint64, n int) []byte {
	r := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
	b := make([]byte, n)
	_, _ = r.Read(b)
	return b
}
