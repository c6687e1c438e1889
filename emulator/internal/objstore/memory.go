package objstore

import (
	"context"
	"errors"
	"io"
	"sort"
)

// memory keeps the bytes in chunks. It holds no state of its own: drafts become
// blobs, and the store's index alone keeps them alive.
type memory struct{}

// memoryChunk is the size to which a chunk grows before the next is begun.
const memoryChunk = 1 << 20

type memoryBlob struct {
	chunks [][]byte
	ends   []int64 // ends[i] is the offset behind chunks[i]
}

type memoryDraft struct{ memoryBlob }

func (memory) buckets() ([]Bucket, error)               { return nil, nil }
func (memory) load(string) ([]entry, []*upload, error)  { return nil, nil, nil }
func (memory) createBucket(Bucket) error                { return nil }
func (memory) deleteBucket(string) error                { return nil }
func (memory) draft() (draft, error)                    { return &memoryDraft{}, nil }
func (memory) place(_, _ string, d draft) (blob, error) { return takeMemory(d) }
func (memory) remove(string, string) error              { return nil }
func (memory) flush(string) error                       { return nil }
func (memory) createUpload(string, Upload) error        { return nil }
func (memory) removeUpload(string, string) error        { return nil }
func (memory) close() error                             { return nil }
func (memory) placePart(_, _ string, _ int, d draft) (blob, error) {
	return takeMemory(d)
}

func takeMemory(d draft) (blob, error) {
	m, ok := d.(*memoryDraft)
	if !ok {
		return nil, errors.New("a draft of another medium")
	}
	b := m.memoryBlob
	m.memoryBlob = memoryBlob{}
	return &b, nil
}

func (d *memoryDraft) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		last := len(d.chunks) - 1
		if last < 0 || len(d.chunks[last]) >= memoryChunk {
			// The first chunk grows, so that small objects stay small.
			size := memoryChunk
			if last < 0 {
				size = min(memoryChunk, len(p))
			}
			d.chunks = append(d.chunks, make([]byte, 0, size))
			d.ends = append(d.ends, d.size())
			last++
		}
		take := min(len(p), memoryChunk-len(d.chunks[last]))
		d.chunks[last] = append(d.chunks[last], p[:take]...)
		d.ends[last] += int64(take)
		p = p[take:]
	}
	return n, nil
}

func (b *memoryBlob) size() int64 {
	if len(b.ends) == 0 {
		return 0
	}
	return b.ends[len(b.ends)-1]
}

func (d *memoryDraft) appendBlob(_ context.Context, b blob) error {
	m, ok := b.(*memoryBlob)
	if !ok {
		return errors.New("a blob of another medium")
	}
	for _, c := range m.chunks {
		end := d.size() + int64(len(c))
		d.chunks = append(d.chunks, c[:len(c):len(c)])
		d.ends = append(d.ends, end)
	}
	return nil
}

func (d *memoryDraft) seal(Object) error { return nil }

func (d *memoryDraft) discard() error {
	d.memoryBlob = memoryBlob{}
	return nil
}

func (b *memoryBlob) open() (content, error) { return b, nil }

// Close does nothing: the bytes live as long as somebody refers to them.
func (b *memoryBlob) Close() error { return nil }

// ReadAt reads across chunks.
func (b *memoryBlob) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errors.New("negative offset")
	}
	n := 0
	i := sort.Search(len(b.ends), func(i int) bool { return b.ends[i] > off })
	for ; n < len(p) && i < len(b.chunks); i++ {
		start := b.ends[i] - int64(len(b.chunks[i]))
		n += copy(p[n:], b.chunks[i][off+int64(n)-start:])
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}
