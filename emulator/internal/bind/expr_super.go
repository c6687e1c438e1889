package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// SuperMode is how SUPER values are navigated and converted (super-configurations.md);
// the zero value is lax, as the settings' defaults are.
type SuperMode struct {
	// Strict is navigate_super_null_on_error off: what is not there is an error.
	Strict bool
	// StrictCast is cast_super_null_on_error off: what does not fit is an error.
	StrictCast bool
	// NullParse is parse_super_null_on_error on: what is no JSON parses to NULL.
	NullParse bool
	// CaseSensitive is enable_case_sensitive_super_attribute.
	CaseSensitive bool
}

// superPath is a SUPER that was reached by a constant path, so that DuckDB reads the
// document once for all of its steps.
type superPath struct {
	// base is the SQL of the document, steps the path behind its $.
	base, steps string
}

func (p *superPath) path() string { return text("$" + p.steps) }

// step goes one step further into a SUPER. What is not there is NULL, or an error in
// strict mode (navigate_super_null_on_error), which goes step by step.
func (b *binder) step(x node, steps string) node {
	if b.env.Super.Strict {
		return strictStep(x, text("$"+steps))
	}
	p := &superPath{base: x.sql, steps: steps}
	if x.super != nil {
		p = &superPath{base: x.super.base, steps: x.super.steps + steps}
	}
	n := superNode("json_extract(" + p.base + ", " + p.path() + ")")
	n.super = p
	return n
}

// strictStep goes to a path that has to be there; NULL leads to NULL. The text of the
// error is assumed.
func strictStep(x node, path string) node {
	return node{typ: typed(rstype.Super), exact: true, sql: once(x.sql, func(v string) string {
		return "CASE WHEN " + v + " IS NULL THEN NULL WHEN json_exists(" + v + ", " + path + ") THEN " +
			superNode("json_extract("+v+", "+path+")").sql + " ELSE error('22023: Invalid navigation: the SUPER value has no ' || substr(" + path + ", 2)) END"
	})}
}

// superNode is a part of a SUPER. DuckDB gives a value of its type JSON, which is
// text as ours.
func superNode(sql string) node {
	return node{sql: "CAST(nullif(" + sql + ", 'null'::JSON) AS VARCHAR)", typ: typed(rstype.Super), exact: true}
}

// superField is x.name into a SUPER.
func (b *binder) superField(x node, name ast.Ident) (node, error) {
	if x.typ.Kind != rstype.Super {
		return x, errorAt(name.Pos(), "42809", "column notation .%s applied to type %s, which is not a composite type", name.Name, x.typ.Kind)
	}
	if b.whole {
		return x, partialSuper(name.Pos())
	}
	return b.step(x, `."`+strings.ReplaceAll(b.attribute(name), `"`, `\"`)+`"`), nil
}

// attribute is the name of an attribute. With enable_case_sensitive_super_attribute
// it is as it is written, with or without quotes
// (r_enable_case_sensitive_super_attribute.md).
func (b *binder) attribute(id ast.Ident) string {
	if !b.env.Super.CaseSensitive {
		return b.ident(id)
	}
	if !id.Quoted && id.From >= 0 && id.To <= len(b.env.Text) && id.From < id.To {
		if written := b.env.Text[id.From:id.To]; strings.EqualFold(written, id.Name) {
			return written
		}
	}
	return id.Name
}

func partialSuper(offset int) error {
	return errorAt(offset, "0A000", "Partial reference of SUPER column is not supported in MERGE statement.")
}

// superIndex is x[i], from 0.
func (b *binder) superIndex(x, i node, offset int) (node, error) {
	if x.typ.Kind != rstype.Super {
		return x, errorAt(offset, "42804", "cannot subscript type %s because it is not an array", x.typ.Kind)
	}
	if b.whole {
		return x, partialSuper(offset)
	}
	if i.lit != nil && i.lit.Kind == ast.StringLiteral && i.unknown() {
		return b.superField(x, ast.Ident{Name: i.lit.Text, Quoted: true})
	}
	if n, ok := smallInt(i); ok && n >= 0 {
		return b.step(x, "["+itoa(int(n))+"]"), nil
	}
	i, err := b.coerce(i, typed(rstype.Int8), offset)
	if err != nil {
		return i, err
	}
	if b.env.Super.Strict {
		return strictStep(x, "'$[' || CAST("+i.sql+" AS VARCHAR) || ']'"), nil
	}
	return superNode("json_extract(" + x.sql + ", '$[' || CAST(" + i.sql + " AS VARCHAR) || ']')"), nil
}

// superTo reads a scalar out of a SUPER; what does not fit is NULL, or an error in
// strict mode (cast_super_null_on_error).
func (b *binder) superTo(n node, to rstype.Type) string {
	if b.env.Super.StrictCast {
		return once(n.sql, func(v string) string {
			lax := superScalar(node{sql: v}, to)
			return "CASE WHEN " + v + " IS NOT NULL THEN coalesce(" + lax + ", error('22P02: Invalid cast of a SUPER value to " + to.Kind.String() + ": ' || " + v + ")) END"
		})
	}
	return superScalar(n, to)
}

func superScalar(n node, to rstype.Type) string {
	base, path := n.sql, "'$'"
	if n.super != nil {
		base, path = n.super.base, n.super.path()
	}
	scalar := "json_extract_string(" + base + ", " + path + ")"
	switch {
	case isText(to.Kind):
		return once(base, func(v string) string {
			return "CASE WHEN json_type(" + v + ", " + path + ") NOT IN ('OBJECT', 'ARRAY') THEN json_extract_string(" + v + ", " + path + ") END"
		})
	case to.Kind == rstype.Numeric && to.Precision == 0:
		return "TRY_CAST(" + scalar + " AS DECIMAL(38,10))"
	}
	return "TRY_CAST(" + scalar + " AS " + to.DuckDB() + ")"
}

// toSuper makes a SUPER of a scalar.
func toSuper(n node) string {
	switch {
	case isText(n.typ.Kind):
		return "CAST(to_json(" + n.sql + ") AS VARCHAR)"
	case isFloat(n.typ.Kind):
		return "regexp_replace(CAST(" + n.sql + " AS VARCHAR), '\\.0$', '')"
	}
	return "CAST(" + n.sql + " AS VARCHAR)"
}
