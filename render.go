package redshift

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
	"github.com/llm-dev-ops/redshift/transport"
)

// Redshift takes parameters in queries and in changes of rows alone; in anything else
// $1 is a syntax error (amazon-redshift-python-driver#31, #148, #194). There the
// client writes the values into the text. It never does so elsewhere: a value that is
// sent beside its statement cannot become a part of it.

// Identifier is an argument that names something, in one or several parts, where the
// arguments are written into the text (see Query.Args): "create schema $1". It is
// quoted as by Ident.
type Identifier []string

// rendered are the first words of statements that take no parameters.
var rendered = []string{
	"alter", "analyze", "attach", "comment", "copy", "create", "deallocate", "detach", "drop", "grant", "lock",
	"refresh", "reset", "revoke", "set", "show", "truncate", "unload", "use", "vacuum",
}

// render writes the arguments into a statement that takes none. It is not asked for
// where the server takes parameters.
func render(sql string, args []any) (string, error) {
	texts := make([]argument, len(args))
	for i, a := range args {
		t, err := literal(a)
		if err != "" {
			return "", usage("argument %d ($%d) of type %T %s", i+1, i+1, a, err)
		}
		texts[i] = argument{text: t}
	}
	out, err := substitute(sql, texts, lex.FirstKeyword(sql) == "unload")
	if err != nil {
		return "", err
	}
	for i, t := range texts {
		if !t.used {
			return "", usage("argument %d has no place: the statement has no $%d", i+1, i+1)
		}
	}
	return out, nil
}

// takesParameters reports a statement whose arguments are sent.
func takesParameters(sql string) bool { return !slices.Contains(rendered, lex.FirstKeyword(sql)) }

// argument is a value as text.
type argument struct {
	text string
	used bool
}

// substitute puts the arguments in the place of $1, $2, …, and those of UNLOAD's
// query, which is a string, into the query.
func substitute(sql string, args []argument, unload bool) (string, error) {
	var b strings.Builder
	l := lex.New(sql)
	done := 0
	var before, before2 lex.Token
	for t := l.Next(); t.Kind != lex.EOF; before2, before, t = before, t, l.Next() {
		text := ""
		switch {
		case t.Kind == lex.Param:
			n, err := strconv.Atoi(t.Text(sql)[1:])
			if err != nil || n < 1 || n > len(args) {
				return "", usage("the statement has %s, and %d arguments were given", t.Text(sql), len(args))
			}
			args[n-1].used = true
			next := l
			after := next.Next()
			if text, err = between(sql, before, args[n-1].text, t, after); err != nil {
				return "", err
			}
		case unload && isString(t.Kind) && before.Kind == lex.LParen && strings.EqualFold(before2.Text(sql), "unload"):
			inner, err := substitute(lex.StringValue(t.Text(sql)), args, false)
			if err != nil {
				return "", err
			}
			text = string(lex.AppendLiteral(nil, inner))
		default:
			continue
		}
		b.WriteString(sql[done:t.Pos])
		b.WriteString(text)
		done = t.End
	}
	b.WriteString(sql[done:])
	return b.String(), nil
}

func isString(k lex.Kind) bool {
	return k == lex.String || k == lex.DollarString || k == lex.EString || k == lex.BitString
}

// between keeps a value apart from its neighbours: a minus before a minus would be a
// comment, two strings one string, a sign binds less than a cast.
func between(sql string, before lex.Token, text string, at, after lex.Token) (string, error) {
	if text[0] == '\'' && (isString(before.Kind) || isString(after.Kind)) {
		return "", usage("%s stands beside a string", at.Text(sql))
	}
	if text[0] == '-' && (after.Kind == lex.ColonColon || after.Kind == lex.LBracket || after.Kind == lex.Dot) {
		text = "(" + text + ")"
	}
	apart := func(k lex.Kind) bool { return k == lex.LParen || k == lex.RParen || k == lex.Comma || k == lex.EOF }
	if at.Pos > 0 && before.End == at.Pos && !apart(before.Kind) {
		text = " " + text
	}
	if after.Pos == at.End && !apart(after.Kind) {
		text += " "
	}
	return text, nil
}

// literal writes a value as what has its type and nothing more: a number as its
// digits, a string in quotes, a date as DATE '2026-01-31', bytes as FROM_HEX('00ff').
// The string says what is wrong.
func literal(a any) (text, wrong string) {
	if id, ok := a.(Identifier); ok {
		name, err := Ident(id...)
		if err != nil {
			return "", "is no name: " + errorMessage(err)
		}
		return name, ""
	}
	p, wrong := param(a)
	if wrong != "" {
		return "", ": " + wrong
	}
	if p.Value == nil {
		return "NULL", ""
	}
	value := string(p.Value)
	quoted := func() string { return string(lex.AppendLiteral(nil, value)) }
	switch p.OID {
	case TypeBoolean:
		return strings.ToUpper(value), ""
	case TypeSmallInt, TypeInteger, TypeBigInt, TypeNumeric:
		return value, ""
	case TypeReal, TypeDouble:
		if strings.ContainsAny(value, "Nn") { // NaN, Infinity
			return "", "is no number that can be written in SQL"
		}
		return value, ""
	case transport.OIDUnknown, TypeVarchar, TypeChar:
		return quoted(), ""
	case TypeDate:
		return "DATE " + quoted(), ""
	case TypeTime:
		return "TIME " + quoted(), ""
	case TypeTimeTZ:
		return "TIMETZ " + quoted(), ""
	case TypeTimestamp:
		return "TIMESTAMP " + quoted(), ""
	case TypeTimestampTZ:
		return "TIMESTAMPTZ " + quoted(), ""
	case TypeSuper:
		return "JSON_PARSE(" + quoted() + ")", ""
	case TypeVarbyte:
		if _, err := hex.DecodeString(value); err != nil {
			return "", "is not hexadecimal"
		}
		return "FROM_HEX(" + quoted() + ")", ""
	}
	return "", "cannot be written into a statement that takes no parameters; give a string"
}
