package spatial

import (
	"github.com/peterstace/simplefeatures/geom"
)

// constructors make values of texts and numbers.
var constructors = map[string]function{
	// What a text is as a GEOMETRY or a GEOGRAPHY, as COPY reads it.
	"geometry_in":        func(c *call) (string, bool) { return c.read(Parse, 0) },
	"geography_in":       func(c *call) (string, bool) { return c.read(Parse, 4326) },
	"geometry":           func(c *call) (string, bool) { g := c.geometry(0); return c.like(g.Geometry, g) },
	"geography":          func(c *call) (string, bool) { return c.read(FromHex, 4326) },
	"st_geomfromewkt":    func(c *call) (string, bool) { return c.read(FromText, 0) },
	"st_geomfromewkb":    func(c *call) (string, bool) { return c.read(FromHex, 0) },
	"st_geogfromtext":    func(c *call) (string, bool) { return c.read(FromText, 4326) },
	"st_geogfromwkb":     func(c *call) (string, bool) { return c.read(FromHex, 4326) },
	"st_geomfromgeojson": func(c *call) (string, bool) { return c.read(FromGeoJSON, 0) },
	"st_geomfromtext":    func(c *call) (string, bool) { return c.readAs(FromText) },
	"st_geomfromwkb":     func(c *call) (string, bool) { return c.readAs(FromHex) },
	"st_point":           makePoint,
	"st_makepoint":       makePoint,
	"st_makeline":        makeLine,
	"st_makepolygon":     makePolygon,
	"st_polygon":         polygonOf,
	"st_makeenvelope":    makeEnvelope,
	"st_collect":         collectTwo,
	"st_linefrommultipoint": func(c *call) (string, bool) {
		g := c.kind(0, geom.TypeMultiPoint)
		return c.like(line(allPositions(g.Geometry), g.CoordinatesType()).AsGeometry(), g)
	},
}

// read reads a text; a value without a SRID gets one.
func (c *call) read(from func(string) (Geometry, error), srid int32) (string, bool) {
	g, err := from(c.text(0))
	c.fail(err)
	if g.SRID == 0 {
		g.SRID = srid
	}
	return c.like(g.Geometry, g)
}

// readAs reads a text with the SRID of the second argument, 0 without one; a negative
// SRID makes it NULL (ST_GeomFromText-function.md).
func (c *call) readAs(from func(string) (Geometry, error)) (string, bool) {
	g, err := from(c.text(0))
	c.fail(err)
	g.SRID = 0
	if len(c.args) > 1 {
		n := c.integer(1)
		if n < 0 && c.err == nil {
			return null()
		}
		g.SRID = c.srid(1)
	}
	return c.like(g.Geometry, g)
}

// makePoint is ST_Point and ST_MakePoint of two to four numbers.
func makePoint(c *call) (string, bool) {
	v := make([]float64, len(c.args))
	for i := range v {
		v[i] = c.number(i)
	}
	return c.result(geom.NewPoint(placed(v, layout(len(v) > 2, len(v) > 3))).AsGeometry(), 0)
}

// allPositions are the positions of all points of a value, but for empty ones.
func allPositions(g geom.Geometry) []geom.Coordinates { return positions(g.DumpCoordinates()) }

func makeLine(c *call) (string, bool) {
	a, b := c.pair()
	for i, g := range []Geometry{a, b} {
		switch g.Type() {
		case geom.TypePoint, geom.TypeLineString, geom.TypeMultiPoint:
		default:
			c.failf("argument %d must be a POINT, LINESTRING or MULTIPOINT", i+1)
		}
	}
	c.sameDimension(a, b)
	if c.err != nil {
		return null()
	}
	return c.like(line(append(allPositions(a.Geometry), allPositions(b.Geometry)...), a.CoordinatesType()).AsGeometry(), a)
}

func (c *call) sameDimension(a, b Geometry) {
	if c.err == nil && a.CoordinatesType() != b.CoordinatesType() {
		c.failf("geometries have different dimensions")
	}
}

// ring is a line that may be a polygon's ring.
func (c *call) ring(l geom.LineString) geom.LineString {
	if n := l.Coordinates().Length(); n == 1 || n > 1 && !closed(l) {
		c.failf("a linestring is not closed")
	}
	return l
}

func closed(l geom.LineString) bool {
	s := l.Coordinates()
	return s.Length() > 0 && s.GetXY(0) == s.GetXY(s.Length()-1)
}

func makePolygon(c *call) (string, bool) {
	outer := c.kind(0, geom.TypeLineString)
	if c.err != nil {
		return null()
	}
	list := []geom.LineString{c.ring(outer.MustAsLineString())}
	if len(c.args) > 1 {
		inner := c.kind(1, geom.TypeMultiLineString)
		c.sameSRID(outer, inner)
		c.sameDimension(outer, inner)
		if c.err != nil {
			return null()
		}
		for _, p := range parts(inner.Geometry) {
			if l := c.ring(p.MustAsLineString()); !l.IsEmpty() {
				list = append(list, l)
			}
		}
	}
	if outer.IsEmpty() {
		return c.like(geom.Polygon{}.ForceCoordinatesType(outer.CoordinatesType()).AsGeometry(), outer)
	}
	return c.like(geom.NewPolygon(list).AsGeometry(), outer)
}

func polygonOf(c *call) (string, bool) {
	l := c.kind(0, geom.TypeLineString)
	srid := c.srid(1)
	if c.err != nil {
		return null()
	}
	if l.IsEmpty() {
		c.failf("a linestring is not closed")
	}
	return c.result(geom.NewPolygon([]geom.LineString{c.ring(l.MustAsLineString())}).AsGeometry(), srid)
}

func makeEnvelope(c *call) (string, bool) {
	var v [4]float64
	for i := range v {
		v[i] = c.number(i)
	}
	var srid int32
	if len(c.args) > 4 {
		srid = c.srid(4)
	}
	return c.result(box(v[0], v[1], v[2], v[3]), srid)
}

// box is the point, line or clockwise polygon between two corners.
func box(x1, y1, x2, y2 float64) geom.Geometry {
	at := func(v ...float64) geom.LineString { return geom.NewLineString(geom.NewSequence(v, geom.DimXY)) }
	switch {
	case x1 == x2 && y1 == y2:
		return geom.NewPoint(placed([]float64{x1, y1}, geom.DimXY)).AsGeometry()
	case x1 == x2 || y1 == y2:
		return at(x1, y1, x2, y2).AsGeometry()
	}
	return geom.NewPolygon([]geom.LineString{at(x1, y1, x1, y2, x2, y2, x2, y1, x1, y1)}).AsGeometry()
}

func collectTwo(c *call) (string, bool) {
	a, b := c.pair()
	return c.collect([]Geometry{a, b})
}

// collect puts values together: a multi kind of their kind where they have one and the
// same that is simple, otherwise a collection (ST_Collect-function.md).
func (c *call) collect(list []Geometry) (string, bool) {
	if c.err != nil {
		return null()
	}
	first := list[0]
	kind := first.Type()
	shapes := make([]geom.Geometry, len(list))
	for i, g := range list {
		c.sameSRID(first, g)
		c.sameDimension(first, g)
		if g.Type() != kind {
			kind = geom.TypeGeometryCollection
		}
		shapes[i] = g.Geometry
	}
	if c.err != nil {
		return null()
	}
	multi, ok := multiKind[kind]
	if !ok {
		multi = geom.TypeGeometryCollection
	}
	g, err := collected(multi, first.CoordinatesType(), shapes)
	c.fail(err)
	return c.like(g, first)
}

var multiKind = map[geom.GeometryType]geom.GeometryType{
	geom.TypePoint: geom.TypeMultiPoint, geom.TypeLineString: geom.TypeMultiLineString,
	geom.TypePolygon: geom.TypeMultiPolygon,
}
