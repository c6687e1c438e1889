package spatial

import "strings"

// outputs write values as texts and bytes; bytes are given in hexadecimal digits.
var outputs = map[string]function{
	"st_astext": func(c *call) (string, bool) { return c.limited(c.geometry(0).Text(c.digits())) },
	"st_asewkt": func(c *call) (string, bool) {
		g := c.geometry(0)
		s := g.Text(c.digits())
		if g.SRID != 0 {
			n, _ := whole(int(g.SRID))
			s = "SRID=" + n + ";" + s
		}
		return c.limited(s)
	},
	"st_asgeojson": func(c *call) (string, bool) { return c.limited(c.geometry(0).GeoJSON(c.digits())) },
	"st_asbinary":  func(c *call) (string, bool) { return c.wkb(), true },
	"st_asewkb":    func(c *call) (string, bool) { return c.geometry(0).Hex(), true },
	"st_ashexewkb": func(c *call) (string, bool) { return c.limited(c.geometry(0).Hex()) },
	"st_ashexwkb":  func(c *call) (string, bool) { return c.limited(c.wkb()) },
}

// digits is the precision of the second argument, 15 without one.
func (c *call) digits() int {
	if len(c.args) < 2 {
		return 15
	}
	n := c.integer(1)
	if n < 1 || n > 20 {
		c.failf("precision %d must be between 1 and 20", n)
		return 15
	}
	return n
}

func (c *call) wkb() string {
	const digits = "0123456789ABCDEF"
	var s strings.Builder
	for _, b := range c.geometry(0).WKB() {
		s.WriteByte(digits[b>>4])
		s.WriteByte(digits[b&15])
	}
	return s.String()
}
