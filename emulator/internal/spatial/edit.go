package spatial

import (
	"slices"

	"github.com/peterstace/simplefeatures/geom"
)

// editors change a value.
var editors = map[string]function{
	"st_setsrid": func(c *call) (string, bool) { g := c.geometry(0); return c.result(g.Geometry, c.srid(1)) },
	"st_addpoint": func(c *call) (string, bool) {
		g, list := c.line(0)
		p, ok := c.pointLike(1, g)
		if !ok { // assumed, as for ST_SetPoint
			return c.like(g.Geometry, g)
		}
		at := -1
		if len(c.args) > 2 {
			at = c.integer(2)
		}
		if at == -1 {
			at = len(list)
		}
		if at < 0 || at > len(list) {
			c.index(at)
			return null()
		}
		return c.like(line(slices.Insert(list, at, p), g.CoordinatesType()).AsGeometry(), g)
	},
	"st_setpoint": func(c *call) (string, bool) {
		g, list := c.line(0)
		at := c.integer(1)
		p, ok := c.pointLike(2, g)
		c.sameSRID(g, c.geometry(2))
		if !ok {
			return c.like(g.Geometry, g)
		}
		if at < 0 {
			at += len(list)
		}
		if at < 0 || at >= len(list) {
			c.index(c.integer(1))
			return null()
		}
		list[at] = p
		return c.like(line(list, g.CoordinatesType()).AsGeometry(), g)
	},
	"st_removepoint": func(c *call) (string, bool) {
		g, list := c.line(0)
		at := c.integer(1)
		if at < 0 || at >= len(list) {
			c.index(at)
			return null()
		}
		return c.like(line(slices.Delete(list, at, at+1), g.CoordinatesType()).AsGeometry(), g)
	},
	"st_reverse": func(c *call) (string, bool) {
		g := c.geometry(0)
		if g.IsPoint() || g.IsMultiPoint() {
			return c.like(g.Geometry, g)
		}
		return c.like(g.Reverse(), g)
	},
	"st_multi": func(c *call) (string, bool) {
		g := c.geometry(0)
		multi, ok := multiKind[g.Type()]
		if !ok {
			return c.like(g.Geometry, g)
		}
		var list []geom.Geometry
		if !g.IsEmpty() {
			list = []geom.Geometry{g.Geometry}
		}
		m, err := collected(multi, g.CoordinatesType(), list)
		c.fail(err)
		return c.like(m, g)
	},
	"st_force2d":  forced(geom.DimXY),
	"st_force3d":  forced(geom.DimXYZ),
	"st_force3dz": forced(geom.DimXYZ),
	"st_force3dm": forced(geom.DimXYM),
	"st_force4d":  forced(geom.DimXYZM),
}

func forced(t geom.CoordinatesType) function {
	return func(c *call) (string, bool) {
		g := c.geometry(0)
		return c.like(g.ForceCoordinatesType(t), g)
	}
}

func (c *call) index(n int) { c.failf("index %d is out of range", n) }

// line is an argument that must be a linestring, and its positions.
func (c *call) line(i int) (Geometry, []geom.Coordinates) {
	g := c.kind(i, geom.TypeLineString)
	if c.err != nil {
		return g, nil
	}
	return g, positions(g.MustAsLineString().Coordinates())
}

// pointLike is a point that is to become one of a line, brought to its dimension; ok is
// false for an empty one.
func (c *call) pointLike(i int, of Geometry) (p geom.Coordinates, ok bool) {
	return c.point(i).ForceCoordinatesType(of.CoordinatesType()).Coordinates()
}
