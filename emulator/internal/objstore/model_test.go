package objstore

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestMemoryAgreesWithDirectory runs the same operations on both forms, closing and
// opening the directory now and then, and compares every answer.
func TestMemoryAgreesWithDirectory(t *testing.T) {
	t.Parallel()
	keys := append([]string{"b", "b/1", "b/2", "c/1/2", "c/1/3"}, strangeKeys...)
	rapid.Check(t, func(rt *rapid.T) {
		ctx := t.Context()
		dir := t.TempDir()
		mem := open(t, "")
		disk := open(t, dir)
		defer func() { _ = disk.Close() }()
		both := func(op func(*Store) (string, error)) {
			a, errA := op(mem)
			b, errB := op(disk)
			if a != b || !sameCode(errA, errB) {
				rt.Fatalf("memory: %s, %v\ndirectory: %s, %v", a, errA, b, errB)
			}
		}
		bucket := rapid.SampledFrom([]string{"bkt-1", "bkt-2"})
		key := rapid.SampledFrom(keys)
		rt.Repeat(map[string]func(*rapid.T){
			"create": func(rt *rapid.T) {
				b := bucket.Draw(rt, "bucket")
				both(func(s *Store) (string, error) { return "", s.CreateBucket(ctx, b) })
			},
			"drop": func(rt *rapid.T) {
				b := bucket.Draw(rt, "bucket")
				both(func(s *Store) (string, error) { return "", s.DeleteBucket(ctx, b) })
			},
			"put": func(rt *rapid.T) {
				b, k := bucket.Draw(rt, "bucket"), key.Draw(rt, "key")
				data := bytes.Repeat([]byte(rapid.StringN(0, 5, 20).Draw(rt, "data")), rapid.SampledFrom([]int{1, 1, 1, 400_000}).Draw(rt, "times"))
				both(func(s *Store) (string, error) {
					o, err := s.Put(ctx, b, k, Meta{}, bytes.NewReader(data))
					return o.ETag, err
				})
			},
			"delete": func(rt *rapid.T) {
				b, k := bucket.Draw(rt, "bucket"), key.Draw(rt, "key")
				both(func(s *Store) (string, error) { return "", s.Delete(ctx, b, k) })
			},
			"read": func(rt *rapid.T) {
				b, k := bucket.Draw(rt, "bucket"), key.Draw(rt, "key")
				both(func(s *Store) (string, error) {
					r, o, err := s.Open(ctx, b, k)
					if err != nil {
						return "", err
					}
					defer r.Close()
					data, err := io.ReadAll(r)
					return fmt.Sprint(o.ETag, len(data)) + string(data[:min(len(data), 9)]), err
				})
			},
			"list": func(rt *rapid.T) {
				b := bucket.Draw(rt, "bucket")
				q := ListQuery{
					Prefix:    rapid.SampledFrom([]string{"", "a", "b/", "..", "\xff"}).Draw(rt, "prefix"),
					Delimiter: rapid.SampledFrom([]string{"", "/", "//", "x"}).Draw(rt, "delimiter"),
					After:     rapid.SampledFrom(append([]string{"", ""}, keys...)).Draw(rt, "after"),
					Max:       rapid.IntRange(0, 6).Draw(rt, "max"),
				}
				both(func(s *Store) (string, error) {
					p, err := s.ListPage(ctx, b, q)
					for i := range p.Objects {
						p.Objects[i].LastModified = Object{}.LastModified
					}
					return fmt.Sprintf("%+v", p), err
				})
			},
			"pages": func(rt *rapid.T) {
				b := bucket.Draw(rt, "bucket")
				q := ListQuery{Delimiter: rapid.SampledFrom([]string{"", "/", "x"}).Draw(rt, "delimiter"), Max: 1 << 20}
				whole, err := mem.ListPage(ctx, b, q)
				if err != nil {
					return
				}
				q.Max = rapid.IntRange(1, 3).Draw(rt, "max")
				var paged ListPage
				for {
					p, err := mem.ListPage(ctx, b, q)
					if err != nil {
						rt.Fatal(err)
					}
					paged.Objects = append(paged.Objects, p.Objects...)
					paged.Prefixes = append(paged.Prefixes, p.Prefixes...)
					if !p.Truncated {
						break
					}
					q.After = p.Next
				}
				if d := cmp.Diff(whole, paged); d != "" {
					rt.Fatal(d)
				}
			},
			"reopen": func(rt *rapid.T) {
				if err := disk.Close(); err != nil {
					rt.Fatal(err)
				}
				disk = open(t, dir)
			},
		})
	})
}

func sameCode(a, b error) bool {
	var ca, cb Error
	if (a == nil) != (b == nil) {
		return false
	}
	return errors.As(a, &ca) == errors.As(b, &cb) && ca == cb
}

func FuzzFileName(f *testing.F) {
	for _, k := range strangeKeys {
		f.Add(k, k+"x")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		na, nb := fileName(a), fileName(b)
		if (a == b) != (na == nb) {
			t.Errorf("%q is %s, %q is %s", a, na, b, nb)
		}
		if len(na) > 255 {
			t.Errorf("%q: %d bytes", a, len(na))
		}
		for i := range len(na) {
			if c := na[i]; c == '/' || c == '\\' || c >= 'A' && c <= 'Z' || c < ' ' || c > '~' {
				t.Errorf("%q is %q", a, na)
			}
		}
	})
}
