package pgwire

import "github.com/llm-dev-ops/redshift/transport"

// resultFormats are what a prepared statement's columns are asked for in, nil
// for text. Binary is asked for where the server knows Redshift's own forms and
// where it is exact and measured to be faster (bench/README.md): not for TIME
// and TIMETZ, which are rare, nor for strings and what is sent like them, which
// are the same bytes. Only a prepared statement knows its columns in time; to
// ask would cost any other a round trip.
func resultFormats(cols []transport.Column, version int) []transport.Format {
	if version < versionBinary {
		return nil
	}
	var formats []transport.Format
	for i, c := range cols {
		if !inBinary(c) {
			continue
		}
		if formats == nil {
			formats = make([]transport.Format, len(cols))
		}
		formats[i] = transport.Binary
	}
	return formats
}

func inBinary(c transport.Column) bool {
	switch c.Type {
	case transport.OIDInt2, transport.OIDInt4, transport.OIDInt8, transport.OIDFloat4, transport.OIDFloat8,
		transport.OIDDate, transport.OIDTimestamp, transport.OIDTimestampTZ:
		return true
	case transport.OIDNumeric:
		_, _, ok := c.PrecisionScale() // without which nobody knows where the point is
		return ok
	}
	return false
}
