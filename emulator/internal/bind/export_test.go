package bind

import (
	"maps"
	"slices"
	"strings"
)

// samples are expressions by argument letter: a column, a constant and NULL.
var samples = map[byte][]string{
	't': {"name", "'5'", "NULL", "code"},
	'i': {"id", "2", "NULL", "qty"},
	'l': {"big", "3", "NULL"},
	'n': {"price", "f", "id", "1.5", "NULL", "r"},
	'f': {"f", "0.5", "NULL", "id"},
	'd': {"d", "'2024-01-31'", "NULL"},
	's': {"ts", "'2024-01-31 10:00:00'", "NULL", "d"},
	'z': {"tz", "'2024-01-31 10:00:00+02'", "NULL"},
	'm': {"ts", "d", "tz", "'2024-02-29'"},
	'b': {"ok", "true", "NULL"},
	'v': {"vb", "NULL"},
	'u': {"s", "NULL", "json_parse('[1,{\"a\":2}]')"},
	'a': {"id", "name", "NULL"},
	'g': {"st_point(id, 2)", "NULL", "st_geomfromtext('LINESTRING Z (0 0 1,1 1 2)')", "st_geomfromtext('POLYGON((0 0,1 0,0 1,0 0))', 4326)"},
	'k': {"'{\"logm\":15,\"sparse\":{\"indices\":[5],\"values\":[1]}}'::hllsketch", "NULL"},
	'o': {"st_geogfromtext('POINT(1 2)')", "NULL"},
}

// SampleCalls is a call of every form of every function with arguments of several
// kinds each.
func SampleCalls() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(functions)) {
		for _, o := range functions[name] {
			for k := range 4 {
				args := make([]string, len(o.args))
				for i := range args {
					list := samples[o.args[i]]
					args[i] = list[(k+i*(k/2))%len(list)]
				}
				out = append(out, name+"("+strings.Join(args, ", ")+")")
			}
		}
	}
	return out
}

// SpecialNames are the functions that are bound by code.
func SpecialNames() []string { return slices.Sorted(maps.Keys(specials)) }

// AggregateNames are the aggregates.
func AggregateNames() []string { return slices.Sorted(maps.Keys(aggregates)) }
