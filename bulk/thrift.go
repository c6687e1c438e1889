package bulk

import (
	"encoding/binary"
	"errors"
)

var errFooter = errors.New("its footer is broken")

// thrift walks the compact form of a Parquet footer before parquet-go decodes it:
// that makes room for as many elements as a list says to have, and for as many
// children as a group says to have, which a broken file can make take for ever.
type thrift struct {
	data []byte
	// elements is the number of the schema's elements, once they are there.
	elements uint64
}

// The types of the compact protocol.
const (
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftI16    = 4
	thriftI64    = 6
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftStruct = 12
	thriftUUID   = 13
	thriftDepth  = 32
)

// checkFooter says whether a footer's lists and groups are no larger than what is
// there.
func checkFooter(data []byte) error {
	t := thrift{data: data}
	return t.structure(0, func(field int16) func(int16) bool {
		if field != 2 { // FileMetaData.schema
			return nil
		}
		return func(field int16) bool { return field == 5 } // SchemaElement.num_children
	}, nil)
}

func (t *thrift) varint() (uint64, error) {
	v, n := binary.Uvarint(t.data)
	if n <= 0 {
		return 0, errFooter
	}
	t.data = t.data[n:]
	return v, nil
}

func (t *thrift) take(n uint64) error {
	if n > uint64(len(t.data)) {
		return errFooter
	}
	t.data = t.data[n:]
	return nil
}

// structure walks a struct. bounded says of a field of a struct in a list which of
// its own fields count children, and counts says it of this one's.
func (t *thrift) structure(depth int, bounded func(int16) func(int16) bool, counts func(int16) bool) error {
	if depth > thriftDepth {
		return errFooter
	}
	for id := int16(0); ; {
		if len(t.data) == 0 {
			return errFooter
		}
		head := t.data[0]
		t.data = t.data[1:]
		if head == 0 {
			return nil
		}
		if delta := head >> 4; delta != 0 {
			id += int16(delta)
		} else {
			v, err := t.varint()
			if err != nil {
				return err
			}
			id = int16(v>>1) ^ -int16(v&1)
		}
		kind := head & 15
		if counts != nil && counts(id) && kind >= thriftI16 && kind <= thriftI64 {
			v, err := t.varint()
			if err != nil || v&1 == 1 || v>>1 > t.elements {
				return errFooter
			}
			continue
		}
		var inner func(int16) bool
		if bounded != nil {
			inner = bounded(id)
		}
		if err := t.value(kind, depth, false, inner); err != nil {
			return err
		}
	}
}

// value walks a value. A truth value has a byte of its own in a list alone.
func (t *thrift) value(kind byte, depth int, listed bool, inner func(int16) bool) error {
	switch kind {
	case thriftTrue, thriftFalse:
		if listed {
			return t.take(1)
		}
		return nil
	case thriftByte:
		return t.take(1)
	case thriftI16, thriftI16 + 1, thriftI64:
		_, err := t.varint()
		return err
	case thriftDouble:
		return t.take(8)
	case thriftUUID:
		return t.take(16)
	case thriftBinary:
		n, err := t.varint()
		if err != nil {
			return err
		}
		return t.take(n)
	case thriftList, thriftSet:
		return t.list(depth, inner)
	case thriftStruct:
		return t.structure(depth+1, nil, inner)
	}
	return errFooter // Parquet has no maps
}

func (t *thrift) list(depth int, inner func(int16) bool) error {
	if len(t.data) == 0 || depth > thriftDepth {
		return errFooter
	}
	head := t.data[0]
	t.data = t.data[1:]
	n := uint64(head >> 4)
	if n == 15 {
		var err error
		if n, err = t.varint(); err != nil {
			return err
		}
	}
	if n > uint64(len(t.data)) { // an element has a byte at least
		return errFooter
	}
	if inner != nil {
		t.elements = n
	}
	for range n {
		if err := t.value(head&15, depth+1, true, inner); err != nil {
			return err
		}
	}
	return nil
}
