package spatial

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/peterstace/simplefeatures/geom"
)

// call is a call of a function: its arguments are texts, none of them NULL. The first
// thing that is wrong with them is kept.
type call struct {
	args []string
	err  error
}

// function computes a text, or no value, which is NULL.
type function func(c *call) (string, bool)

// functions by the name that the binder calls them by.
var functions = make(map[string]function)

func init() {
	for _, group := range []map[string]function{constructors, outputs, accessors, editors, measures, relations, overlays, cells, hexagons} {
		for name, f := range group {
			functions[name] = f
		}
	}
}

// Has tells whether there is a function of that name.
func Has(name string) bool { return functions[name] != nil }

// Call computes a function of arguments of which none is NULL; ok is false for NULL. An
// error is an *Error. It may be called by many goroutines at once.
func Call(name string, args []string) (text string, ok bool, err error) {
	f := functions[name]
	if f == nil {
		return "", false, failure("XX000", "no function %s", name)
	}
	defer func() {
		// The algorithms are made for valid shapes; what is not valid has no defined
		// result (geospatial-overview.md), which here is an error.
		if p := recover(); p != nil {
			text, ok, err = "", false, failure("22023", "%s: the geometry is not valid", name)
		}
	}()
	c := &call{args: args}
	text, ok = f(c)
	if c.err != nil {
		return "", false, c.err
	}
	return text, ok, nil
}

func (c *call) fail(err error) {
	var known *Error
	if err == nil || c.err != nil {
		return
	}
	if !errors.As(err, &known) {
		err = failure("22023", "%v", err)
	}
	c.err = err
}

func (c *call) failf(format string, args ...any) {
	c.fail(&Error{"22023", fmt.Sprintf(format, args...)})
}

func (c *call) text(i int) string {
	if i >= len(c.args) {
		c.fail(failure("XX000", "%d arguments", len(c.args)))
		return ""
	}
	return c.args[i]
}

func (c *call) geometry(i int) Geometry {
	g, err := FromHex(c.text(i))
	c.fail(err)
	return g
}

// kind is an argument that must be of a kind.
func (c *call) kind(i int, kind geom.GeometryType) Geometry {
	g := c.geometry(i)
	if c.err == nil && g.Type() != kind {
		c.failf("argument %d must be a %s", i+1, wktNames[kind])
	}
	return g
}

func (c *call) point(i int) geom.Point {
	g := c.kind(i, geom.TypePoint)
	if c.err != nil {
		return geom.Point{}
	}
	return g.MustAsPoint()
}

func (c *call) number(i int) float64 {
	f, err := strconv.ParseFloat(c.text(i), 64)
	if err != nil && !math.IsInf(f, 0) {
		c.failf("argument %d is no number", i+1)
	}
	return f
}

func (c *call) integer(i int) int {
	n, err := strconv.ParseInt(c.text(i), 10, 64)
	if err != nil {
		c.failf("argument %d is no integer", i+1)
	}
	return int(n)
}

// srid is an argument that must be a SRID.
func (c *call) srid(i int) int32 {
	n := c.integer(i)
	if n < 0 || n > math.MaxInt32 {
		c.failf("SRID %d must not be negative", n)
	}
	return int32(n)
}

// pair are two arguments with the same SRID.
func (c *call) pair() (a, b Geometry) {
	a, b = c.geometry(0), c.geometry(1)
	c.sameSRID(a, b)
	return a, b
}

// list are the values of an argument with blanks between them.
func (c *call) list(i int) []Geometry {
	var out []Geometry
	for s := range strings.FieldsSeq(c.text(i)) {
		g, err := FromHex(s)
		c.fail(err)
		out = append(out, g)
	}
	if len(out) == 0 {
		c.fail(failure("XX000", "no values to collect"))
	}
	return out
}

func (c *call) sameSRID(a, b Geometry) {
	if a.SRID != b.SRID {
		c.failf("geometries have different SRIDs: %d and %d", a.SRID, b.SRID)
	}
}

// planar is an argument of which the algorithms are to be told: its numbers are finite
// and it is no collection of several kinds.
func (c *call) planar(g Geometry) geom.Geometry {
	switch {
	case c.err != nil:
	case g.IsGeometryCollection():
		c.failf("geometry collections are not supported by this function")
	case !finite(g.Geometry):
		c.failf("a coordinate is not finite")
	}
	return g.Force2D()
}

func null() (string, bool) { return "", false }

func boolean(v bool) (string, bool) { return strconv.FormatBool(v), true }

func whole(n int) (string, bool) { return strconv.Itoa(n), true }

// real is a number; NaN stays a value.
func real(f float64) (string, bool) { return strconv.FormatFloat(f, 'g', -1, 64), true }

// result is a value, which must not be too large.
func (c *call) result(g geom.Geometry, srid int32) (string, bool) {
	if c.err != nil {
		return null()
	}
	s := Geometry{g, srid}.Hex()
	if len(s) > 2*MaxSize {
		c.fail(tooLarge())
	}
	return s, true
}

// like is a value with the SRID of another.
func (c *call) like(g geom.Geometry, of Geometry) (string, bool) { return c.result(g, of.SRID) }

// limited is a text that must fit a VARCHAR.
func (c *call) limited(s string) (string, bool) {
	if len(s) > 65535 {
		c.fail(failure("22001", "the result is larger than 65535 bytes"))
	}
	return s, true
}
