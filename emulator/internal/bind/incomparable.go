package bind

import "github.com/llm-dev-ops/redshift/emulator/internal/rstype"

// incomparable are the types without equality and order, and so without a place in GROUP
// BY, ORDER BY and DISTINCT (spatial-limitations.md, hyperloglog-functions-limitations.md).
// The texts of the refusals are PostgreSQL's: assumed.
func incomparable(k rstype.Kind) bool {
	return k == rstype.HLLSketch || k == rstype.Geometry || k == rstype.Geography
}

// distinguishable refuses a type whose values cannot be told apart.
func distinguishable(t rstype.Type, offset int) error {
	if incomparable(t.Kind) {
		return errorAt(offset, "42883", "could not identify an equality operator for type %s", t.Kind)
	}
	return nil
}

// orderable refuses a type whose values have no order.
func orderable(t rstype.Type, offset int) error {
	if incomparable(t.Kind) {
		return errorAt(offset, "42883", "could not identify an ordering operator for type %s", t.Kind)
	}
	return nil
}
