package spatial

import (
	"math"

	"github.com/peterstace/simplefeatures/geom"
)

// meanRadius is that of the Earth in meters by the ellipsoid of WGS 84, (2a + b) / 3, of
// which ST_LengthSphere-function.md speaks.
const meanRadius = (2*wgsMajor + wgsMinor) / 3

const (
	wgsMajor = 6378137.0
	wgsMinor = 6356752.314245179
)

// measures are numbers about values.
var measures = map[string]function{
	"st_area":        func(c *call) (string, bool) { return real(c.geometry(0).Area()) },
	"st_length":      func(c *call) (string, bool) { return real(length(c.geometry(0).Geometry)) },
	"st_length2d":    func(c *call) (string, bool) { return real(length(c.geometry(0).Geometry)) },
	"st_perimeter":   func(c *call) (string, bool) { return real(perimeter(c.geometry(0).Geometry)) },
	"st_perimeter2d": func(c *call) (string, bool) { return real(perimeter(c.geometry(0).Geometry)) },
	"st_distance": func(c *call) (string, bool) {
		a, b := c.pair()
		p, q := c.planar(a), c.planar(b)
		if c.err != nil {
			return null()
		}
		d, ok := geom.Distance(p, q)
		if !ok {
			return null()
		}
		return real(d)
	},
	// An empty value is within no distance: assumed.
	"st_dwithin": func(c *call) (string, bool) {
		a, b := c.pair()
		p, q := c.planar(a), c.planar(b)
		most := c.number(2)
		if most < 0 {
			c.failf("threshold must not be negative")
		}
		if c.err != nil {
			return null()
		}
		d, ok := geom.Distance(p, q)
		return boolean(ok && d <= most)
	},
	"st_distancesphere": func(c *call) (string, bool) {
		a, b := c.pair()
		p, ok := c.point(0).XY()
		q, ok2 := c.point(1).XY()
		c.sameSRID(a, b)
		radius := meanRadius
		if len(c.args) > 2 {
			if radius = c.number(2); radius < 0 {
				c.failf("radius must not be negative")
			}
		}
		if !ok || !ok2 {
			return null()
		}
		return real(radius * centralAngle(p, q))
	},
	"st_lengthsphere": func(c *call) (string, bool) {
		sum := 0.0
		simple(c.geometry(0).Geometry, func(g geom.Geometry) {
			if l, ok := g.AsLineString(); ok {
				s := l.Coordinates()
				for i := 1; i < s.Length(); i++ {
					sum += meanRadius * centralAngle(s.GetXY(i-1), s.GetXY(i))
				}
			}
		})
		return real(sum)
	},
	"st_azimuth": func(c *call) (string, bool) {
		c.pair()
		p, q := c.present(0), c.present(1)
		if p == q {
			return null()
		}
		return real(turn(math.Atan2(q.X-p.X, q.Y-p.Y)))
	},
	"st_angle": func(c *call) (string, bool) {
		var p [4]geom.XY
		first := c.geometry(0)
		for i := range c.args {
			p[i] = c.present(i)
			c.sameSRID(first, c.geometry(i))
		}
		if len(c.args) == 3 { // the angle at the second point
			p = [4]geom.XY{p[1], p[0], p[1], p[2]}
		}
		if p[0] == p[1] || p[2] == p[3] {
			return null()
		}
		of := func(p, q geom.XY) float64 { return math.Atan2(q.Y-p.Y, q.X-p.X) }
		return real(turn(of(p[0], p[1]) - of(p[2], p[3])))
	},
	"st_centroid": func(c *call) (string, bool) {
		g := c.geometry(0)
		if g.IsEmpty() {
			return null()
		}
		return c.like(g.Centroid().AsGeometry(), g)
	},
	"st_lineinterpolatepoint": func(c *call) (string, bool) {
		g := c.kind(0, geom.TypeLineString)
		f := c.number(1)
		if !(f >= 0 && f <= 1) {
			c.failf("fraction must be between 0 and 1")
		}
		if c.err != nil {
			return null()
		}
		return c.like(g.MustAsLineString().InterpolatePoint(f).AsGeometry(), g)
	},
}

// present is a point that is not empty.
func (c *call) present(i int) geom.XY {
	p, ok := c.point(i).XY()
	if !ok {
		c.failf("argument %d must not be empty", i+1)
	}
	return p
}

// turn brings an angle into [0, 2π).
func turn(a float64) float64 {
	if a = math.Mod(a, 2*math.Pi); a < 0 {
		a += 2 * math.Pi
	}
	if a >= 2*math.Pi {
		a = 0
	}
	return a
}

// centralAngle is the angle between two places of degrees seen from the middle of a
// sphere, by the haversine formula.
func centralAngle(p, q geom.XY) float64 {
	const degree = math.Pi / 180
	lat1, lat2 := p.Y*degree, q.Y*degree
	s, t := math.Sin((lat2-lat1)/2), math.Sin((q.X-p.X)*degree/2)
	return 2 * math.Asin(math.Min(1, math.Sqrt(s*s+math.Cos(lat1)*math.Cos(lat2)*t*t)))
}

// length is that of the lines alone (ST_Length-function.md).
func length(g geom.Geometry) float64 {
	sum := 0.0
	simple(g, func(g geom.Geometry) {
		if l, ok := g.AsLineString(); ok {
			sum += l.Length()
		}
	})
	return sum
}

// perimeter is that of the polygons alone (ST_Perimeter-function.md).
func perimeter(g geom.Geometry) float64 {
	sum := 0.0
	simple(g, func(g geom.Geometry) {
		if p, ok := g.AsPolygon(); ok {
			for _, l := range rings(p) {
				sum += l.Length()
			}
		}
	})
	return sum
}
