package s3client

import (
	"context"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/faults"
	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
)

// Origin is a name that every call of a Client is about, beside its bucket and object,
// so that rules can tell them from those of other clients.
const Origin = "redshift"

// retries is how often a call is tried again, as AWS's SDK for C++ does by default
// (that clusters do the same is assumed), and pause what it waits at first.
const (
	retries = 10
	pause   = time.Millisecond
)

// Client does what COPY and UNLOAD need of S3. It is safe for concurrent use.
type Client struct {
	store  *objstore.Store
	faults *faults.Set
}

// New makes a Client; without rules nothing goes wrong.
func New(store *objstore.Store, rules *faults.Set) *Client {
	return &Client{store: store, faults: rules}
}

// call does what is asked, as often as the rules make it fail in a way that passes.
// What was done and not answered is not done again.
func (c *Client) call(ctx context.Context, operation, bucket, key string, do func() error) error {
	done := false
	for attempt := 0; ; attempt++ {
		lost, err := c.strike(ctx, operation, bucket, key)
		if err == nil {
			if !done {
				if err := do(); err != nil {
					return err
				}
			}
			if done = true; !lost {
				return nil
			}
			err = reset
		}
		failure, ok := err.(*Error)
		if !ok || !failure.passes || attempt == retries {
			return err
		}
		if err := c.faults.Wait(ctx, pause<<min(attempt, 5)); err != nil {
			return err
		}
	}
}

// strike does what the rules say about one try; lost is that its answer does not come.
func (c *Client) strike(ctx context.Context, operation, bucket, key string) (lost bool, err error) {
	if c.faults == nil || !c.faults.Any() {
		return false, ctx.Err()
	}
	names := []string{bucket, Origin}
	if key != "" {
		names = append(names, bucket+"/"+key)
	}
	d := c.faults.Decide("s3", operation, names...)
	if err := c.faults.Wait(ctx, d.Delay); err != nil {
		return false, err
	}
	switch d.Action {
	case faults.Throttle:
		return false, answer("SlowDown", "", 0)
	case faults.Error:
		return false, answer(d.Code, d.Message, d.Status)
	case faults.Drop:
		return false, reset
	case faults.Timeout:
		c.faults.Silence(ctx, d.Silence)
		if err := ctx.Err(); err != nil {
			return false, err
		}
		return false, silent
	case faults.Lose:
		return true, nil
	}
	return false, nil
}

// HeadBucket is a bucket.
func (c *Client) HeadBucket(ctx context.Context, bucket string) (b objstore.Bucket, err error) {
	err = c.call(ctx, "HeadBucket", bucket, "", func() (err error) {
		b, err = c.store.HeadBucket(ctx, bucket)
		return err
	})
	return b, err
}

// List is at most limit objects whose keys begin with prefix and come behind after, and
// whether there are more.
func (c *Client) List(ctx context.Context, bucket, prefix, after string, limit int) (page []objstore.Object, more bool, err error) {
	err = c.call(ctx, "ListObjectsV2", bucket, "", func() (err error) {
		page, more, err = c.store.List(ctx, bucket, prefix, after, limit)
		return err
	})
	return page, more, err
}

// Stat is an object without what is in it.
func (c *Client) Stat(ctx context.Context, bucket, key string) (o objstore.Object, err error) {
	err = c.call(ctx, "HeadObject", bucket, key, func() (err error) {
		o, err = c.store.Stat(ctx, bucket, key)
		return err
	})
	return o, err
}

// Delete deletes an object.
func (c *Client) Delete(ctx context.Context, bucket, key string) error {
	return c.call(ctx, "DeleteObject", bucket, key, func() error { return c.store.Delete(ctx, bucket, key) })
}

// Create begins an object. It is not a call before Commit.
func (c *Client) Create(ctx context.Context, bucket, key string, meta objstore.Meta) (*objstore.Writer, error) {
	return c.store.Create(ctx, bucket, key, meta)
}

// Commit puts an object where Create was told to.
func (c *Client) Commit(ctx context.Context, bucket, key string, w *objstore.Writer, cond objstore.Precondition) error {
	return c.call(ctx, "PutObject", bucket, key, func() error {
		_, err := w.CommitIf(cond)
		return err
	})
}
