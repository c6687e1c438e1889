package s3stage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Stage is a client of one S3. Its methods may be used from several goroutines. It
// holds nothing that must be closed. URIs are s3://bucket/key throughout.
type Stage struct {
	s3    *s3.Client
	moves *transfermanager.Client
	files int
}

// Object describes an object.
type Object struct {
	// URI is s3://bucket/key.
	URI string
	// Size is in bytes; -1 when a stream was put, whose size was not asked for.
	Size int64
	// ETag is without quotes.
	ETag string
	// LastModified is zero for what was just written.
	LastModified time.Time
}

// cleanTime is how long an aborted upload and CleanUp may take after the context
// has ended.
const cleanTime = 30 * time.Second

// New makes a Stage. It reads the standard chain but sends nothing.
func New(ctx context.Context, cfg Config) (*Stage, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	a, err := cfg.load(ctx)
	if err != nil {
		return nil, err
	}
	if a.Credentials != nil {
		a.Credentials = markedProvider{a.Credentials}
	}
	client := s3.NewFromConfig(a, func(o *s3.Options) {
		if cfg.Endpoint != "" {
			o.BaseEndpoint = aws.String(cfg.Endpoint)
		}
		o.UsePathStyle = o.BaseEndpoint != nil
		if cfg.PathStyle != nil {
			o.UsePathStyle = *cfg.PathStyle
		}
		if o.Region == "" && o.BaseEndpoint != nil {
			o.Region = "us-east-1"
		}
		// The warning for objects without a checksum says nothing that the caller
		// could change.
		o.DisableLogOutputChecksumValidationSkipped = true
	})
	if client.Options().Region == "" {
		return nil, errors.New("s3stage: there is no region: set Config.Region or AWS_REGION")
	}
	return &Stage{
		s3:    client,
		files: cfg.Files,
		moves: transfermanager.New(client, func(o *transfermanager.Options) {
			o.PartSizeBytes = cfg.PartSize
			o.MultipartUploadThreshold = 2 * cfg.PartSize
			o.Concurrency = cfg.Concurrency
			o.FailTimeout = cleanTime
		}),
	}, nil
}

// Put writes an object from a stream, in parts when it is large: the object is
// there whole or not at all. What can be sought and has up to 64 MiB is sent as it
// is; of all else the parts are held in memory.
func (s *Stage) Put(ctx context.Context, uri string, r io.Reader) (Object, error) {
	u, err := parseObject(uri)
	if err != nil {
		return Object{}, err
	}
	if in, ok := r.(io.ReadSeeker); ok {
		// A pipe is an *os.File that cannot be sought.
		if size, err := sizeFromHere(in); err == nil && size <= maxWhole {
			return s.putWhole(ctx, u, in, size)
		}
	}
	return s.put(ctx, u, r, 0, nil)
}

// maxWhole is up to what size an object goes in one request.
const maxWhole = 64 << 20

// sizeFromHere is how much there is to read.
func sizeFromHere(r io.ReadSeeker) (int64, error) {
	here, err := r.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0, err
	}
	end, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, err
	}
	_, err = r.Seek(here, io.SeekStart)
	return end - here, err
}

func (s *Stage) putWhole(ctx context.Context, u URI, r io.ReadSeeker, size int64) (Object, error) {
	out, err := s.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: &u.Bucket, Key: &u.Key, Body: r, ContentLength: &size})
	if err != nil {
		return Object{}, wrap("put", u, err)
	}
	return Object{URI: u.String(), Size: size, ETag: strings.Trim(aws.ToString(out.ETag), `"`)}, nil
}

// maxParts is S3's limit of parts in an upload.
const maxParts = 10_000

// put writes an object; size is a hint that makes the parts of huge files large
// enough.
func (s *Stage) put(ctx context.Context, u URI, r io.Reader, size int64, sent func(total int64)) (Object, error) {
	var count counter
	out, err := s.moves.UploadObject(ctx, &transfermanager.UploadObjectInput{
		Bucket: &u.Bucket, Key: &u.Key, Body: io.TeeReader(r, &count),
	}, func(o *transfermanager.Options) {
		o.PartSizeBytes = max(o.PartSizeBytes, size/(maxParts-1)+1)
		if sent != nil {
			o.ObjectProgressListeners.Register(listener(sent))
		}
	})
	if err != nil {
		return Object{}, wrap("put", u, err)
	}
	return Object{URI: u.String(), Size: int64(count), ETag: strings.Trim(aws.ToString(out.ETag), `"`)}, nil
}

type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

type listener func(total int64)

// OnObjectBytesTransferred tells how many bytes of the object have been sent.
func (l listener) OnObjectBytesTransferred(_ context.Context, e *transfermanager.ObjectBytesTransferredEvent) {
	l(e.BytesTransferred)
}

// Open reads an object. The context covers the reading too; the caller closes the
// body. The SDK compares what was read with the object's checksum, where there is
// one, at the end.
func (s *Stage) Open(ctx context.Context, uri string) (io.ReadCloser, Object, error) {
	u, err := parseObject(uri)
	if err != nil {
		return nil, Object{}, err
	}
	out, err := s.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: &u.Bucket, Key: &u.Key})
	if err != nil {
		return nil, Object{}, wrap("get", u, err)
	}
	o := Object{
		URI: u.String(), Size: aws.ToInt64(out.ContentLength), ETag: strings.Trim(aws.ToString(out.ETag), `"`),
		LastModified: aws.ToTime(out.LastModified),
	}
	return &body{out.Body, u}, o, nil
}

// body names the object in the errors of its reading.
type body struct {
	io.ReadCloser
	uri URI
}

// Read reads on.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = wrap("get", b.uri, err)
	}
	return n, err
}

// Stat describes an object.
func (s *Stage) Stat(ctx context.Context, uri string) (Object, error) {
	u, err := parseObject(uri)
	if err != nil {
		return Object{}, err
	}
	out, err := s.s3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &u.Bucket, Key: &u.Key})
	if err != nil {
		return Object{}, wrap("head", u, err)
	}
	return Object{
		URI: u.String(), Size: aws.ToInt64(out.ContentLength), ETag: strings.Trim(aws.ToString(out.ETag), `"`),
		LastModified: aws.ToTime(out.LastModified),
	}, nil
}

// List lists the objects whose URI begins with prefix, in byte order of their
// keys, page by page as the caller goes on. It ends after the first error.
func (s *Stage) List(ctx context.Context, prefix string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		u, err := ParseURI(prefix)
		if err != nil {
			yield(Object{}, err)
			return
		}
		pages := s3.NewListObjectsV2Paginator(s.s3, &s3.ListObjectsV2Input{Bucket: &u.Bucket, Prefix: &u.Key})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield(Object{}, wrap("list", u, err))
				return
			}
			for _, o := range page.Contents {
				at := URI{Bucket: u.Bucket, Key: aws.ToString(o.Key)}
				if !yield(Object{
					URI: at.String(), Size: aws.ToInt64(o.Size), ETag: strings.Trim(aws.ToString(o.ETag), `"`),
					LastModified: aws.ToTime(o.LastModified),
				}, nil) {
					return
				}
			}
		}
	}
}

// deletePage is the number of keys in one request, S3's limit.
const deletePage = 1000

// DeleteAll deletes every object whose URI begins with prefix and says how many
// they were; that there are none is no failure. A prefix without a key is refused,
// as it is the whole bucket.
func (s *Stage) DeleteAll(ctx context.Context, prefix string) (int, error) {
	u, err := ParseURI(prefix)
	if err != nil {
		return 0, err
	}
	if u.Key == "" {
		return 0, fmt.Errorf("s3stage: %q is the whole bucket, which DeleteAll does not delete", prefix)
	}
	deleted := 0
	var page []types.ObjectIdentifier
	flush := func() error {
		if len(page) == 0 {
			return nil
		}
		out, err := s.s3.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &u.Bucket, Delete: &types.Delete{Objects: page, Quiet: aws.Bool(true)}})
		if err != nil {
			return wrap("delete", u, err)
		}
		deleted += len(page) - len(out.Errors)
		page = page[:0]
		if len(out.Errors) == 0 {
			return nil
		}
		e := out.Errors[0]
		code := aws.ToString(e.Code)
		return &Error{
			Op: "delete", URI: URI{u.Bucket, aws.ToString(e.Key)}.String(), Kind: kindOf(code, 0, nil), Code: code,
			Err: fmt.Errorf("%s: %s (and %d more)", code, aws.ToString(e.Message), len(out.Errors)-1),
		}
	}
	for o, err := range s.List(ctx, prefix) {
		if err != nil {
			return deleted, err
		}
		at, err := ParseURI(o.URI)
		if err != nil {
			return deleted, err
		}
		page = append(page, types.ObjectIdentifier{Key: aws.String(at.Key)})
		if len(page) == deletePage {
			if err := flush(); err != nil {
				return deleted, err
			}
		}
	}
	err = flush()
	return deleted, err
}

// CleanUp deletes what is below a prefix that UniquePrefix made, and refuses any
// other. It works for up to 30 seconds also when the context has ended already, as
// it is meant for defer.
func (s *Stage) CleanUp(ctx context.Context, prefix string) error {
	u, err := ParseURI(prefix)
	if err != nil {
		return err
	}
	if !isUnique(u) {
		return fmt.Errorf("s3stage: %q was not made by UniquePrefix, and CleanUp deletes nothing else", prefix)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTime)
	defer cancel()
	_, err = s.DeleteAll(ctx, prefix)
	return err
}
