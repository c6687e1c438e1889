package dataapi

import (
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// commandTag is the tag that the wire protocol would have sent. The service
// sends none, but says whether there are rows and how many were changed; -1 is
// its null.
func commandTag(sql string, hasRows bool, rows int64) string {
	first, second := words(sql)
	count := ""
	if rows >= 0 {
		count = " " + strconv.FormatInt(rows, 10)
	}
	switch first {
	case "":
		return ""
	case "select", "with", "values", "table":
		// Redshift sends no count with SELECT.
		return "SELECT"
	case "insert":
		if count == "" {
			return "INSERT"
		}
		return "INSERT 0" + count
	case "update", "delete", "merge", "copy", "unload":
		if hasRows {
			count = ""
		}
		return strings.ToUpper(first) + count
	case "start":
		return "START TRANSACTION"
	case "end":
		return "COMMIT"
	case "abort":
		return "ROLLBACK"
	case "create", "drop", "alter", "truncate", "refresh", "lock":
		if second != "" {
			return strings.ToUpper(first + " " + second)
		}
	}
	return strings.ToUpper(first)
}

// words are the first two words of a statement that name what it does.
func words(sql string) (first, second string) {
	l := lex.New(sql)
	for {
		switch tok := l.Next(); tok.Kind {
		case lex.LParen, lex.Semicolon:
			if first != "" {
				return first, ""
			}
		case lex.Ident:
			w := lex.Fold(sql[tok.Pos:tok.End])
			switch {
			case first == "":
				first = w
			case w == "or" || w == "replace" || w == "temp" || w == "temporary" || w == "local":
			case kinds[w]:
				return first, w
			case first == "truncate" || first == "lock":
				return first, "table" // TABLE may be left out
			default:
				return first, ""
			}
		default:
			return first, ""
		}
	}
}

// kinds are the kinds of objects that tags name.
var kinds = map[string]bool{
	"table": true, "view": true, "schema": true, "database": true, "user": true, "group": true,
	"role": true, "function": true, "procedure": true, "library": true, "datashare": true,
	"external": true, "materialized": true, "model": true, "policy": true,
}
