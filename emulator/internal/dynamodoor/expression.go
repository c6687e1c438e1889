package dynamodoor

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// path leads to a part of an item: a name, then members and elements.
type path []step

type step struct {
	name  string
	index int // with an empty name
}

// node is a part of an expression: a path, a value, or an operator or function
// over others.
type node struct {
	op    string // "path", "value", "=", "AND", "size", …
	path  path
	value Value
	args  []*node
}

// names are a request's ExpressionAttributeNames and ExpressionAttributeValues,
// and which of them its expressions used.
type names struct {
	attributes map[string]string
	values     map[string]Value
	used       map[string]bool
}

func newNames(attributes map[string]string, values map[string]Value) *names {
	return &names{attributes: attributes, values: values, used: map[string]bool{}}
}

// finish refuses what no expression used.
func (n *names) finish() error {
	for _, unused := range []struct {
		what string
		keys []string
	}{
		{"ExpressionAttributeNames", slices.Sorted(maps.Keys(n.attributes))},
		{"ExpressionAttributeValues", slices.Sorted(maps.Keys(n.values))},
	} {
		left := slices.DeleteFunc(unused.keys, func(key string) bool { return n.used[key] })
		if len(left) > 0 {
			return invalid("Value provided in %s unused in expressions: keys: {%s}", unused.what, strings.Join(left, ", "))
		}
	}
	return nil
}

var token = regexp.MustCompile(`^(?:[#:]?[A-Za-z0-9_]+|<>|<=|>=|[=<>(),.\[\]+-])`)

// maxExpression is an expression's longest text in bytes, and maxOperators how
// many operators one has at most (Limits).
const (
	maxExpression = 4 << 10
	maxNesting    = 300
)

// parser reads one expression.
type parser struct {
	kind   string // "FilterExpression"
	tokens []string
	names  *names
	depth  int
}

func newParser(kind, text string, n *names) (*parser, error) {
	p := &parser{kind: kind, names: n}
	if text == "" {
		return nil, invalid("Invalid %s: The expression can not be empty;", kind)
	}
	if len(text) > maxExpression {
		return nil, invalid("Invalid %s: Expression size has exceeded the maximum allowed size; expression size: %d", kind, len(text))
	}
	for text = strings.TrimLeft(text, " \t\r\n"); text != ""; text = strings.TrimLeft(text, " \t\r\n") {
		t := token.FindString(text)
		if t == "" {
			return nil, invalid("Invalid %s: Syntax error; token: %q, near: %q", kind, text[:1], text[:min(len(text), 10)])
		}
		p.tokens, text = append(p.tokens, t), text[len(t):]
	}
	return p, nil
}

func (p *parser) peek() string {
	if len(p.tokens) == 0 {
		return "<EOF>"
	}
	return p.tokens[0]
}

func (p *parser) next() string {
	t := p.peek()
	if len(p.tokens) > 0 {
		p.tokens = p.tokens[1:]
	}
	return t
}

// is takes a token or a word, whose case does not matter.
func (p *parser) is(t string) bool {
	if !strings.EqualFold(p.peek(), t) {
		return false
	}
	p.next()
	return true
}

func (p *parser) syntax() error {
	return invalid("Invalid %s: Syntax error; token: %q, near: %q", p.kind, p.peek(), strings.Join(p.tokens[:min(len(p.tokens), 3)], " "))
}

func (p *parser) expect(t string) error {
	if !p.is(t) {
		return p.syntax()
	}
	return nil
}

// condition reads a whole condition.
func (p *parser) condition() (*node, error) {
	n, err := p.or()
	if err == nil && len(p.tokens) > 0 {
		err = p.syntax()
	}
	return n, err
}

func (p *parser) or() (*node, error)  { return p.chain("OR", p.and) }
func (p *parser) and() (*node, error) { return p.chain("AND", p.not) }

func (p *parser) chain(op string, operand func() (*node, error)) (*node, error) {
	left, err := operand()
	for err == nil && p.is(op) {
		var right *node
		if right, err = operand(); err == nil {
			left = &node{op: op, args: []*node{left, right}}
		}
	}
	return left, err
}

func (p *parser) not() (*node, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, invalid("Invalid %s: The expression contains too many operators", p.kind)
	}
	defer func() { p.depth-- }()
	if p.is("NOT") {
		n, err := p.not()
		return &node{op: "NOT", args: []*node{n}}, err
	}
	if p.is("(") {
		n, err := p.or()
		if err != nil {
			return nil, err
		}
		return n, p.expect(")")
	}
	return p.comparison()
}

var comparators = []string{"=", "<>", "<", "<=", ">", ">="}

func (p *parser) comparison() (*node, error) {
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	switch op := p.peek(); {
	case slices.Contains(comparators, op):
		p.next()
		right, err := p.operand()
		return &node{op: op, args: []*node{left, right}}, err
	case p.is("BETWEEN"):
		low, err := p.operand()
		if err != nil {
			return nil, err
		}
		if err := p.expect("AND"); err != nil {
			return nil, err
		}
		high, err := p.operand()
		return &node{op: "BETWEEN", args: []*node{left, low, high}}, err
	case p.is("IN"):
		args, err := p.list()
		return &node{op: "IN", args: append([]*node{left}, args...)}, err
	}
	if !slices.Contains([]string{"attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains"}, left.op) {
		return nil, p.syntax()
	}
	return left, nil
}

// list reads operands between parentheses.
func (p *parser) list() ([]*node, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	var args []*node
	for {
		a, err := p.operand()
		if err != nil {
			return nil, err
		}
		args = append(args, a)
		if p.is(")") {
			return args, nil
		}
		if err := p.expect(","); err != nil {
			return nil, err
		}
	}
}

// arguments are how many each function takes.
var arguments = map[string]int{
	"attribute_exists": 1, "attribute_not_exists": 1, "attribute_type": 2, "begins_with": 2, "contains": 2, "size": 1,
	"if_not_exists": 2, "list_append": 2,
}

func (p *parser) operand() (*node, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, invalid("Invalid %s: The expression contains too many operators", p.kind)
	}
	defer func() { p.depth-- }()
	t := p.peek()
	if t[0] == ':' {
		p.next()
		v, ok := p.names.values[t]
		if !ok {
			return nil, invalid("Invalid %s: An expression attribute value used in expression is not defined; attribute value: %s", p.kind, t)
		}
		p.names.used[t] = true
		return &node{op: "value", value: v}, nil
	}
	if len(p.tokens) > 1 && p.tokens[1] == "(" {
		n, ok := arguments[t]
		if update := t == "if_not_exists" || t == "list_append"; !ok || update != (p.kind == "UpdateExpression") && t != "size" {
			return nil, invalid("Invalid %s: Invalid function name; function: %s", p.kind, t)
		}
		p.next()
		args, err := p.list()
		if err != nil {
			return nil, err
		}
		if len(args) != n {
			return nil, invalid("Invalid %s: Incorrect number of operands for operator or function; operator or function: %s, number of operands: %d", p.kind, t, len(args))
		}
		if args[0].op != "path" && t != "list_append" && t != "size" && t != "begins_with" && t != "contains" {
			return nil, invalid("Invalid %s: Operator or function requires a document path; operator or function: %s", p.kind, t)
		}
		return &node{op: t, args: args}, nil
	}
	way, err := p.path()
	return &node{op: "path", path: way}, err
}

func (p *parser) path() (path, error) {
	name, err := p.name()
	if err != nil {
		return nil, err
	}
	way := path{{name: name}}
	for {
		switch {
		case p.is("."):
			if name, err = p.name(); err != nil {
				return nil, err
			}
			way = append(way, step{name: name})
		case p.is("["):
			i, err := strconv.Atoi(p.peek())
			if err != nil || i < 0 {
				return nil, p.syntax()
			}
			p.next()
			if err := p.expect("]"); err != nil {
				return nil, err
			}
			way = append(way, step{index: i})
		default:
			return way, nil
		}
	}
}

func (p *parser) name() (string, error) {
	t := p.peek()
	switch c := t[0]; {
	case c == '#':
		p.next()
		name, ok := p.names.attributes[t]
		if !ok {
			return "", invalid("Invalid %s: An expression attribute name used in the document path is not defined; attribute name: %s", p.kind, t)
		}
		p.names.used[t] = true
		return name, nil
	case c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		p.next()
		return t, nil
	}
	return "", p.syntax()
}

// paths reads a projection.
func (p *parser) paths() ([]path, error) {
	var all []path
	for {
		way, err := p.path()
		if err != nil {
			return nil, err
		}
		all = append(all, way)
		if len(p.tokens) == 0 {
			return all, nil
		}
		if err := p.expect(","); err != nil {
			return nil, err
		}
	}
}
