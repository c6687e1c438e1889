package spatial

import (
	"strings"
)

// cells are functions of grids over the Earth.
var cells = map[string]function{
	"st_geohash":         geoHash,
	"st_geomfromgeohash": fromGeoHash,
}

const geoHashDigits = "0123456789bcdefghjkmnpqrstuvwxyz"

// geoHash halves the ranges of longitude and latitude in turn, five times a digit.
func geoHash(c *call) (string, bool) {
	p, ok := c.point(0).XY()
	n := 20
	if len(c.args) > 1 {
		n = c.integer(1)
	}
	const most = 1000
	switch {
	case c.err != nil || !ok:
		return null()
	case !(p.X >= -180 && p.X <= 180 && p.Y >= -90 && p.Y <= 90):
		c.failf("longitude and latitude of a geohash must be within -180 and 180, -90 and 90")
	case n < 1 || n > most: // assumed
		c.failf("precision of a geohash must be between 1 and %d", most)
	}
	if c.err != nil {
		return null()
	}
	ranges := [2][2]float64{{-180, 180}, {-90, 90}}
	value := [2]float64{p.X, p.Y}
	var s strings.Builder
	axis := 0
	for range n {
		digit := 0
		for range 5 {
			r := &ranges[axis]
			digit <<= 1
			if middle := (r[0] + r[1]) / 2; value[axis] >= middle {
				digit |= 1
				r[0] = middle
			} else {
				r[1] = middle
			}
			axis = 1 - axis
		}
		s.WriteByte(geoHashDigits[digit])
	}
	return s.String(), true
}

// fromGeoHash is the cell of a geohash, or of its first digits: a point where it is too
// small for more (ST_GeomFromGeoHash-function.md).
func fromGeoHash(c *call) (string, bool) {
	s := strings.ToLower(c.text(0))
	if len(c.args) > 1 {
		if n := c.integer(1); n >= 0 && n < len(s) {
			s = s[:n]
		}
	}
	ranges := [2][2]float64{{-180, 180}, {-90, 90}}
	axis := 0
	for i := range len(s) {
		digit := strings.IndexByte(geoHashDigits, s[i])
		if digit < 0 {
			c.fail(invalid("invalid geohash digit %q", s[i]))
			return null()
		}
		for bit := 4; bit >= 0; bit-- {
			r := &ranges[axis]
			r[1-digit>>bit&1] = (r[0] + r[1]) / 2
			axis = 1 - axis
		}
	}
	return c.result(box(ranges[0][0], ranges[1][0], ranges[0][1], ranges[1][1]), 0)
}
