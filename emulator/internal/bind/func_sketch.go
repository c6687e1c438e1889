package bind

import "github.com/llm-dev-ops/redshift/emulator/internal/rstype"

// sketchFunctions are those of HLLSKETCH that are no aggregates.
var sketchFunctions = []overload{
	{"hll_cardinality", "k", "l", "CAST(" + rsCall("hll_cardinality", "$1") + " AS BIGINT)"},
	{"hll_combine_sketches", "kk", "k", rsCall("hll_combine_sketches", "$1", "$2")},
}

// createSketch is HLL_CREATE_SKETCH: of any type but HLLSKETCH and GEOMETRY; that of no
// values is empty (r_HLL_CREATE_SKETCH.md). Numbers of any width that are the same count
// as one: assumed.
func (b *binder) createSketch(c *call, over string) (node, error) {
	x, err := b.settle(c.args[0], c.offset(0))
	if err != nil || over != "" || incomparable(x.typ.Kind) {
		return x, orElse(err, c.mismatch())
	}
	form := "CAST(" + x.sql + " AS VARCHAR)"
	switch {
	case x.typ.Kind == rstype.Varbyte:
		form = "hex(" + x.sql + ")"
	case isText(x.typ.Kind):
		form = rtrim(x)
	case x.typ.Kind == rstype.Numeric, isFloat(x.typ.Kind):
		form = "CAST(" + asType2(x) + " AS VARCHAR)"
	}
	sql := rsCall("hll_create_sketch", "coalesce(string_agg(DISTINCT "+rsCall("hll_hash", form)+", ''), '')")
	return node{sql: sql, typ: typed(rstype.HLLSketch), exact: true}, nil
}

// combineSketches is HLL_COMBINE; of no sketches it is NULL: assumed.
func (b *binder) combineSketches(c *call, over string) (node, error) {
	x, err := b.fitted(c.args[0], 'k', c.offset(0))
	if err != nil || over != "" || c.e.Distinct {
		return x, orElse(err, c.mismatch())
	}
	return node{sql: rsCall("hll_combine", "string_agg("+x.sql+", ' ')"), typ: x.typ, exact: true}, nil
}

// orElse is the first error, or otherwise the second.
func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}
