package dynamodoor

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsjson"
)

// Type is the type of a Value, as DynamoDB calls it.
type Type string

// The types.
const (
	String    Type = "S"
	Number    Type = "N"
	Binary    Type = "B"
	Bool      Type = "BOOL"
	Null      Type = "NULL"
	Map       Type = "M"
	List      Type = "L"
	StringSet Type = "SS"
	NumberSet Type = "NS"
	BinarySet Type = "BS"
)

// Value is an attribute's. It is not changed once it is stored.
type Value struct {
	Type Type
	Text string           // of String and Number (in full, without an exponent); the bytes of Binary
	True bool             // of Bool
	Map  map[string]Value // of Map
	List []Value          // of List
	Set  []string         // of the sets, as Text is; sorted
}

// Item is one item: its attributes by name. It is not to be changed.
type Item map[string]Value

// maxDepth is how deep a value nests at most (Limits).
const maxDepth = 32

// UnmarshalJSON reads a value as the protocol has it, {"S":"text"}. Its errors are
// *awsjson.Error.
func (v *Value) UnmarshalJSON(data []byte) error { return v.read(data, 1) }

func (v *Value) read(data []byte, depth int) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return awsjson.Errorf("SerializationException", "Unexpected value type in payload")
	}
	maps.DeleteFunc(members, func(_ string, raw json.RawMessage) bool { return string(raw) == "null" })
	if len(members) > 1 {
		return invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
	}
	if depth > maxDepth {
		return invalid("Nesting Levels have exceeded supported limits: Attributes may be nested up to %d levels deep", maxDepth)
	}
	for name, raw := range members {
		v.Type = Type(name)
		return v.member(raw, depth)
	}
	return invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
}

func (v *Value) member(raw json.RawMessage, depth int) error {
	wrong := awsjson.Errorf("SerializationException", "the value of an attribute of type %s is none", v.Type)
	decode := func(into any) error {
		if err := json.Unmarshal(raw, into); err != nil {
			return wrong
		}
		return nil
	}
	switch v.Type {
	case String:
		return decode(&v.Text)
	case Number:
		if err := decode(&v.Text); err != nil {
			return err
		}
		n, err := parseNumber(v.Text)
		v.Text = n.String()
		return err
	case Binary:
		var b []byte
		err := decode(&b)
		v.Text = string(b)
		return err
	case Bool:
		return decode(&v.True)
	case Null:
		if err := decode(&v.True); err != nil {
			return err
		}
		if !v.True {
			return invalid("One or more parameter values were invalid: Null attribute value types must have the value of true")
		}
		return nil
	case Map:
		var members map[string]json.RawMessage
		if err := decode(&members); err != nil {
			return err
		}
		v.Map = make(map[string]Value, len(members))
		for name, raw := range members {
			var m Value
			if err := m.read(raw, depth+1); err != nil {
				return err
			}
			v.Map[name] = m
		}
		return nil
	case List:
		var members []json.RawMessage
		if err := decode(&members); err != nil {
			return err
		}
		v.List = make([]Value, len(members))
		for i, raw := range members {
			if err := v.List[i].read(raw, depth+1); err != nil {
				return err
			}
		}
		return nil
	case StringSet, NumberSet, BinarySet:
		return v.set(decode)
	}
	return invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
}

// set reads the members of a set.
func (v *Value) set(decode func(any) error) error {
	if v.Type == BinarySet {
		var members [][]byte
		if err := decode(&members); err != nil {
			return err
		}
		for _, b := range members {
			v.Set = append(v.Set, string(b))
		}
	} else if err := decode(&v.Set); err != nil {
		return err
	}
	if len(v.Set) == 0 {
		kind := map[Type]string{StringSet: "string", NumberSet: "number", BinarySet: "binary"}[v.Type]
		return invalid("One or more parameter values were invalid: An %s set  may not be empty", kind)
	}
	if v.Type == NumberSet {
		for i, text := range v.Set {
			n, err := parseNumber(text)
			if err != nil {
				return err
			}
			v.Set[i] = n.String()
		}
	}
	v.sortSet()
	if len(slices.Compact(slices.Clone(v.Set))) < len(v.Set) {
		return invalid("One or more parameter values were invalid: Input collection contains duplicates.")
	}
	return nil
}

func (v *Value) sortSet() {
	member := v.element()
	slices.SortFunc(v.Set, func(a, b string) int { return Value{Type: member, Text: a}.compare(Value{Type: member, Text: b}) })
}

// element is the type of a set's members.
func (v Value) element() Type { return v.Type[:1] }

// MarshalJSON writes a value as the protocol has it.
func (v Value) MarshalJSON() ([]byte, error) {
	var member any
	switch v.Type {
	case String, Number:
		member = v.Text
	case Binary:
		member = []byte(v.Text)
	case Bool, Null:
		member = v.True
	case Map:
		member = v.Map
	case List:
		member = v.List
	case BinarySet:
		set := make([][]byte, len(v.Set))
		for i, s := range v.Set {
			set[i] = []byte(s)
		}
		member = set
	default:
		member = v.Set
	}
	var out bytes.Buffer
	out.WriteString(`{"` + string(v.Type) + `":`)
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(member); err != nil {
		return nil, err
	}
	out.Truncate(out.Len() - 1) // the encoder's newline
	out.WriteByte('}')
	return out.Bytes(), nil
}

// number is a Number's, or a number's text.
func (v Value) number() number {
	n, _ := parseNumber(v.Text) // it was one when it was stored
	return n
}

// ordered tells whether values of the type have an order.
func (t Type) ordered() bool { return t == String || t == Number || t == Binary }

// compare orders two values of one ordered type: strings and binaries by bytes.
func (v Value) compare(o Value) int {
	if v.Type == Number {
		return v.number().compare(o.number())
	}
	return cmp.Compare(v.Text, o.Text)
}

// equal tells whether two values are the same; numbers are in their one form.
func (v Value) equal(o Value) bool {
	return v.Type == o.Type && v.Text == o.Text && v.True == o.True && slices.Equal(v.Set, o.Set) &&
		slices.EqualFunc(v.List, o.List, Value.equal) && maps.EqualFunc(v.Map, o.Map, Value.equal)
}

// size is what a value takes in an item's size (CapacityUnitCalculations).
func (v Value) size() int {
	size := 0
	switch v.Type {
	case String, Binary:
		return len(v.Text)
	case Number:
		return v.number().size()
	case Bool, Null:
		return 1
	case List:
		size = 3 + len(v.List)
		for _, m := range v.List {
			size += m.size()
		}
	case Map:
		size = 3 + len(v.Map) + Item(v.Map).size()
	default:
		for _, text := range v.Set {
			size += Value{Type: v.element(), Text: text}.size()
		}
	}
	return size
}

// size is an item's in bytes: names and values.
func (i Item) size() int {
	size := 0
	for name, v := range i {
		size += len(name) + v.size()
	}
	return size
}
