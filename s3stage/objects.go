package s3stage

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// ListObjects is List in words that need no type of this package; found returns
// false to end it.
func (s *Stage) ListObjects(ctx context.Context, prefix string, found func(uri string, size int64) bool) error {
	for o, err := range s.List(ctx, prefix) {
		if err != nil {
			return err
		}
		if !found(o.URI, o.Size) {
			return nil
		}
	}
	return nil
}

// ReadObject reads an object whole. More than limit bytes are an error.
func (s *Stage) ReadObject(ctx context.Context, uri string, limit int64) ([]byte, error) {
	r, _, err := s.Open(ctx, uri)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%s has more than %d bytes", uri, limit)
	}
	return data, nil
}
