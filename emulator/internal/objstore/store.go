package objstore

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// Config says where a store keeps its objects.
type Config struct {
	// Dir is the directory of the store; it is made when missing, and one process
	// at a time may have it open. Defaults to "": in memory.
	Dir string
	// Now is the clock. Defaults to time.Now.
	Now func() time.Time
}

func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Store is a set of buckets. All methods may be used from several goroutines;
// after Close they fail with ErrClosed.
type Store struct {
	now    func() time.Time
	medium medium

	mu      sync.RWMutex // before any bucket's lock
	closed  bool
	byName  map[string]*bucket
	closeOn sync.Once
}

// bucket holds the index of one bucket, which is read at first use.
type bucket struct {
	Bucket
	mu      sync.RWMutex
	loaded  bool
	gone    bool
	keys    []string // in byte order
	objects map[string]entry
	uploads map[string]*upload
}

// Open opens or makes a store. A directory that another process holds is
// ErrLocked. What an interrupted write left behind is swept away.
func Open(cfg Config) (*Store, error) {
	cfg = cfg.withDefaults()
	var m medium = memory{}
	if cfg.Dir != "" {
		d, err := openDirectory(cfg.Dir)
		if err != nil {
			return nil, fmt.Errorf("object store: %w", err)
		}
		m = d
	}
	found, err := m.buckets()
	if err != nil {
		_ = m.close()
		return nil, fmt.Errorf("object store: %w", err)
	}
	s := &Store{now: cfg.Now, medium: m, byName: map[string]*bucket{}}
	for _, b := range found {
		s.byName[b.Name] = &bucket{Bucket: b}
	}
	return s, nil
}

// Close releases the directory. Readers and writers still open fail or leave
// temporary files that the next Open sweeps away.
func (s *Store) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	var err error
	s.closeOn.Do(func() { err = s.medium.close() })
	return err
}

func (s *Store) clock() time.Time { return s.now().UTC().Truncate(time.Second) }

// find returns a bucket with its index loaded.
func (s *Store) find(ctx context.Context, name string) (*bucket, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	b, closed := s.byName[name], s.closed
	s.mu.RUnlock()
	if closed {
		return nil, ErrClosed
	}
	if b == nil {
		return nil, failBucket(ErrNoSuchBucket, name)
	}
	b.mu.RLock()
	loaded := b.loaded
	b.mu.RUnlock()
	if loaded {
		return b, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.loaded {
		return b, nil
	}
	if b.gone {
		return nil, failBucket(ErrNoSuchBucket, name)
	}
	entries, uploads, err := s.medium.load(name)
	if err != nil {
		return nil, fmt.Errorf("bucket %q: %w", name, err)
	}
	b.fill(entries, uploads)
	return b, nil
}

func (b *bucket) fill(entries []entry, uploads []*upload) {
	b.loaded = true
	b.objects = make(map[string]entry, len(entries))
	b.keys = make([]string, 0, len(entries))
	for _, e := range entries {
		e.object.Bucket = b.Name
		b.objects[e.object.Key] = e
		b.keys = append(b.keys, e.object.Key)
	}
	slices.Sort(b.keys)
	b.uploads = make(map[string]*upload, len(uploads))
	for _, u := range uploads {
		b.uploads[u.ID] = u
	}
}

// CreateBucket makes an empty bucket: ErrInvalidBucketName, ErrBucketExists.
func (s *Store) CreateBucket(ctx context.Context, name string) error {
	return s.CreateBucketIn(ctx, name, "")
}

// CreateBucketIn is CreateBucket with a region to be remembered.
func (s *Store) CreateBucketIn(ctx context.Context, name, region string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := CheckBucketName(name); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if s.byName[name] != nil {
		return failBucket(ErrBucketExists, name)
	}
	b := &bucket{Bucket: Bucket{Name: name, Created: s.clock(), Region: region}}
	if err := s.medium.createBucket(b.Bucket); err != nil {
		return fmt.Errorf("bucket %q: %w", name, err)
	}
	b.fill(nil, nil)
	s.byName[name] = b
	return nil
}

// DeleteBucket removes an empty bucket and the uploads going on in it:
// ErrNoSuchBucket, ErrBucketNotEmpty.
func (s *Store) DeleteBucket(ctx context.Context, name string) error {
	if _, err := s.find(ctx, name); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.byName[name]
	if b == nil {
		return failBucket(ErrNoSuchBucket, name)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.objects) > 0 {
		return failBucket(ErrBucketNotEmpty, name)
	}
	if err := s.medium.deleteBucket(name); err != nil {
		return fmt.Errorf("bucket %q: %w", name, err)
	}
	b.gone = true
	delete(s.byName, name)
	return nil
}

// HeadBucket says whether a bucket is there: ErrNoSuchBucket.
func (s *Store) HeadBucket(ctx context.Context, name string) (Bucket, error) {
	if err := ctx.Err(); err != nil {
		return Bucket{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return Bucket{}, ErrClosed
	}
	b := s.byName[name]
	if b == nil {
		return Bucket{}, failBucket(ErrNoSuchBucket, name)
	}
	return b.Bucket, nil
}

// ListBuckets lists all buckets by name.
func (s *Store) ListBuckets(ctx context.Context) ([]Bucket, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return nil, ErrClosed
	}
	all := make([]Bucket, 0, len(s.byName))
	for _, b := range s.byName {
		all = append(all, b.Bucket)
	}
	slices.SortFunc(all, func(a, b Bucket) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

// Open opens an object for reading: ErrNoSuchBucket, ErrNoSuchKey. The caller
// closes the reader.
func (s *Store) Open(ctx context.Context, bucket, key string) (*Reader, Object, error) {
	b, err := s.find(ctx, bucket)
	if err != nil {
		return nil, Object{}, err
	}
	// The lock is held until the bytes are open, so that object and bytes belong
	// together however often the key is overwritten.
	b.mu.RLock()
	defer b.mu.RUnlock()
	e, err := b.get(key)
	if err != nil {
		return nil, Object{}, err
	}
	c, err := e.blob.open()
	if err != nil {
		return nil, Object{}, fmt.Errorf("bucket %q, key %q: %w", bucket, key, err)
	}
	return &Reader{SectionReader: io.NewSectionReader(c, 0, e.object.Size), content: c}, e.object, nil
}

// Stat describes an object: ErrNoSuchBucket, ErrNoSuchKey.
func (s *Store) Stat(ctx context.Context, bucket, key string) (Object, error) {
	b, err := s.find(ctx, bucket)
	if err != nil {
		return Object{}, err
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	e, err := b.get(key)
	return e.object, err
}

func (b *bucket) get(key string) (entry, error) {
	if b.gone {
		return entry{}, failBucket(ErrNoSuchBucket, b.Name)
	}
	e, ok := b.objects[key]
	if !ok {
		return entry{}, failKey(ErrNoSuchKey, b.Name, key)
	}
	return e, nil
}

// Delete removes an object; a key that is not there is no error, as in S3.
func (s *Store) Delete(ctx context.Context, bucket, key string) error {
	return s.DeleteIf(ctx, bucket, key, Precondition{})
}

// DeleteIf is Delete under a precondition: ErrPreconditionFailed, and ErrNoSuchKey
// when IfMatch asks for an object that is not there.
func (s *Store) DeleteIf(ctx context.Context, bucket, key string, cond Precondition) error {
	b, err := s.find(ctx, bucket)
	if err != nil {
		return err
	}
	removed, err := s.unlink(b, key, cond)
	if err != nil || !removed {
		return err
	}
	return s.medium.flush(bucket)
}

func (s *Store) unlink(b *bucket, key string, cond Precondition) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.gone {
		return false, failBucket(ErrNoSuchBucket, b.Name)
	}
	old, exists := b.objects[key]
	if err := cond.check(b.Name, key, old.object, exists); err != nil {
		return false, err
	}
	if !exists {
		return false, nil
	}
	if err := s.medium.remove(b.Name, key); err != nil {
		return false, fmt.Errorf("bucket %q, key %q: %w", b.Name, key, err)
	}
	delete(b.objects, key)
	if i, ok := slices.BinarySearch(b.keys, key); ok {
		b.keys = slices.Delete(b.keys, i, i+1)
	}
	return true, nil
}

// put makes e the object of its key; the caller holds the lock.
func (b *bucket) put(e entry) {
	if _, ok := b.objects[e.object.Key]; !ok {
		i, _ := slices.BinarySearch(b.keys, e.object.Key)
		b.keys = slices.Insert(b.keys, i, e.object.Key)
	}
	b.objects[e.object.Key] = e
}
