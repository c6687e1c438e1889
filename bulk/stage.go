package bulk

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/llm-dev-ops/redshift/s3stage"
)

// Stage is what bulk needs of an *s3stage.Stage, whose contracts hold.
type Stage interface {
	// Put writes an object from a stream.
	Put(ctx context.Context, uri string, r io.Reader) (s3stage.Object, error)
	// PutManifest writes a manifest.
	PutManifest(ctx context.Context, uri string, m s3stage.Manifest) (s3stage.Object, error)
	// ReadManifest reads a manifest.
	ReadManifest(ctx context.Context, uri string) (s3stage.Manifest, error)
	// Open reads an object.
	Open(ctx context.Context, uri string) (io.ReadCloser, s3stage.Object, error)
	// CleanUp deletes what is below a prefix that s3stage.UniquePrefix made, also
	// when the context has ended.
	CleanUp(ctx context.Context, prefix string) error
}

// uploads sends files while the next is encoded. Its buffers go round: there is
// one more than files that may be sent at a time.
type uploads struct {
	ctx    context.Context // of the one load
	put    context.Context // lingers behind ctx
	end    context.CancelFunc
	cancel context.CancelCauseFunc
	plan   LoadPlan
	prefix string
	suffix string

	free chan *chunks
	buf  *chunks // of the file under way
	rows int64   // encoded so far
	wg   sync.WaitGroup
	// whole: a batch is a file, whatever its size.
	whole bool
	begun int // files
	there map[string]int64

	mu      sync.Mutex
	objects []s3stage.Object
	done    LoadProgress
	resumed int
	err     error
}

func newUploads(ctx context.Context, cancel context.CancelCauseFunc, plan LoadPlan, prefix, suffix string, there map[string]int64) *uploads {
	u := &uploads{ctx: ctx, cancel: cancel, plan: plan, prefix: prefix, suffix: suffix, there: there}
	u.put, u.end = lingering(ctx)
	u.free = make(chan *chunks, plan.Uploads+1)
	for range cap(u.free) {
		u.free <- new(chunks)
	}
	return u
}

// size is that at which the file under way ends.
func (u *uploads) size() int64 {
	if u.whole {
		return u.plan.PartSize
	}
	round := min((u.begun-1)/max(u.plan.Slices, 1), 32)
	return min(u.plan.PartSize, 1<<20<<round)
}

// append encodes a batch, and sends the file if it is large enough.
func (u *uploads) append(e encoder, b *Batch) error {
	if u.buf == nil {
		select {
		case u.buf = <-u.free:
		case <-u.ctx.Done():
			return context.Cause(u.ctx)
		}
		u.begun++
		if err := e.begin(u.buf, u.size()); err != nil {
			return err
		}
	}
	if err := e.write(b); err != nil {
		return err
	}
	u.rows += int64(b.n)
	if u.whole || int64(u.buf.Len()) < u.size() {
		return nil
	}
	return u.finish(e)
}

// finish ends the file under way and begins to send it.
func (u *uploads) finish(e encoder) error {
	if u.buf == nil {
		return nil
	}
	if err := e.end(); err != nil {
		return err
	}
	buf := u.buf
	u.buf = nil
	u.mu.Lock()
	at := len(u.objects)
	u.objects = append(u.objects, s3stage.Object{})
	u.mu.Unlock()
	rows := u.rows
	u.wg.Go(func() { u.send(at, rows, buf) })
	return nil
}

func (u *uploads) send(at int, rows int64, buf *chunks) {
	size := int64(buf.Len())
	name := fmt.Sprintf("%spart-%05d", u.prefix, at)
	if u.plan.Resume {
		name += buf.contentName()
	}
	name += u.suffix
	o, err := s3stage.Object{URI: name}, error(nil)
	had, resumed := u.there[name]
	if resumed = resumed && had == size; !resumed {
		o, err = u.plan.Stage.Put(u.put, name, buf.reader())
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	buf.release()
	u.free <- buf // there is room for all
	if err != nil {
		if u.err == nil {
			u.err = err
			u.cancel(err)
		}
		return
	}
	o.Size = size // COPY wants the length of Parquet
	u.objects[at] = o
	if resumed {
		u.resumed++
	}
	u.done.Files++
	u.done.Bytes += size
	u.done.Rows = max(u.done.Rows, rows)
	if u.plan.Progress != nil {
		u.plan.Progress(u.done)
	}
}

// wait returns when nothing is being sent any more.
func (u *uploads) wait() ([]s3stage.Object, error) {
	u.wg.Wait()
	u.end()
	return u.objects, u.err
}

// linger is how long a file may still be sent after the load has ended.
const linger = 5 * time.Second

// lingering is ctx with a delayed end. What is cut off on its way may still
// become an object, after everything was removed; what has ended may not.
func lingering(ctx context.Context) (context.Context, context.CancelFunc) {
	late, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		t := time.AfterFunc(linger, func() { cancel(context.Cause(ctx)) })
		context.AfterFunc(late, func() { t.Stop() })
	})
	return late, func() {
		stop()
		cancel(nil)
	}
}
