package main

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// guesses are what all values of a column so far can be.
type guesses struct {
	name    string // as in the file
	column  string // of the table
	values  int
	nulls   int
	longest int // bytes

	not      map[string]bool // what some value is not
	low, top *big.Int        // of integers
	whole    int             // digits before the point
	scale    int             // and behind it
	known    string          // the type that the file itself tells, "" for none
}

// The types that a text may be, by which the table's is chosen: the first that
// every value is.
var (
	isNumber    = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)
	isFloat     = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)
	dateForms   = []string{"2006-01-02", "2006/01/02"}
	stampForms  = []string{"2006-01-02 15:04:05.999999", "2006-01-02T15:04:05.999999", "2006-01-02 15:04", "2006/01/02 15:04:05.999999", "2006/01/02 15:04"}
	stampZForms = []string{"2006-01-02T15:04:05.999999Z07:00", "2006-01-02 15:04:05.999999Z07:00", "2006-01-02 15:04:05.999999Z07"}
)

func parsesAs(s string, forms []string) bool {
	for _, f := range forms {
		if _, err := time.Parse(f, s); err == nil && len(s) >= len("2006-01-02") {
			return true
		}
	}
	return false
}

func (g *guesses) rule(kind string, is bool) {
	if !is {
		if g.not == nil {
			g.not = map[string]bool{}
		}
		g.not[kind] = true
	}
}

// null counts a value that is not there.
func (g *guesses) null() { g.values, g.nulls = g.values+1, g.nulls+1 }

// text looks at a value of a text file.
func (g *guesses) text(s string) {
	g.values++
	g.longest = max(g.longest, len(s))
	lower := strings.ToLower(s)
	g.rule("bool", lower == "true" || lower == "false")
	g.number(s)
	g.rule("date", parsesAs(s, dateForms))
	g.rule("timestamp", parsesAs(s, stampForms) || parsesAs(s, dateForms))
	g.rule("timestamptz", parsesAs(s, stampZForms))
	g.rule("super", false)
}

func (g *guesses) number(s string) {
	g.rule("float", isFloat.MatchString(s) && len(s) < 40)
	if !isNumber.MatchString(s) {
		g.rule("int", false)
		g.rule("numeric", false)
		return
	}
	whole, behind, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	g.whole, g.scale = max(g.whole, len(whole)), max(g.scale, len(behind))
	g.rule("int", behind == "")
	if n, ok := new(big.Int).SetString(s, 10); ok {
		if g.low == nil || n.Cmp(g.low) < 0 {
			g.low = n
		}
		if g.top == nil || n.Cmp(g.top) > 0 {
			g.top = n
		}
	}
}

// json looks at a value of a JSON file. A column of several kinds is a SUPER.
func (g *guesses) json(raw json.RawMessage) {
	var s string
	switch raw[0] {
	case 'n':
		g.null()
	case '"':
		_ = json.Unmarshal(raw, &s) // it was decoded before
		g.text(s)
		g.rule("bool", false)
		g.rule("int", false)
		g.rule("numeric", false)
		g.rule("float", false)
	case 't', 'f':
		g.values++
		g.only("bool")
	case '{', '[':
		g.values++
		g.only("super")
	default:
		g.values++
		g.number(string(raw))
		for _, kind := range []string{"bool", "date", "timestamp", "timestamptz", "text"} {
			g.rule(kind, false)
		}
	}
}

// only rules out all but one kind, and SUPER, which takes everything.
func (g *guesses) only(kind string) {
	for _, k := range []string{"bool", "int", "numeric", "float", "date", "timestamp", "timestamptz", "text"} {
		g.rule(k, k == kind)
	}
}

var (
	smallest = [...]*big.Int{big.NewInt(-1 << 15), big.NewInt(-1 << 31), big.NewInt(-1 << 63)}
	greatest = [...]*big.Int{big.NewInt(1<<15 - 1), big.NewInt(1<<31 - 1), big.NewInt(1<<63 - 1)}
)

// sql is the type of the column, which holds every value as it is.
func (g *guesses) sql() string {
	can := func(kind string) bool { return !g.not[kind] }
	switch {
	case g.known != "":
		return g.known
	case g.nulls == g.values:
		return "VARCHAR(256)"
	case can("bool"):
		return "BOOLEAN"
	case can("int") && g.low != nil:
		for i, name := range []string{"SMALLINT", "INTEGER", "BIGINT"} {
			if g.low.Cmp(smallest[i]) >= 0 && g.top.Cmp(greatest[i]) <= 0 {
				return name
			}
		}
		if g.whole <= 38 {
			return fmt.Sprintf("NUMERIC(%d,0)", g.whole)
		}
	case can("numeric") && g.whole+g.scale <= 38:
		return fmt.Sprintf("NUMERIC(%d,%d)", g.whole+g.scale, g.scale)
	case can("float"):
		return "DOUBLE PRECISION"
	case can("date"):
		return "DATE"
	case can("timestamp"):
		return "TIMESTAMP"
	case can("timestamptz"):
		return "TIMESTAMPTZ"
	}
	if can("text") && g.longest <= 65535 {
		return fmt.Sprintf("VARCHAR(%d)", max(g.longest, 1))
	}
	return "SUPER"
}

// columnName makes a name that needs no quotes of a title, "c" and a number if there
// is nothing to make it of.
func columnName(title string, n int) string {
	var b strings.Builder
	for _, r := range strings.ToLower(strings.TrimSpace(title)) {
		switch {
		case r < unicode.MaxASCII && (r >= 'a' && r <= 'z' || r >= '0' && r <= '9'):
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	name := strings.TrimSuffix(b.String(), "_")
	if len(name) > 100 {
		name = name[:100]
	}
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		return strings.TrimSuffix(fmt.Sprintf("c%d_%s", n, name), "_")
	}
	return name
}
