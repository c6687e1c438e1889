package dataapi

import (
	"fmt"
	"strconv"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
	"github.com/llm-dev-ops/redshift/transport"
)

// named is one parameter as the service takes it.
type named struct{ name, value string }

// castTypes are the types that NULL and the empty string are cast to.
var castTypes = map[transport.OID]string{
	transport.OIDBool: "boolean", transport.OIDInt2: "smallint", transport.OIDInt4: "integer",
	transport.OIDInt8: "bigint", transport.OIDFloat4: "real", transport.OIDFloat8: "double precision",
	transport.OIDText: "varchar", transport.OIDVarchar: "varchar", transport.OIDDate: "date",
	transport.OIDTime: "time", transport.OIDTimeTZ: "timetz", transport.OIDTimestamp: "timestamp",
	transport.OIDTimestampTZ: "timestamptz", transport.OIDSuper: "super",
}

// rewrite turns $n into :pn outside strings, comments and quoted names. The
// service takes neither NULL nor an empty string as a value (data-api.md), so
// these two become literals, cast where the type is known. Only parameters
// that stay placeholders are returned.
func rewrite(sql string, params []transport.Param) (string, []named, error) {
	out := make([]byte, 0, len(sql)+8*len(params))
	sent := make([]bool, len(params))
	var args []named
	l, end, highest, colon := lex.New(sql), 0, 0, -1
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
				if t, ok := castTypes[p.OID]; ok {
					lit = "CAST(" + lit + " AS " + t + ")"
				}
				out = append(out, lit...)
			default:
				name := "p" + strconv.Itoa(n)
				out = append(append(out, ':'), name...)
				if !sent[n-1] {
					sent[n-1] = true
					args = append(args, named{name, string(p.Value)})
				}
			}
			out = append(out, ' ')
			continue
		}
		out = append(out, sql[tok.Pos:tok.End]...)
	}
}
