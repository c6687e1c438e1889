package main

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

// description is a RowDescription of columns in a protocol version of
// Redshift's: from 1 on with the origin and the flags of each column.
type description struct {
	columns  []pgproto3.FieldDescription
	version  int
	binaries bool
}

// Backend implements pgproto3.BackendMessage.
func (*description) Backend() {}

// Decode implements pgproto3.Message; the server has no use for it.
func (*description) Decode([]byte) error { return errors.ErrUnsupported }

// Encode implements pgproto3.Message.
func (d *description) Encode(dst []byte) ([]byte, error) {
	at := len(dst) + 1
	dst = append(dst, 'T', 0, 0, 0, 0)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(d.columns)))
	for _, f := range d.columns {
		dst = append(append(dst, f.Name...), 0)
		dst = binary.BigEndian.AppendUint32(dst, f.TableOID)
		dst = binary.BigEndian.AppendUint16(dst, f.TableAttributeNumber)
		dst = binary.BigEndian.AppendUint32(dst, f.DataTypeOID)
		dst = binary.BigEndian.AppendUint16(dst, uint16(f.DataTypeSize))
		dst = binary.BigEndian.AppendUint32(dst, uint32(f.TypeModifier))
		format := uint16(f.Format)
		if d.binaries && hasBinary(f.DataTypeOID) {
			format = 1
		}
		dst = binary.BigEndian.AppendUint16(dst, format)
		if d.version > 0 {
			dst = append(append(append(dst, "public\x00lineitem\x00"...), f.Name...), "\x00bench\x00\x10\x00"...)
		}
	}
	binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at))
	return dst, nil
}

// hasBinary says whether the server sends the values of a type in binary if
// asked: strings are the same in both formats.
func hasBinary(oid uint32) bool { return oid != 1043 }

// binaryAsked says whether Bind asks for binary, which is for all columns that
// have it or for none.
func binaryAsked(codes []int16) (bool, error) {
	if !slices.Contains(codes, 1) {
		return false, nil
	}
	for i, f := range table {
		if len(codes) != len(table) || (codes[i] == 1) != hasBinary(f.DataTypeOID) {
			return false, errors.New("binary is asked for other columns than the server has in binary")
		}
	}
	return true, nil
}

// binaryForm is a value's binary form at protocol version 2.
func binaryForm(oid uint32, text string) []byte {
	long := func(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }
	epoch := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	switch oid {
	case 23: // integer
		n, _ := strconv.ParseInt(text, 10, 32) // these texts are our own
		return long(n)[4:]
	case 1082: // date
		t, _ := time.Parse(time.DateOnly, text)
		return long(int64(t.Sub(epoch) / (24 * time.Hour)))[4:]
	case 1114: // timestamp
		t, _ := time.Parse("2006-01-02 15:04:05", text)
		return long(t.Sub(epoch).Microseconds())
	case 701: // double precision
		f, _ := strconv.ParseFloat(text, 64)
		return long(int64(math.Float64bits(f)))
	}
	// bigint, and numeric of up to 18 digits: the unscaled value.
	n, _ := strconv.ParseInt(strings.ReplaceAll(text, ".", ""), 10, 64)
	return long(n)
}
