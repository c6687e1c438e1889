package bind

import (
	"errors"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// coerce converts a value to a type without a written cast, or says that it
// cannot be.
func (b *binder) coerce(n node, to rstype.Type, offset int) (node, error) {
	return node{}, unsupported(offset, "casts")
}

// assign converts a value to a column's type as INSERT and UPDATE do, and checks
// lengths.
func (b *binder) assign(n node, to rstype.Type, column string, offset int) (string, error) {
	return "", unsupported(offset, "casts")
}

// bindType is the type that a type's name stands for.
func bindType(t ast.TypeName) (rstype.Type, error) {
	if t.ArrayDims > 0 {
		return rstype.Type{}, errorAt(t.Pos(), "0A000", "array types are not supported")
	}
	name := t.Name
	if t.Zone == ast.WithZone {
		switch name {
		case "time":
			name = "timetz"
		case "timestamp":
			name = "timestamptz"
		}
	}
	mods := make([]int, len(t.Mods))
	for i, m := range t.Mods {
		mods[i] = m.Value
		if m.Max {
			mods[i] = rstype.Max
		}
	}
	if name == "interval" {
		return intervalType(t.Interval), nil
	}
	typ, err := rstype.ParseName(name, mods)
	var bad *rstype.SyntaxError
	if errors.As(err, &bad) {
		return typ, errorAt(t.Pos(), bad.Code, "%s", bad.Message)
	}
	return typ, err
}

func intervalType(f ast.IntervalFields) rstype.Type {
	switch f.First {
	case ast.FieldYear, ast.FieldMonth:
		return rstype.Type{Kind: rstype.IntervalYM}
	}
	return rstype.Type{Kind: rstype.IntervalDS}
}
