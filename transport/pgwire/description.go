package pgwire

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"

	"github.com/llm-dev-ops/redshift/transport"
)

// The protocol's versions, as AWS's drivers number them (redshift_connector
// config.py; the JDBC driver's ConnectionFactoryImpl).
const (
	versionExtended  = 1 // RowDescription tells origins and nullability
	versionBinary    = 2 // values may be binary, NUMERIC in a form of its own
	versionCollation = 3 // and whether columns are case sensitive
	maxVersion       = versionCollation

	serverVersion = "server_protocol_version"
)

// follow takes in the version that the server speaks. It is the server's to
// say, whatever was asked for.
func (c *conn) follow(value string) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > maxVersion {
		return &protocolError{fmt.Sprintf("%s is %.20q, of which only 0 to %d are known", serverVersion, value, maxVersion)}
	}
	c.version = n
	return nil
}

// columns reads a RowDescription of a protocol version. A proxy between client
// and server may have cut it down to PostgreSQL's form whatever was agreed
// (gravitational/teleport#29417), so what is no extended description and is
// exactly one of version 0 is taken as that.
func columns(body []byte, version int) ([]transport.Column, error) {
	if version < versionExtended {
		cols, _, err := fields(body, 0)
		return cols, err
	}
	cols, _, err := fields(body, version)
	if err != nil {
		plain, rest, plainErr := fields(body, 0)
		strange := func(c transport.Column) bool { return c.Format != transport.Text && c.Format != transport.Binary }
		if plainErr == nil && len(rest) == 0 && !slices.ContainsFunc(plain, strange) {
			return plain, nil
		}
	}
	return cols, err
}

// fields reads the fields of a RowDescription: for each a name and 18 bytes.
// From version 1 on the names of schema, table, column and catalog and two
// bytes of flags follow. rest is what is left behind the last; bytes too many
// are no reason to refuse (redshift_connector issue 157). Table and column
// numbers are left out: they are of use to nobody who cannot read the catalog.
func fields(body []byte, version int) (cols []transport.Column, rest []byte, err error) {
	if len(body) < 2 {
		return nil, nil, errShortDescription
	}
	n := int(binary.BigEndian.Uint16(body))
	body = body[2:]
	least := 19
	if version >= versionExtended {
		least += 6
	}
	if n > len(body)/least { // what is claimed is not believed with memory
		return nil, nil, errShortDescription
	}
	cols = make([]transport.Column, n)
	var names [4]string // schema, table, column, catalog
	const origin = 2
	for i := range cols {
		c := &cols[i]
		var ok bool
		if c.Name, body, ok = cutString(body, ""); !ok || len(body) < 18 {
			return nil, nil, errShortDescription
		}
		c.Type = transport.OID(binary.BigEndian.Uint32(body[6:]))
		c.TypeMod = int32(binary.BigEndian.Uint32(body[12:]))
		c.Format = transport.Format(binary.BigEndian.Uint16(body[16:]))
		body = body[18:]
		if version < versionExtended {
			continue
		}
		for k := range names {
			// The column before is mostly of the same table, and keeps its name.
			like := names[k]
			if k == origin {
				like = c.Name
			}
			if names[k], body, ok = cutString(body, like); !ok {
				return nil, nil, errShortDescription
			}
		}
		if len(body) < 2 {
			return nil, nil, errShortDescription
		}
		c.Schema, c.Table, c.Origin, c.Catalog = names[0], names[1], names[origin], names[3]
		describe(c, binary.BigEndian.Uint16(body), version)
		body = body[2:]
	}
	return cols, body, nil
}

// describe takes in a column's flags. Of each group of four bits the first is
// used, and from version 3 on the second of the first group.
func describe(c *transport.Column, flags uint16, version int) {
	c.Nullable = transport.Nullable
	if flags&1 != 0 {
		c.Nullable = transport.NotNull
	}
	c.CaseSensitive = version >= versionCollation && flags&(1<<1) != 0
	c.AutoIncrement = flags&(1<<4) != 0
	c.ReadOnly = flags&(1<<8) != 0
	c.Searchable = flags&(1<<12) != 0
}

var errShortDescription = &protocolError{"a description of rows ends early"}

// cutString cuts off a string that a zero byte ends. If it is like's, it takes
// no memory of its own.
func cutString(body []byte, like string) (s string, rest []byte, ok bool) {
	end := bytes.IndexByte(body, 0)
	if end < 0 {
		return "", nil, false
	}
	if string(body[:end]) == like {
		return like, body[end+1:], true
	}
	return string(body[:end]), body[end+1:], true
}
