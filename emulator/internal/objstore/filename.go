package objstore

import (
	"crypto/sha256"
	"encoding/hex"
)

// maxFileName leaves room under the 255 bytes of the usual file systems.
const maxFileName = 200

// fileName is the name of a key's object file: one component, whatever bytes the
// key has. Only lower-case letters, digits, '.', '-' and '_' stand for
// themselves, so that file systems that fold case or normalise Unicode keep keys
// apart; the first letter keeps device names and leading dots away. A key too
// long for that is named by its hash; the key itself is in the record.
func fileName(key string) string {
	const digits = "0123456789abcdef"
	name := make([]byte, 0, len(key)+len(objectSuffix)+8)
	name = append(name, 'k', '-')
	for i := range len(key) {
		switch c := key[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '.', c == '-', c == '_':
			name = append(name, c)
		default:
			name = append(name, '%', digits[c>>4], digits[c&15])
		}
	}
	if len(name) > maxFileName {
		sum := sha256.Sum256([]byte(key))
		name = append(append(name[:0], 'h', '-'), hex.EncodeToString(sum[:])...)
	}
	return string(append(name, objectSuffix...))
}
