package procedure

import (
	"testing"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

// TestSimple: what is worked out without SQL is what SQL would give, and what might
// be something else is left to it.
func TestSimple(t *testing.T) {
	t.Parallel()
	int4, int8 := rstype.Type{Kind: rstype.Int4}, rstype.Type{Kind: rstype.Int8}
	args := []Value{{int4, text("7")}, {int8, text("5")}, {rstype.Type{Kind: rstype.Numeric, Precision: 4, Scale: 1}, text("1.5")}, {int4, nil}, {int8, text("9000000000000000000")}}
	for sql, want := range map[string]string{
		"$1": "integer 7", "$3": "numeric 1.5", "12": "integer 12", "'a''b'": "unknown a'b", "TRUE": "boolean t",
		"$1 + 1": "integer 8", "$1 - $2 * 2": "bigint -3", "$1 % 4 = 3": "boolean t", "$1 / 2": "integer 3", "1 - 2 - 3": "integer -4",
		"$1 <> 7": "boolean f", "$1 >= $2": "boolean t", "2147483646 + 1": "integer 2147483647",
		"2147483647 + 1": "", "65536 * 65536": "", "1 / 0": "", "$1 % 0": "", "$3 + 1": "", "$4 + 1": "", "$5 + 1": "", "$6": "", "-1": "",
		"(1)": "", "1 +": "", "1 1": "", "": "", "1 = 1 = 1": "", "'1' + 1": "", "5000000000": "", "1 + 2 || 'x'": "", "now()": "",
	} {
		got := ""
		if v, ok := simple(sql, args); ok {
			got = v.Type.Kind.String() + " NULL"
			if v.Text != nil {
				got = v.Type.Kind.String() + " " + *v.Text
			}
		}
		if got != want {
			t.Errorf("%q is %q, want %q", sql, got, want)
		}
	}
}

func TestCallArguments(t *testing.T) {
	t.Parallel()
	got := callArguments(`CALL s.p(a, f(b), 1 + c, "R".x, $2)`)
	if len(got) != 5 || got[0][0] != "a" || got[1] != nil || got[2] != nil || len(got[3]) != 2 || got[3][0] != "r" || got[4][0] != "$2" {
		t.Errorf("%v", got)
	}
}
