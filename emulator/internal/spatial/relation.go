package spatial

import "github.com/peterstace/simplefeatures/geom"

// relations tell how two values lie to each other. That one of them is a collection of
// several kinds is an error.
var relations = map[string]function{
	"st_contains":         related(geom.Contains),
	"st_containsproperly": related(containsProperly),
	"st_coveredby":        related(geom.CoveredBy),
	"st_covers":           related(geom.Covers),
	"st_crosses":          related(geom.Crosses),
	"st_disjoint":         related(geom.Disjoint),
	"st_equals":           related(geom.Equals),
	"st_touches":          related(geom.Touches),
	"st_within":           related(geom.Within),
	"st_intersects": related(func(a, b geom.Geometry) (bool, error) {
		return geom.Intersects(a, b), nil
	}),
}

func related(f func(a, b geom.Geometry) (bool, error)) function {
	return func(c *call) (string, bool) {
		a, b := c.pair()
		p, q := c.planar(a), c.planar(b)
		if c.err != nil {
			return null()
		}
		yes, err := f(p, q)
		c.fail(err)
		return boolean(yes)
	}
}

// containsProperly: every point of b is in the interior of a.
func containsProperly(a, b geom.Geometry) (bool, error) {
	matrix, err := geom.Relate(a, b)
	if err != nil {
		return false, err
	}
	return geom.RelateMatches(matrix, "T**FF*FF*")
}
