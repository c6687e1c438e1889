package s3stage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/s3"
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

// WriteObject writes an object.
func (s *Stage) WriteObject(ctx context.Context, uri string, data []byte) error {
	_, err := s.Put(ctx, uri, bytes.NewReader(data))
	return err
}

// DeleteObject deletes an object; that it is not there is no failure. It works for
// up to 30 seconds also when the context has ended, as it is meant for defer.
func (s *Stage) DeleteObject(ctx context.Context, uri string) error {
	u, err := parseObject(uri)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTime)
	defer cancel()
	_, err = s.s3.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &u.Bucket, Key: &u.Key})
	if err != nil {
		return wrap("delete", u, err)
	}
	return nil
}

// ReadRange fills p with the bytes of an object from offset on. An object that ends before
// is an io.ErrUnexpectedEOF.
func (s *Stage) ReadRange(ctx context.Context, uri string, offset int64, p []byte) error {
	u, err := parseObject(uri)
	if err != nil {
		return err
	}
	if len(p) == 0 {
		return nil
	}
	span := fmt.Sprintf("bytes=%d-%d", offset, offset+int64(len(p))-1)
	out, err := s.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: &u.Bucket, Key: &u.Key, Range: &span})
	if err != nil {
		return wrap("get", u, err)
	}
	defer out.Body.Close()
	if _, err := io.ReadFull(out.Body, p); err != nil {
		return wrap("get", u, err)
	}
	return nil
}
