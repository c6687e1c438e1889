package spatial

import (
	"math"

	"github.com/peterstace/simplefeatures/geom"
)

var geometryTypes = [...]string{
	geom.TypeGeometryCollection: "ST_GeometryCollection", geom.TypePoint: "ST_Point",
	geom.TypeLineString: "ST_LineString", geom.TypePolygon: "ST_Polygon", geom.TypeMultiPoint: "ST_MultiPoint",
	geom.TypeMultiLineString: "ST_MultiLineString", geom.TypeMultiPolygon: "ST_MultiPolygon",
}

// accessors tell what a value is made of.
var accessors = map[string]function{
	"geometrytype": func(c *call) (string, bool) {
		g := c.geometry(0)
		if g.CoordinatesType() == geom.DimXYM {
			return wktNames[g.Type()] + "M", true
		}
		return wktNames[g.Type()], true
	},
	"st_geometrytype": func(c *call) (string, bool) { return geometryTypes[c.geometry(0).Type()], true },
	"st_srid":         func(c *call) (string, bool) { return whole(int(c.geometry(0).SRID)) },
	"st_dimension":    func(c *call) (string, bool) { return whole(c.geometry(0).Dimension()) },
	"st_ndims":        func(c *call) (string, bool) { return whole(c.geometry(0).CoordinatesType().Dimension()) },
	"st_memsize":      func(c *call) (string, bool) { return whole(memSize(c.geometry(0).Geometry, true)) },
	// Every value can have a bounding box, which has no place in its text.
	"supportsbbox": func(c *call) (string, bool) { c.geometry(0); return boolean(true) },
	"addbbox":      func(c *call) (string, bool) { g := c.geometry(0); return c.like(g.Geometry, g) },
	"st_x":         func(c *call) (string, bool) { return c.coordinate('x') },
	"st_y":         func(c *call) (string, bool) { return c.coordinate('y') },
	"st_z":         func(c *call) (string, bool) { return c.coordinate('z') },
	"st_m":         func(c *call) (string, bool) { return c.coordinate('m') },
	"st_xmin":      func(c *call) (string, bool) { return c.extent('x', false) },
	"st_xmax":      func(c *call) (string, bool) { return c.extent('x', true) },
	"st_ymin":      func(c *call) (string, bool) { return c.extent('y', false) },
	"st_ymax":      func(c *call) (string, bool) { return c.extent('y', true) },
	"st_zmin":      func(c *call) (string, bool) { return c.extent('z', false) },
	"st_zmax":      func(c *call) (string, bool) { return c.extent('z', true) },
	"st_mmin":      func(c *call) (string, bool) { return c.extent('m', false) },
	"st_mmax":      func(c *call) (string, bool) { return c.extent('m', true) },
	"st_npoints":   func(c *call) (string, bool) { return whole(c.geometry(0).DumpCoordinates().Length()) },
	"st_nrings": func(c *call) (string, bool) {
		n := 0
		simple(c.geometry(0).Geometry, func(g geom.Geometry) {
			if p, ok := g.AsPolygon(); ok {
				n += len(rings(p))
			}
		})
		return whole(n)
	},
	"st_numgeometries": func(c *call) (string, bool) {
		return whole(len(parts(c.geometry(0).Geometry)))
	},
	"st_numinteriorrings": func(c *call) (string, bool) {
		if p, ok := c.geometry(0).AsPolygon(); ok {
			return whole(max(0, len(rings(p))-1))
		}
		return null()
	},
	"st_numpoints": func(c *call) (string, bool) {
		if l, ok := c.geometry(0).AsLineString(); ok {
			return whole(l.Coordinates().Length())
		}
		return null()
	},
	"st_startpoint": func(c *call) (string, bool) {
		return c.pointOf(func(int) int { return 0 })
	},
	"st_endpoint": func(c *call) (string, bool) {
		return c.pointOf(func(n int) int { return n - 1 })
	},
	// The index counts from 1, and below 0 from the end.
	"st_pointn": func(c *call) (string, bool) {
		i := c.integer(1)
		return c.pointOf(func(n int) int {
			if i < 0 {
				return n + i
			}
			return i - 1
		})
	},
	"st_geometryn": func(c *call) (string, bool) {
		g, n := c.geometry(0), c.integer(1)
		list := parts(g.Geometry)
		if _, single := multiKind[g.Type()]; single && n != 1 && c.err == nil {
			return null()
		}
		if n < 1 || n > len(list) {
			c.failf("index %d is out of range", n)
			return null()
		}
		return c.like(list[n-1], g)
	},
	"st_exteriorring": func(c *call) (string, bool) {
		g := c.geometry(0)
		p, ok := g.AsPolygon()
		switch {
		case !ok:
			return null()
		case p.IsEmpty(): // "an empty polygon is returned" (ST_ExteriorRing-function.md)
			return c.like(g.Geometry, g)
		}
		return c.like(p.ExteriorRing().AsGeometry(), g)
	},
	"st_interiorringn": func(c *call) (string, bool) {
		g, n := c.geometry(0), c.integer(1)
		p, ok := g.AsPolygon()
		if !ok || n < 1 || n >= len(rings(p)) {
			return null()
		}
		return c.like(rings(p)[n].AsGeometry(), g)
	},
	"st_points": func(c *call) (string, bool) {
		g := c.geometry(0)
		var list []geom.Point
		for _, p := range allPositions(g.Geometry) {
			list = append(list, geom.NewPoint(p))
		}
		return c.like(geom.NewMultiPoint(list).ForceCoordinatesType(g.CoordinatesType()).AsGeometry(), g)
	},
	"st_isempty": func(c *call) (string, bool) { return boolean(c.geometry(0).IsEmpty()) },
	"st_iscollection": func(c *call) (string, bool) {
		_, single := multiKind[c.geometry(0).Type()]
		return boolean(!single)
	},
	"st_isclosed":     func(c *call) (string, bool) { return boolean(isClosed(c.geometry(0).Geometry)) },
	"st_ispolygonccw": func(c *call) (string, bool) { return boolean(turns(c.geometry(0).Geometry, 1)) },
	"st_ispolygoncw":  func(c *call) (string, bool) { return boolean(turns(c.geometry(0).Geometry, -1)) },
	"st_issimple":     func(c *call) (string, bool) { return boolean(isSimple(c.geometry(0).Geometry)) },
	"st_isvalid":      func(c *call) (string, bool) { return boolean(isValid(c.geometry(0).Geometry)) },
	"st_isring": func(c *call) (string, bool) {
		g := c.kind(0, geom.TypeLineString)
		l, ok := g.AsLineString()
		return boolean(ok && closed(l) && isSimple(g.Geometry))
	},
}

// coordinate is one of a point's numbers; Z and M are NULL where the point has none.
func (c *call) coordinate(axis byte) (string, bool) {
	p, ok := c.point(0).Coordinates()
	if !ok {
		return null()
	}
	v, ok := along(p, axis)
	if !ok {
		return null()
	}
	return real(v)
}

func along(p geom.Coordinates, axis byte) (float64, bool) {
	switch axis {
	case 'x':
		return p.X, true
	case 'y':
		return p.Y, true
	case 'z':
		return p.Z, p.Type.Is3D()
	}
	return p.M, p.Type.IsMeasured()
}

// extent is the smallest or largest of a value's numbers; NULL where there is none.
func (c *call) extent(axis byte, largest bool) (string, bool) {
	found := false
	var v float64
	for _, p := range allPositions(c.geometry(0).Geometry) {
		n, ok := along(p, axis)
		switch {
		case !ok:
		case !found:
			v, found = n, true
		case largest:
			v = math.Max(v, n)
		default:
			v = math.Min(v, n)
		}
	}
	if !found {
		return null()
	}
	return real(v)
}

// pointOf is the point of a line at a place that is counted from 0; NULL for what is no
// line or has no such place. It keeps the SRID, also that of ST_PointN, as the example of
// ST_PointN-function.md has it and its text has not.
func (c *call) pointOf(at func(n int) int) (string, bool) {
	g := c.geometry(0)
	l, ok := g.AsLineString()
	if !ok {
		return null()
	}
	s := l.Coordinates()
	i := at(s.Length())
	if i < 0 || i >= s.Length() {
		return null()
	}
	return c.like(geom.NewPoint(s.Get(i)).AsGeometry(), g)
}

// isClosed is ST_IsClosed-function.md's list.
func isClosed(g geom.Geometry) bool {
	switch g.Type() {
	case geom.TypePoint, geom.TypeMultiPoint:
		return !g.IsEmpty()
	case geom.TypeLineString:
		return closed(g.MustAsLineString())
	case geom.TypePolygon:
		list := rings(g.MustAsPolygon())
		for _, l := range list {
			if !closed(l) {
				return false
			}
		}
		return len(list) > 0
	}
	list := parts(g)
	for _, p := range list {
		if !isClosed(p) {
			return false
		}
	}
	return len(list) > 0
}

// area2 is twice the signed area of a ring, positive if it runs counterclockwise.
func area2(l geom.LineString) float64 {
	s := l.Coordinates()
	sum := 0.0
	for i := 1; i < s.Length(); i++ {
		// Relative to the first point, so that large coordinates keep their digits.
		o, p, q := s.GetXY(0), s.GetXY(i-1), s.GetXY(i)
		sum += (p.X-o.X)*(q.Y-o.Y) - (q.X-o.X)*(p.Y-o.Y)
	}
	return sum
}

// turns tells whether all polygons have outer rings of a direction and inner rings of
// the other.
func turns(g geom.Geometry, direction float64) bool {
	all := true
	simple(g, func(g geom.Geometry) {
		p, ok := g.AsPolygon()
		if !ok {
			return
		}
		for i, l := range rings(p) {
			want := direction
			if i > 0 {
				want = -direction
			}
			all = all && area2(l)*want > 0
		}
	})
	return all
}

// memSize is assumed: the size of PostGIS's form of a value with a box of floats and
// four bytes more, which is what ST_MemSize-function.md's example has.
func memSize(g geom.Geometry, outer bool) int {
	t := g.CoordinatesType().Dimension()
	n := 8 // kind and count
	switch g.Type() {
	case geom.TypePoint, geom.TypeLineString:
		n += 8 * t * g.DumpCoordinates().Length()
	case geom.TypePolygon:
		list := rings(g.MustAsPolygon())
		n += (4*len(list) + 7) / 8 * 8
		for _, l := range list {
			n += 8 * t * l.Coordinates().Length()
		}
	default:
		for _, p := range parts(g) {
			n += memSize(p, false)
		}
	}
	if outer {
		n += 8 + 4 + 8*t
	}
	return n
}
