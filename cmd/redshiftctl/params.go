package main

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// parameters are the values of --param: by number for $1, $2, … or by name for
// :name.
type parameters struct {
	values map[string]string
	used   map[string]bool
}

func parseParameters(flags []string) (parameters, error) {
	p := parameters{values: map[string]string{}, used: map[string]bool{}}
	for _, f := range flags {
		name, value, ok := strings.Cut(f, "=")
		if !ok {
			return p, usagef("--param must be like 1=value or name=value")
		}
		if n, err := strconv.Atoi(name); err == nil {
			if n < 1 || n > 1<<15-1 {
				return p, usagef("--param %s: numbers are 1 to 32767", name)
			}
			name = strconv.Itoa(n)
		} else if !plainName(name) {
			return p, usagef("--param %q: a name is letters, digits and underscores", name)
		}
		if _, twice := p.values[name]; twice {
			return p, usagef("--param %s comes twice", name)
		}
		p.values[name] = value
	}
	return p, nil
}

func plainName(s string) bool {
	for i, r := range s {
		switch {
		case r == '_', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', i > 0 && '0' <= r && r <= '9':
		default:
			return false
		}
	}
	return s != ""
}

// bind gives the statement its values: $n those with numbers; :name becomes the
// next free number, where --param has that name. Everything else with a colon
// is Redshift's (casts, paths) and stays.
func (p parameters) bind(sql string) (string, []any, error) {
	most := 0
	var args []any
	arg := func(n int, name string) error {
		value, ok := p.values[name]
		if !ok {
			return usagef("the statement has $%d, and there is no --param %d=…", n, n)
		}
		for len(args) < n {
			args = append(args, nil)
		}
		args[n-1], p.used[name] = value, true
		return nil
	}
	var names []lex.Token // of :name, without the colon
	lexer := lex.New(sql)
	before := lex.Token{}
	for t := lexer.Next(); t.Kind != lex.EOF; t = lexer.Next() {
		switch {
		case t.Kind == lex.Param:
			n, err := strconv.Atoi(t.Text(sql)[1:])
			if err != nil || n < 1 || n > 1<<15-1 {
				return "", nil, usagef("%s is no parameter", t.Text(sql))
			}
			if len(p.values) == 0 {
				return "", nil, usagef("the statement has %s, and there is no --param", t.Text(sql))
			}
			if err := arg(n, strconv.Itoa(n)); err != nil {
				return "", nil, err
			}
			most = max(most, n)
		case t.Kind == lex.Ident && before.Kind == lex.Colon && before.End == t.Pos:
			if _, ok := p.values[t.Text(sql)]; ok {
				names = append(names, t)
			}
		}
		before = t
	}
	for n := 1; n <= most; n++ { // a number that is left out has no type
		if _, ok := p.values[strconv.Itoa(n)]; !ok {
			return "", nil, usagef("the statement has $%d, and there is no --param %d=…", most, n)
		}
		if err := arg(n, strconv.Itoa(n)); err != nil {
			return "", nil, err
		}
	}
	if len(names) == 0 {
		return sql, args, nil
	}
	var b strings.Builder
	at := 0
	numbers := map[string]int{}
	for _, t := range names {
		name := t.Text(sql)
		if numbers[name] == 0 {
			most++
			numbers[name] = most
			if err := arg(most, name); err != nil {
				return "", nil, err
			}
		}
		b.WriteString(sql[at : t.Pos-1])
		b.WriteString("$" + strconv.Itoa(numbers[name]))
		at = t.End
	}
	b.WriteString(sql[at:])
	return b.String(), args, nil
}

// unused names the values that no statement has asked for.
func (p parameters) unused() error {
	for _, name := range slices.Sorted(maps.Keys(p.values)) {
		if !p.used[name] {
			return usagef("--param %s is in no statement", name)
		}
	}
	return nil
}
