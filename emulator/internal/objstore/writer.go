package objstore

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
)

// Writer writes one object or part. Nothing of it can be seen before Commit. It
// belongs to one goroutine. `defer w.Abort()` right after Create is the way to
// leave nothing behind on every path.
type Writer struct {
	draft    draft
	md5      hash.Hash
	object   Object
	publish  func(*Writer, Precondition) (Object, error)
	finished bool
	err      error
}

// Create begins to write an object: ErrNoSuchBucket, ErrInvalidKey, ErrKeyTooLong.
// The context covers Create alone.
func (s *Store) Create(ctx context.Context, bucket, key string, meta Meta) (*Writer, error) {
	b, err := s.find(ctx, bucket)
	if err != nil {
		return nil, err
	}
	if err := checkKey(bucket, key); err != nil {
		return nil, err
	}
	d, err := s.medium.draft()
	if err != nil {
		return nil, fmt.Errorf("bucket %q, key %q: %w", bucket, key, err)
	}
	return &Writer{
		draft:  d,
		md5:    md5.New(),
		object: Object{Bucket: bucket, Key: key, Meta: meta.clone()},
		publish: func(w *Writer, cond Precondition) (Object, error) {
			return s.publish(b, w.draft, w.object, cond)
		},
	}, nil
}

// Put writes an object from a reader, all or nothing. It ends with the context's
// error when that ends first.
func (s *Store) Put(ctx context.Context, bucket, key string, meta Meta, r io.Reader) (Object, error) {
	w, err := s.Create(ctx, bucket, key, meta)
	if err != nil {
		return Object{}, err
	}
	defer w.Abort()
	if _, err := w.readFrom(ctx, r); err != nil {
		return Object{}, err
	}
	return w.Commit()
}

const copyBuffer = 256 << 10

func (w *Writer) readFrom(ctx context.Context, r io.Reader) (int64, error) {
	return io.CopyBuffer(struct{ io.Writer }{w}, readerUnder{ctx, r}, make([]byte, copyBuffer))
}

// readerUnder ends with a context; it lives as long as the call that made it.
type readerUnder struct {
	ctx context.Context
	r   io.Reader
}

func (r readerUnder) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// Write adds bytes. After an error the object cannot be committed any more.
func (w *Writer) Write(p []byte) (int, error) {
	if w.finished {
		return 0, ErrFinished
	}
	if w.err != nil {
		return 0, w.err
	}
	n, err := w.draft.Write(p)
	w.md5.Write(p[:n])
	w.object.Size += int64(n)
	if err != nil {
		w.err = fmt.Errorf("bucket %q, key %q: %w", w.object.Bucket, w.object.Key, err)
	}
	return n, w.err
}

// Size is the number of bytes written so far.
func (w *Writer) Size() int64 { return w.object.Size }

// MD5 is the digest of the bytes written so far.
func (w *Writer) MD5() []byte { return w.md5.Sum(nil) }

// SetChecksum gives the checksum to be stored with the object; the caller has
// verified it.
func (w *Writer) SetChecksum(c Checksum) { w.object.Checksum = c }

// Commit makes the object visible and, in a directory, durable.
func (w *Writer) Commit() (Object, error) { return w.CommitIf(Precondition{}) }

// CommitIf is Commit under a precondition, checked atomically with it.
func (w *Writer) CommitIf(cond Precondition) (Object, error) {
	if w.finished {
		return Object{}, ErrFinished
	}
	if w.err != nil {
		_ = w.Abort()
		return Object{}, w.err
	}
	w.finished = true
	w.object.ETag = hex.EncodeToString(w.md5.Sum(nil))
	o, err := w.publish(w, cond)
	if err != nil {
		_ = w.draft.discard()
	}
	return o, err
}

// Abort drops what was written. After Commit or another Abort it does nothing.
func (w *Writer) Abort() error {
	if w.finished {
		return nil
	}
	w.finished = true
	return w.draft.discard()
}

// publish seals a draft and puts it in its place.
func (s *Store) publish(b *bucket, d draft, o Object, cond Precondition) (Object, error) {
	wrap := func(err error) error { return fmt.Errorf("bucket %q, key %q: %w", o.Bucket, o.Key, err) }
	o.LastModified = s.clock()
	if err := d.seal(o); err != nil {
		return Object{}, wrap(err)
	}
	if err := s.place(b, d, o, cond); err != nil {
		return Object{}, err
	}
	if err := s.medium.flush(b.Name); err != nil {
		return Object{}, wrap(err)
	}
	return o, nil
}

func (s *Store) place(b *bucket, d draft, o Object, cond Precondition) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.gone {
		return failBucket(ErrNoSuchBucket, b.Name)
	}
	old, exists := b.objects[o.Key]
	if err := cond.check(b.Name, o.Key, old.object, exists); err != nil {
		return err
	}
	bl, err := s.medium.place(b.Name, o.Key, d)
	if err != nil {
		return fmt.Errorf("bucket %q, key %q: %w", o.Bucket, o.Key, err)
	}
	b.put(entry{object: o, blob: bl})
	return nil
}
