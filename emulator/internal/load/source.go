package load

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
)

// file is one object to be loaded.
type file struct {
	bucket, key string
	size        int64
	// length is meta.content_length of a manifest, -1 without.
	length int64
	// from is the source in words when it is no object.
	from string
}

func (f file) uri() string {
	if f.from != "" {
		return f.from
	}
	return "s3://" + f.bucket + "/" + f.key
}

// locate takes an s3:// URI apart.
func locate(uri string) (bucket, key string, ok bool) {
	rest, ok := strings.CutPrefix(uri, "s3://")
	bucket, key, _ = strings.Cut(rest, "/")
	return bucket, key, ok && bucket != ""
}

// mayDo asks whether the credentials may do something.
func (l *loader) mayDo(action, bucket, key string) error {
	if l.Allowed == nil {
		return nil
	}
	if err := l.Allowed(action, bucket, key); err != nil {
		e := l.detailed(fault("%s", err), codeSource, action+" "+bucket+"/"+key)
		e.Cause = err
		return e
	}
	return nil
}

// checkBucket says whether COPY reaches the bucket, which must be in the region that
// REGION names, by default the cluster's.
func (l *loader) checkBucket(ctx context.Context, bucket string) error {
	if err := l.mayDo("s3:ListBucket", bucket, ""); err != nil {
		return err
	}
	b, err := l.s3.HeadBucket(ctx, bucket)
	if err != nil {
		return l.storeFailure(err, "s3://"+bucket)
	}
	is, want := b.Region, l.Copy.From.Region
	if is == "" {
		is = l.Region
	}
	if want == "" {
		want = l.Region
	}
	if is != want && is != "" && want != "" {
		e := fault("S3ServiceException:The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.,Status 301,Error PermanentRedirect")
		return l.detailed(e, codeSource, "Listing bucket="+bucket+" region="+want)
	}
	return nil
}

// files lists the objects of the source in the order in which they are loaded.
func (l *loader) files(ctx context.Context) ([]file, error) {
	bucket, key, ok := locate(l.Copy.From.URI)
	if !ok {
		return nil, fault("Invalid S3 path: %s", l.Copy.From.URI)
	}
	if err := l.checkBucket(ctx, bucket); err != nil {
		return nil, err
	}
	if l.Copy.From.Manifest {
		return l.manifest(ctx, bucket, key)
	}
	var files []file
	after := ""
	for {
		page, more, err := l.s3.List(ctx, bucket, key, after, 1000)
		if err != nil {
			return nil, l.storeFailure(err, l.Copy.From.URI)
		}
		for _, o := range page {
			files = append(files, file{bucket: bucket, key: o.Key, size: o.Size, length: -1})
			after = o.Key
		}
		if !more {
			break
		}
	}
	if len(files) == 0 {
		return nil, l.detailed(fault("The specified S3 prefix '%s' does not exist", key), codeSource, l.Copy.From.URI)
	}
	return files, nil
}

// maxList is the longest manifest or jsonpaths file in bytes.
const maxList = 64 << 20

// object reads a small object.
func (l *loader) object(ctx context.Context, bucket, key string) ([]byte, error) {
	if err := l.mayDo("s3:GetObject", bucket, key); err != nil {
		return nil, err
	}
	r, o, err := l.s3.Open(ctx, bucket, key)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if o.Size > maxList {
		return nil, fault("s3://%s/%s is too large", bucket, key)
	}
	return io.ReadAll(r)
}

type manifestEntry struct {
	URL       string `json:"url"`
	Mandatory bool   `json:"mandatory"`
	Meta      struct {
		ContentLength *int64 `json:"content_length"`
	} `json:"meta"`
}

// manifest lists the files of a manifest (loading-data-files-using-manifest): those
// that are not there are left out unless they are mandatory; a file that is listed
// twice is loaded twice.
func (l *loader) manifest(ctx context.Context, bucket, key string) ([]file, error) {
	text, err := l.object(ctx, bucket, key)
	if err != nil {
		var e *Error
		if errors.As(err, &e) {
			return nil, err
		}
		failure := l.storeFailure(err, l.Copy.From.URI)
		if errors.As(failure, &e) {
			e.Message = "Problem reading manifest file - " + e.Message
			return nil, l.detailed(e, codeSource, l.Copy.From.URI)
		}
		return nil, failure
	}
	var list struct {
		Entries []manifestEntry `json:"entries"`
	}
	if err := json.Unmarshal(text, &list); err != nil {
		e := l.detailed(fault("Manifest file is not in correct json format"), codeSource, l.Copy.From.URI)
		e.Cause = err
		return nil, e
	}
	files := make([]file, 0, len(list.Entries))
	checked := map[string]bool{}
	for _, entry := range list.Entries {
		bucket, key, ok := locate(entry.URL)
		if !ok || key == "" {
			return nil, l.detailed(fault("Invalid url in manifest file: '%s'", entry.URL), codeSource, l.Copy.From.URI)
		}
		if !checked[bucket] {
			err := l.checkBucket(ctx, bucket)
			if err != nil && (entry.Mandatory || !errors.Is(err, objstore.ErrNoSuchBucket)) {
				return nil, err
			}
			checked[bucket] = err == nil
		}
		if err := l.mayDo("s3:GetObject", bucket, key); err != nil {
			return nil, err
		}
		o, err := l.s3.Stat(ctx, bucket, key)
		if errors.Is(err, objstore.ErrNoSuchKey) && !entry.Mandatory || errors.Is(err, objstore.ErrNoSuchBucket) && !entry.Mandatory {
			continue
		}
		if err != nil {
			return nil, l.storeFailure(err, entry.URL)
		}
		f := file{bucket: bucket, key: key, size: o.Size, length: -1}
		if n := entry.Meta.ContentLength; n != nil {
			f.length = *n
		}
		files = append(files, f)
	}
	if len(files) == 0 {
		return nil, l.detailed(fault("No file of the manifest was found"), codeSource, l.Copy.From.URI)
	}
	return files, nil
}
