package main

import (
	"os"
	"strings"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// parseTable reads table or schema.table as SQL has it: folded to lower case
// unless it is in double quotes.
func parseTable(s string) (redshift.TableRef, error) {
	bad := hinted{usagef("%q is no name of a table", s), `a name is table or schema.table; what is special goes in double quotes, within single ones for the shell: '"Odd name"'`}
	var parts []string
	lexer := lex.New(s)
	for {
		t := lexer.Next()
		if t.Kind != lex.Ident && t.Kind != lex.QuotedIdent {
			return redshift.TableRef{}, bad
		}
		name, _ := lex.IdentValue(t.Text(s))
		parts = append(parts, name)
		switch t = lexer.Next(); t.Kind {
		case lex.Dot:
			continue
		case lex.EOF:
		default:
			return redshift.TableRef{}, bad
		}
		break
	}
	switch len(parts) {
	case 1:
		return redshift.TableRef{Name: parts[0]}, nil
	case 2:
		return redshift.TableRef{Schema: parts[0], Name: parts[1]}, nil
	default:
		return redshift.TableRef{}, bad
	}
}

// tableName is the name for messages.
func tableName(t redshift.TableRef) string {
	if t.Schema == "" {
		return printable(t.Name)
	}
	return printable(t.Schema + "." + t.Name)
}

// parseS3 cuts s3://bucket/key.
func parseS3(s string) (bucket, key string, err error) {
	rest, ok := strings.CutPrefix(s, "s3://")
	bucket, key, _ = strings.Cut(rest, "/")
	if !ok || bucket == "" {
		return "", "", usagef("%q is not like s3://bucket/prefix", s)
	}
	return bucket, key, nil
}

// roleOrEnv is --role, or else REDSHIFT_IAM_ROLE.
func roleOrEnv(role string) string {
	if role == "" {
		role = os.Getenv("REDSHIFT_IAM_ROLE")
	}
	return role
}
