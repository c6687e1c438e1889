package dataapi

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
	"github.com/llm-dev-ops/redshift/transport"
)

// placeholders counts the parameters of a statement.
func placeholders(sql string) (int, error) {
	highest := 0
	for l := lex.New(sql); ; {
		switch tok := l.Next(); tok.Kind {
		case lex.EOF:
			return highest, nil
		case lex.Invalid:
			return 0, fmt.Errorf("the statement cannot be read at byte %d", tok.Pos)
		case lex.Param:
			n, err := strconv.Atoi(sql[tok.Pos+1 : tok.End])
			if err != nil || n < 1 || n > maxParams {
				return 0, fmt.Errorf("the placeholder %s has no number from 1 to %d", sql[tok.Pos:tok.End], maxParams)
			}
			highest = max(highest, n)
		}
	}
}

// named is one parameter as the service takes it.
type named struct{ name, value string }

// castTypes are the types that parameters are cast to.
var castTypes = map[transport.OID]string{
	transport.OIDBool: "boolean", transport.OIDInt2: "smallint", transport.OIDInt4: "integer",
	transport.OIDInt8: "bigint", transport.OIDFloat4: "real", transport.OIDFloat8: "double precision",
	transport.OIDDate: "date", transport.OIDTime: "time", transport.OIDTimeTZ: "timetz",
	transport.OIDTimestamp: "timestamp", transport.OIDTimestampTZ: "timestamptz",
	transport.OIDIntervalY2M: "interval year to month", transport.OIDIntervalD2S: "interval day to second",
}

// typed gives an expression the type that the wire protocol would have sent
// with it: the service sends strings, whose type the server would guess.
func typed(expr string, p transport.Param) string {
	if t, ok := castTypes[p.OID]; ok {
		return "CAST(" + expr + " AS " + t + ")"
	}
	null := p.Value == nil
	switch p.OID {
	case transport.OIDNumeric:
		// NUMERIC alone is NUMERIC(18,0).
		return "CAST(" + expr + " AS numeric(38," + strconv.Itoa(scale(p.Value)) + "))"
	case transport.OIDText, transport.OIDVarchar:
		if len(p.Value) == 0 {
			return "CAST(" + expr + " AS varchar)"
		}
	case transport.OIDSuper:
		if null {
			return "CAST(NULL AS super)"
		}
		return "JSON_PARSE(" + expr + ")" // a cast would make a string of it
	case transport.OIDVarbyte:
		if null {
			return "CAST(NULL AS varbyte)"
		}
		return "FROM_HEX(" + expr + ")" // a cast would take the digits for the bytes
	}
	return expr
}

// scale is the number of digits after the point.
func scale(value []byte) int {
	_, fraction, _ := bytes.Cut(value, []byte("."))
	n := bytes.IndexFunc(fraction, func(r rune) bool { return r < '0' || r > '9' })
	if n < 0 {
		n = len(fraction)
	}
	return min(n, 37)
}

// constants are the words that a constant must follow, not an expression
// (aws/amazon-redshift-python-driver#24: LIMIT takes a string and no integer).
var constants = map[string]bool{"limit": true, "offset": true, "top": true, "interval": true}

// rewrite turns $n into :pn outside strings, comments and quoted names, cast
// to the parameter's type where it has one. The service takes neither NULL nor
// an empty string as a value (data-api.md), so these two become literals. Only
// parameters that stay placeholders are returned; their names begin with prefix.
func rewrite(prefix, sql string, params []transport.Param) (string, []named, error) {
	out := make([]byte, 0, len(sql)+8*len(params))
	sent := make([]bool, len(params))
	var args []named
	l, end, highest, colon := lex.New(sql), 0, 0, -1
	word := "" // the token before, if it is a word
	for {
		tok := l.Next()
		out = append(out, sql[end:tok.Pos]...)
		end = tok.End
		switch tok.Kind {
		case lex.EOF:
			if highest != len(params) {
				return "", nil, fmt.Errorf("the statement has %d placeholders, %d parameters were given", highest, len(params))
			}
			return string(append(out, sql[tok.Pos:]...)), args, nil
		case lex.Invalid:
			return "", nil, fmt.Errorf("the statement cannot be read at byte %d", tok.Pos)
		case lex.Ident:
			// The service would read it as a parameter of its own.
			if colon == tok.Pos {
				return "", nil, fmt.Errorf("the statement has a named parameter at byte %d; use $1, $2, …", tok.Pos-1)
			}
		case lex.Colon:
			colon = tok.End
		case lex.Param:
			n, err := strconv.Atoi(sql[tok.Pos+1 : tok.End])
			if err != nil || n < 1 || n > len(params) {
				return "", nil, fmt.Errorf("no parameter for placeholder %s", sql[tok.Pos:tok.End])
			}
			highest = max(highest, n)
			p := params[n-1]
			if p.Format != transport.Text {
				return "", nil, unsupported("BinaryParams", "send the values as text")
			}
			// Blanks keep a colon before and a word after apart from the name.
			out = append(out, ' ')
			switch {
			case len(p.Value) == 0:
				lit := "NULL"
				if p.Value != nil {
					lit = "''"
				}
				out = append(out, typed(lit, p)...)
			default:
				name := prefix + strconv.Itoa(n)
				expr := ":" + name
				if !constants[word] {
					expr = typed(expr, p)
				}
				out = append(out, expr...)
				if !sent[n-1] {
					sent[n-1] = true
					args = append(args, named{name, string(p.Value)})
				}
			}
			out = append(out, ' ')
			word = ""
			continue
		}
		word = ""
		if tok.Kind == lex.Ident {
			word = lex.Fold(sql[tok.Pos:tok.End])
		}
		out = append(out, sql[tok.Pos:tok.End]...)
	}
}
