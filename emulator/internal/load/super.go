package load

import (
	"encoding/json"
	"unicode/utf8"

	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
)

// maxSuper is the longest SUPER in bytes (limitations-super).
const maxSuper = 16 << 20

// super stores JSON text without the blanks between its parts.
func (v *conversion) super(dst *engine.Value, s []byte, f *field) *refusal {
	if f.kind == fieldString {
		s = f.raw
	}
	if !utf8.Valid(s) {
		return refuse(codeUTF8, "String contains invalid or unsupported UTF-8 codepoints")
	}
	v.scratch.Reset()
	if err := json.Compact(&v.scratch, s); err != nil {
		return refuse(codeJSON, "Invalid JSON in SUPER value: "+err.Error())
	}
	if v.scratch.Len() > maxSuper {
		return refuse(codeRange, "SUPER value exceeds the maximum size")
	}
	*dst = engine.Text(v.scratch.String())
	return nil
}
