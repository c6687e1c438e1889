package spatial

import (
	"strings"
	"testing"
)

var seeds = []string{
	"POINT(1 2)", "SRID=4326;LINESTRING Z (0 0 1,1 1 2)", "POLYGON((0 0,1 0,0 1,0 0),(0.1 0.1,0.2 0.1,0.1 0.2,0.1 0.1))",
	"MULTIPOINT M (1 2 3,EMPTY)", "MULTIPOLYGON(((0 0,1 0,0 1,0 0)),EMPTY)", "POLYGON(EMPTY)", "POINT(",
	"GEOMETRYCOLLECTION ZM (POINT ZM (1 2 3 4),GEOMETRYCOLLECTION ZM EMPTY)", "LINESTRING(1e308 1e308,-1e308 -1e308)",
	"0101000000000000000000F03F0000000000000040", "0103000020E610000001000000", "0107000000FFFFFFFF", "01040000000100000000000000014000000000000000C000000000000000",
	`{"type":"Point","coordinates":[1,2]}`, `{"type":"Polygon","coordinates":[[[0,0],[0,1,8],[1,0],[0,0]]]}`, `{"type":"Point","coordinates":[]}`,
	`{"type":"GeometryCollection","geometries":[{"type":"MultiPoint","coordinates":[[1,2]]}]}`,
}

// FuzzParse: what is read prints as something that is read as the same value, and no
// function of it breaks.
func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var g Geometry
		var err error
		if strings.HasPrefix(s, "{") {
			g, err = FromGeoJSON(s)
		} else {
			g, err = Parse(s)
		}
		if err != nil {
			return
		}
		hex := g.Hex()
		again, err := FromHex(hex)
		if err != nil || again.Hex() != hex {
			t.Fatalf("%q: %s is read as %s, %v", s, hex, again.Hex(), err)
		}
		// Text keeps the shape to its digits: seventeen are all.
		text, err := FromText(g.Text(17))
		if finite(g.Geometry) && (err != nil || text.Text(17) != g.Text(17)) {
			t.Fatalf("%q: %s is read as %s, %v", s, g.Text(17), text.Text(17), err)
		}
		if len(s) > 300 {
			return
		}
		for name := range functions {
			for _, args := range [][]string{{hex}, {hex, hex}, {hex, "1"}, {hex, hex, "2"}, {hex, "1", hex}} {
				if _, _, err := Call(name, args); err != nil && !strings.Contains(err.Error(), ": ") {
					t.Fatalf("%s: %v", name, err)
				}
			}
		}
	})
}
