package s3door

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
)

// Config says how the door introduces itself.
type Config struct {
	// Region is the region of buckets made without one. Defaults to "us-east-1".
	Region string
	// Owner is the account that owns every bucket. Defaults to "123456789012".
	Owner string
	// Domains are further host names below which a bucket's name may stand, such as
	// "emulator.test" for "bucket.emulator.test". Defaults to none: localhost and
	// amazonaws.com are always known.
	Domains []string
	// Authorize is asked before anything else; an *Error goes to the client as it
	// is, any other error as AccessDenied. Defaults to accepting everybody.
	Authorize func(*http.Request) error
	// Logger gets a debug line per request and an error line per internal failure.
	// Defaults to discarding.
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.Region == "" {
		c.Region = "us-east-1"
	}
	if c.Owner == "" {
		c.Owner = "123456789012"
	}
	if c.Authorize == nil {
		c.Authorize = func(*http.Request) error { return nil }
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

type door struct {
	Config
	store *objstore.Store
	hosts hostParser
}

// New makes the handler. It must not stand behind http.ServeMux, which rewrites
// paths such as "/bucket//key"; the server that carries it should have
// ReadHeaderTimeout and MaxHeaderBytes set.
func New(store *objstore.Store, cfg Config) http.Handler {
	cfg = cfg.withDefaults()
	return &door{Config: cfg, store: store, hosts: newHostParser(cfg.Domains)}
}

// call is one request on its way.
type call struct {
	*door
	w           http.ResponseWriter
	r           *http.Request
	q           url.Values
	bucket, key string
	id, id2     string
	wrote       bool
}

// ServeHTTP answers one S3 request.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{door: d, w: w, r: r, id: requestID(8, hex.EncodeToString), id2: requestID(48, base64.StdEncoding.EncodeToString)}
	c.id = strings.ToUpper(c.id)
	if r.ContentLength == 0 && strings.EqualFold(r.Header.Get("Expect"), "100-continue") {
		// net/http says nothing when there is no body to read. botocore asks for
		// empty files too, and when it is not told to continue it misreads the next
		// answer on the same connection and waits for a minute.
		w.WriteHeader(http.StatusContinue)
	}
	h := w.Header()
	h.Set("X-Amz-Request-Id", c.id)
	h.Set("X-Amz-Id-2", c.id2)
	h.Set("Server", "AmazonS3")
	err := c.serve()
	if err != nil {
		c.fail(err)
	}
	d.Logger.Debug("s3", "method", r.Method, "bucket", c.bucket, "key", c.key, "request_id", c.id, "err", err)
}

func requestID(n int, encode func([]byte) string) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return encode(b)
}

func (c *call) serve() error {
	if err := c.Authorize(c.r); err != nil {
		var e *Error
		if errors.As(err, &e) {
			return err
		}
		return fail(codeAccessDenied, "")
	}
	q, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return fail(codeInvalidURI, "")
	}
	c.q = q
	c.bucket, c.key = c.hosts.target(c.r.Host, c.r.URL.Path)
	if len(c.key) > objstore.MaxKeyLength {
		return fail(codeKeyTooLong, "")
	}
	hoistPresigned(c.r.Header, q)
	if owner := c.r.Header.Get("X-Amz-Expected-Bucket-Owner"); owner != "" && owner != c.Owner {
		return fail(codeAccessDenied, "")
	}
	op, err := c.operation()
	if err != nil {
		return err
	}
	return op(c)
}

// hoistPresigned gives the headers that a presigned URL carries in its query.
func hoistPresigned(h http.Header, q url.Values) {
	if q.Get("X-Amz-Signature") == "" {
		return
	}
	for name, v := range q {
		if strings.HasPrefix(strings.ToLower(name), "x-amz-") && len(v) == 1 && h.Get(name) == "" {
			h.Set(name, v[0])
		}
	}
}
