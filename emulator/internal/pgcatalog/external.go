package pgcatalog

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// externalSchemas are the external schemas of the session's database.
func externalSchemas(r *record, yield func() bool) {
	schemas(r, func() bool { return r.schema.External == nil || yield() })
}

// externalOptions are SVV_EXTERNAL_SCHEMAS.esoptions: JSON with the options' names in
// upper case, without what has columns of its own.
func externalOptions(r *record) any {
	options := r.schema.External.Options
	var b strings.Builder
	b.WriteByte('{')
	for _, name := range slices.Sorted(maps.Keys(options)) {
		if name == "database" || strings.Contains(name, " ") {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		value, _ := json.Marshal(options[name]) // a string always is JSON
		b.WriteString(`"` + strings.ToUpper(name) + `":` + string(value))
	}
	b.WriteByte('}')
	return b.String()
}
