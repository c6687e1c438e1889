package objstore

import (
	"context"
	"io"
)

// medium is where the bytes rest. It knows nothing of locks, listing or
// preconditions: the store calls place and remove under the lock of the bucket
// and flush without it.
type medium interface {
	// buckets lists what is there at the start.
	buckets() ([]Bucket, error)
	// load reads a bucket's objects and uploads at first use.
	load(bucket string) ([]entry, []*upload, error)
	createBucket(Bucket) error
	deleteBucket(name string) error

	// draft begins to write bytes that nobody sees yet.
	draft() (draft, error)
	// place makes a sealed draft the object of a key.
	place(bucket, key string, d draft) (blob, error)
	remove(bucket, key string) error
	// flush makes what place and remove did in the bucket durable.
	flush(bucket string) error

	createUpload(bucket string, u Upload) error
	placePart(bucket, id string, number int, d draft) (blob, error)
	removeUpload(bucket, id string) error

	close() error
}

// draft is an object being written.
type draft interface {
	io.Writer
	// appendBlob adds a finished blob's bytes.
	appendBlob(ctx context.Context, b blob) error
	// seal ends the writing and makes the bytes durable together with the record.
	seal(Object) error
	// discard drops what place has not taken.
	discard() error
}

// blob is a finished object's bytes.
type blob interface {
	open() (content, error)
}

// content is an open blob.
type content interface {
	io.ReaderAt
	io.Closer
}

// entry is an object and its bytes.
type entry struct {
	object Object
	blob   blob
}
