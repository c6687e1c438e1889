package bulk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/s3stage"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

// memory is a stage in memory.
type memory struct {
	mu      sync.Mutex
	objects map[string][]byte
	last    map[string][]byte // what was there before the last CleanUp
	fail    error             // of Put
	stuck   error             // of CleanUp
	listed  func(uri string)  // is told of a manifest
}

func newMemory() *memory { return &memory{objects: map[string][]byte{}} }

func (m *memory) Put(ctx context.Context, uri string, r io.Reader) (s3stage.Object, error) {
	data, err := io.ReadAll(r)
	m.mu.Lock()
	defer m.mu.Unlock()
	if err = errors.Join(err, m.fail, ctx.Err()); err != nil {
		return s3stage.Object{}, err
	}
	m.objects[uri] = data
	return s3stage.Object{URI: uri, Size: -1}, nil
}

func (m *memory) PutManifest(ctx context.Context, uri string, man s3stage.Manifest) (s3stage.Object, error) {
	data, err := json.Marshal(man)
	if err != nil {
		return s3stage.Object{}, err
	}
	if m.listed != nil {
		m.listed(uri)
	}
	return m.Put(ctx, uri, bytes.NewReader(data))
}

func (m *memory) ReadManifest(_ context.Context, uri string) (s3stage.Manifest, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return s3stage.ParseManifest(m.objects[uri])
}

func (m *memory) Open(_ context.Context, uri string) (io.ReadCloser, s3stage.Object, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	data, ok := m.objects[uri]
	if !ok {
		return nil, s3stage.Object{}, s3stage.ErrNotFound
	}
	return io.NopCloser(bytes.NewReader(data)), s3stage.Object{URI: uri, Size: int64(len(data))}, nil
}

func (m *memory) CleanUp(_ context.Context, prefix string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last = maps.Clone(m.objects)
	if m.stuck != nil {
		return m.stuck
	}
	maps.DeleteFunc(m.objects, func(uri string, _ []byte) bool { return strings.HasPrefix(uri, prefix) })
	return nil
}

func (m *memory) len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.objects)
}

func column(name string, t redshift.Type, mod int32) redshift.Column {
	return redshift.Column{Name: name, Type: t, TypeMod: mod}
}

// client is a client of a fake whose table t has the columns.
func client(t testing.TB, cols ...redshift.Column) (*redshift.Client, *transporttest.Fake) {
	t.Helper()
	f := transporttest.NewFake(2)
	f.On(`SELECT * FROM "t" LIMIT 0`, transporttest.Answer{Columns: cols, Tag: "SELECT"})
	c, err := redshift.New(f, redshift.Config{DefaultCopyIAMRole: "default", DefaultUnloadIAMRole: "default", MaxRetries: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return c, f
}
