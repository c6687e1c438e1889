package load

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/hamba/avro/v2"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/snappy"
)

// A header may have 1 MB, a block 4 MB (copy-parameters-data-format, AVRO).
const (
	avroMagic  = "Obj\x01"
	avroHeader = 1 << 20
	avroBlock  = 4 << 20
	avroCount  = 1 << 24 // records of a block, which may have no bytes at all
)

// avroReader reads an object container file. Every record becomes the JSON object
// that it is like, which the reader of JSON takes apart: 'auto', paths, SUPER and
// nested values are the same for both. The line of a record is its number.
//
// The container is read here and not by the library, which makes room for as many
// bytes as a damaged file says it has.
type avroReader struct {
	in     io.Reader
	json   *jsonReader
	types  []bool // of the columns: VARBYTE
	text   avroText
	schema avro.Schema
	codec  string
	sync   [16]byte
	block  *bytes.Reader
	values *avro.Reader
	left   int64 // records of the block
	count  int64
	packed []byte
	plain  bytes.Buffer
}

// errAvro makes what is wrong with a file an error of the whole load (the texts behind
// the first words are assumed).
func errAvro(format string, args ...any) error {
	return fault("Invalid AVRO file found. "+format, args...)
}

func avroEnd(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errAvro("Unexpected end of AVRO file.")
	}
	return err
}

func (a *avroReader) lines() int64 { return a.count }

func (a *avroReader) next(rec *record) (bool, *refusal, error) {
	if a.schema == nil {
		if err := a.header(); err != nil {
			return false, nil, avroEnd(err)
		}
	}
	for a.left == 0 {
		if a.block != nil && (a.block.Len() > 0 || a.values.Error == nil && a.buffered()) {
			return false, nil, errAvro("A block is longer than its records.")
		}
		if ok, err := a.open(); err != nil || !ok {
			return false, nil, err
		}
	}
	a.left--
	a.count++
	a.text.start()
	a.text.value(a.values, a.schema, 0)
	if err := a.text.err; err != nil {
		return false, nil, err
	}
	if a.values.Error != nil {
		return false, nil, errAvro("Record %d is damaged: %v", a.count, a.values.Error)
	}
	rec.raw, rec.line = a.text.out, a.count
	n, bad := a.json.shred(rec, rec.raw)
	if n != len(rec.raw) {
		bad = refuse(codeLine, "Invalid value.")
	}
	for i := range rec.fields {
		if f := &rec.fields[i]; f.kind == fieldString && a.text.blobs[f.offset] {
			f.data = a.blob(f.data, a.types[i])
		}
	}
	return true, bad, nil
}

// buffered tells whether something is left in the block behind its last record.
func (a *avroReader) buffered() bool {
	a.values.Peek()
	return a.values.Error == nil
}

// blob is what bytes are for a column: their hexadecimal digits for VARBYTE, themselves
// for others (assumed).
func (a *avroReader) blob(latin []byte, varbyte bool) []byte {
	plain := make([]byte, 0, len(latin))
	for _, c := range string(latin) {
		plain = append(plain, byte(c))
	}
	if varbyte {
		return fmt.Appendf(nil, "%x", plain)
	}
	return plain
}

// long reads a number of the container, which the library's reader would read too far
// for.
func (a *avroReader) long(limit *int) (int64, error) {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		var one [1]byte
		if _, err := io.ReadFull(a.in, one[:]); err != nil {
			return 0, err
		}
		*limit--
		v |= uint64(one[0]&0x7f) << shift
		if one[0] < 0x80 {
			return int64(v>>1) ^ -int64(v&1), nil
		}
	}
	return 0, errAvro("A number is too long.")
}

func (a *avroReader) bytes(limit *int) ([]byte, error) {
	n, err := a.long(limit)
	if err != nil {
		return nil, err
	}
	if n < 0 || n > int64(*limit) {
		return nil, errAvro("The header is larger than 1 MB.")
	}
	*limit -= int(n)
	data, err := readUpTo(nil, a.in, int(n))
	return data, err
}

func (a *avroReader) header() error {
	var magic [len(avroMagic)]byte
	if _, err := io.ReadFull(a.in, magic[:]); err != nil {
		return err
	}
	if string(magic[:]) != avroMagic {
		return errAvro("It does not begin as one.")
	}
	meta := map[string][]byte{}
	limit := avroHeader
	for {
		n, err := a.long(&limit)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
		if n < 0 {
			if _, err := a.long(&limit); err != nil { // the block's bytes
				return err
			}
			n = -n
		}
		for ; n > 0; n-- {
			key, err := a.bytes(&limit)
			if err != nil {
				return err
			}
			if meta[string(key)], err = a.bytes(&limit); err != nil {
				return err
			}
		}
	}
	if _, err := io.ReadFull(a.in, a.sync[:]); err != nil {
		return err
	}
	switch a.codec = string(meta["avro.codec"]); a.codec {
	case "", "null", "deflate", "snappy":
	default:
		return errAvro("The codec %q is not null, deflate or snappy.", a.codec)
	}
	schema, err := avro.ParseBytesWithCache(meta["avro.schema"], "", &avro.SchemaCache{})
	if err != nil {
		return errAvro("The schema is not valid: %v", err)
	}
	if schema.Type() != avro.Record {
		return errAvro("The type of the schema must be record, and is %s.", schema.Type())
	}
	a.schema = schema
	return nil
}

// open reads the next block; false is the end of the file.
func (a *avroReader) open() (bool, error) {
	limit := avroBlock
	count, err := a.long(&limit)
	if err == io.EOF {
		return false, nil
	}
	if err != nil {
		return false, avroEnd(err)
	}
	size, err := a.long(&limit)
	if err != nil {
		return false, avroEnd(err)
	}
	if size < 0 || size > avroBlock {
		return false, errAvro("A block is larger than 4 MB.")
	}
	if count < 0 || count > avroCount {
		return false, errAvro("A block has %d records.", count)
	}
	if a.packed, err = readUpTo(a.packed[:0], a.in, int(size)); err != nil {
		return false, avroEnd(err)
	}
	var sync [16]byte
	if _, err := io.ReadFull(a.in, sync[:]); err != nil {
		return false, avroEnd(err)
	}
	if sync != a.sync {
		return false, errAvro("A block does not end with the marker of the file.")
	}
	plain, err := a.unpack()
	if err != nil {
		return false, errAvro("A block is damaged: %v", err)
	}
	a.block = bytes.NewReader(plain)
	// Names and numbers are small; texts may be as long as a block.
	a.values = avro.NewReader(a.block, 4096, avro.WithReaderConfig(avroConfig))
	a.text.limit = len(plain)
	a.left = count
	return true, nil
}

var avroConfig = avro.Config{MaxByteSliceSize: maxRow}.Freeze()

func (a *avroReader) unpack() ([]byte, error) {
	switch a.codec {
	case "deflate":
		a.plain.Reset()
		r := flate.NewReader(bytes.NewReader(a.packed))
		n, err := io.Copy(&a.plain, io.LimitReader(r, maxRow+1))
		if err = errors.Join(err, r.Close()); err == nil && n > maxRow {
			err = errors.New("it is too long")
		}
		return a.plain.Bytes(), err
	case "snappy":
		body := len(a.packed) - 4
		if body < 0 {
			return nil, io.ErrUnexpectedEOF
		}
		if n, err := snappy.DecodedLen(a.packed[:body]); err != nil || n > maxRow {
			return nil, errors.Join(errors.New("its length is wrong"), err)
		}
		plain, err := snappy.Decode(nil, a.packed[:body])
		if err == nil && crc32.ChecksumIEEE(plain) != binary.BigEndian.Uint32(a.packed[body:]) {
			err = errors.New("its checksum is wrong")
		}
		return plain, err
	}
	return a.packed, nil
}
