package spatial

import (
	"encoding/binary"
	"math"

	"github.com/peterstace/simplefeatures/geom"
)

// Flags of EWKB's type word.
const (
	wkbZ    = 0x80000000
	wkbM    = 0x40000000
	wkbSRID = 0x20000000
)

// wkbReader reads WKB, whose types count in thousands, and EWKB, whose types have flags.
type wkbReader struct {
	b     []byte
	order binary.ByteOrder
	srid  int32
	has   bool // a SRID was there
}

func fromBytes(b []byte) (Geometry, error) {
	r := &wkbReader{b: b}
	g, err := r.geometry(0)
	if err == nil && len(r.b) > 0 {
		err = invalid("%d bytes behind the WKB of a geometry", len(r.b))
	}
	return Geometry{g, r.srid}, err
}

func (r *wkbReader) short() error { return invalid("the WKB of a geometry ends too early") }

func (r *wkbReader) word() (uint32, error) {
	if len(r.b) < 4 {
		return 0, r.short()
	}
	v := r.order.Uint32(r.b)
	r.b = r.b[4:]
	return v, nil
}

// count reads how many elements follow, each of which has size bytes at least.
func (r *wkbReader) count(size int) (int, error) {
	n, err := r.word()
	if err == nil && uint64(n)*uint64(size) > uint64(len(r.b)) {
		err = r.short()
	}
	return int(n), err
}

// header reads byte order, type and SRID.
func (r *wkbReader) header() (geom.GeometryType, geom.CoordinatesType, error) {
	if len(r.b) < 5 {
		return 0, 0, r.short()
	}
	switch r.b[0] {
	case 0:
		r.order = binary.BigEndian
	case 1:
		r.order = binary.LittleEndian
	default:
		return 0, 0, invalid("invalid byte order %d in the WKB of a geometry", r.b[0])
	}
	r.b = r.b[1:]
	code, err := r.word()
	if err != nil {
		return 0, 0, err
	}
	kind := code &^ (wkbZ | wkbM | wkbSRID)
	z, m := code&wkbZ != 0, code&wkbM != 0
	if thousands := kind / 1000; thousands <= 3 {
		z, m = z || thousands&1 != 0, m || thousands&2 != 0
	}
	if code&wkbSRID != 0 {
		v, err := r.word()
		if err != nil {
			return 0, 0, err
		}
		if int32(v) < 0 {
			return 0, 0, invalid("invalid SRID in the EWKB of a geometry")
		}
		r.srid, r.has = int32(v), true
	}
	types := [...]geom.GeometryType{
		1: geom.TypePoint, geom.TypeLineString, geom.TypePolygon, geom.TypeMultiPoint,
		geom.TypeMultiLineString, geom.TypeMultiPolygon, geom.TypeGeometryCollection,
	}
	if k := kind % 1000; kind/1000 <= 3 && k >= 1 && int(k) < len(types) {
		return types[k], layout(z, m), nil
	}
	return 0, 0, invalid("invalid geometry type %d in the WKB of a geometry", kind)
}

// layout is the type of positions with or without Z and M.
func layout(z, m bool) geom.CoordinatesType {
	switch {
	case z && m:
		return geom.DimXYZM
	case z:
		return geom.DimXYZ
	case m:
		return geom.DimXYM
	}
	return geom.DimXY
}

func (r *wkbReader) geometry(depth int) (geom.Geometry, error) {
	var none geom.Geometry
	if depth > maxDepth {
		return none, invalid("geometry collections are nested more than %d deep", maxDepth)
	}
	kind, t, err := r.header()
	if err != nil {
		return none, err
	}
	switch kind {
	case geom.TypePoint:
		s, err := r.sequence(1, t)
		if err != nil {
			return none, err
		}
		if c := s.Get(0); !math.IsNaN(c.X) || !math.IsNaN(c.Y) {
			return geom.NewPoint(c).AsGeometry(), nil
		}
		return geom.NewEmptyPoint(t).AsGeometry(), nil
	case geom.TypeLineString:
		s, err := r.line(t)
		return geom.NewLineString(s).AsGeometry(), err
	case geom.TypePolygon:
		n, err := r.count(4)
		if err != nil {
			return none, err
		}
		if n == 0 {
			return geom.Polygon{}.ForceCoordinatesType(t).AsGeometry(), nil
		}
		list := make([]geom.LineString, n)
		for i := range list {
			s, err := r.line(t)
			if err != nil {
				return none, err
			}
			list[i] = geom.NewLineString(s)
		}
		return geom.NewPolygon(list).AsGeometry(), nil
	}
	n, err := r.count(5)
	if err != nil {
		return none, err
	}
	list := make([]geom.Geometry, n)
	order := r.order
	for i := range list {
		g, err := r.geometry(depth + 1)
		if err != nil {
			return none, err
		}
		r.order = order
		if g.CoordinatesType() != t {
			return none, invalid("dimensions are mixed in the WKB of a geometry")
		}
		list[i] = g
	}
	return collected(kind, t, list)
}

func (r *wkbReader) line(t geom.CoordinatesType) (geom.Sequence, error) {
	n, err := r.count(8 * t.Dimension())
	if err != nil {
		return geom.Sequence{}, err
	}
	return r.sequence(n, t)
}

func (r *wkbReader) sequence(n int, t geom.CoordinatesType) (geom.Sequence, error) {
	numbers := n * t.Dimension()
	if len(r.b) < 8*numbers {
		return geom.Sequence{}, r.short()
	}
	flat := make([]float64, numbers)
	for i := range flat {
		flat[i] = math.Float64frombits(r.order.Uint64(r.b[8*i:]))
	}
	r.b = r.b[8*numbers:]
	return geom.NewSequence(flat, t), nil
}

// collected makes a collection of a kind of elements that have the type of positions.
func collected(kind geom.GeometryType, t geom.CoordinatesType, list []geom.Geometry) (geom.Geometry, error) {
	var none geom.Geometry
	mixed := func() error { return invalid("an element of another kind in a %s", kind) }
	switch kind {
	case geom.TypeMultiPoint:
		out := make([]geom.Point, len(list))
		for i, g := range list {
			p, ok := g.AsPoint()
			if !ok {
				return none, mixed()
			}
			out[i] = p
		}
		return geom.NewMultiPoint(out).ForceCoordinatesType(t).AsGeometry(), nil
	case geom.TypeMultiLineString:
		out := make([]geom.LineString, len(list))
		for i, g := range list {
			p, ok := g.AsLineString()
			if !ok {
				return none, mixed()
			}
			out[i] = p
		}
		return geom.NewMultiLineString(out).ForceCoordinatesType(t).AsGeometry(), nil
	case geom.TypeMultiPolygon:
		out := make([]geom.Polygon, len(list))
		for i, g := range list {
			p, ok := g.AsPolygon()
			if !ok {
				return none, mixed()
			}
			out[i] = p
		}
		return geom.NewMultiPolygon(out).ForceCoordinatesType(t).AsGeometry(), nil
	}
	return geom.NewGeometryCollection(list).ForceCoordinatesType(t).AsGeometry(), nil
}

// EWKB is the value in the extended binary form, the least significant byte first.
func (g Geometry) EWKB() []byte { return appendWKB(nil, g.Geometry, g.SRID, true) }

// WKB is the value in the binary form of the Open Geospatial Consortium, which has no
// SRID.
func (g Geometry) WKB() []byte { return appendWKB(nil, g.Geometry, 0, false) }

func appendWKB(dst []byte, g geom.Geometry, srid int32, extended bool) []byte {
	codes := map[geom.GeometryType]uint32{
		geom.TypePoint: 1, geom.TypeLineString: 2, geom.TypePolygon: 3, geom.TypeMultiPoint: 4,
		geom.TypeMultiLineString: 5, geom.TypeMultiPolygon: 6, geom.TypeGeometryCollection: 7,
	}
	code := codes[g.Type()]
	t := g.CoordinatesType()
	if extended {
		if t.Is3D() {
			code |= wkbZ
		}
		if t.IsMeasured() {
			code |= wkbM
		}
		if srid != 0 {
			code |= wkbSRID
		}
	} else {
		if t.Is3D() {
			code += 1000
		}
		if t.IsMeasured() {
			code += 2000
		}
	}
	word := func(v uint32) { dst = binary.LittleEndian.AppendUint32(dst, v) }
	dst = append(dst, 1)
	word(code)
	if extended && srid != 0 {
		word(uint32(srid))
	}
	switch g.Type() {
	case geom.TypePoint:
		c, ok := g.MustAsPoint().Coordinates()
		if !ok {
			for range t.Dimension() {
				dst = binary.LittleEndian.AppendUint64(dst, 0x7ff8000000000000)
			}
			return dst
		}
		return appendPosition(dst, c)
	case geom.TypeLineString:
		return appendLine(dst, g.MustAsLineString())
	case geom.TypePolygon:
		list := rings(g.MustAsPolygon())
		word(uint32(len(list)))
		for _, l := range list {
			dst = appendLine(dst, l)
		}
		return dst
	}
	list := parts(g)
	word(uint32(len(list)))
	for _, p := range list {
		dst = appendWKB(dst, p, 0, extended)
	}
	return dst
}

func appendLine(dst []byte, l geom.LineString) []byte {
	s := l.Coordinates()
	dst = binary.LittleEndian.AppendUint32(dst, uint32(s.Length()))
	for i := range s.Length() {
		dst = appendPosition(dst, s.Get(i))
	}
	return dst
}

func appendPosition(dst []byte, c geom.Coordinates) []byte {
	number := func(v float64) { dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(v)) }
	number(c.X)
	number(c.Y)
	if c.Type.Is3D() {
		number(c.Z)
	}
	if c.Type.IsMeasured() {
		number(c.M)
	}
	return dst
}
