package redshift

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

// S3Objects is the source of a list of objects, which may be of several buckets.
// Copy writes a manifest of them, and removes it again, also after a failure;
// only a killed process leaves it. The statement that Validate, SQL and a ledger
// know names a manifest by what is in it; the one that runs has a name of its own.
type S3Objects struct {
	Objects []S3Object
	// Manifests is where the manifest goes, s3://bucket/prefix.
	Manifests string
	// Store writes it; *s3stage.Stage does.
	Store ObjectStore
}

// S3Object is an object of a list.
type S3Object struct {
	// URI is s3://bucket/key.
	URI string
	// Size is in bytes, which COPY has to be told of Parquet and ORC. 0 asks S3
	// for it there.
	Size int64
	// Optional: it is left out if it is not there. Else the load fails.
	Optional bool
}

// ObjectStore is what S3Objects needs of S3.
type ObjectStore interface {
	Objects
	// WriteObject writes an object.
	WriteObject(ctx context.Context, uri string, data []byte) error
	// DeleteObject deletes one; that it is not there is no failure. It works for a
	// bounded time also when the context has ended.
	DeleteObject(ctx context.Context, uri string) error
}

func (s S3Objects) copySource(to *copycmd.Source) { to.URI, to.Manifest = s.name(), true }

// name is the manifest's, for who does not write it.
func (s S3Objects) name() string {
	list, _ := json.Marshal(s.Objects) // of strings and numbers
	sum := sha256.Sum256(list)
	at := s.Manifests
	if !strings.HasSuffix(at, "/") {
		at += "/"
	}
	return at + "redshift-manifest-" + hex.EncodeToString(sum[:8])
}

// check says what is wrong with the list.
func (s S3Objects) check() error {
	if len(s.Objects) == 0 {
		return errors.New("S3Objects lists no objects")
	}
	if !strings.HasPrefix(s.Manifests, "s3://") || len(s.Manifests) == len("s3://") {
		return fmt.Errorf("S3Objects.Manifests is no s3://bucket/prefix: %q", s.Manifests)
	}
	for i, o := range s.Objects {
		rest, ok := strings.CutPrefix(o.URI, "s3://")
		if bucket, key, _ := strings.Cut(rest, "/"); !ok || bucket == "" || key == "" {
			return fmt.Errorf("object %d of S3Objects is no s3://bucket/key: %q", i+1, o.URI)
		}
		if o.Size < 0 {
			return fmt.Errorf("object %d of S3Objects has a negative size", i+1)
		}
	}
	return nil
}

// manifestEntry is a file of a manifest, as COPY reads it.
type manifestEntry struct {
	URL       string        `json:"url"`
	Mandatory bool          `json:"mandatory"`
	Meta      *manifestMeta `json:"meta,omitempty"`
	sized     bool          // its length will be asked for when it is written
}

type manifestMeta struct {
	Length *int64 `json:"content_length"`
}

type manifest struct {
	Entries []manifestEntry `json:"entries"`
}

// manifest is what is written. For columnar files sizes that are not given are
// asked for.
func (s S3Objects) manifest(ctx context.Context, sized bool) (manifest, error) {
	m := manifest{Entries: make([]manifestEntry, 0, len(s.Objects))}
	for _, o := range s.Objects {
		if o.Size == 0 && sized {
			size, found, err := sizeOf(ctx, s.Store, o.URI)
			switch {
			case err != nil:
				return m, fmt.Errorf("redshift: the size of %s: %w", o.URI, err)
			case !found && o.Optional:
				continue
			case !found:
				return m, &Error{Kind: ErrCopy, Message: "COPY: " + o.URI + " is not there", Hint: "nothing was loaded; mark it Optional if it may be missing"}
			}
			o.Size = size
		}
		e := manifestEntry{URL: o.URI, Mandatory: !o.Optional}
		if o.Size > 0 {
			e.Meta = &manifestMeta{&o.Size}
		}
		m.Entries = append(m.Entries, e)
	}
	if len(m.Entries) == 0 {
		return m, &Error{Kind: ErrCopy, Message: "COPY: none of the objects is there"}
	}
	return m, nil
}

// listed runs a COPY whose source may be a list, by way of a manifest.
func (c *Client) listed(ctx context.Context, cmd CopyCommand, run func(context.Context, CopyCommand) (*CopyResult, error)) (res *CopyResult, err error) {
	list, ok := cmd.Source.(S3Objects)
	if !ok {
		return run(ctx, cmd)
	}
	if err := list.check(); err != nil {
		return nil, invalid("COPY", err)
	}
	if list.Store == nil {
		return nil, usage("COPY: S3Objects.Store is missing")
	}
	checked := cmd
	checked.Options.Ledger = TableRef{}
	if _, err := c.copyQuery(checked); err != nil {
		return nil, err
	}
	m, err := list.manifest(ctx, columnar(cmd.Format))
	if err != nil {
		return nil, err
	}
	var data bytes.Buffer
	e := json.NewEncoder(&data)
	e.SetEscapeHTML(false)
	if err := e.Encode(m); err != nil {
		return nil, err
	}
	at := list.name() + "-" + NewID()
	defer func() {
		if failed := list.Store.DeleteObject(ctx, at); failed != nil && err == nil {
			err = fmt.Errorf("redshift: the data is loaded, but the manifest %s is not removed: %w", at, failed)
		}
	}()
	if err := list.Store.WriteObject(ctx, at, data.Bytes()); err != nil {
		return nil, fmt.Errorf("redshift: the manifest %s: %w", at, err)
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(at, "s3://"), "/")
	cmd.Source = written{S3{Bucket: bucket, Prefix: key, Manifest: true}, list.name()}
	return run(ctx, cmd)
}

// written is the manifest of a list. name is what a ledger keeps of it.
type written struct {
	S3
	name string
}
