package objstore

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
)

// An object file is the object's bytes, then its record as JSON, then a trailer
// of 16 bytes: the length of the record (big-endian uint64) and a mark. The bytes
// come first so that they need not be known before they are written.
const (
	recordMark    = "rsobj\x00\x00\x01"
	trailerLength = 8 + len(recordMark)
	maxRecord     = 16 << 20
)

// record is an Object on disk. Keys and metadata are []byte, because JSON strings
// do not hold bytes that are not UTF-8.
type record struct {
	Key          []byte            `json:"key"`
	Size         int64             `json:"size"`
	ETag         string            `json:"etag"`
	LastModified time.Time         `json:"modified"`
	Checksum     *Checksum         `json:"checksum,omitempty"`
	Parts        []Part            `json:"parts,omitempty"`
	ContentType  []byte            `json:"type,omitempty"`
	Headers      map[string][]byte `json:"headers,omitempty"`
	User         map[string][]byte `json:"user,omitempty"`
	Tags         []byte            `json:"tags,omitempty"`
}

// uploadFile is an Upload on disk.
type uploadFile struct {
	record
	ChecksumAlgorithm string `json:"checksum_algorithm,omitempty"`
	ChecksumType      string `json:"checksum_type,omitempty"`
}

func newRecord(o Object) record {
	r := record{
		Key: []byte(o.Key), Size: o.Size, ETag: o.ETag, LastModified: o.LastModified, Parts: o.Parts,
		ContentType: []byte(o.ContentType), Headers: toBytes(o.Headers), User: toBytes(o.User), Tags: []byte(o.Tags),
	}
	if o.Checksum != (Checksum{}) {
		r.Checksum = &o.Checksum
	}
	return r
}

func (r record) object() Object {
	o := Object{
		Key: string(r.Key), Size: r.Size, ETag: r.ETag, LastModified: r.LastModified.UTC(), Parts: r.Parts,
		Meta: Meta{ContentType: string(r.ContentType), Headers: toStrings(r.Headers), User: toStrings(r.User), Tags: string(r.Tags)},
	}
	for i := range o.Parts {
		o.Parts[i].LastModified = o.Parts[i].LastModified.UTC()
	}
	if r.Checksum != nil {
		o.Checksum = *r.Checksum
	}
	return o
}

func newUploadFile(u Upload) uploadFile {
	return uploadFile{
		record:            newRecord(Object{Key: u.Key, LastModified: u.Initiated, Meta: u.Meta}),
		ChecksumAlgorithm: u.ChecksumAlgorithm, ChecksumType: u.ChecksumType,
	}
}

func (f uploadFile) upload() Upload {
	o := f.object()
	return Upload{
		Key: o.Key, Initiated: o.LastModified, Meta: o.Meta,
		ChecksumAlgorithm: f.ChecksumAlgorithm, ChecksumType: f.ChecksumType,
	}
}

func toBytes(m map[string]string) map[string][]byte {
	if m == nil {
		return nil
	}
	out := make(map[string][]byte, len(m))
	for k, v := range m {
		out[k] = []byte(v)
	}
	return out
}

func toStrings(m map[string][]byte) map[string]string {
	if m == nil {
		return nil
	}
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[k] = string(v)
	}
	return out
}

// encodeRecord is what stands behind the bytes of an object file.
func encodeRecord(o Object) ([]byte, error) {
	data, err := json.Marshal(newRecord(o))
	if err != nil {
		return nil, err
	}
	n := uint64(len(data))
	return append(binary.BigEndian.AppendUint64(data, n), recordMark...), nil
}

// recordBounds finds the end of the bytes and the length of the record.
func recordBounds(f *os.File) (size, length int64, err error) {
	bad := func(why string) error {
		return fmt.Errorf("%s: %w: %s", strconv.Quote(f.Name()), ErrCorrupt, why)
	}
	st, err := f.Stat()
	if err != nil {
		return 0, 0, err
	}
	var trailer [trailerLength]byte
	if st.Size() < int64(trailerLength) {
		return 0, 0, bad("it is too short")
	}
	if _, err := f.ReadAt(trailer[:], st.Size()-int64(trailerLength)); err != nil {
		return 0, 0, err
	}
	if string(trailer[8:]) != recordMark {
		return 0, 0, bad("it does not end as an object file does")
	}
	n := binary.BigEndian.Uint64(trailer[:8])
	if n > maxRecord || int64(n) > st.Size()-int64(trailerLength) {
		return 0, 0, bad("its record is longer than the file")
	}
	return st.Size() - int64(trailerLength) - int64(n), int64(n), nil
}

// readRecord reads the record of an object file.
func readRecord(path string) (Object, error) {
	f, err := os.Open(path)
	if err != nil {
		return Object{}, err
	}
	defer f.Close()
	size, length, err := recordBounds(f)
	if err != nil {
		return Object{}, err
	}
	data := make([]byte, length)
	if _, err := io.ReadFull(io.NewSectionReader(f, size, length), data); err != nil {
		return Object{}, err
	}
	var r record
	if err := json.Unmarshal(data, &r); err != nil {
		return Object{}, fmt.Errorf("%s: %w: %w", strconv.Quote(path), ErrCorrupt, err)
	}
	if r.Size != size {
		return Object{}, fmt.Errorf("%s: %w: it holds %d bytes and its record says %d", strconv.Quote(path), ErrCorrupt, size, r.Size)
	}
	return r.object(), nil
}
