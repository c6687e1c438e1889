package spatial

import (
	"encoding/json"
	"math"

	"github.com/peterstace/simplefeatures/geom"
)

// geoJSON is a geometry of GeoJSON.
type geoJSON struct {
	Type        string            `json:"type"`
	Coordinates json.RawMessage   `json:"coordinates"`
	Geometries  []json.RawMessage `json:"geometries"`
}

var jsonKinds = map[string]geom.GeometryType{
	"Point": geom.TypePoint, "LineString": geom.TypeLineString, "Polygon": geom.TypePolygon,
	"MultiPoint": geom.TypeMultiPoint, "MultiLineString": geom.TypeMultiLineString,
	"MultiPolygon": geom.TypeMultiPolygon, "GeometryCollection": geom.TypeGeometryCollection,
}

// FromGeoJSON reads a value from GeoJSON; its SRID is 4326. Positions have a Z as soon as
// one of them does, 0 where it is not given (ST_GeomFromGeoJSON-function.md).
func FromGeoJSON(s string) (Geometry, error) {
	r := &jsonReader{}
	shape, err := r.shape([]byte(s), 0)
	if err != nil {
		return Geometry{}, err
	}
	t := geom.DimXY
	if r.z {
		t = geom.DimXYZ
	}
	g, err := shape.build(t)
	return Geometry{g, 4326}, err
}

// shape is a geometry before it is known whether it has a Z.
type shape struct {
	kind  geom.GeometryType
	list  []position // of a point or a line
	parts []shape    // rings are lines
}

type position = [3]float64

type jsonReader struct{ z bool }

func badJSON() error { return invalid("invalid GeoJSON of a geometry") }

func (r *jsonReader) shape(b []byte, depth int) (shape, error) {
	var doc geoJSON
	if err := json.Unmarshal(b, &doc); err != nil || depth > maxDepth {
		return shape{}, badJSON()
	}
	kind, ok := jsonKinds[doc.Type]
	out := shape{kind: kind}
	switch {
	case !ok, kind == geom.TypeGeometryCollection && doc.Geometries == nil,
		kind != geom.TypeGeometryCollection && len(doc.Coordinates) == 0:
		return shape{}, badJSON()
	case kind == geom.TypeGeometryCollection:
		for _, part := range doc.Geometries {
			s, err := r.shape(part, depth+1)
			if err != nil {
				return s, err
			}
			out.parts = append(out.parts, s)
		}
		return out, nil
	}
	return r.coordinates(kind, doc.Coordinates)
}

// coordinates reads the coordinates of a kind, which are lists of those of its elements.
func (r *jsonReader) coordinates(kind geom.GeometryType, b json.RawMessage) (shape, error) {
	out := shape{kind: kind}
	var of geom.GeometryType
	switch kind {
	case geom.TypePoint:
		var p []float64
		if json.Unmarshal(b, &p) != nil || p == nil || len(p) == 1 {
			return out, badJSON()
		}
		if len(p) == 0 {
			return out, nil
		}
		c, err := r.position(p)
		out.list = []position{c}
		return out, err
	case geom.TypeLineString:
		var list [][]float64
		if json.Unmarshal(b, &list) != nil || list == nil {
			return out, badJSON()
		}
		for _, p := range list {
			c, err := r.position(p)
			if err != nil {
				return out, err
			}
			out.list = append(out.list, c)
		}
		return out, nil
	case geom.TypePolygon, geom.TypeMultiLineString:
		of = geom.TypeLineString
	case geom.TypeMultiPoint:
		of = geom.TypePoint
	case geom.TypeMultiPolygon:
		of = geom.TypePolygon
	}
	var list []json.RawMessage
	if json.Unmarshal(b, &list) != nil || list == nil {
		return out, badJSON()
	}
	for _, raw := range list {
		s, err := r.coordinates(of, raw)
		if err != nil {
			return out, err
		}
		out.parts = append(out.parts, s)
	}
	return out, nil
}

func (r *jsonReader) position(p []float64) (position, error) {
	var c position
	if len(p) < 2 {
		return c, badJSON()
	}
	r.z = r.z || len(p) > 2
	for i := range min(len(p), 3) {
		if math.IsInf(p[i], 0) {
			return c, badJSON()
		}
		c[i] = p[i]
	}
	return c, nil
}

func (s shape) build(t geom.CoordinatesType) (geom.Geometry, error) {
	place := func(c position) geom.Coordinates { return placed(c[:t.Dimension()], t) }
	lineOf := func(s shape) geom.LineString {
		var list []geom.Coordinates
		for _, c := range s.list {
			list = append(list, place(c))
		}
		return line(list, t)
	}
	switch s.kind {
	case geom.TypePoint:
		if len(s.list) == 0 {
			return geom.NewEmptyPoint(t).AsGeometry(), nil
		}
		return geom.NewPoint(place(s.list[0])).AsGeometry(), nil
	case geom.TypeLineString:
		return lineOf(s).AsGeometry(), nil
	case geom.TypePolygon:
		var list []geom.LineString
		for _, ring := range s.parts {
			list = append(list, lineOf(ring))
		}
		return geom.NewPolygon(list).ForceCoordinatesType(t).AsGeometry(), nil
	}
	var list []geom.Geometry
	for _, part := range s.parts {
		g, err := part.build(t)
		if err != nil {
			return g, err
		}
		list = append(list, g)
	}
	return collected(s.kind, t, list)
}

// GeoJSON is the value as GeoJSON, its numbers with as many significant digits. M is
// left out (ST_AsGeoJSON-function.md).
func (g Geometry) GeoJSON(digits int) string {
	t := layout(g.CoordinatesType().Is3D(), false)
	return string(appendJSON(nil, g.ForceCoordinatesType(t), digits))
}

var jsonNames = func() map[geom.GeometryType]string {
	m := make(map[geom.GeometryType]string)
	for name, kind := range jsonKinds {
		m[kind] = name
	}
	return m
}()

func appendJSON(dst []byte, g geom.Geometry, digits int) []byte {
	dst = append(append(append(dst, `{"type":"`...), jsonNames[g.Type()]...), '"')
	if !g.IsGeometryCollection() {
		dst = appendCoordinates(append(dst, `,"coordinates":`...), g, digits)
		return append(dst, '}')
	}
	dst = append(dst, `,"geometries":[`...)
	for i, p := range parts(g) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendJSON(dst, p, digits)
	}
	return append(dst, "]}"...)
}

func appendCoordinates(dst []byte, g geom.Geometry, digits int) []byte {
	dst = append(dst, '[')
	switch g.Type() {
	case geom.TypePoint:
		if c, ok := g.MustAsPoint().Coordinates(); ok {
			dst = appendNumbers(dst, c, digits, ',')
		}
	case geom.TypeLineString:
		for i, c := range positions(g.MustAsLineString().Coordinates()) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendNumbers(append(dst, '['), c, digits, ','), ']')
		}
	default:
		list := parts(g)
		if p, ok := g.AsPolygon(); ok {
			list = nil
			for _, l := range rings(p) {
				list = append(list, l.AsGeometry())
			}
		}
		for i, p := range list {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendCoordinates(dst, p, digits)
		}
	}
	return append(dst, ']')
}
