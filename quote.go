package redshift

import (
	"strings"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// Ident quotes a name of one or more parts for use in SQL: Ident("s", "t") is
// "s"."t". It fails for no parts, an empty part and a zero byte. Redshift folds
// quoted names to lower case too, unless enable_case_sensitive_identifier is on.
func Ident(parts ...string) (string, error) {
	if len(parts) == 0 {
		return "", usage("a name needs at least one part")
	}
	var b strings.Builder
	for i, p := range parts {
		q, err := lex.QuoteIdent(p)
		if err != nil {
			return "", usage("part %d of the name: %v", i+1, err)
		}
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(q)
	}
	return b.String(), nil
}

// Literal quotes a string value for use in SQL where no parameter may stand,
// as in COPY. It fails for a zero byte.
func Literal(value string) (string, error) {
	q, err := lex.QuoteLiteral(value)
	if err != nil {
		return "", usage("the value: %v", err)
	}
	return q, nil
}
