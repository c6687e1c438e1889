package main

import (
	"encoding/binary"
	"strconv"
	"strings"
)

// postgresForm is a value's binary form of PostgreSQL, which is Redshift's but for that of
// NUMERIC: digits of ten thousand each.
func postgresForm(oid uint32, text string) []byte {
	if oid != 1700 {
		return binaryForm(oid, text)
	}
	whole, fraction, _ := strings.Cut(text, ".")
	whole = strings.Repeat("0", (4-len(whole)%4)%4) + whole
	digits := whole + fraction + strings.Repeat("0", (4-len(fraction)%4)%4)
	weight := len(whole)/4 - 1
	var groups []int16
	for at := 0; at < len(digits); at += 4 {
		n, _ := strconv.Atoi(digits[at : at+4]) // these texts are our own
		groups = append(groups, int16(n))
	}
	for len(groups) > 0 && groups[0] == 0 {
		groups = groups[1:]
		weight--
	}
	for len(groups) > 0 && groups[len(groups)-1] == 0 {
		groups = groups[:len(groups)-1]
	}
	out := binary.BigEndian.AppendUint16(nil, uint16(len(groups)))
	out = binary.BigEndian.AppendUint16(out, uint16(int16(weight)))
	out = binary.BigEndian.AppendUint16(out, 0) // positive
	out = binary.BigEndian.AppendUint16(out, uint16(len(fraction)))
	for _, g := range groups {
		out = binary.BigEndian.AppendUint16(out, uint16(g))
	}
	return out
}
