// Package spatial computes with GEOMETRY and GEOGRAPHY values: their forms of text and
// bytes, and the functions of Redshift that take them.
//
// A value travels as Redshift prints it, which is also how the engine stores it: EWKB in
// hexadecimal digits. The package knows neither DuckDB nor the binder.
package spatial

import (
	"encoding/hex"
	"fmt"
	"math"
	"strings"

	"github.com/peterstace/simplefeatures/geom"
)

// MaxSize is how many bytes of EWKB a value may have (spatial-limitations.md).
const MaxSize = 1048447

// maxDepth is how deep collections may be nested: assumed.
const maxDepth = 32

// Geometry is a value: a shape and the identifier of its spatial reference system, which
// is 0 where there is none.
type Geometry struct {
	geom.Geometry
	SRID int32
}

// Error is what a function refuses, with its SQLSTATE.
type Error struct {
	State, Message string
}

// Error is the SQLSTATE and the message, as errors of the engine's functions are told.
func (e *Error) Error() string { return e.State + ": " + e.Message }

func failure(state, format string, args ...any) error {
	return &Error{state, fmt.Sprintf(format, args...)}
}

// invalid is a text or a value that a function cannot read: the texts are assumed.
func invalid(format string, args ...any) error {
	return failure("22P02", format, args...)
}

// FromHex reads a value from WKB or EWKB in hexadecimal digits.
func FromHex(s string) (Geometry, error) {
	if len(s) > 2*MaxSize {
		return Geometry{}, tooLarge()
	}
	b, err := hex.DecodeString(strings.TrimSpace(s))
	if err != nil {
		return Geometry{}, invalid("invalid hexadecimal digits of a geometry")
	}
	return fromBytes(b)
}

// Hex is the value as EWKB in hexadecimal digits.
func (g Geometry) Hex() string {
	const digits = "0123456789ABCDEF"
	b := g.EWKB()
	out := make([]byte, 0, 2*len(b))
	for _, c := range b {
		out = append(out, digits[c>>4], digits[c&15])
	}
	return string(out)
}

func tooLarge() error {
	return failure("54000", "geometry is larger than the maximum of %d bytes", MaxSize)
}

// Parse reads a value as COPY does: WKB or EWKB in hexadecimal digits, WKT or EWKT
// (copy-usage_notes-spatial-data.md).
func Parse(s string) (Geometry, error) {
	s = strings.TrimSpace(s)
	if s != "" && (s[0] == '0') {
		return FromHex(s)
	}
	return FromText(s)
}

// finite tells whether no coordinate is NaN or infinite.
func finite(g geom.Geometry) bool {
	seq := g.DumpCoordinates()
	for i := range seq.Length() {
		if p := seq.GetXY(i); math.IsNaN(p.X-p.X) || math.IsNaN(p.Y-p.Y) {
			return false
		}
	}
	return true
}

// parts are the elements of a collection of any kind, and otherwise the shape itself.
func parts(g geom.Geometry) []geom.Geometry {
	var out []geom.Geometry
	switch g.Type() {
	case geom.TypeMultiPoint:
		m := g.MustAsMultiPoint()
		for i := range m.NumPoints() {
			out = append(out, m.PointN(i).AsGeometry())
		}
	case geom.TypeMultiLineString:
		m := g.MustAsMultiLineString()
		for i := range m.NumLineStrings() {
			out = append(out, m.LineStringN(i).AsGeometry())
		}
	case geom.TypeMultiPolygon:
		m := g.MustAsMultiPolygon()
		for i := range m.NumPolygons() {
			out = append(out, m.PolygonN(i).AsGeometry())
		}
	case geom.TypeGeometryCollection:
		c := g.MustAsGeometryCollection()
		for i := range c.NumGeometries() {
			out = append(out, c.GeometryN(i))
		}
	default:
		out = append(out, g)
	}
	return out
}

// simple are the points, lines and polygons that a shape consists of.
func simple(g geom.Geometry, each func(geom.Geometry)) {
	switch g.Type() {
	case geom.TypePoint, geom.TypeLineString, geom.TypePolygon:
		each(g)
	default:
		for _, p := range parts(g) {
			simple(p, each)
		}
	}
}

// rings are a polygon's rings, the outer one first.
func rings(p geom.Polygon) []geom.LineString {
	if p.IsEmpty() {
		return nil
	}
	return p.DumpRings()
}

// append1 appends a position's numbers in the order of its type.
func append1(dst []float64, c geom.Coordinates) []float64 {
	dst = append(dst, c.X, c.Y)
	if c.Type.Is3D() {
		dst = append(dst, c.Z)
	}
	if c.Type.IsMeasured() {
		dst = append(dst, c.M)
	}
	return dst
}

// positions are the positions of a sequence.
func positions(s geom.Sequence) []geom.Coordinates {
	out := make([]geom.Coordinates, s.Length())
	for i := range out {
		out[i] = s.Get(i)
	}
	return out
}

// line makes a linestring of positions, which all have the type.
func line(list []geom.Coordinates, t geom.CoordinatesType) geom.LineString {
	var flat []float64
	for _, c := range list {
		flat = append1(flat, c)
	}
	return geom.NewLineString(geom.NewSequence(flat, t))
}
