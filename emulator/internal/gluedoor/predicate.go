package gluedoor

import (
	"math/big"
	"regexp"
	"slices"
	"strings"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
)

// hiveNull is the value of a partition without one; in predicates it is NULL
// (assumed).
const hiveNull = "__HIVE_DEFAULT_PARTITION__"

// keyTypes are the types of partition keys that predicates take
// (API_GetPartitions), and whether they are numbers.
var keyTypes = map[string]bool{
	"string": false, "char": false, "varchar": false, "date": false, "timestamp": false,
	"int": true, "integer": true, "bigint": true, "long": true, "tinyint": true, "smallint": true, "decimal": true,
}

// truth is a value of SQL's logic.
type truth int

const (
	no truth = iota - 1
	unknown
	yes
)

// evaluator evaluates one predicate.
type evaluator struct {
	keys   map[string]int // places by name
	number []bool         // by place
	values []string       // of the partition at hand
}

// predicate makes a function that tells whether a partition's values satisfy an
// expression; an empty one all do.
func predicate(text string, keys []column) (func(values []string) (bool, error), error) {
	if strings.TrimSpace(text) == "" {
		return func([]string) (bool, error) { return true, nil }, nil
	}
	if len(text) > 2048 {
		return nil, invalid("1 validation error detected: Value at 'expression' failed to satisfy constraint: Member must have length less than or equal to 2048")
	}
	x, err := parse.Expr(text)
	if err != nil {
		return nil, invalid("Unsupported expression '%s': %s", text, err.Error())
	}
	e := &evaluator{keys: map[string]int{}}
	for i, k := range keys {
		kind, _, _ := strings.Cut(strings.ToLower(k.Type), "(")
		number, ok := keyTypes[kind]
		if !ok {
			return nil, invalid("Unsupported partition key type: %s", k.Type)
		}
		e.keys[strings.ToLower(k.Name)], e.number = i, append(e.number, number)
	}
	holds := func(values []string) (bool, error) {
		e.values = values
		t, err := e.truth(x)
		return t == yes, err
	}
	// What is wrong is said though there may be no partition.
	_, err = holds(make([]string, len(keys)))
	return holds, err
}

// operand is a value in an expression: nil is NULL.
type operand struct {
	text   *string
	number bool // compare as numbers
	key    bool
}

func (e *evaluator) operand(x ast.Expr) (operand, error) {
	switch x := x.(type) {
	case *ast.ColumnRef:
		name := x.Parts[len(x.Parts)-1].Name
		i, ok := e.keys[strings.ToLower(name)]
		if !ok {
			return operand{}, invalid("Column '%s' is not a partition key", name)
		}
		if e.values[i] == hiveNull {
			return operand{number: e.number[i], key: true}, nil
		}
		return operand{text: &e.values[i], number: e.number[i], key: true}, nil
	case *ast.Literal:
		if x.Kind == ast.NullLiteral {
			return operand{}, nil
		}
		return operand{text: &x.Text}, nil
	case *ast.Unary:
		if inner, err := e.operand(x.X); x.Op == ast.OpMinus && err == nil && inner.text != nil && !inner.key {
			text := "-" + *inner.text
			return operand{text: &text}, nil
		}
	case *ast.TypedLiteral: // DATE '2026-01-02'
		return operand{text: &x.Value}, nil
	}
	return operand{}, invalid("Unsupported expression: a predicate compares partition keys with constants")
}

// compare orders two operands; ok is false when one is NULL.
func (e *evaluator) compare(l, r operand) (c int, ok bool, err error) {
	if l.text == nil || r.text == nil {
		return 0, false, nil
	}
	if !l.number && !r.number {
		return strings.Compare(*l.text, *r.text), true, nil
	}
	a, okA := number(*l.text)
	b, okB := number(*r.text)
	if !okA && !l.key || !okB && !r.key {
		return 0, false, invalid("Unsupported expression: a number is compared with '%s' or '%s'", *l.text, *r.text)
	}
	if !okA || !okB {
		return 0, false, nil // a partition whose value is none of its type
	}
	return a.Cmp(b), true, nil
}

var decimal = regexp.MustCompile(`^[+-]?[0-9]{1,100}(\.[0-9]{1,100})?$`)

func number(text string) (*big.Rat, bool) {
	if !decimal.MatchString(text) {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

func (e *evaluator) comparison(op ast.Op, left, right ast.Expr) (truth, error) {
	l, err := e.operand(left)
	if err != nil {
		return unknown, err
	}
	r, err := e.operand(right)
	if err != nil {
		return unknown, err
	}
	c, ok, err := e.compare(l, r)
	if err != nil || !ok {
		return unknown, err
	}
	switch op {
	case ast.OpEq:
		return of(c == 0), nil
	case ast.OpNe:
		return of(c != 0), nil
	case ast.OpLt:
		return of(c < 0), nil
	case ast.OpLe:
		return of(c <= 0), nil
	case ast.OpGt:
		return of(c > 0), nil
	case ast.OpGe:
		return of(c >= 0), nil
	}
	return unknown, invalid("Unsupported operator: %s", op)
}

func of(b bool) truth {
	if b {
		return yes
	}
	return no
}

func negated(t truth, not bool) truth {
	if not {
		return -t
	}
	return t
}

func (e *evaluator) truth(x ast.Expr) (truth, error) {
	switch x := x.(type) {
	case *ast.Unary:
		if x.Op == ast.OpNot {
			t, err := e.truth(x.X)
			return -t, err
		}
	case *ast.Binary:
		if x.Op != ast.OpAnd && x.Op != ast.OpOr {
			return e.comparison(x.Op, x.L, x.R)
		}
		l, err := e.truth(x.L)
		if err != nil {
			return unknown, err
		}
		r, err := e.truth(x.R)
		if x.Op == ast.OpAnd {
			return min(l, r), err
		}
		return max(l, r), err
	case *ast.Between:
		low, err := e.comparison(ast.OpGe, x.X, x.Lo)
		if err != nil {
			return unknown, err
		}
		high, err := e.comparison(ast.OpLe, x.X, x.Hi)
		return negated(min(low, high), x.Not), err
	case *ast.In:
		if x.Query != nil {
			break
		}
		found := no
		for _, y := range x.List {
			t, err := e.comparison(ast.OpEq, x.X, y)
			if err != nil {
				return unknown, err
			}
			found = max(found, t)
		}
		return negated(found, x.Not), nil
	case *ast.Like:
		return e.like(x)
	case *ast.Is:
		if v, err := e.operand(x.X); x.Kind == ast.IsNull {
			return negated(of(v.text == nil), x.Not), err
		}
	case *ast.Literal:
		if x.Kind == ast.BoolLiteral {
			return of(x.Text == "true"), nil
		}
	}
	return unknown, invalid("Unsupported expression: a predicate knows =, <>, <, >, <=, >=, AND, OR, NOT, IN, BETWEEN, LIKE and IS NULL")
}

func (e *evaluator) like(x *ast.Like) (truth, error) {
	if x.Kind != ast.LikePlain || x.Escape != nil {
		return unknown, invalid("Unsupported expression: LIKE takes a pattern alone")
	}
	v, err := e.operand(x.X)
	if err != nil {
		return unknown, err
	}
	p, err := e.operand(x.Pattern)
	if err != nil || v.text == nil || p.text == nil {
		return unknown, err
	}
	parts := slices.Collect(strings.SplitAfterSeq(*p.text, ""))
	var pattern strings.Builder
	for _, c := range parts {
		switch c {
		case "%":
			pattern.WriteString(".*")
		case "_":
			pattern.WriteString(".")
		default:
			pattern.WriteString(regexp.QuoteMeta(c))
		}
	}
	re, err := regexp.Compile("(?s)^" + pattern.String() + "$")
	if err != nil {
		return unknown, invalid("Unsupported pattern: '%s'", *p.text)
	}
	return negated(of(re.MatchString(*v.text)), x.Not), nil
}
