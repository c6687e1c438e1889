package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/emulator/internal/scalar"
)

// spatialForms are the functions of package spatial: names, then arguments and result in
// the letters of overload. A GEOGRAPHY becomes a GEOMETRY where none of a function's
// forms takes it, as the implicit casts have it.
var spatialForms = [...][3]string{
	{"st_geomfromtext st_geomfromwkb", "t", "g"},
	{"st_geomfromtext st_geomfromwkb", "ti", "g"},
	{"st_geomfromewkt st_geomfromewkb st_geomfromgeojson", "t", "g"},
	{"st_geogfromtext st_geogfromwkb", "t", "o"},
	{"st_point st_makepoint", "ff", "g"},
	{"st_makepoint", "fff", "g"},
	{"st_makepoint", "ffff", "g"},
	{"st_makeline st_makepolygon", "gg", "g"},
	{"st_makepolygon st_linefrommultipoint", "g", "g"},
	{"st_polygon", "gi", "g"},
	{"st_makeenvelope", "ffff", "g"},
	{"st_makeenvelope", "ffffi", "g"},

	{"st_astext st_asewkt st_asgeojson st_ashexewkb st_ashexwkb", "g", "t"},
	{"st_astext st_asewkt st_asgeojson st_ashexewkb st_ashexwkb", "o", "t"},
	{"st_astext st_asewkt st_asgeojson", "gi", "t"},
	{"st_astext st_asewkt st_asgeojson", "oi", "t"},
	{"st_asbinary st_asewkb", "g", "v"},

	{"geometrytype st_geometrytype", "g", "t"},
	{"st_srid st_dimension st_ndims st_memsize st_nrings st_numgeometries st_numinteriorrings st_numpoints", "g", "i"},
	{"st_npoints", "g", "i"},
	{"st_npoints", "o", "i"},
	{"supportsbbox st_isempty st_iscollection st_isclosed st_ispolygonccw st_ispolygoncw st_issimple st_isvalid st_isring", "g", "b"},
	{"st_x st_y st_z st_m st_xmin st_xmax st_ymin st_ymax st_zmin st_zmax st_mmin st_mmax", "g", "f"},
	{"st_startpoint st_endpoint st_exteriorring st_points", "g", "g"},
	{"st_pointn st_geometryn st_interiorringn", "gi", "g"},

	{"addbbox st_reverse st_multi st_force2d st_force3d st_force3dz st_force3dm st_force4d", "g", "g"},
	{"st_setsrid st_removepoint", "gi", "g"},
	{"st_addpoint", "gg", "g"},
	{"st_addpoint", "ggi", "g"},
	{"st_setpoint", "gig", "g"},

	{"st_area st_length st_length2d st_perimeter st_perimeter2d st_lengthsphere", "g", "f"},
	{"st_distance st_distancesphere st_azimuth", "gg", "f"},
	{"st_distancesphere", "ggf", "f"},
	{"st_dwithin", "ggf", "b"},
	{"st_angle", "ggg", "f"},
	{"st_angle", "gggg", "f"},
	{"st_centroid", "g", "g"},
	{"st_lineinterpolatepoint", "gf", "g"},

	{"st_boundary st_envelope st_convexhull", "g", "g"},
	{"st_simplify st_buffer", "gf", "g"},
	{"st_buffer", "gfi", "g"},
	{"st_intersection st_union", "gg", "g"},
	{"st_transform", "gi", "g"},
	{"st_geohash", "g", "t"},
	{"st_geohash", "gi", "t"},
	{"st_geomfromgeohash", "t", "g"},
	{"st_geomfromgeohash", "ti", "g"},

	{"st_contains st_containsproperly st_coveredby st_covers st_disjoint st_intersects st_touches st_within", "gg", "b"},
}

// spatialFunctions are the forms with the calls that do them.
func spatialFunctions() []overload {
	var out []overload
	for _, f := range spatialForms {
		for name := range strings.FieldsSeq(f[0]) {
			out = append(out, overload{name, f[1], f[2], spatialCall(name, f[1], f[2])})
		}
	}
	// Of two values one may be NULL (ST_Collect-function.md).
	return append(out, overload{"st_collect", "gg", "g", "CASE WHEN $1 IS NULL THEN $2 WHEN $2 IS NULL THEN $1 ELSE " +
		spatialCall("st_collect", "gg", "g") + " END"})
}

// spatialCall writes a call whose arguments and result are texts to package spatial.
func spatialCall(name, args, ret string) string {
	list := make([]string, len(args))
	for i := range args {
		list[i] = "$" + itoa(i+1)
		switch args[i] {
		case 'i', 'l', 'f':
			list[i] = "CAST(" + list[i] + " AS VARCHAR)"
		}
	}
	sql := rsCall(name, list...)
	switch ret {
	case "i", "l", "f", "b":
		return "CAST(" + sql + " AS " + letterType(ret[0]).DuckDB() + ")"
	case "v":
		return "unhex(" + sql + ")"
	}
	return sql
}

var spatialSpecials = map[string]special{
	"h3_isvalid": h3Call("", "b"), "h3_resolution": h3Call("", "i"),
	"h3_toparent": h3Call("i", "l"), "h3_tochildren": h3Call("i", "u"),
	"st_crosses st_equals": func(b *binder, c *call) (node, error) {
		// NULL is an error of these two (ST_Crosses-function.md, ST_Equals-function.md).
		form := overload{c.name, "gg", "b", "CASE WHEN $1 IS NULL OR $2 IS NULL THEN error('22004: " + c.name +
			": a geometry must not be null') ELSE " + spatialCall(c.name, "gg", "b") + " END"}
		if form.fit(c.args) < 0 {
			return node{}, c.mismatch()
		}
		return b.apply(c, &form)
	},
}

// collect is ST_Collect as an aggregate (ST_Collect-function.md); of two values it is a
// function.
func (b *binder) collect(c *call, over string) (node, error) {
	if over != "" {
		return node{}, c.mismatch()
	}
	x, err := b.fitted(c.args[0], 'g', c.offset(0))
	if err != nil {
		return x, err
	}
	if c.e.Distinct {
		return x, distinguishable(x.typ, c.offset(0))
	}
	order, _, err := b.within(c)
	if err != nil {
		return x, err
	}
	if order != "" {
		order = " ORDER BY " + order
	}
	return node{sql: rsCall("st_collect_all", "string_agg("+x.sql+", ' '"+order+")"), typ: x.typ, exact: true}, nil
}

// h3Call is a function of an H3 index, which is a number or a text of hexadecimal digits,
// and of the arguments after it.
func h3Call(rest, ret string) special {
	return func(b *binder, c *call) (node, error) {
		form := overload{c.name, "l" + rest, ret, spatialCall(c.name, "l"+rest, ret)}
		if len(c.args) > 0 && (c.args[0].unknown() || isText(c.args[0].typ.Kind)) {
			form.args = "t" + rest
			form.sql = strings.Replace(spatialCall(c.name, form.args, ret), "$1", "('0x' || $1)", 1)
		}
		if form.fit(c.args) < 0 {
			return node{}, c.mismatch()
		}
		return b.apply(c, &form)
	}
}

// onSpheroid are the functions that measure a GEOGRAPHY on its ellipsoid.
var onSpheroid = set("st_area", "st_distance", "st_length", "st_length2d", "st_perimeter", "st_perimeter2d")

// readDigits reads what a text is as a GEOMETRY, GEOGRAPHY or HLLSKETCH at run time.
func readDigits(sql string, k rstype.Kind) string { return rsCall(k.String()+"_in", sql) }

// shapeLiteral reads a constant as a GEOMETRY, GEOGRAPHY or HLLSKETCH.
func shapeLiteral(value string, to rstype.Type, offset int) (node, error) {
	out := node{typ: to, exact: true, constant: true}
	f, ok := scalar.Lookup(to.String() + "_in")
	if !ok {
		return out, unsupported(offset, "constants of type %s", to)
	}
	read, _, err := f([]scalar.Arg{{Text: value}})
	if err != nil {
		state, message, _ := strings.Cut(err.Error(), ": ")
		return out, errorAt(offset, state, "%s", message)
	}
	out.sql = text(read)
	return out, nil
}
