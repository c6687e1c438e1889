package dynamodoor

import (
	"slices"
	"strconv"
	"strings"
)

// get follows a path in an item.
func (w path) get(item Item) (Value, bool) {
	v, ok := item[w[0].name]
	for _, s := range w[1:] {
		switch {
		case !ok:
			return Value{}, false
		case s.name != "":
			v, ok = v.Map[s.name]
		case s.index < len(v.List):
			v = v.List[s.index]
		default:
			return Value{}, false
		}
	}
	return v, ok
}

// operand is a node's value for an item; ok is false where there is none.
func (n *node) operand(item Item) (v Value, ok bool) {
	switch n.op {
	case "path":
		return n.path.get(item)
	case "value":
		return n.value, true
	case "size":
		of, ok := n.args[0].operand(item)
		size := 0
		switch {
		case !ok || of.Type == Number || of.Type == Bool || of.Type == Null:
			return Value{}, false
		case of.Type == String || of.Type == Binary:
			size = len(of.Text)
		default:
			size = len(of.List) + len(of.Map) + len(of.Set)
		}
		return Value{Type: Number, Text: strconv.Itoa(size)}, true
	}
	return Value{}, false
}

// holds tells whether a condition is true of an item. What has no value, or one of
// another type, makes a comparison false.
func (n *node) holds(item Item) bool {
	switch n.op {
	case "AND":
		return n.args[0].holds(item) && n.args[1].holds(item)
	case "OR":
		return n.args[0].holds(item) || n.args[1].holds(item)
	case "NOT":
		return !n.args[0].holds(item)
	case "attribute_exists", "attribute_not_exists":
		_, ok := n.args[0].operand(item)
		return ok == (n.op == "attribute_exists")
	}
	values := make([]Value, len(n.args))
	there := make([]bool, len(n.args))
	for i, a := range n.args {
		values[i], there[i] = a.operand(item)
	}
	if n.op == "<>" {
		return there[0] != there[1] || there[0] && !values[0].equal(values[1])
	}
	if !there[0] {
		return false
	}
	rest := values[1:]
	for i, ok := range there[1:] {
		if !ok && n.op != "IN" {
			return false
		} else if !ok {
			rest[i] = Value{}
		}
	}
	return n.compare(values[0], rest)
}

func (n *node) compare(v Value, with []Value) bool {
	ordered := func(o Value) bool { return v.Type == o.Type && v.Type.ordered() }
	switch n.op {
	case "=":
		return v.equal(with[0])
	case "IN":
		return slices.ContainsFunc(with, v.equal)
	case "BETWEEN":
		return ordered(with[0]) && ordered(with[1]) && v.compare(with[0]) >= 0 && v.compare(with[1]) <= 0
	case "attribute_type":
		return with[0].Type == String && string(v.Type) == with[0].Text
	case "begins_with":
		return v.Type == with[0].Type && v.Type != Number && v.Type.ordered() && strings.HasPrefix(v.Text, with[0].Text)
	case "contains":
		return v.contains(with[0])
	}
	if !ordered(with[0]) {
		return false
	}
	switch c := v.compare(with[0]); n.op {
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	default:
		return c >= 0
	}
}

func (v Value) contains(o Value) bool {
	switch v.Type {
	case String, Binary:
		return v.Type == o.Type && strings.Contains(v.Text, o.Text)
	case List:
		return slices.ContainsFunc(v.List, o.equal)
	case StringSet, NumberSet, BinarySet:
		return v.element() == o.Type && slices.Contains(v.Set, o.Text)
	}
	return false
}

// project gives the parts of an item that paths lead to; elements of lists close
// up.
func project(item Item, paths []path) Item {
	out := Item{}
	byName := map[string][]path{}
	for _, w := range paths {
		byName[w[0].name] = append(byName[w[0].name], w[1:])
	}
	for name, rest := range byName {
		if v, ok := item[name]; ok {
			if part, ok := v.project(rest); ok {
				out[name] = part
			}
		}
	}
	return out
}

func (v Value) project(paths []path) (Value, bool) {
	if slices.ContainsFunc(paths, func(w path) bool { return len(w) == 0 }) {
		return v, true
	}
	switch v.Type {
	case Map:
		var inside []path
		for _, w := range paths {
			if w[0].name != "" {
				inside = append(inside, w)
			}
		}
		part := project(v.Map, inside)
		return Value{Type: Map, Map: part}, len(part) > 0
	case List:
		out := Value{Type: List}
		for i, e := range v.List {
			var rest []path
			for _, w := range paths {
				if w[0].name == "" && w[0].index == i {
					rest = append(rest, w[1:])
				}
			}
			if len(rest) == 0 {
				continue
			}
			if part, ok := e.project(rest); ok {
				out.List = append(out.List, part)
			}
		}
		return out, len(out.List) > 0
	}
	return Value{}, false
}
