package datadoor

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// parameter is a named value of a statement.
type parameter struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// checkParameters says what is wrong with a list of parameters.
func checkParameters(params []parameter) error {
	seen := map[string]bool{}
	for i, p := range params {
		switch {
		case p.Name == "" || strings.Trim(p.Name, nameBytes) != "":
			return constraint(p.Name, fmt.Sprintf("parameters.%d.member.name", i+1), "satisfy regular expression pattern: [0-9a-zA-Z_]+")
		case p.Value == "":
			return constraint(p.Value, fmt.Sprintf("parameters.%d.member.value", i+1), "have length greater than or equal to 1")
		case !utf8.ValidString(p.Value):
			return constraint(p.Name, fmt.Sprintf("parameters.%d.member.value", i+1), "be text")
		case seen[p.Name]:
			return invalid("Parameters list contains duplicate parameters. Duplicate parameters: [%s]", p.Name)
		}
		seen[p.Name] = true
	}
	return nil
}

const nameBytes = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"

// numbered is a statement whose parameters have numbers.
type numbered struct {
	text string
	used []string // by number
	// cuts are the places where text and the statement part: character offsets
	// behind each replacement.
	cuts []cut
	// foreign: the statement has a $n of its own, which has no value.
	foreign bool
}

type cut struct{ in, out int }

// number turns :name into $n outside of quotes and comments. Names that are not
// among params stay, and are the server's error.
func number(sql string, params []parameter) numbered {
	if len(params) == 0 {
		return numbered{text: sql}
	}
	var (
		out  []byte
		n    numbered
		done int // sql up to here is in out
	)
	l := lex.New(sql)
	for {
		tok := l.Next()
		if tok.Kind == lex.EOF {
			break
		}
		if tok.Kind != lex.Colon {
			n.foreign = n.foreign || tok.Kind == lex.Param
			continue
		}
		name := sql[tok.End:]
		if i := strings.IndexFunc(name, func(r rune) bool { return r > 127 || !strings.ContainsRune(nameBytes, r) }); i >= 0 {
			name = name[:i]
		}
		if !slices.ContainsFunc(params, func(p parameter) bool { return p.Name == name }) {
			continue
		}
		i := slices.Index(n.used, name)
		if i < 0 {
			n.used = append(n.used, name)
			i = len(n.used) - 1
		}
		out = append(out, sql[done:tok.Pos]...)
		// Blanks keep the number apart from a word or a digit beside it.
		out = append(out, " $"+strconv.Itoa(i+1)+" "...)
		done = tok.End + len(name)
		n.cuts = append(n.cuts, cut{in: utf8.RuneCountInString(sql[:done]), out: utf8.RuneCount(out)})
		l = lex.At(sql, done)
	}
	n.text = string(append(out, sql[done:]...))
	return n
}

// original is the place in the statement of a place in text; both count
// characters from 1.
func (n numbered) original(position int) int {
	for _, c := range slices.Backward(n.cuts) {
		if position > c.out {
			return position - c.out + c.in
		}
	}
	return position
}

// values are the arguments in the order of their numbers.
func (n numbered) values(params []parameter) [][]byte {
	values := make([][]byte, len(n.used))
	for i, name := range n.used {
		for _, p := range params {
			if p.Name == name {
				values[i] = []byte(p.Value)
			}
		}
	}
	return values
}

// unused are the names of parameters that no statement has.
func unused(params []parameter, statements []numbered) []string {
	var names []string
	for _, p := range params {
		if !slices.ContainsFunc(statements, func(n numbered) bool { return slices.Contains(n.used, p.Name) }) {
			names = append(names, p.Name)
		}
	}
	return names
}
