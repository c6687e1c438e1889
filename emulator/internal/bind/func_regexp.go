package bind

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// regexpForms are the arguments behind source and pattern: r is the replacement, i
// an integer, p the parameters.
var regexpForms = map[string]string{
	"regexp_count": "ip", "regexp_substr": "iip", "regexp_replace": "rip", "regexp_instr": "iiip",
}

// regexpArgs are the arguments of a REGEXP_ function.
type regexpArgs struct {
	source, pattern, replacement string
	// position and occurrence are 1 and option 0 when they were not given.
	position, occurrence, option string
	group                        bool
	from                         string // source from position on
}

// lookaround is what Perl's expressions have (REGEXP_COUNT.md, "p") and RE2 has not.
var lookaround = regexp.MustCompile(`\(\?(=|!|<=|<!|>)|\\[1-9]`)

// regexpCall binds the REGEXP_ functions (REGEXP_COUNT.md and its kin). DuckDB's
// expressions are RE2's, which has no lookaround ("p" is taken, and fails there).
func regexpCall(b *binder, c *call) (node, error) {
	a, err := b.regexpArgs(c)
	if err != nil {
		return node{}, err
	}
	group := ""
	if a.group {
		group = ", 1"
	}
	out := node{typ: typed(rstype.Int4)}
	switch c.name {
	case "regexp_count":
		out.sql = "len(regexp_extract_all(" + a.from + ", " + a.pattern + "))"
	case "regexp_substr":
		// Without a match the text is empty (REGEXP_SUBSTR.md, 2026).
		out.typ = typed(rstype.Varchar)
		out.sql = "regexp_extract(" + a.from + ", " + a.pattern + group + ")"
		if a.occurrence != "1" {
			out.sql = "(CASE WHEN " + parens(a.source) + " IS NOT NULL THEN coalesce(regexp_extract_all(" + a.from + ", " + a.pattern + group + ")[" + a.occurrence + "], '') END)"
		}
	case "regexp_replace":
		out.typ = typed(rstype.Varchar)
		out.sql = "regexp_replace(" + a.from + ", " + a.pattern + ", " + a.replacement + ", 'g')"
		if a.position != "1" {
			out.sql = "(left(" + a.source + ", " + a.position + " - 1) || " + out.sql + ")"
		}
	case "regexp_instr":
		as := func(sql string) string { return "CAST(" + sql + " AS VARCHAR)" }
		out.sql = rsCall(c.name, a.source, a.pattern, as(a.position), as(a.occurrence), as(a.option), text(strconv.FormatBool(a.group)))
	}
	return out, nil
}

func (b *binder) regexpArgs(c *call) (*regexpArgs, error) {
	form := "tt" + regexpForms[c.name]
	if len(c.args) < 2 || len(c.args) > len(form) {
		return nil, c.mismatch()
	}
	a := &regexpArgs{replacement: "''", position: "1", occurrence: "1", option: "0"}
	ints := []*string{&a.position, &a.occurrence, &a.option}
	for i, n := range c.args {
		var err error
		switch form[i] {
		case 't':
			if n, err = b.asText(n, c.offset(i)); err != nil {
				return nil, err
			}
			if i == 0 {
				a.source = n.sql
			} else {
				a.pattern = n.sql
				if p, ok := c.constText(1); ok && lookaround.MatchString(p) {
					return nil, unsupported(c.offset(1), "a pattern that looks around or back")
				}
			}
		case 'r':
			if n.lit != nil && n.lit.Kind == ast.StringLiteral {
				a.replacement = text(replacement(n.lit.Text))
				break
			}
			if n, err = b.asText(n, c.offset(i)); err != nil {
				return nil, err
			}
			a.replacement = n.sql
		case 'i':
			if !n.unknown() && !isInt(n.typ.Kind) {
				return nil, c.mismatch()
			}
			if n, err = b.fitted(n, 'i', c.offset(i)); err != nil {
				return nil, err
			}
			*ints[0], ints = n.sql, ints[1:]
		case 'p':
			params, ok := c.constText(i)
			if !ok {
				return nil, unsupported(c.offset(i), "%s with parameters that are not a constant", strings.ToUpper(c.name))
			}
			if strings.Trim(params, "iecp") != "" {
				return nil, errorAt(c.offset(i), "22023", "invalid parameter %q of %s", params, strings.ToUpper(c.name))
			}
			if strings.ContainsRune(params, 'i') {
				a.pattern = "('(?i)' || " + a.pattern + ")"
			}
			a.group = strings.ContainsRune(params, 'e')
		}
	}
	a.from = a.source
	if a.position != "1" {
		a.from = "substring(" + a.source + ", " + atLeast(a.position, "1") + ")"
	}
	return a, nil
}

// replacement turns $1, which stands for the first group, into RE2's \1.
func replacement(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '$' && i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9':
			out.WriteByte('\\')
		case c == '\\' && (i+1 == len(s) || s[i+1] < '0' || s[i+1] > '9'):
			out.WriteString(`\\`)
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}
