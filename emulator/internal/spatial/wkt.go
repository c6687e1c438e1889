package spatial

import (
	"math"
	"strconv"
	"strings"

	"github.com/peterstace/simplefeatures/geom"
)

// wktReader reads WKT: a kind, Z, M or ZM, and EMPTY or what stands in parentheses.
type wktReader struct {
	s   string
	pos int
}

// FromText reads a value from WKT or EWKT.
func FromText(s string) (Geometry, error) {
	var srid int32
	s = strings.TrimSpace(s)
	if len(s) >= 5 && strings.EqualFold(s[:5], "SRID=") {
		number, rest, ok := strings.Cut(s[5:], ";")
		n, err := strconv.ParseInt(number, 10, 32)
		if !ok || err != nil || n < 0 {
			return Geometry{}, invalid("invalid SRID in the EWKT of a geometry")
		}
		srid, s = int32(n), rest
	}
	r := &wktReader{s: s}
	g, err := r.tagged(0, nil)
	if err == nil && r.peek() != 0 {
		err = r.bad()
	}
	return Geometry{g, srid}, err
}

func (r *wktReader) bad() error {
	r.peek()
	return invalid("invalid WKT of a geometry at position %d", r.pos+1)
}

// peek is the next byte that is no blank, 0 at the end.
func (r *wktReader) peek() byte {
	for r.pos < len(r.s) {
		switch c := r.s[r.pos]; c {
		case ' ', '\t', '\n', '\r':
			r.pos++
		default:
			return c
		}
	}
	return 0
}

func (r *wktReader) take(c byte) bool {
	if r.peek() != c {
		return false
	}
	r.pos++
	return true
}

// word is the next word in upper case.
func (r *wktReader) word() string {
	r.peek()
	start := r.pos
	for r.pos < len(r.s) && (r.s[r.pos]|0x20 >= 'a' && r.s[r.pos]|0x20 <= 'z') {
		r.pos++
	}
	return strings.ToUpper(r.s[start:r.pos])
}

func (r *wktReader) empty() bool {
	mark := r.pos
	if r.word() == "EMPTY" {
		return true
	}
	r.pos = mark
	return false
}

var wktKinds = map[string]geom.GeometryType{
	"POINT": geom.TypePoint, "LINESTRING": geom.TypeLineString, "POLYGON": geom.TypePolygon,
	"MULTIPOINT": geom.TypeMultiPoint, "MULTILINESTRING": geom.TypeMultiLineString,
	"MULTIPOLYGON": geom.TypeMultiPolygon, "GEOMETRYCOLLECTION": geom.TypeGeometryCollection,
}

// tagged reads a geometry with its kind; within a collection its type of positions is
// that of the collection.
func (r *wktReader) tagged(depth int, within *geom.CoordinatesType) (geom.Geometry, error) {
	var none geom.Geometry
	if depth > maxDepth {
		return none, invalid("geometry collections are nested more than %d deep", maxDepth)
	}
	word := r.word()
	kind, ok := wktKinds[word]
	t := geom.DimXY
	if !ok { // POINTZ and its kin
		for _, suffix := range []string{"ZM", "Z", "M"} {
			if base, found := strings.CutSuffix(word, suffix); found && !ok {
				if kind, ok = wktKinds[base]; ok {
					t = layout(suffix[0] == 'Z', strings.HasSuffix(suffix, "M"))
				}
			}
		}
		if !ok {
			return none, r.bad()
		}
	} else {
		mark := r.pos
		switch r.word() {
		case "Z":
			t = geom.DimXYZ
		case "M":
			t = geom.DimXYM
		case "ZM":
			t = geom.DimXYZM
		default:
			r.pos = mark
		}
	}
	if within != nil && t != *within {
		if t != geom.DimXY {
			return none, r.bad()
		}
		t = *within
	}
	return r.body(kind, t, depth)
}

// list reads what stands in parentheses, separated by commas.
func (r *wktReader) list(each func() error) error {
	if !r.take('(') {
		return r.bad()
	}
	for {
		if err := each(); err != nil {
			return err
		}
		if r.take(')') {
			return nil
		}
		if !r.take(',') {
			return r.bad()
		}
	}
}

func (r *wktReader) body(kind geom.GeometryType, t geom.CoordinatesType, depth int) (geom.Geometry, error) {
	var none geom.Geometry
	isEmpty := r.empty()
	switch kind {
	case geom.TypePoint:
		if isEmpty {
			return geom.NewEmptyPoint(t).AsGeometry(), nil
		}
		var c geom.Coordinates
		n := 0
		err := r.list(func() (err error) {
			if n++; n > 1 {
				return r.bad()
			}
			c, err = r.position(t)
			return err
		})
		if err != nil {
			return none, err
		}
		return geom.NewPoint(c).AsGeometry(), nil
	case geom.TypeLineString:
		l, err := r.positions(t, isEmpty)
		return l.AsGeometry(), err
	case geom.TypePolygon:
		if isEmpty {
			return geom.Polygon{}.ForceCoordinatesType(t).AsGeometry(), nil
		}
		var list []geom.LineString
		err := r.list(func() error {
			l, err := r.positions(t, r.empty())
			list = append(list, l)
			return err
		})
		if err != nil {
			return none, err
		}
		return geom.NewPolygon(list).AsGeometry(), nil
	}
	var list []geom.Geometry
	if !isEmpty {
		err := r.list(func() (err error) {
			var g geom.Geometry
			switch kind {
			case geom.TypeMultiPoint:
				if c := r.peek(); c == '(' || c == 'e' || c == 'E' {
					g, err = r.body(geom.TypePoint, t, depth)
				} else {
					var p geom.Coordinates
					p, err = r.position(t)
					if err == nil {
						g = geom.NewPoint(p).AsGeometry()
					}
				}
			case geom.TypeMultiLineString:
				g, err = r.body(geom.TypeLineString, t, depth)
			case geom.TypeMultiPolygon:
				g, err = r.body(geom.TypePolygon, t, depth)
			default:
				g, err = r.tagged(depth+1, &t)
			}
			list = append(list, g)
			return err
		})
		if err != nil {
			return none, err
		}
	}
	return collected(kind, t, list)
}

func (r *wktReader) positions(t geom.CoordinatesType, isEmpty bool) (geom.LineString, error) {
	var flat []float64
	if !isEmpty {
		err := r.list(func() error {
			c, err := r.position(t)
			flat = append1(flat, c)
			return err
		})
		if err != nil {
			return geom.LineString{}, err
		}
	}
	return geom.NewLineString(geom.NewSequence(flat, t)), nil
}

// position reads as many numbers as the type has.
func (r *wktReader) position(t geom.CoordinatesType) (geom.Coordinates, error) {
	var v [4]float64
	for i := range t.Dimension() {
		r.peek()
		start := r.pos
		for r.pos < len(r.s) && !strings.ContainsRune(" \t\r\n(),", rune(r.s[r.pos])) {
			r.pos++
		}
		f, err := strconv.ParseFloat(r.s[start:r.pos], 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) || strings.ContainsAny(r.s[start:r.pos], "xX_pP") {
			r.pos = start
			return geom.Coordinates{}, r.bad()
		}
		v[i] = f
	}
	return placed(v[:t.Dimension()], t), nil
}

// placed is a position of numbers in the order of the type.
func placed(v []float64, t geom.CoordinatesType) geom.Coordinates {
	c := geom.Coordinates{XY: geom.XY{X: v[0], Y: v[1]}, Type: t}
	if t.Is3D() {
		c.Z = v[2]
	}
	if t.IsMeasured() {
		c.M = v[len(v)-1]
	}
	return c
}

// Text is the value as WKT, its numbers with as many significant digits.
func (g Geometry) Text(digits int) string {
	return string(appendText(nil, g.Geometry, digits, true))
}

var wktNames = [...]string{
	geom.TypeGeometryCollection: "GEOMETRYCOLLECTION", geom.TypePoint: "POINT",
	geom.TypeLineString: "LINESTRING", geom.TypePolygon: "POLYGON", geom.TypeMultiPoint: "MULTIPOINT",
	geom.TypeMultiLineString: "MULTILINESTRING", geom.TypeMultiPolygon: "MULTIPOLYGON",
}

func appendText(dst []byte, g geom.Geometry, digits int, tag bool) []byte {
	t := g.CoordinatesType()
	if tag {
		dst = append(dst, wktNames[g.Type()]...)
		if t != geom.DimXY {
			dst = append(append(dst, ' '), strings.TrimPrefix(t.String(), "XY")...)
			dst = append(dst, ' ')
		}
	}
	if tag && len(parts(g)) == 0 || g.IsEmpty() && (g.IsPoint() || g.IsLineString() || g.IsPolygon()) {
		if tag && t == geom.DimXY {
			dst = append(dst, ' ')
		}
		return append(dst, "EMPTY"...)
	}
	switch g.Type() {
	case geom.TypePoint:
		c, _ := g.MustAsPoint().Coordinates()
		dst = appendNumbers(append(dst, '('), c, digits, ' ')
		return append(dst, ')')
	case geom.TypeLineString:
		return appendLineText(dst, g.MustAsLineString(), digits)
	case geom.TypePolygon:
		for i, l := range rings(g.MustAsPolygon()) {
			dst = appendLineText(append(dst, "(,"[min(i, 1)]), l, digits)
		}
		return append(dst, ')')
	}
	for i, p := range parts(g) {
		dst = appendText(append(dst, "(,"[min(i, 1)]), p, digits, g.IsGeometryCollection())
	}
	return append(dst, ')')
}

func appendLineText(dst []byte, l geom.LineString, digits int) []byte {
	if l.IsEmpty() {
		return append(dst, "EMPTY"...)
	}
	s := l.Coordinates()
	for i := range s.Length() {
		dst = appendNumbers(append(dst, "(,"[min(i, 1)]), s.Get(i), digits, ' ')
	}
	return append(dst, ')')
}

func appendNumbers(dst []byte, c geom.Coordinates, digits int, separator byte) []byte {
	for i, v := range append1(nil, c) {
		if i > 0 {
			dst = append(dst, separator)
		}
		if v == 0 {
			v = 0 // no -0
		}
		dst = strconv.AppendFloat(dst, v, 'g', digits, 64)
	}
	return dst
}
