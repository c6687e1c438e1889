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
	if r := v.scalar(&value, f.data, &f, t); r != nil {
		return engine.Value{}, errors.New(r.reason)
	}
	return value, nil
}
