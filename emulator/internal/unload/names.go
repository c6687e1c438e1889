package unload

import (
	"fmt"
	"strings"
)

// fileName is what follows the prefix: 0000_part_00 for slices that write side by side,
// 000 with PARALLEL OFF (r_UNLOAD.md; its GZIP example alone shows four digits).
func fileName(serial bool, slice, part int, extension string) string {
	if serial {
		return fmt.Sprintf("%03d%s", part, extension)
	}
	return fmt.Sprintf("%04d_part_%02d%s", slice, part, extension)
}

const (
	manifestName = "manifest"
	hiveDefault  = "__HIVE_DEFAULT_PARTITION__"
	hiveSpecial  = "\"#%'*/:=?\\{[]^\x7f" // Hive's FileUtils.charToEscape, with all controls
)

// appendPartition appends `name=value/` of Hive's folders. A value of "" is the default
// partition as NULL is, as in Hive (assumed; r_UNLOAD.md speaks of NULL alone).
func appendPartition(dst []byte, name string, value []byte, null bool) []byte {
	dst = append(escapeHive(dst, name), '=')
	if null || len(value) == 0 {
		return append(dst, hiveDefault+"/"...)
	}
	return append(escapeHive(dst, value), '/')
}

func escapeHive[T string | []byte](dst []byte, s T) []byte {
	const digits = "0123456789ABCDEF"
	for i := range len(s) {
		c := s[i]
		if c < ' ' || strings.IndexByte(hiveSpecial, c) >= 0 {
			dst = append(dst, '%', digits[c>>4], digits[c&15])
		} else {
			dst = append(dst, c)
		}
	}
	return dst
}
