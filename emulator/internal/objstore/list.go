package objstore

import (
	"context"
	"slices"
	"strings"
)

// ListQuery asks for a page of a bucket's keys.
type ListQuery struct {
	// Prefix is what the keys begin with.
	Prefix string
	// Delimiter rolls keys up that have it after the prefix. Empty rolls nothing.
	Delimiter string
	// After is the key (or rolled-up prefix) behind which the page begins.
	After string
	// Max is the greatest number of keys and rolled-up prefixes together.
	Max int
}

// ListPage is the answer to a ListQuery, in byte order of the keys.
type ListPage struct {
	Objects  []Object
	Prefixes []string
	// Truncated says that there is more behind the page.
	Truncated bool
	// Next is the After of the next page; it is set when Truncated.
	Next string
}

// List lists up to max objects whose keys begin with prefix and come behind
// after, in byte order, and says whether there are more.
func (s *Store) List(ctx context.Context, bucket, prefix, after string, max int) ([]Object, bool, error) {
	p, err := s.ListPage(ctx, bucket, ListQuery{Prefix: prefix, After: after, Max: max})
	return p.Objects, p.Truncated, err
}

// ListPage lists keys and rolled-up prefixes. Its cost grows with the page, not
// with what is rolled up.
func (s *Store) ListPage(ctx context.Context, bucket string, q ListQuery) (ListPage, error) {
	b, err := s.find(ctx, bucket)
	if err != nil {
		return ListPage{}, err
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	if b.gone {
		return ListPage{}, failBucket(ErrNoSuchBucket, bucket)
	}
	return b.page(q), nil
}

func (b *bucket) page(q ListQuery) ListPage {
	var p ListPage
	if q.Max <= 0 {
		return p
	}
	i := b.seek(max(q.Prefix, q.After))
	if i < len(b.keys) && b.keys[i] == q.After {
		i++
	}
	// A page that ended on a rolled-up prefix goes on behind all of its keys.
	if rolled(q.After, q.Prefix, q.Delimiter) == q.After && q.After != "" {
		i = b.seekBehind(q.After, i)
	}
	for i < len(b.keys) && strings.HasPrefix(b.keys[i], q.Prefix) {
		key := b.keys[i]
		if len(p.Objects)+len(p.Prefixes) == q.Max {
			p.Truncated = true
			return p
		}
		if r := rolled(key, q.Prefix, q.Delimiter); r != "" {
			p.Prefixes = append(p.Prefixes, r)
			p.Next = r
			i = b.seekBehind(r, i)
			continue
		}
		p.Objects = append(p.Objects, b.objects[key].object)
		p.Next = key
		i++
	}
	p.Next = ""
	return p
}

// seek is the place of the first key that is not before key.
func (b *bucket) seek(key string) int {
	i, _ := slices.BinarySearch(b.keys, key)
	return i
}

// seekBehind is the place of the first key, from i on, that is behind all keys
// with the prefix.
func (b *bucket) seekBehind(prefix string, i int) int {
	n, _ := slices.BinarySearchFunc(b.keys[i:], prefix, func(key, prefix string) int {
		if strings.HasPrefix(key, prefix) || key < prefix {
			return -1
		}
		return 1
	})
	return i + n
}

// rolled is the prefix to which a key is rolled up, or empty.
func rolled(key, prefix, delimiter string) string {
	if delimiter == "" || !strings.HasPrefix(key, prefix) {
		return ""
	}
	i := strings.Index(key[len(prefix):], delimiter)
	if i < 0 {
		return ""
	}
	return key[:len(prefix)+i+len(delimiter)]
}
