package objstore

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func open(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// onBoth runs a test on a store in memory and on one in a directory. reopen closes
// and opens the latter; the former stays as it is.
func onBoth(t *testing.T, test func(t *testing.T, s *Store, reopen func() *Store)) {
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		s := open(t, "")
		test(t, s, func() *Store { return s })
	})
	t.Run("directory", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		s := open(t, dir)
		test(t, s, func() *Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, dir)
			return s
		})
	})
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func read(t testing.TB, s *Store, bucket, key string) string {
	t.Helper()
	r, o, err := s.Open(t.Context(), bucket, key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	data := must[[]byte](t)(io.ReadAll(r))
	if int64(len(data)) != o.Size {
		t.Errorf("%q: %d bytes, size %d", key, len(data), o.Size)
	}
	return string(data)
}

func wantErr(t testing.TB, err error, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

var strangeKeys = []string{
	"a", "A", "a/b", "a//b", "..", "../..", "/", "//", ".", "a/../b", "con", "nul.txt", "日本語", "e\u0301", "é", "\x00", "\xff\xfe",
	"100%", "%41", "%61", "a b+c", "a\nb", strings.Repeat("x", 1024), strings.Repeat("x", 1023), strings.Repeat("é", 512), "k-", "h-", ".obj", "a.obj",
}

func TestKeys(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store, reopen func() *Store) {
		ctx := t.Context()
		if err := s.CreateBucket(ctx, "bkt"); err != nil {
			t.Fatal(err)
		}
		meta := Meta{ContentType: "text/x", Headers: map[string]string{"Cache-Control": "no"}, User: map[string]string{"a": "\xff"}, Tags: "a=b"}
		for _, k := range strangeKeys {
			must[Object](t)(s.Put(ctx, "bkt", k, meta, strings.NewReader("data of "+k)))
		}
		s = reopen()
		for _, k := range strangeKeys {
			if got := read(t, s, "bkt", k); got != "data of "+k {
				t.Errorf("%q: got %q", k, got)
			}
			o := must[Object](t)(s.Stat(ctx, "bkt", k))
			sum := md5.Sum([]byte("data of " + k))
			if o.ETag != hex.EncodeToString(sum[:]) || o.Bucket != "bkt" || o.Key != k {
				t.Errorf("%q: %+v", k, o)
			}
			if d := cmp.Diff(meta, o.Meta); d != "" {
				t.Error(d)
			}
		}
		all, more, err := s.List(ctx, "bkt", "", "", 1000)
		if err != nil || more || len(all) != len(strangeKeys) {
			t.Errorf("%d keys, %v, %v", len(all), more, err)
		}
		for i := 1; i < len(all); i++ {
			if all[i-1].Key >= all[i].Key {
				t.Errorf("%q before %q", all[i-1].Key, all[i].Key)
			}
		}
		for _, k := range strangeKeys {
			if err := s.Delete(ctx, "bkt", k); err != nil {
				t.Error(err)
			}
		}
		s = reopen()
		if err := s.DeleteBucket(ctx, "bkt"); err != nil {
			t.Error(err)
		}
		if b := must[[]Bucket](t)(reopen().ListBuckets(ctx)); len(b) != 0 {
			t.Errorf("buckets %v", b)
		}
	})
}

func TestErrors(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store, _ func() *Store) {
		ctx := t.Context()
		for _, name := range []string{"", "ab", "Abc", "a..b", "-ab", "ab-", "1.2.3.4", strings.Repeat("a", 64), "a/b", "..", "a\x00b"} {
			wantErr(t, s.CreateBucket(ctx, name), ErrInvalidBucketName)
		}
		if err := s.CreateBucketIn(ctx, "bkt", "eu-west-1"); err != nil {
			t.Fatal(err)
		}
		wantErr(t, s.CreateBucket(ctx, "bkt"), ErrBucketExists)
		wantErr(t, s.DeleteBucket(ctx, "none"), ErrNoSuchBucket)
		if b := must[Bucket](t)(s.HeadBucket(ctx, "bkt")); b.Region != "eu-west-1" || b.Created.IsZero() {
			t.Errorf("%+v", b)
		}
		_, err := s.HeadBucket(ctx, "none")
		wantErr(t, err, ErrNoSuchBucket)
		_, err = s.Put(ctx, "none", "k", Meta{}, strings.NewReader(""))
		wantErr(t, err, ErrNoSuchBucket)
		_, err = s.Put(ctx, "bkt", "", Meta{}, strings.NewReader(""))
		wantErr(t, err, ErrInvalidKey)
		_, err = s.Put(ctx, "bkt", strings.Repeat("k", 1025), Meta{}, strings.NewReader(""))
		wantErr(t, err, ErrKeyTooLong)
		_, _, err = s.Open(ctx, "bkt", "none")
		wantErr(t, err, ErrNoSuchKey)
		if err := s.Delete(ctx, "bkt", "none"); err != nil {
			t.Error(err)
		}
		boom := errors.New("boom")
		_, err = s.Put(ctx, "bkt", "k", Meta{}, io.MultiReader(strings.NewReader("half"), iotest.ErrReader(boom)))
		wantErr(t, err, boom)
		cancelled, cancel := context.WithCancel(ctx)
		cancel()
		_, err = s.Put(cancelled, "bkt", "k", Meta{}, strings.NewReader("x"))
		wantErr(t, err, context.Canceled)

		w := must[*Writer](t)(s.Create(ctx, "bkt", "k", Meta{}))
		_, _ = io.WriteString(w, "hello")
		_, err = s.Stat(ctx, "bkt", "k")
		wantErr(t, err, ErrNoSuchKey) // nothing before Commit
		if err := w.Abort(); err != nil {
			t.Error(err)
		}
		if err := w.Abort(); err != nil {
			t.Error(err)
		}
		_, err = w.Commit()
		wantErr(t, err, ErrFinished)
		_, err = w.Write(nil)
		wantErr(t, err, ErrFinished)

		o := must[Object](t)(s.Put(ctx, "bkt", "k", Meta{}, strings.NewReader("one")))
		w = must[*Writer](t)(s.Create(ctx, "bkt", "k", Meta{}))
		_, err = w.CommitIf(Precondition{IfNoneMatch: "*"})
		wantErr(t, err, ErrPreconditionFailed)
		w = must[*Writer](t)(s.Create(ctx, "bkt", "k", Meta{}))
		must[Object](t)(w.CommitIf(Precondition{IfMatch: o.ETag}))
		wantErr(t, s.DeleteIf(ctx, "bkt", "k", Precondition{IfMatch: o.ETag}), ErrPreconditionFailed)
		wantErr(t, s.DeleteBucket(ctx, "bkt"), ErrBucketNotEmpty)

		// A bucket that goes while a writer writes.
		if err := s.Delete(ctx, "bkt", "k"); err != nil {
			t.Error(err)
		}
		w = must[*Writer](t)(s.Create(ctx, "bkt", "k", Meta{}))
		if err := s.DeleteBucket(ctx, "bkt"); err != nil {
			t.Error(err)
		}
		_, err = w.Commit()
		wantErr(t, err, ErrNoSuchBucket)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		wantErr(t, s.CreateBucket(ctx, "bkt"), ErrClosed)
	})
}

func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	ctx := t.Context()
	if err := s.CreateBucket(ctx, "bkt"); err != nil {
		t.Fatal(err)
	}
	_, err := s.Put(ctx, "bkt", "k", Meta{}, iotest.ErrReader(io.ErrUnexpectedEOF))
	wantErr(t, err, io.ErrUnexpectedEOF)
	w := must[*Writer](t)(s.Create(ctx, "bkt", "k", Meta{}))
	_, err = w.CommitIf(Precondition{IfMatch: "x"})
	wantErr(t, err, ErrNoSuchKey)
	u := must[Upload](t)(s.CreateUpload(ctx, "bkt", Upload{Key: "k"}))
	must[Part](t)(s.PutPart(ctx, "bkt", "k", u.ID, 1, strings.NewReader("x")))
	if err := s.AbortUpload(ctx, "bkt", "k", u.ID); err != nil {
		t.Error(err)
	}
	for _, sub := range []string{"tmp", "buckets/bkt/objects", "buckets/bkt/uploads"} {
		if left := must[[]os.DirEntry](t)(os.ReadDir(filepath.Join(dir, sub))); len(left) != 0 {
			t.Errorf("%s holds %v", sub, left)
		}
	}
	_, err = Open(Config{Dir: dir})
	wantErr(t, err, ErrLocked)
}

func TestDamage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	ctx := t.Context()
	if err := s.CreateBucket(ctx, "bkt"); err != nil {
		t.Fatal(err)
	}
	must[Object](t)(s.Put(ctx, "bkt", "k", Meta{}, strings.NewReader("hello")))
	_ = s.Close()
	path := filepath.Join(dir, "buckets", "bkt", "objects", fileName("k"))
	whole := must[[]byte](t)(os.ReadFile(path))
	for n := range len(whole) {
		if err := os.WriteFile(path, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		s := must[*Store](t)(Open(Config{Dir: dir}))
		_, err := s.Stat(ctx, "bkt", "k")
		wantErr(t, err, ErrCorrupt)
		_ = s.Close()
	}
}

// TestOldOrNew reads while others overwrite and delete; every read must be one
// whole object.
func TestOldOrNew(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store, _ func() *Store) {
		ctx := t.Context()
		if err := s.CreateBucket(ctx, "bkt"); err != nil {
			t.Fatal(err)
		}
		const size = 300_000
		object := func(b byte) []byte { return bytes.Repeat([]byte{b}, size+int(b)) }
		must[Object](t)(s.Put(ctx, "bkt", "k", Meta{}, bytes.NewReader(object(1))))
		var writers, readers sync.WaitGroup
		stop := make(chan struct{})
		for n := range 2 {
			writers.Go(func() {
				for i := range 40 {
					b := byte(1 + 2*i + n)
					if _, err := s.Put(ctx, "bkt", "k", Meta{User: map[string]string{"b": fmt.Sprint(b)}}, bytes.NewReader(object(b))); err != nil {
						t.Error(err)
					}
					if i%8 == 7 {
						if err := s.Delete(ctx, "bkt", "k"); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		for range 2 {
			readers.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					r, o, err := s.Open(ctx, "bkt", "k")
					if errors.Is(err, ErrNoSuchKey) {
						continue
					}
					if err != nil {
						t.Error(err)
						return
					}
					data, err := io.ReadAll(r)
					_ = r.Close()
					if err != nil || len(data) < size || !bytes.Equal(data, object(data[0])) || o.Size != int64(len(data)) {
						t.Errorf("a mix of %d bytes for %+v, %v", len(data), o, err)
						return
					}
				}
			})
		}
		writers.Wait()
		close(stop)
		readers.Wait()
	})
}

func TestMultipart(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store, reopen func() *Store) {
		ctx := t.Context()
		if err := s.CreateBucket(ctx, "bkt"); err != nil {
			t.Fatal(err)
		}
		u := must[Upload](t)(s.CreateUpload(ctx, "bkt", Upload{Key: "k", ChecksumAlgorithm: "CRC32", Meta: Meta{ContentType: "a/b"}}))
		five := bytes.Repeat([]byte("12345678"), MinPartSize/8)
		p1 := must[Part](t)(s.PutPart(ctx, "bkt", "k", u.ID, 3, bytes.NewReader(five)))
		must[Part](t)(s.PutPart(ctx, "bkt", "k", u.ID, 7, strings.NewReader("old")))
		p2 := must[Part](t)(s.PutPart(ctx, "bkt", "k", u.ID, 7, strings.NewReader("last")))
		s = reopen()
		if got := must[Upload](t)(s.StatUpload(ctx, "bkt", "k", u.ID)); !cmp.Equal(got, u) {
			t.Error(cmp.Diff(u, got))
		}
		for _, n := range []int{0, 10_001} {
			_, err := s.PutPart(ctx, "bkt", "k", u.ID, n, strings.NewReader(""))
			wantErr(t, err, ErrInvalidPartNumber)
		}
		_, err := s.PutPart(ctx, "bkt", "other", u.ID, 1, strings.NewReader(""))
		wantErr(t, err, ErrNoSuchUpload)
		o := must[Object](t)(s.CompleteUpload(ctx, "bkt", "k", u.ID, Completion{Parts: []CompletedPart{{p1.Number, p1.ETag}, {p2.Number, `"` + p2.ETag + `"`}}}))
		_, err = s.CompleteUpload(ctx, "bkt", "k", u.ID, Completion{})
		wantErr(t, err, ErrNoSuchUpload)
		s = reopen()
		if got := read(t, s, "bkt", "k"); got != string(five)+"last" {
			t.Errorf("%d bytes", len(got))
		}
		if got := must[Object](t)(s.Stat(ctx, "bkt", "k")); !cmp.Equal(got, o) || !strings.HasSuffix(o.ETag, "-2") || len(o.Parts) != 2 {
			t.Error(cmp.Diff(o, got), o.ETag)
		}
		r, _, err := s.Open(ctx, "bkt", "k")
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if err := iotest.TestReader(io.NewSectionReader(r, MinPartSize-10, 14), []byte("7812345678last")); err != nil {
			t.Error(err)
		}
		if ups := must[[]Upload](t)(s.ListUploads(ctx, "bkt", "")); len(ups) != 0 {
			t.Errorf("uploads %v", ups)
		}
	})
}
