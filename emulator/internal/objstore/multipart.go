package objstore

import (
	"cmp"
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// MaxParts is the greatest part number, and MinPartSize the smallest size in
// bytes of a part that is not the last, both as in S3.
const (
	MaxParts    = 10_000
	MinPartSize = 5 << 20
)

// Upload is a multipart upload that is going on.
type Upload struct {
	// ID is unique in the store.
	ID string
	// Key is the key that the object will have.
	Key string
	// Initiated is in UTC, to the second.
	Initiated time.Time
	// ChecksumAlgorithm and ChecksumType are what the uploader announced, or empty.
	ChecksumAlgorithm, ChecksumType string
	Meta
}

// CompletedPart names a part in CompleteUpload.
type CompletedPart struct {
	Number int
	// ETag must be the part's; quotes are ignored.
	ETag string
}

// Completion says how an upload becomes an object.
type Completion struct {
	// Parts are in ascending order, gaps allowed.
	Parts []CompletedPart
	// Checksum is stored with the object; the caller has worked it out.
	Checksum Checksum
	Precondition
}

// upload is an Upload with its parts; the lock of the bucket guards it. busy is
// taken before that lock: shared by what replaces a part, exclusively by what ends
// the upload, so that the parts of a completion stay as they were checked.
type upload struct {
	Upload
	busy  sync.RWMutex
	parts map[int]partEntry
}

type partEntry struct {
	Part
	blob blob
}

// CreateUpload begins a multipart upload. ID and Initiated are set by the store.
func (s *Store) CreateUpload(ctx context.Context, bucket string, u Upload) (Upload, error) {
	b, err := s.find(ctx, bucket)
	if err != nil {
		return Upload{}, err
	}
	if err := checkKey(bucket, u.Key); err != nil {
		return Upload{}, err
	}
	// Identifiers grow with time, so that a listing can go on behind one.
	u.ID = fmt.Sprintf("%016X%s", s.now().UnixNano(), rand.Text())
	u.Initiated = s.clock()
	u.Meta = u.Meta.clone()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.gone {
		return Upload{}, failBucket(ErrNoSuchBucket, bucket)
	}
	if err := s.medium.createUpload(bucket, u); err != nil {
		return Upload{}, fmt.Errorf("bucket %q, key %q: %w", bucket, u.Key, err)
	}
	b.uploads[u.ID] = &upload{Upload: u, parts: map[int]partEntry{}}
	return u, nil
}

// upload finds an upload; the caller holds the lock.
func (b *bucket) upload(key, id string) (*upload, error) {
	if b.gone {
		return nil, failBucket(ErrNoSuchBucket, b.Name)
	}
	u := b.uploads[id]
	if u == nil || u.Key != key {
		return nil, failUpload(ErrNoSuchUpload, b.Name, key, id)
	}
	return u, nil
}

// reserve finds an upload without keeping the bucket's lock.
func (b *bucket) reserve(key, id string) (*upload, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.upload(key, id)
}

// StatUpload describes an upload: ErrNoSuchUpload.
func (s *Store) StatUpload(ctx context.Context, bucket, key, id string) (Upload, error) {
	b, err := s.find(ctx, bucket)
	if err != nil {
		return Upload{}, err
	}
	u, err := b.reserve(key, id)
	if err != nil {
		return Upload{}, err
	}
	return u.Upload, nil
}

// CreatePart begins to write a part; Commit replaces a part of the same number.
func (s *Store) CreatePart(ctx context.Context, bucket, key, id string, number int) (*Writer, error) {
	if number < 1 || number > MaxParts {
		return nil, failUpload(ErrInvalidPartNumber, bucket, key, id)
	}
	if _, err := s.StatUpload(ctx, bucket, key, id); err != nil {
		return nil, err
	}
	b, err := s.find(ctx, bucket)
	if err != nil {
		return nil, err
	}
	d, err := s.medium.draft()
	if err != nil {
		return nil, fmt.Errorf("bucket %q, key %q: %w", bucket, key, err)
	}
	return &Writer{
		draft:  d,
		md5:    md5.New(),
		object: Object{Bucket: bucket, Key: key},
		publish: func(w *Writer, _ Precondition) (Object, error) {
			return s.publishPart(b, w.draft, w.object, id, number)
		},
	}, nil
}

func (s *Store) publishPart(b *bucket, d draft, o Object, id string, number int) (Object, error) {
	o.LastModified = s.clock()
	o.Parts = []Part{{Number: number, Size: o.Size, ETag: o.ETag, LastModified: o.LastModified, Checksum: o.Checksum}}
	if err := d.seal(o); err != nil {
		return Object{}, fmt.Errorf("bucket %q, key %q: %w", o.Bucket, o.Key, err)
	}
	u, err := b.reserve(o.Key, id)
	if err != nil {
		return Object{}, err
	}
	u.busy.RLock()
	defer u.busy.RUnlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, err := b.upload(o.Key, id); err != nil {
		return Object{}, err
	}
	bl, err := s.medium.placePart(b.Name, id, number, d)
	if err != nil {
		return Object{}, fmt.Errorf("bucket %q, key %q: %w", o.Bucket, o.Key, err)
	}
	u.parts[number] = partEntry{Part: o.Parts[0], blob: bl}
	return o, nil
}

// PutPart writes a part from a reader, all or nothing.
func (s *Store) PutPart(ctx context.Context, bucket, key, id string, number int, r io.Reader) (Part, error) {
	w, err := s.CreatePart(ctx, bucket, key, id, number)
	if err != nil {
		return Part{}, err
	}
	defer w.Abort()
	if _, err := w.readFrom(ctx, r); err != nil {
		return Part{}, err
	}
	o, err := w.Commit()
	if err != nil {
		return Part{}, err
	}
	return o.Parts[0], nil
}

// ListParts lists up to max parts behind the number after, in order, and says
// whether there are more.
func (s *Store) ListParts(ctx context.Context, bucket, key, id string, after, max int) ([]Part, bool, error) {
	b, err := s.find(ctx, bucket)
	if err != nil {
		return nil, false, err
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	u, err := b.upload(key, id)
	if err != nil {
		return nil, false, err
	}
	var parts []Part
	for _, n := range slices.Sorted(maps.Keys(u.parts)) {
		if n <= after {
			continue
		}
		if len(parts) >= max {
			return parts, true, nil
		}
		parts = append(parts, u.parts[n].Part)
	}
	return parts, false, nil
}

// ListUploads lists all uploads of a bucket whose keys begin with prefix, by key
// and then by age.
func (s *Store) ListUploads(ctx context.Context, bucket, prefix string) ([]Upload, error) {
	b, err := s.find(ctx, bucket)
	if err != nil {
		return nil, err
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	var all []Upload
	for _, u := range b.uploads {
		if strings.HasPrefix(u.Key, prefix) {
			all = append(all, u.Upload)
		}
	}
	slices.SortFunc(all, func(a, b Upload) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

// AbortUpload drops an upload and its parts: ErrNoSuchUpload.
func (s *Store) AbortUpload(ctx context.Context, bucket, key, id string) error {
	b, err := s.find(ctx, bucket)
	if err != nil {
		return err
	}
	u, err := b.reserve(key, id)
	if err != nil {
		return err
	}
	u.busy.Lock()
	defer u.busy.Unlock()
	return s.endUpload(b, key, id)
}

// endUpload forgets an upload; the caller holds it exclusively.
func (s *Store) endUpload(b *bucket, key, id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, err := b.upload(key, id); err != nil {
		return err
	}
	delete(b.uploads, id)
	if err := s.medium.removeUpload(b.Name, id); err != nil {
		return fmt.Errorf("bucket %q, upload %q: %w", b.Name, id, err)
	}
	return nil
}

// CompleteUpload joins the named parts to an object and ends the upload:
// ErrNoSuchUpload, ErrInvalidPart, ErrInvalidPartOrder, ErrEntityTooSmall,
// ErrPreconditionFailed. When it fails the upload goes on.
func (s *Store) CompleteUpload(ctx context.Context, bucket, key, id string, c Completion) (Object, error) {
	b, err := s.find(ctx, bucket)
	if err != nil {
		return Object{}, err
	}
	u, err := b.reserve(key, id)
	if err != nil {
		return Object{}, err
	}
	u.busy.Lock()
	defer u.busy.Unlock()
	o, blobs, err := b.chooseParts(key, id, c)
	if err != nil {
		return Object{}, err
	}
	d, err := s.medium.draft()
	if err != nil {
		return Object{}, fmt.Errorf("bucket %q, key %q: %w", bucket, key, err)
	}
	for _, p := range blobs {
		if err := d.appendBlob(ctx, p); err != nil {
			_ = d.discard()
			return Object{}, fmt.Errorf("bucket %q, key %q: %w", bucket, key, err)
		}
	}
	o, err = s.publish(b, d, o, c.Precondition)
	if err != nil {
		_ = d.discard()
		return Object{}, err
	}
	// The object stands; a bucket that was deleted meanwhile is no failure of it.
	if err := s.endUpload(b, key, id); err != nil && !isCode(err, ErrNoSuchBucket) {
		return Object{}, err
	}
	return o, nil
}

// chooseParts checks a completion against the parts that are there.
func (b *bucket) chooseParts(key, id string, c Completion) (Object, []blob, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	u, err := b.upload(key, id)
	if err != nil {
		return Object{}, nil, err
	}
	if len(c.Parts) == 0 {
		return Object{}, nil, failUpload(ErrInvalidPart, b.Name, key, id)
	}
	o := Object{Bucket: b.Name, Key: key, Meta: u.Meta, Checksum: c.Checksum}
	blobs := make([]blob, 0, len(c.Parts))
	sum := md5.New()
	for i, want := range c.Parts {
		if i > 0 && want.Number <= c.Parts[i-1].Number {
			return Object{}, nil, failUpload(ErrInvalidPartOrder, b.Name, key, id)
		}
		p, ok := u.parts[want.Number]
		if !ok || p.ETag != strings.Trim(want.ETag, `"`) {
			return Object{}, nil, fmt.Errorf("part %d: %w", want.Number, failUpload(ErrInvalidPart, b.Name, key, id))
		}
		if i < len(c.Parts)-1 && p.Size < MinPartSize {
			return Object{}, nil, fmt.Errorf("part %d of %d bytes: %w", want.Number, p.Size,
				failUpload(ErrEntityTooSmall, b.Name, key, id))
		}
		digest, _ := hex.DecodeString(p.ETag)
		sum.Write(digest)
		o.Size += p.Size
		o.Parts = append(o.Parts, p.Part)
		blobs = append(blobs, p.blob)
	}
	o.ETag = hex.EncodeToString(sum.Sum(nil)) + "-" + strconv.Itoa(len(c.Parts))
	return o, blobs, nil
}
