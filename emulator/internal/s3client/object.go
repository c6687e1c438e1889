package s3client

import (
	"context"
	"io"

	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
)

// Object reads an object. An answer that is lost midway is asked for again from there
// on, and only of the object that it was. It belongs to one goroutine; the caller
// closes it.
type Object struct {
	ctx         context.Context
	client      *Client
	bucket, key string
	is          objstore.Object
	r           *objstore.Reader
	at          int64
	cut         int64 // where the answer ends too early; below 0 it does not
	losses      int
}

// Open begins to read an object. The context holds for all of it.
func (c *Client) Open(ctx context.Context, bucket, key string) (*Object, objstore.Object, error) {
	o := &Object{ctx: ctx, client: c, bucket: bucket, key: key}
	if err := o.get(); err != nil {
		return nil, objstore.Object{}, err
	}
	return o, o.is, nil
}

// get asks for the object from where it was read to.
func (o *Object) get() error {
	for attempt := 0; ; attempt++ {
		lost, err := o.client.strike(o.ctx, "GetObject", o.bucket, o.key)
		if err == nil {
			return o.begin(lost)
		}
		failure, ok := err.(*Error)
		if !ok || !failure.passes || attempt == retries {
			return err
		}
		if err := o.client.faults.Wait(o.ctx, pause<<min(attempt, 5)); err != nil {
			return err
		}
	}
}

func (o *Object) begin(lost bool) error {
	r, is, err := o.client.store.Open(o.ctx, o.bucket, o.key)
	if err != nil {
		return err
	}
	if o.is.ETag != "" && is.ETag != o.is.ETag {
		_ = r.Close()
		return answer("PreconditionFailed", "", 0)
	}
	if _, err := r.Seek(o.at, io.SeekStart); err != nil {
		_ = r.Close()
		return err
	}
	o.r, o.is, o.cut = r, is, -1
	if lost {
		o.cut = o.at + (is.Size-o.at)/2
	}
	return nil
}

// Read reads on.
func (o *Object) Read(p []byte) (int, error) {
	for {
		if err := o.ctx.Err(); err != nil {
			return 0, err
		}
		if o.r == nil {
			if err := o.get(); err != nil {
				return 0, err
			}
		}
		if o.cut < 0 {
			n, err := o.r.Read(p)
			o.at += int64(n)
			return n, err
		}
		if left := o.cut - o.at; left > 0 {
			n, err := o.r.Read(p[:min(int64(len(p)), left)])
			o.at += int64(n)
			return n, err
		}
		// The connection is gone.
		_ = o.r.Close()
		o.r = nil
		if o.losses++; o.losses > retries {
			return 0, closed(o.is.Size - o.at)
		}
	}
}

// Close ends it.
func (o *Object) Close() error {
	if o.r == nil {
		return nil
	}
	return o.r.Close()
}
