package spatial

import "github.com/peterstace/simplefeatures/geom"

// isValid is "Geometric validity" of spatial-terminology.md.
func isValid(g geom.Geometry) bool {
	if !finite(g) {
		return false
	}
	if g.IsGeometryCollection() {
		for _, p := range parts(g) {
			if !isValid(p) {
				return false
			}
		}
		return true
	}
	if g.Force2D().Validate() != nil {
		return false
	}
	// The rings of a polygon leave its interior on one side: the outer ring turns one
	// way, the inner ones the other.
	valid := true
	simple(g, func(g geom.Geometry) {
		p, ok := g.AsPolygon()
		if !ok {
			return
		}
		for i, l := range rings(p) {
			if i > 0 && area2(l)*area2(p.ExteriorRing()) > 0 {
				valid = false
			}
		}
	})
	return valid
}

// isSimple is "Geometric simplicity" of spatial-terminology.md.
func isSimple(g geom.Geometry) bool {
	if repeats(g) {
		return false
	}
	switch g.Type() {
	case geom.TypeMultiLineString:
		for _, p := range parts(g) {
			if !isSimple(p) {
				return false
			}
		}
	case geom.TypeGeometryCollection:
		for _, p := range parts(g) {
			if !isSimple(p) {
				return false
			}
		}
		return true
	case geom.TypePolygon, geom.TypeMultiPolygon:
		return true
	}
	ok, defined := g.Force2D().IsSimple()
	return ok || !defined
}

// repeats tells whether a line or a ring has the same point twice in a row.
func repeats(g geom.Geometry) bool {
	found := false
	check := func(l geom.LineString) {
		s := l.Coordinates()
		for i := 1; i < s.Length(); i++ {
			found = found || s.GetXY(i-1) == s.GetXY(i)
		}
	}
	simple(g, func(g geom.Geometry) {
		if l, ok := g.AsLineString(); ok {
			check(l)
		}
		if p, ok := g.AsPolygon(); ok {
			for _, l := range rings(p) {
				check(l)
			}
		}
	})
	return found
}
