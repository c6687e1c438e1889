package objstore

import (
	"errors"
	"fmt"
)

// Error says which kind of failure it was; the values below are targets of
// errors.Is, and what the store returns wraps them with bucket and key.
type Error string

// The failures that a store reports. They are named as S3 names its codes.
const (
	ErrNoSuchBucket       Error = "no such bucket"
	ErrBucketExists       Error = "bucket already exists"
	ErrBucketNotEmpty     Error = "bucket is not empty"
	ErrInvalidBucketName  Error = "invalid bucket name"
	ErrNoSuchKey          Error = "no such key"
	ErrInvalidKey         Error = "invalid key"
	ErrKeyTooLong         Error = "key is too long"
	ErrNoSuchUpload       Error = "no such upload"
	ErrInvalidPart        Error = "invalid part"
	ErrInvalidPartOrder   Error = "parts are not in ascending order"
	ErrInvalidPartNumber  Error = "part number is not between 1 and 10000"
	ErrEntityTooSmall     Error = "a part other than the last is smaller than 5 MiB"
	ErrPreconditionFailed Error = "precondition failed"
	ErrFinished           Error = "writer is already committed or aborted"
	ErrClosed             Error = "store is closed"
	ErrLocked             Error = "directory is in use by another process"
	ErrCorrupt            Error = "object file is damaged"
)

// Error makes the code an error.
func (e Error) Error() string { return string(e) }

func failBucket(code Error, bucket string) error {
	return fmt.Errorf("bucket %q: %w", bucket, code)
}

func failKey(code Error, bucket, key string) error {
	return fmt.Errorf("bucket %q, key %q: %w", bucket, key, code)
}

func failUpload(code Error, bucket, key, id string) error {
	return fmt.Errorf("bucket %q, key %q, upload %q: %w", bucket, key, id, code)
}

func isCode(err error, code Error) bool { return errors.Is(err, code) }
