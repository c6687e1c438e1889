package dynamodoor

import (
	"context"
	"maps"
	"math/big"
	"slices"
)

// update is an UpdateExpression: its actions in order.
type update struct{ actions []action }

type action struct {
	clause string // SET, REMOVE, ADD, DELETE
	path   path
	value  *node // of all but REMOVE; "+" and "-" are operators of SET's
}

func (p *parser) update() (*update, error) {
	u := &update{}
	seen := map[string]bool{}
	for len(p.tokens) > 0 {
		clause := ""
		for _, c := range []string{"SET", "REMOVE", "ADD", "DELETE"} {
			if clause == "" && p.is(c) {
				clause = c
			}
		}
		if clause == "" {
			return nil, p.syntax()
		}
		if seen[clause] {
			return nil, invalid("Invalid UpdateExpression: The %q section can only be used once in an update expression;", clause)
		}
		seen[clause] = true
		for {
			a, err := p.action(clause)
			if err != nil {
				return nil, err
			}
			for _, other := range u.actions {
				if overlap(other.path, a.path) {
					return nil, invalid("Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [%s], path two: [%s]", other.path[0].name, a.path[0].name)
				}
			}
			u.actions = append(u.actions, a)
			if !p.is(",") {
				break
			}
		}
	}
	return u, nil
}

func overlap(a, b path) bool {
	n := min(len(a), len(b))
	return slices.Equal(a[:n], b[:n])
}

func (p *parser) action(clause string) (a action, err error) {
	a.clause = clause
	if a.path, err = p.path(); err != nil || clause == "REMOVE" {
		return a, err
	}
	if clause != "SET" {
		if a.value, err = p.operand(); err == nil && a.value.op != "value" {
			err = invalid("Invalid UpdateExpression: %s takes a value", clause)
		}
		return a, err
	}
	if err := p.expect("="); err != nil {
		return a, err
	}
	if a.value, err = p.operand(); err != nil {
		return a, err
	}
	if op := p.peek(); op == "+" || op == "-" {
		p.next()
		right, err := p.operand()
		if err != nil {
			return a, err
		}
		a.value = &node{op: op, args: []*node{a.value, right}}
	}
	return a, nil
}

// evaluate is what SET assigns, of the item as it was.
func (n *node) evaluate(item Item) (Value, error) {
	switch n.op {
	case "if_not_exists":
		if v, ok := n.args[0].operand(item); ok {
			return v, nil
		}
		return n.args[1].evaluate(item)
	case "list_append", "+", "-":
		left, err := n.args[0].evaluate(item)
		if err != nil {
			return Value{}, err
		}
		right, err := n.args[1].evaluate(item)
		if err != nil {
			return Value{}, err
		}
		if n.op != "list_append" {
			return sum(left, right, n.op == "-")
		}
		if left.Type != List || right.Type != List {
			return Value{}, invalid("An operand in the update expression has an incorrect data type")
		}
		return Value{Type: List, List: slices.Concat(left.List, right.List)}, nil
	}
	v, ok := n.operand(item)
	if !ok {
		return Value{}, invalid("The provided expression refers to an attribute that does not exist in the item")
	}
	return v, nil
}

// sum adds or takes away exactly.
func sum(a, b Value, minus bool) (Value, error) {
	if a.Type != Number || b.Type != Number {
		return Value{}, invalid("An operand in the update expression has an incorrect data type")
	}
	x, okX := new(big.Rat).SetString(a.Text)
	y, okY := new(big.Rat).SetString(b.Text)
	if !okX || !okY {
		return Value{}, invalid("The parameter cannot be converted to a numeric value")
	}
	if minus {
		y.Neg(y)
	}
	n, err := parseNumber(x.Add(x, y).FloatString(maxExponent + maxDigits + 4))
	return Value{Type: Number, Text: n.String()}, err
}

// apply is the item after the update.
func (u *update) apply(item Item) (Item, error) {
	out := clone(Value{Type: Map, Map: item})
	if out.Map == nil {
		out.Map = Item{}
	}
	removals := []path(nil)
	for _, a := range u.actions {
		switch a.clause {
		case "REMOVE":
			removals = append(removals, a.path)
			continue
		case "SET":
			v, err := a.value.evaluate(item)
			if err != nil {
				return nil, err
			}
			if err := put(&out, a.path, clone(v)); err != nil {
				return nil, err
			}
			continue
		}
		old, ok := a.path.get(item)
		v, keep, err := a.merge(old, ok)
		if err != nil {
			return nil, err
		}
		if !keep {
			removals = append(removals, a.path)
		} else if err := put(&out, a.path, v); err != nil {
			return nil, err
		}
	}
	// From the end of lists, so that the indices before hold.
	slices.SortStableFunc(removals, func(a, b path) int { return b[len(b)-1].index - a[len(a)-1].index })
	for _, w := range removals {
		remove(&out, w)
	}
	return out.Map, nil
}

// merge is what ADD and DELETE make of a number or set; keep is false where
// nothing is left.
func (a action) merge(old Value, there bool) (v Value, keep bool, err error) {
	with := a.value.value
	isSet := with.Set != nil
	switch {
	case a.clause == "ADD" && !isSet && with.Type != Number, a.clause == "DELETE" && !isSet:
		return Value{}, false, invalid("Invalid UpdateExpression: Incorrect operand type for operator or function; operator: %s, operand type: %s", a.clause, with.Type)
	case !there:
		return with, a.clause == "ADD", nil
	case old.Type != with.Type:
		return Value{}, false, invalid("An operand in the update expression has an incorrect data type")
	case !isSet:
		v, err = sum(old, with, false)
		return v, true, err
	}
	v = Value{Type: old.Type}
	if a.clause == "DELETE" {
		v.Set = slices.DeleteFunc(slices.Clone(old.Set), func(s string) bool { return slices.Contains(with.Set, s) })
		return v, len(v.Set) > 0, nil
	}
	v.Set = slices.Clone(old.Set)
	for _, s := range with.Set {
		if !slices.Contains(v.Set, s) {
			v.Set = append(v.Set, s)
		}
	}
	v.sortSet()
	return v, true, nil
}

// clone copies what an update may change of a value.
func clone(v Value) Value {
	if v.Map != nil {
		v.Map = maps.Clone(v.Map)
		for name, m := range v.Map {
			v.Map[name] = clone(m)
		}
	}
	v.List = slices.Clone(v.List)
	for i, m := range v.List {
		v.List[i] = clone(m)
	}
	return v
}

// put sets the value that a path leads to.
func put(v *Value, w path, value Value) error {
	if len(w) == 0 {
		*v = value
		return nil
	}
	s := w[0]
	switch {
	case s.name != "" && v.Type == Map:
		m, ok := v.Map[s.name]
		if !ok && len(w) > 1 {
			break
		}
		if err := put(&m, w[1:], value); err != nil {
			return err
		}
		v.Map[s.name] = m
		return nil
	case s.name == "" && v.Type == List && s.index < len(v.List):
		return put(&v.List[s.index], w[1:], value)
	case s.name == "" && v.Type == List && len(w) == 1:
		v.List = append(v.List, value)
		return nil
	}
	return invalid("The document path provided in the update expression is invalid for update")
}

// remove takes away what a path leads to, if it does.
func remove(v *Value, w path) {
	s := w[0]
	switch {
	case s.name != "" && v.Type == Map:
		if len(w) == 1 {
			delete(v.Map, s.name)
		} else if m, ok := v.Map[s.name]; ok {
			remove(&m, w[1:])
			v.Map[s.name] = m
		}
	case s.name == "" && v.Type == List && s.index < len(v.List):
		if len(w) == 1 {
			v.List = slices.Delete(v.List, s.index, s.index+1)
		} else {
			remove(&v.List[s.index], w[1:])
		}
	}
}

func (d *Door) updateItem(_ context.Context, in *itemInput) (document, error) {
	t, c, err := d.opened(in)
	if err != nil {
		return nil, err
	}
	p, err := t.placeOf(in.Key, true)
	if err != nil {
		return nil, err
	}
	switch in.ReturnValues {
	case "", "NONE", "ALL_OLD", "ALL_NEW":
	case "UPDATED_OLD", "UPDATED_NEW":
		return nil, invalid("not supported by the emulator: ReturnValues %s", in.ReturnValues)
	default:
		return nil, invalid("Return values set to invalid value")
	}
	if c.update != nil {
		for _, a := range c.update.actions {
			for _, k := range t.Key {
				if a.path[0].name == k.Name {
					return nil, invalid("One or more parameter values were invalid: Cannot update attribute %s. This attribute is part of the key", k.Name)
				}
			}
		}
	}
	old, changed, err := t.update(p, in, c)
	if err != nil {
		return nil, err
	}
	out := document{}
	switch {
	case in.ReturnValues == "ALL_NEW":
		out["Attributes"] = changed
	case in.ReturnValues == "ALL_OLD" && old != nil:
		out["Attributes"] = old
	}
	return in.capacity(out, t, writeUnits(max(changed.size(), old.size()))), nil
}

// update changes the item at a place, or makes it, as one write.
func (t *table) update(p place, in *itemInput, c compiled) (old, changed Item, err error) {
	check := in.check(c.condition)
	old, err = t.apply(func(current Item) ([]write, error) {
		if check != nil {
			if err := check(current); err != nil {
				return nil, err
			}
		}
		if changed = current; changed == nil {
			changed = in.Key
		}
		if c.update != nil {
			var err error
			if changed, err = c.update.apply(changed); err != nil {
				return nil, err
			}
		}
		if changed.size() > maxItem {
			return nil, invalid("Item size to update has exceeded the maximum allowed size")
		}
		return []write{{place: p, item: changed}}, nil
	}, p)
	return old, changed, err
}
