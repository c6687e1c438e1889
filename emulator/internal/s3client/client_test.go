package s3client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/llm-dev-ops/redshift/emulator/internal/faults"
	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
)

func world(t *testing.T, rules string) (*objstore.Store, *Client) {
	t.Helper()
	store, err := objstore.Open(objstore.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	if err := store.CreateBucketIn(t.Context(), "bkt", ""); err != nil {
		t.Fatal(err)
	}
	set := faults.New()
	if err := set.Replace([]byte(`{"rules":[` + rules + `]}`)); err != nil {
		t.Fatal(err)
	}
	return store, New(store, set)
}

// However often an answer ends midway, an object is read as it is.
func TestObjectInPieces(t *testing.T) {
	t.Parallel()
	body := bytes.Repeat([]byte("0123456789"), 10_000)
	for _, rules := range []string{
		"", `{"service":"s3","operation":"GetObject","action":"lose","count":8}`,
		`{"service":"s3","operation":"GetObject","action":"drop","every":2},{"service":"s3","operation":"GetObject","action":"lose","count":4}`,
	} {
		store, c := world(t, rules)
		for key, want := range map[string][]byte{"full": body, "empty": nil, "one": body[:1]} {
			if _, err := store.Put(t.Context(), "bkt", key, objstore.Meta{}, bytes.NewReader(want)); err != nil {
				t.Fatal(err)
			}
			for _, slow := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.HalfReader} {
				o, is, err := c.Open(t.Context(), "bkt", key)
				if err != nil || is.Size != int64(len(want)) {
					t.Fatal(is, err)
				}
				got, err := io.ReadAll(slow(o))
				if err != nil || !bytes.Equal(got, want) {
					t.Errorf("%s %s: %d bytes of %d: %v", rules, key, len(got), len(want), err)
				}
				if err := o.Close(); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

// A call ends with its context, also in silence, and nothing is done then.
func TestContext(t *testing.T) {
	t.Parallel()
	store, c := world(t, `{"service":"s3","operation":"PutObject","action":"timeout"}`)
	w, err := c.Create(t.Context(), "bkt", "k", objstore.Meta{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Commit(ctx, "bkt", "k", w, objstore.Precondition{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := store.Stat(t.Context(), "bkt", "k"); !errors.Is(err, objstore.ErrNoSuchKey) {
		t.Error(err)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, k := range []struct {
		err  error
		want string
	}{
		{objstore.ErrNoSuchKey, "S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey"},
		{answer("Odd", "", 0), "S3ServiceException:,Status 400,Error Odd"},
		{closed(7), "S3CurlException: transfer closed with 7 bytes remaining to read, CurlError 18, multiCurlError 0, CanRetry 1, UserError 0"},
		{context.Canceled, ""},
	} {
		if text, ok := Text(k.err); text != k.want || ok != (k.want != "") {
			t.Errorf("%v: %q", k.err, text)
		}
	}
	if !strings.Contains(reset.Error(), "CurlError 56") {
		t.Error(reset)
	}
}
