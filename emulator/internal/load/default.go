package load

import (
	"errors"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

// Value is the value of a column's default, whose text is in the form in which
// the engine prints values of the type (Column.Default).
func Value(t rstype.Type, text string) (engine.Value, error) {
	v, err := newConversion(&copycmd.Copy{DateFormat: "auto", TimeFormat: "auto"}, time.UTC)
	if err != nil {
		return engine.Value{}, err
	}
	var value engine.Value
	f := field{data: []byte(text)}
	if r := v.value(&value, &f, t); r != nil {
		return engine.Value{}, errors.New(r.reason)
	}
	return value, nil
}

// value is a text's value without what COPY's options make of it: a blank text is
// a value too.
func (v *conversion) value(dst *engine.Value, f *field, t rstype.Type) *refusal {
	switch t.Kind {
	case rstype.Varchar:
		return v.varchar(dst, f.data, t)
	case rstype.Char:
		return v.char(dst, f.data, t)
	}
	return v.scalar(dst, f.data, f, t)
}
