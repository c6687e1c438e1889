package bind

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
)

func FuzzMatchLike(f *testing.F) {
	for _, c := range [][2]string{{"", ""}, {"%", ""}, {"a%b_c", "axxbyc"}, {`50\%`, "50%"}, {`a\_b`, "a_b"}, {"%a%a%a%", "aaaa"}, {"_", "é"}, {"A", "a"}, {`\\`, `\`}} {
		f.Add(c[0], c[1])
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if !utf8.ValidString(pattern) || !utf8.ValidString(s) || len(pattern) > 100 {
			return
		}
		var re strings.Builder
		escaped := false
		for _, c := range pattern {
			switch {
			case !escaped && c == '\\':
				escaped = true
				continue
			case !escaped && c == '%':
				re.WriteString("(?s:.*)")
			case !escaped && c == '_':
				re.WriteString("(?s:.)")
			default:
				re.WriteString(regexp.QuoteMeta(string(c)))
			}
			escaped = false
		}
		if want := regexp.MustCompile(`\A` + re.String() + `\z`).MatchString(s); matchLike(pattern, s) != want {
			t.Errorf("%q LIKE %q is %v", s, pattern, !want)
		}
	})
}

// FuzzShow: whatever follows SHOW is answered with a plan or an *Error whose place
// is in the text.
func FuzzShow(f *testing.F) {
	for _, s := range []string{
		"databases like 'd%' limit 1", "schemas from database dev", "tables from schema dev.public", "columns from table t", "table public.t",
		"constraints primary keys from table t", "constraints foreign keys exported from table dev.public.t limit 3", "grants on t for public",
		"grants on schema public for role r", "grants for awsuser", "column grants on table t", "parameters of function f(int, varchar(3))",
		"grants on function f(", "constraints primary keys from table t.", "grants on \"", "functions from schema public", "datashares",
	} {
		f.Add(s)
	}
	column := catalog.Column{Name: "a", Type: typed(rstype.Int4)}
	snapshot := catalog.NewSnapshot(
		catalog.Change{User: &catalog.User{ID: 100, Name: "awsuser", Superuser: true}}, catalog.Change{Database: &catalog.Database{ID: 1, Name: "dev", Owner: 100}},
		catalog.Change{Schema: &catalog.Schema{ID: 2, Database: "dev", Name: "public", Owner: 100}},
		catalog.Change{Relation: &catalog.Relation{
			ID: 3, Database: "dev", Schema: "public", Name: "t", Kind: catalog.Table, Owner: 100, Columns: []catalog.Column{column},
			Constraints: []catalog.Constraint{{Name: "t_pkey", Kind: "p", Columns: []string{"a"}}, {Name: "fk", Kind: "f", Columns: []string{"a"}, RefTable: 3, RefColumns: []string{"a"}}},
		}},
	)
	f.Fuzz(func(t *testing.T, s string) {
		text := "SHOW " + s
		stmt, err := parse.Statement(text)
		if err != nil {
			return
		}
		show, ok := stmt.(*ast.ShowObjects)
		if !ok {
			return
		}
		plan, err := Statement(show, Env{Text: text, Catalog: snapshot, Database: "dev", SearchPath: []string{"public"}, UserID: 100, User: "awsuser", Superuser: true})
		if err != nil {
			if e := asError(err); e.Offset > len(text) {
				t.Errorf("%q: the error is at %d", text, e.Offset)
			}
			return
		}
		if len(plan.SQL) != 1 || len(plan.Columns) == 0 {
			t.Errorf("%q: %d statements, %d columns", text, len(plan.SQL), len(plan.Columns))
		}
	})
}
