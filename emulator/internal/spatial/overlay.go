package spatial

import (
	"math"
	"slices"

	"github.com/peterstace/simplefeatures/geom"
)

// overlays make new shapes of one or two.
var overlays = map[string]function{
	"st_boundary":     boundary,
	"st_envelope":     envelope,
	"st_convexhull":   convexHull,
	"st_simplify":     simplify,
	"st_intersection": intersection,
	"st_union":        union,
	"st_buffer":       buffer,
	"st_transform":    transform,
	// The values of an aggregate, with blanks between them.
	"st_collect_all": func(c *call) (string, bool) { return c.collect(c.list(0)) },
}

// boundary is ST_Boundary-function.md's list.
func boundary(c *call) (string, bool) {
	g := c.geometry(0)
	if c.err == nil && g.IsGeometryCollection() {
		c.failf("geometry collections are not supported by this function")
	}
	if c.err != nil || g.IsEmpty() {
		return c.like(g.Geometry, g)
	}
	switch g.Type() {
	case geom.TypePoint, geom.TypeMultiPoint:
		return c.like(geom.GeometryCollection{}.AsGeometry(), g)
	case geom.TypeLineString, geom.TypeMultiLineString:
		return c.like(g.Boundary(), g)
	}
	var lines []geom.Geometry
	simple(g.Geometry, func(p geom.Geometry) {
		for _, l := range rings(p.MustAsPolygon()) {
			lines = append(lines, l.AsGeometry())
		}
	})
	if g.IsPolygon() && len(lines) == 1 {
		return c.like(lines[0], g)
	}
	m, err := collected(geom.TypeMultiLineString, g.CoordinatesType(), lines)
	c.fail(err)
	return c.like(m, g)
}

func envelope(c *call) (string, bool) {
	g := c.geometry(0)
	low, high, ok := g.Envelope().MinMaxXYs()
	if !ok {
		return c.like(g.Geometry, g)
	}
	return c.like(box(low.X, low.Y, high.X, high.Y), g)
}

// convexHull keeps Z and drops M; lines and rings begin with their smallest point
// (ST_ConvexHull-function.md).
func convexHull(c *call) (string, bool) {
	g := c.geometry(0)
	if g.IsEmpty() {
		return c.like(g.Geometry, g)
	}
	if !finite(g.Geometry) {
		c.failf("a coordinate is not finite")
		return null()
	}
	heights := make(map[geom.XY]float64)
	t := layout(g.CoordinatesType().Is3D(), false)
	for _, p := range allPositions(g.Geometry) {
		if _, ok := heights[p.XY]; !ok {
			heights[p.XY] = p.Z
		}
	}
	hull := normal(g.Force2D().ConvexHull())
	lift := func(l geom.LineString) geom.LineString {
		list := positions(l.Coordinates())
		for i := range list {
			list[i].Type, list[i].Z = t, heights[list[i].XY]
		}
		return line(list, t)
	}
	switch hull.Type() {
	case geom.TypePoint:
		p, _ := hull.MustAsPoint().Coordinates()
		p.Type, p.Z = t, heights[p.XY]
		hull = geom.NewPoint(p).AsGeometry()
	case geom.TypeLineString:
		hull = lift(hull.MustAsLineString()).AsGeometry()
	case geom.TypePolygon:
		hull = geom.NewPolygon([]geom.LineString{lift(hull.MustAsPolygon().ExteriorRing())}).AsGeometry()
	}
	return c.like(hull, g)
}

func simplify(c *call) (string, bool) {
	g, tolerance := c.geometry(0), c.number(1)
	if !finite(g.Geometry) {
		c.failf("a coordinate is not finite")
	}
	if c.err != nil {
		return null()
	}
	out, err := g.Simplify(max(tolerance, 0), geom.NoValidate{})
	c.fail(err)
	return c.like(out, g)
}

// flat are two values for a set operation, which takes those of two dimensions alone.
func (c *call) flat() (a, b Geometry) {
	a, b = c.pair()
	for i, g := range []Geometry{a, b} {
		c.planar(g)
		if c.err == nil && g.CoordinatesType() != geom.DimXY {
			c.failf("argument %d must be two-dimensional", i+1)
		}
	}
	return a, b
}

func intersection(c *call) (string, bool) {
	a, b := c.flat()
	if c.err != nil {
		return null()
	}
	g, err := geom.Intersection(a.Geometry, b.Geometry)
	c.fail(err)
	if g.IsEmpty() {
		// Of the kind of the smaller dimension, as the example has it.
		return c.like(nothing(min(a.Dimension(), b.Dimension())), a)
	}
	return c.like(normal(g), a)
}

// nothing is the empty shape of a dimension.
func nothing(dimension int) geom.Geometry {
	switch dimension {
	case 0:
		return geom.NewEmptyPoint(geom.DimXY).AsGeometry()
	case 1:
		return geom.LineString{}.AsGeometry()
	}
	return geom.Polygon{}.AsGeometry()
}

// union is that of points and polygons; with an empty shape it is empty
// (ST_Union-function.md).
func union(c *call) (string, bool) {
	a, b := c.flat()
	for i, g := range []Geometry{a, b} {
		if c.err == nil && (g.IsLineString() || g.IsMultiLineString()) {
			c.failf("argument %d must not be a linestring", i+1)
		}
	}
	if c.err != nil {
		return null()
	}
	if a.IsEmpty() || b.IsEmpty() {
		return c.like(nothing(max(a.Dimension(), b.Dimension())), a)
	}
	g, err := geom.Union(a.Geometry, b.Geometry)
	c.fail(err)
	return c.like(normal(g), a)
}

// buffer is the union of what lies around each segment: the hull of two circles of
// straight sides whose corners lie at the same angles everywhere. ST_Buffer's examples
// have those of axis-parallel lines; the sides of others are assumed to be as far away
// as the circle's.
func buffer(c *call) (string, bool) {
	g, distance, quarter := c.geometry(0), c.number(1), 8
	flat := c.planar(g)
	if len(c.args) > 2 {
		quarter = max(c.integer(2), 1) // none is one: assumed
	}
	const most = 1000
	if quarter > most {
		c.failf("more than %d segments per quarter circle", most)
	}
	if math.IsNaN(distance) || math.IsInf(distance, 0) {
		c.failf("distance must be finite")
	}
	if c.err != nil {
		return null()
	}
	var solid []geom.Geometry // the polygons
	var around []geom.Geometry
	circle := circleOf(math.Abs(distance), quarter)
	along := func(s geom.Sequence) {
		for i := range s.Length() {
			around = append(around, swept(circle, s.GetXY(max(i-1, 0)), s.GetXY(i)))
		}
	}
	simple(flat, func(g geom.Geometry) {
		switch g.Type() {
		case geom.TypePoint, geom.TypeLineString:
			if distance > 0 {
				along(g.DumpCoordinates())
			}
		case geom.TypePolygon:
			if !g.IsEmpty() {
				solid = append(solid, g)
			}
			if distance != 0 {
				for _, l := range rings(g.MustAsPolygon()) {
					along(l.Coordinates())
				}
			}
		}
	})
	whole, err := geom.UnionMany(solid)
	c.fail(err)
	edge, err := geom.UnionMany(around)
	c.fail(err)
	if c.err != nil {
		return null()
	}
	if distance < 0 {
		whole, err = geom.Difference(whole, edge)
	} else {
		whole, err = geom.Union(whole, edge)
	}
	c.fail(err)
	if whole.IsEmpty() {
		whole = nothing(2)
	}
	return c.like(normal(whole), g)
}

// circleOf are the corners around the middle, clockwise from the west.
func circleOf(radius float64, quarter int) []geom.XY {
	out := make([]geom.XY, 4*quarter)
	for i := range out {
		s, t := math.Sincos(math.Pi / 2 * float64(i%quarter) / float64(quarter))
		p := geom.XY{X: -radius * t, Y: radius * s}
		for range i / quarter {
			p = geom.XY{X: p.Y, Y: -p.X}
		}
		out[i] = p
	}
	return out
}

// swept is what the circle covers on its way.
func swept(circle []geom.XY, from, to geom.XY) geom.Geometry {
	var flat []float64
	for _, p := range circle {
		flat = append(flat, from.X+p.X, from.Y+p.Y)
		if from != to {
			flat = append(flat, to.X+p.X, to.Y+p.Y)
		}
	}
	return geom.NewLineString(geom.NewSequence(flat, geom.DimXY)).ConvexHull()
}

// normal brings a result into the form of the guide's examples: outer rings clockwise,
// inner ones not, from the smallest corner on and without corners on straight lines;
// parts in the order of their smallest corners (assumed).
func normal(g geom.Geometry) geom.Geometry {
	switch g.Type() {
	case geom.TypeLineString:
		s := g.MustAsLineString().Coordinates()
		if n := s.Length(); n == 2 && less(s.GetXY(1), s.GetXY(0)) {
			return g.Reverse()
		}
		return g
	case geom.TypePolygon:
		var list []geom.LineString
		for i, l := range rings(g.MustAsPolygon()) {
			list = append(list, normalRing(l, i == 0))
		}
		return geom.NewPolygon(list).AsGeometry()
	case geom.TypeMultiPolygon, geom.TypeMultiPoint, geom.TypeMultiLineString, geom.TypeGeometryCollection:
		list := parts(g)
		for i := range list {
			list[i] = normal(list[i])
		}
		slices.SortStableFunc(list, func(a, b geom.Geometry) int {
			p, q := a.DumpCoordinates(), b.DumpCoordinates()
			switch {
			case a.Dimension() != b.Dimension():
				return a.Dimension() - b.Dimension()
			case p.Length() == 0 || q.Length() == 0:
				return p.Length() - q.Length()
			case less(p.GetXY(0), q.GetXY(0)):
				return -1
			case less(q.GetXY(0), p.GetXY(0)):
				return 1
			}
			return 0
		})
		out, err := collected(g.Type(), g.CoordinatesType(), list)
		if err != nil {
			return g
		}
		return out
	}
	return g
}

func less(p, q geom.XY) bool { return p.X < q.X || p.X == q.X && p.Y < q.Y }

func normalRing(l geom.LineString, clockwise bool) geom.LineString {
	s := l.Coordinates()
	var list []geom.XY
	for i := range s.Length() - 1 {
		list = append(list, s.GetXY(i))
	}
	if area2(l) < 0 != clockwise {
		slices.Reverse(list)
	}
	first := 0
	for i, p := range list {
		if less(p, list[first]) {
			first = i
		}
	}
	list = append(list[first:], list[:first]...)
	var flat []float64
	n := len(list)
	for i, p := range list {
		a, b := list[(i+n-1)%n], list[(i+1)%n]
		if (p.X-a.X)*(b.Y-p.Y) != (p.Y-a.Y)*(b.X-p.X) {
			flat = append(flat, p.X, p.Y)
		}
	}
	if len(flat) < 6 {
		return l
	}
	return geom.NewLineString(geom.NewSequence(append(flat, flat[0], flat[1]), geom.DimXY))
}

// transform goes between longitudes with latitudes of WGS 84 and web maps' Mercator,
// which are exact formulas of the sphere; other systems would need a library of
// projections.
func transform(c *call) (string, bool) {
	g, to := c.geometry(0), c.srid(1)
	if c.err != nil {
		return null()
	}
	const degree = math.Pi / 180
	switch from := g.SRID; {
	case from == to && to != 0:
		return c.result(g.Geometry, to)
	case from == 4326 && to == 3857:
		return c.result(g.TransformXY(func(p geom.XY) geom.XY {
			return geom.XY{X: wgsMajor * p.X * degree, Y: wgsMajor * math.Asinh(math.Tan(p.Y*degree))}
		}), to)
	case from == 3857 && to == 4326:
		return c.result(g.TransformXY(func(p geom.XY) geom.XY {
			return geom.XY{X: p.X / wgsMajor / degree, Y: math.Atan(math.Sinh(p.Y/wgsMajor)) / degree}
		}), to)
	}
	c.fail(failure("0A000", "not supported by the emulator: ST_TRANSFORM from SRID %d to %d", g.SRID, to))
	return null()
}
