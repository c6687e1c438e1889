package objstore

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// directory keeps a store in files:
//
//	lock                                    held while open
//	tmp/                                    drafts; swept at open
//	buckets/NAME/bucket.json
//	buckets/NAME/objects/ENCODED-KEY.obj    bytes and record in one file
//	buckets/NAME/uploads/ID/upload.json
//	buckets/NAME/uploads/ID/NNNNN.obj       parts
//
// Every file is written in tmp, synced, and renamed into its place, so that a
// file is whole or not there. Bytes and record share one file because two
// renames cannot be atomic together.
type directory struct {
	root string
	lock *os.File
}

const (
	objectSuffix = ".obj"
	bucketRecord = "bucket.json"
	uploadRecord = "upload.json"
)

func openDirectory(root string) (*directory, error) {
	d := &directory{root: root}
	if err := os.MkdirAll(filepath.Join(root, "buckets"), 0o700); err != nil {
		return nil, err
	}
	lock, err := lockFile(filepath.Join(root, "lock"))
	if err != nil {
		return nil, err
	}
	d.lock = lock
	// What lies in tmp was never acknowledged.
	if err := os.RemoveAll(d.tmp()); err != nil {
		return nil, errors.Join(err, d.close())
	}
	if err := os.Mkdir(d.tmp(), 0o700); err != nil {
		return nil, errors.Join(err, d.close())
	}
	if err := syncDir(root); err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

func (d *directory) close() error { return unlockFile(d.lock) }

func (d *directory) tmp() string { return filepath.Join(d.root, "tmp") }

func (d *directory) bucket(name string) string { return filepath.Join(d.root, "buckets", name) }

func (d *directory) objects(bucket string) string { return filepath.Join(d.bucket(bucket), "objects") }

func (d *directory) uploads(bucket string) string { return filepath.Join(d.bucket(bucket), "uploads") }

func (d *directory) object(bucket, key string) string {
	return filepath.Join(d.objects(bucket), fileName(key))
}

func (d *directory) part(bucket, id string, number int) string {
	return filepath.Join(d.uploads(bucket), id, fmt.Sprintf("%05d%s", number, objectSuffix))
}

func (d *directory) buckets() ([]Bucket, error) {
	names, err := os.ReadDir(filepath.Join(d.root, "buckets"))
	if err != nil {
		return nil, err
	}
	var all []Bucket
	for _, n := range names {
		if !n.IsDir() {
			continue
		}
		var b Bucket
		if err := readJSON(filepath.Join(d.bucket(n.Name()), bucketRecord), &b); err != nil {
			return nil, err
		}
		b.Name = n.Name()
		all = append(all, b)
	}
	return all, nil
}

func (d *directory) createBucket(b Bucket) error {
	return d.install(d.bucket(b.Name), func(dir string) error {
		for _, sub := range []string{"objects", "uploads"} {
			if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
				return err
			}
		}
		return writeJSON(filepath.Join(dir, bucketRecord), b)
	})
}

// install fills a directory under tmp and moves it into its place.
func (d *directory) install(place string, fill func(dir string) error) error {
	dir, err := os.MkdirTemp(d.tmp(), "dir-")
	if err != nil {
		return err
	}
	err = fill(dir)
	if err == nil {
		err = syncDir(dir)
	}
	if err == nil {
		err = os.Rename(dir, place)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	return syncDir(filepath.Dir(place))
}

// uninstall takes a directory out of its place at once and then removes it.
func (d *directory) uninstall(place string) error {
	dir, err := os.MkdirTemp(d.tmp(), "old-")
	if err != nil {
		return err
	}
	if err := os.Rename(place, filepath.Join(dir, "x")); err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	return errors.Join(syncDir(filepath.Dir(place)), os.RemoveAll(dir))
}

func (d *directory) deleteBucket(name string) error { return d.uninstall(d.bucket(name)) }

func (d *directory) load(bucket string) ([]entry, []*upload, error) {
	entries, err := readObjects(d.objects(bucket))
	if err != nil {
		return nil, nil, err
	}
	ids, err := os.ReadDir(d.uploads(bucket))
	if err != nil {
		return nil, nil, err
	}
	var uploads []*upload
	for _, id := range ids {
		dir := filepath.Join(d.uploads(bucket), id.Name())
		u := &upload{parts: map[int]partEntry{}}
		var rec uploadFile
		if err := readJSON(filepath.Join(dir, uploadRecord), &rec); err != nil {
			return nil, nil, err
		}
		u.Upload = rec.upload()
		u.ID = id.Name()
		parts, err := readObjects(dir)
		if err != nil {
			return nil, nil, err
		}
		for _, p := range parts {
			if len(p.object.Parts) == 1 {
				u.parts[p.object.Parts[0].Number] = partEntry{Part: p.object.Parts[0], blob: p.blob}
			}
		}
		uploads = append(uploads, u)
	}
	return entries, uploads, nil
}

// readObjects reads the records of all object files in a directory.
func readObjects(dir string) ([]entry, error) {
	names, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var all []entry
	for _, n := range names {
		if !strings.HasSuffix(n.Name(), objectSuffix) {
			continue
		}
		path := filepath.Join(dir, n.Name())
		o, err := readRecord(path)
		if err != nil {
			return nil, err
		}
		all = append(all, entry{object: o, blob: fileBlob(path)})
	}
	return all, nil
}

func (d *directory) draft() (draft, error) {
	f, err := os.CreateTemp(d.tmp(), "put-")
	if err != nil {
		return nil, err
	}
	return &fileDraft{file: f, buffer: bufio.NewWriterSize(f, 128<<10)}, nil
}

func (d *directory) place(bucket, key string, dr draft) (blob, error) {
	return takeFile(dr, d.object(bucket, key))
}

func (d *directory) placePart(bucket, id string, number int, dr draft) (blob, error) {
	path := d.part(bucket, id, number)
	b, err := takeFile(dr, path)
	if err != nil {
		return nil, err
	}
	return b, syncDir(filepath.Dir(path))
}

func (d *directory) remove(bucket, key string) error { return os.Remove(d.object(bucket, key)) }

func (d *directory) flush(bucket string) error {
	err := syncDir(d.objects(bucket))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the bucket was emptied and deleted meanwhile
	}
	return err
}

func (d *directory) createUpload(bucket string, u Upload) error {
	return d.install(filepath.Join(d.uploads(bucket), u.ID), func(dir string) error {
		return writeJSON(filepath.Join(dir, uploadRecord), newUploadFile(u))
	})
}

func (d *directory) removeUpload(bucket, id string) error {
	return d.uninstall(filepath.Join(d.uploads(bucket), id))
}

// fileDraft is a file in tmp.
type fileDraft struct {
	file   *os.File
	buffer *bufio.Writer
	sealed bool
	placed bool
}

func (f *fileDraft) Write(p []byte) (int, error) { return f.buffer.Write(p) }

func (f *fileDraft) appendBlob(ctx context.Context, b blob) error {
	path, ok := b.(fileBlob)
	if !ok {
		return errors.New("a blob of another medium")
	}
	in, err := os.Open(string(path))
	if err != nil {
		return err
	}
	defer in.Close()
	size, _, err := recordBounds(in)
	if err != nil {
		return err
	}
	if err := f.buffer.Flush(); err != nil {
		return err
	}
	// In pieces, so that a context can end it; each piece is copied by the kernel
	// where that can do it.
	for size > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := io.CopyN(f.file, in, min(size, 64<<20))
		if err != nil {
			return err
		}
		size -= n
	}
	return nil
}

func (f *fileDraft) seal(o Object) error {
	rec, err := encodeRecord(o)
	if err != nil {
		return err
	}
	if _, err := f.buffer.Write(rec); err != nil {
		return err
	}
	if err := f.buffer.Flush(); err != nil {
		return err
	}
	if err := f.file.Sync(); err != nil {
		return err
	}
	f.sealed = true
	return f.file.Close()
}

func (f *fileDraft) discard() error {
	if f.placed {
		return nil
	}
	if !f.sealed {
		_ = f.file.Close()
	}
	return os.Remove(f.file.Name())
}

func takeFile(dr draft, path string) (blob, error) {
	f, ok := dr.(*fileDraft)
	if !ok || !f.sealed {
		return nil, errors.New("a draft that is not sealed")
	}
	if err := os.Rename(f.file.Name(), path); err != nil {
		return nil, err
	}
	f.placed = true
	return fileBlob(path), nil
}

// fileBlob is the path of an object file. Opening happens under the bucket's
// lock; the open file outlives a rename over it and its removal.
type fileBlob string

func (b fileBlob) open() (content, error) { return os.Open(string(b)) }

func readJSON(path string, v any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("%s: %w: %w", strconv.Quote(path), ErrCorrupt, err)
	}
	return nil
}

func writeJSON(path string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
