package load

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/emulator/internal/scalar"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

// textOnly refuses the types that COPY reads from lines of text alone
// (copy-usage_notes-spatial-data.md, copy-usage_notes-hll.md).
func textOnly(f copycmd.Format, t rstype.Type) error {
	switch t.Kind {
	case rstype.Geometry, rstype.Geography, rstype.HLLSketch:
		if f != copycmd.FormatText && f != copycmd.FormatCSV {
			return &Error{State: "0A000", Message: "columns of type " + t.String() + " are loaded from text or CSV alone"} // assumed text
		}
	}
	return nil
}

// shaped reads a GEOMETRY or GEOGRAPHY from WKB, EWKB, WKT or EWKT, a HLLSKETCH from JSON
// or Base64.
func shaped(dst *engine.Value, s []byte, t rstype.Type) *refusal {
	read, ok := scalar.Lookup(t.String() + "_in")
	if !ok {
		return refuse(codeLine, "not supported by the emulator: COPY into a column of type "+t.String())
	}
	text, _, err := read([]scalar.Arg{{Text: string(s)}})
	if err != nil {
		_, message, _ := strings.Cut(err.Error(), ": ")
		return refuse(codeLine, message) // assumed code
	}
	*dst = engine.Text(text)
	return nil
}
