package dynamodoor

import (
	"cmp"
	"hash/fnv"
	"math"
	"math/bits"
	"slices"
	"sync"
	"time"
)

// The limits of one item and of one page (Limits, Scan).
const (
	maxItem = 400 << 10
	maxPage = 1 << 20
)

// keyAttribute is one attribute of a table's key.
type keyAttribute struct {
	Name string `json:"name"`
	Type Type   `json:"type"`
}

// definition is what a table was made with.
type definition struct {
	Name      string         `json:"name"`
	ID        string         `json:"id"`
	Key       []keyAttribute `json:"key"` // the partition key and, with two, the sort key
	Created   time.Time      `json:"created"`
	OnDemand  bool           `json:"onDemand"`
	Read      int64          `json:"read,omitempty"`
	Write     int64          `json:"write,omitempty"`
	Protected bool           `json:"protected,omitempty"`
	Class     string         `json:"class,omitempty"`
	Tags      []tag          `json:"tags,omitempty"`
}

// entry is an item at its place: by the hash of the partition key, the partition
// key, the sort key.
type entry struct {
	place
	item Item
	size int
}

// place is where an item with a key is, or would be.
type place struct {
	hash      uint64
	partition string
	sort      Value
}

func (p place) compare(o place) int {
	if c := cmp.Compare(p.hash, o.hash); c != 0 {
		return c
	}
	if c := cmp.Compare(p.partition, o.partition); c != 0 {
		return c
	}
	return p.sort.compare(o.sort)
}

// bucketBits is how many of a hash's bits choose its bucket: so few items are in
// each that one is put between others cheaply.
const bucketBits = 11

// table is one table's items. It is safe for concurrent use.
type table struct {
	definition
	log *journal // nil in memory

	mu      sync.RWMutex
	buckets [1 << bucketBits][]entry // by the hash's first bits, each in order
	count   int64
	bytes   int64
	gone    bool // deleted
}

// placeOf finds an item's or a key's place. What is given as a key has the key's
// attributes alone.
func (t *table) placeOf(item Item, isKey bool) (place, error) {
	if isKey && len(item) != len(t.Key) {
		return place{}, invalid("The provided key element does not match the schema")
	}
	var p place
	for i, k := range t.Key {
		v, ok := item[k.Name]
		switch {
		case !ok && isKey, ok && isKey && v.Type != k.Type:
			return place{}, invalid("The provided key element does not match the schema")
		case !ok:
			return place{}, invalid("One or more parameter values were invalid: Missing the key %s in the item", k.Name)
		case v.Type != k.Type:
			return place{}, invalid("One or more parameter values were invalid: Type mismatch for key %s expected: %s actual: %s", k.Name, k.Type, v.Type)
		case v.Text == "":
			kind := "string"
			if v.Type == Binary {
				kind = "binary"
			}
			return place{}, invalid("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s", kind, k.Name)
		case i == 0 && len(v.Text) > 2048:
			return place{}, invalid("One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes")
		case i == 1 && len(v.Text) > 1024:
			return place{}, invalid("One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes")
		case i == 0:
			p.partition, p.hash = v.Text, hash(v.Text)
		default:
			p.sort = v
		}
	}
	return p, nil
}

// hash spreads partition keys over all of a uint64.
func hash(text string) uint64 {
	f := fnv.New64a()
	_, _ = f.Write([]byte(text)) // never fails
	h := f.Sum64()
	h ^= h >> 33 // FNV changes the first bits of short texts little; MurmurHash3's end does
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// find gives the index of a place in its bucket. A lock is held.
func (t *table) find(p place) (bucket, i int, ok bool) {
	bucket = int(p.hash >> (64 - bucketBits))
	i, ok = slices.BinarySearchFunc(t.buckets[bucket], p, func(e entry, p place) int { return e.compare(p) })
	return bucket, i, ok
}

func (t *table) get(p place) (Item, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.at(p)
}

func (t *table) at(p place) (Item, bool) {
	b, i, ok := t.find(p)
	if !ok {
		return nil, false
	}
	return t.buckets[b][i].item, true
}

// A write puts an item at a place, or nothing.
type write struct {
	place
	item Item // nil deletes
	key  Item // of a delete
}

// apply does writes, all of them or, after an error of the journal, none. They are
// what decide makes of the item at a place, and no other write comes between; its
// error ends it. The item that was there before is given.
func (t *table) apply(decide func(old Item) ([]write, error), at place) (old Item, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.gone {
		return nil, notFound()
	}
	old, _ = t.at(at)
	writes, err := decide(old)
	if err != nil {
		return nil, err
	}
	if t.log != nil {
		if err := t.log.append(writes); err != nil {
			return nil, err
		}
	}
	for _, w := range writes {
		t.change(w)
	}
	return old, nil
}

// change does one write in memory. The lock is held.
func (t *table) change(w write) {
	b, i, found := t.find(w.place)
	if found {
		e := t.buckets[b][i]
		t.count--
		t.bytes -= int64(e.size)
	}
	if w.item == nil {
		if found {
			t.buckets[b] = slices.Delete(t.buckets[b], i, i+1)
		}
		return
	}
	e := entry{place: w.place, item: w.item, size: w.item.size()}
	t.count++
	t.bytes += int64(e.size)
	if found {
		t.buckets[b][i] = e
	} else {
		t.buckets[b] = slices.Insert(t.buckets[b], i, e)
	}
}

// segment is a part of the hashes, as Scan's segments cut them.
func segment(i, n int) (first, last uint64) {
	return bound(i, n), bound(i+1, n) - 1
}

func bound(i, n int) uint64 {
	if i == n {
		return 0 // one more than the last
	}
	q, _ := bits.Div64(uint64(i), 0, uint64(n)) // i/n of 2^64
	return q
}

// page visits the items of the hashes from first to last behind after (nil from
// the start) until visit says that it has enough. The items can be kept.
func (t *table) page(first, last uint64, after *place, visit func(entry) bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	b, i := int(first>>(64-bucketBits)), 0
	if after != nil && after.hash >= first {
		var found bool
		if b, i, found = t.find(*after); found {
			i++
		}
	}
	for ; b <= int(last>>(64-bucketBits)); b, i = b+1, 0 {
		for _, e := range t.buckets[b][min(i, len(t.buckets[b])):] {
			if e.hash < first {
				continue
			}
			if e.hash > last || !visit(e) {
				return
			}
		}
	}
}

// partition gives the items of one partition in the order of their sort keys.
func (t *table) partition(key string) []entry {
	var found []entry
	h := hash(key)
	t.page(h, h, nil, func(e entry) bool {
		if e.place.partition == key {
			found = append(found, e)
		}
		return true
	})
	return found
}

// keyOf is an item's key.
func (t *table) keyOf(item Item) Item {
	key := make(Item, len(t.Key))
	for _, k := range t.Key {
		key[k.Name] = item[k.Name]
	}
	return key
}

// firstHash and lastHash are the bounds of all hashes.
const firstHash, lastHash = 0, math.MaxUint64
