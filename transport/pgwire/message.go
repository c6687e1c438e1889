package pgwire

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/transport"
)

// serverError reads an ErrorResponse.
func serverError(body []byte) (*transport.ServerError, error) {
	var m pgproto3.ErrorResponse
	if err := m.Decode(body); err != nil {
		return nil, err
	}
	return &transport.ServerError{
		Severity: m.Severity,
		SQLState: m.Code,
		Code:     leadingNumber(m.Message),
		Message:  m.Message,
		Detail:   m.Detail,
		Hint:     m.Hint,
		Position: int(m.Position),
		Where:    m.Where,
		Schema:   m.SchemaName,
		Table:    m.TableName,
		Column:   m.ColumnName,
		File:     m.File,
		Line:     int(m.Line),
		Routine:  m.Routine,
	}, nil
}

// leadingNumber is Redshift's error number, which under XX000 is the message
// or its beginning: "1023" with the detail "Serializable isolation violation".
func leadingNumber(message string) int {
	end := 0
	for end < len(message) && message[end] >= '0' && message[end] <= '9' {
		end++
	}
	if end < 3 || end < len(message) && !strings.ContainsRune(" :,.-", rune(message[end])) {
		return 0
	}
	n, err := strconv.Atoi(message[:end])
	if err != nil || n > math.MaxInt32 {
		return 0
	}
	return n
}

func fatal(e *transport.ServerError) bool {
	return e.Severity == "FATAL" || e.Severity == "PANIC"
}

func notice(body []byte) (transport.Notice, error) {
	var m pgproto3.NoticeResponse
	if err := m.Decode(body); err != nil {
		return transport.Notice{}, err
	}
	return transport.Notice{Severity: m.Severity, SQLState: m.Code, Message: m.Message, Detail: m.Detail, Hint: m.Hint}, nil
}

// parameterTypes reads a ParameterDescription.
func parameterTypes(body []byte) ([]transport.OID, error) {
	var m pgproto3.ParameterDescription
	if err := m.Decode(body); err != nil {
		return nil, err
	}
	types := make([]transport.OID, len(m.ParameterOIDs))
	for i, o := range m.ParameterOIDs {
		types[i] = transport.OID(o)
	}
	return types, nil
}

// dataRow reads a DataRow of len(values) columns into values, which then lie
// in body. It allocates nothing.
func dataRow(values [][]byte, body []byte) error {
	if len(body) < 2 || int(binary.BigEndian.Uint16(body)) != len(values) {
		return &protocolError{"a row has other columns than its description"}
	}
	body = body[2:]
	for i := range values {
		if len(body) < 4 {
			return errShortRow
		}
		n := int(int32(binary.BigEndian.Uint32(body)))
		body = body[4:]
		if n == -1 {
			values[i] = nil
			continue
		}
		if n < 0 || n > len(body) {
			return errShortRow
		}
		values[i] = body[:n:n]
		body = body[n:]
	}
	return nil
}

var errShortRow = &protocolError{"a row ends within a value"}

// cString reads a string that a zero byte ends.
func cString(body []byte) string {
	for i, b := range body {
		if b == 0 {
			return string(body[:i])
		}
	}
	return string(body)
}

// The requests are appended by pgproto3's structs, whose Encode fails only for
// messages over 1 GB and for more than 65,535 parameters; both are refused
// before. What it says is kept until the flush all the same.
func (c *conn) send(m pgproto3.FrontendMessage) {
	if c.encodeErr != nil {
		return
	}
	out, err := m.Encode(c.out)
	if err != nil {
		c.encodeErr = err
		return
	}
	c.out = out
}

// sendStatement appends the exchange of one statement. With a name it is
// prepared already.
func (c *conn) sendStatement(name string, sql string, params []transport.Param, formats []transport.Format, p portal) {
	bind := &c.msg.bind
	*bind = pgproto3.Bind{PreparedStatement: name, DestinationPortal: p.name}
	if n := len(params); n > 0 {
		bind.Parameters = make([][]byte, n)
		bind.ParameterFormatCodes = make([]int16, n)
		for i, p := range params {
			bind.Parameters[i], bind.ParameterFormatCodes[i] = p.Value, int16(p.Format)
		}
	}
	if n := len(formats); n > 0 {
		bind.ResultFormatCodes = make([]int16, n)
		for i, f := range formats {
			bind.ResultFormatCodes[i] = int16(f)
		}
	}
	if name == "" {
		c.sendParse("", sql, len(params), func(i int) transport.OID { return params[i].OID })
	}
	c.send(bind)
	*bind = pgproto3.Bind{} // the values are the caller's
	if p.name == "" {
		c.send(msgDescribe)
	} else {
		c.send(&pgproto3.Describe{ObjectType: 'P', Name: p.name})
	}
	c.execute(p)
}

// portal is one that is read in pieces: its name, and so many rows at a time. The
// zero value is the unnamed one, read at once.
type portal struct {
	name string
	rows int
}

// execute appends the reading of rows.
func (c *conn) execute(p portal) {
	if p.name == "" {
		c.send(msgExecute)
	} else {
		c.send(&pgproto3.Execute{Portal: p.name, MaxRows: uint32(p.rows)})
	}
	c.send(msgSync)
}

// The messages without variable parts. Encoding does not change them.
var (
	msgDescribe = &pgproto3.Describe{ObjectType: 'P'}
	msgExecute  = &pgproto3.Execute{}
	msgSync     = &pgproto3.Sync{}
)

// sendParse appends a Parse. A type that is not known is sent as 705
// (unknown), never as 0: so do AWS's drivers (redshift_connector core.py).
func (c *conn) sendParse(name, sql string, n int, oid func(int) transport.OID) {
	parse := &c.msg.parse
	*parse = pgproto3.Parse{Name: name, Query: sql}
	if n > 0 {
		parse.ParameterOIDs = make([]uint32, n)
		for i := range n {
			parse.ParameterOIDs[i] = uint32(oid(i))
			if parse.ParameterOIDs[i] == 0 {
				parse.ParameterOIDs[i] = uint32(transport.OIDUnknown)
			}
		}
	}
	c.send(parse)
	*parse = pgproto3.Parse{}
}
