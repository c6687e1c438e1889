package wire

import (
	"encoding/binary"
	"io"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/emulator/internal/session"
)

const (
	outputFlush = 64 << 10 // what is written without Sync or Flush
	outputKeep  = 1 << 20  // a larger buffer is let go when it is empty
)

// output collects messages for the client. The session appends rows straight
// into buf; what it has to tell meanwhile waits in aside.
type output struct {
	w     io.Writer
	buf   []byte
	aside []byte
	lent  bool
	// protocol is the client_protocol_version that was agreed.
	protocol int32
	err      error // of the first write that failed; everything after is dropped
	// compress packs the rows. It is nil for none.
	compress *compressor
	packed   []byte
}

// tail is the buffer that the next message goes to, and put takes it back.
func (o *output) tail() []byte {
	if o.lent {
		return o.aside
	}
	return o.buf
}

func (o *output) put(b []byte, err error) {
	switch {
	case err != nil:
		if o.err == nil {
			o.err = err
		}
	case o.lent:
		o.aside = b
	default:
		o.buf = b
	}
}

// lend gives the buffer away for rows to be appended.
func (o *output) lend() []byte {
	o.lent = true
	return o.buf
}

// giveBack takes the buffer back, with what was told aside behind it.
func (o *output) giveBack(b []byte) {
	o.lent = false
	o.buf = append(b, o.aside...)
	o.aside = o.aside[:0]
}

func (o *output) flush() error {
	if o.err != nil {
		o.buf = o.buf[:0]
		return o.err
	}
	if len(o.buf) > 0 {
		if b := o.wire(); o.err == nil {
			_, o.err = o.w.Write(b)
		}
	}
	o.buf = o.buf[:0]
	if cap(o.buf) > outputKeep {
		o.buf = make([]byte, 0, outputFlush)
	}
	return o.err
}

// wire is the buffer as it is sent.
func (o *output) wire() []byte {
	if o.compress == nil {
		return o.buf
	}
	if cap(o.packed) > outputKeep {
		o.packed = nil
	}
	packed, err := o.compress.pack(o.packed[:0], o.buf)
	if err != nil { // the client can make nothing of it
		o.err = err
		return nil
	}
	o.packed = packed
	return packed
}

// relieve writes what there is if it is much.
func (o *output) relieve() error {
	if len(o.buf) < outputFlush {
		return o.err
	}
	return o.flush()
}

func (o *output) readyForQuery(status byte) {
	o.put((&pgproto3.ReadyForQuery{TxStatus: status}).Encode(o.tail()))
}

func (o *output) parameterStatus(p session.Parameter) {
	o.put((&pgproto3.ParameterStatus{Name: clean(p.Name), Value: clean(p.Value)}).Encode(o.tail()))
}

func (o *output) notice(n session.Notice) {
	o.put((&pgproto3.NoticeResponse{
		Severity: clean(n.Severity), Code: clean(n.State), Message: clean(n.Message), Detail: clean(n.Detail), Hint: clean(n.Hint),
	}).Encode(o.tail()))
}

func (o *output) failure(e *session.Error) {
	o.put((&pgproto3.ErrorResponse{
		Severity: clean(e.Severity), Code: clean(e.State), Message: clean(e.Message), Detail: clean(e.Detail), Hint: clean(e.Hint),
		Position: int32(e.Position),
	}).Encode(o.tail()))
}

func (o *output) commandComplete(tag string) {
	b := append(o.tail(), 'C')
	b = binary.BigEndian.AppendUint32(b, uint32(4+len(tag)+1))
	b = append(b, tag...)
	o.put(append(b, 0), nil)
}

// bare appends a message without a body.
func (o *output) bare(typ byte) {
	o.put(append(o.tail(), typ, 0, 0, 0, 4), nil)
}

// Messages without a body.
const (
	parseComplete   = '1'
	bindComplete    = '2'
	closeComplete   = '3'
	noData          = 'n'
	portalSuspended = 's'
	emptyQuery      = 'I'
)

func (o *output) parameterDescription(oids []uint32) {
	o.put((&pgproto3.ParameterDescription{ParameterOIDs: oids}).Encode(o.tail()))
}

// rowDescription describes columns in the given formats; nil columns are NoData.
func (o *output) rowDescription(columns []session.Column, formats []int16) {
	if columns == nil {
		o.bare(noData)
		return
	}
	b := append(o.tail(), 'T', 0, 0, 0, 0)
	start := len(b) - 4
	b = binary.BigEndian.AppendUint16(b, uint16(len(columns)))
	for i := range columns {
		c := &columns[i]
		b = append(b, clean(c.Name)...)
		b = append(b, 0)
		b = binary.BigEndian.AppendUint32(b, uint32(c.TableID))
		b = binary.BigEndian.AppendUint16(b, uint16(c.Number))
		b = binary.BigEndian.AppendUint32(b, c.Type.OID())
		b = binary.BigEndian.AppendUint16(b, uint16(c.Type.Size()))
		b = binary.BigEndian.AppendUint32(b, uint32(c.Type.Typmod()))
		b = binary.BigEndian.AppendUint16(b, uint16(formatOf(formats, i)))
		if o.protocol >= protocolExtended {
			b = appendOrigin(b, c, o.protocol)
		}
	}
	binary.BigEndian.PutUint32(b[start:], uint32(len(b)-start))
	o.put(b, nil)
}

// The flags of a described column; of each group of four bits the first is used
// (redshift_connector's core.py, JDBC's QueryExecutorImpl).
const (
	flagNotNull       = 1 << 0
	flagCaseSensitive = 1 << 1 // from version 3 on
	flagIdentity      = 1 << 4
	flagReadOnly      = 1 << 8
	flagSearchable    = 1 << 12
)

// appendOrigin appends what follows a column's description from version 1 on: four
// names and the flags.
func appendOrigin(b []byte, c *session.Column, protocol int32) []byte {
	for _, name := range []string{c.Origin.Schema, c.Origin.Table, c.Origin.Column, c.Origin.Database} {
		b = append(append(b, clean(name)...), 0)
	}
	var flags uint16
	for _, f := range []struct {
		set  bool
		flag uint16
	}{
		{c.Origin.NotNull, flagNotNull},
		{protocol >= protocolCollation && c.CaseSensitive(), flagCaseSensitive},
		{c.Origin.Identity, flagIdentity},
		{c.ReadOnly(), flagReadOnly},
		{c.Searchable(), flagSearchable},
	} {
		if f.set {
			flags |= f.flag
		}
	}
	return binary.BigEndian.AppendUint16(b, flags)
}

// formatOf is the format of a column: none is text for all, one stands for all.
func formatOf(formats []int16, column int) int16 {
	switch len(formats) {
	case 0:
		return 0
	case 1:
		return formats[0]
	}
	return formats[column]
}

// clean takes out zero bytes, which would end a text of the protocol early.
func clean(s string) string {
	if strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(s, "\x00", "")
}
