package dataapi

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/llm-dev-ops/redshift/transport"
)

func TestServerError(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`ERROR: relation "x" does not exist`:                                                     "42P01",
		`ERROR: column "x" does not exist in t`:                                                  "42703",
		`ERROR: schema "x" does not exist`:                                                       "3F000",
		`ERROR: function f(integer) does not exist`:                                              "42883",
		`ERROR: relation "x" already exists`:                                                     "42P07",
		`ERROR: syntax error at or near "selec"`:                                                 "42601",
		`ERROR: syntax error at end of input`:                                                    "42601",
		`ERROR: Cannot insert a NULL value into column id`:                                       "23502",
		`FATAL: password authentication failed for user "x"`:                                     "28000",
		`FATAL: terminating connection due to administrator command`:                             "57P01",
		`FATAL: database "x" does not exist`:                                                     "3D000",
		`ERROR: permission denied for relation x`:                                                "42501",
		`ERROR: database "x" does not exist`:                                                     "3D000",
		`ERROR: division by zero`:                                                                "22012",
		`ERROR: Divide by zero`:                                                                  "22012",
		`ERROR: invalid input syntax for integer: "x"`:                                           "22P02",
		`ERROR: value too long for type character varying(1)`:                                    "22001",
		`ERROR: current transaction is aborted, commands ignored until end of transaction block`: "25P02",
		`ERROR: 1023`:           "",
		`ERROR: something else`: "",
		``:                      "",
	} {
		if got := serverError(text); got.SQLState != want || (got.Code == 1023) != (text == "ERROR: 1023") {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func TestServerErrorLines(t *testing.T) {
	t.Parallel()
	got := serverError("ERROR: syntax error\nat or near \"x\"\n  Detail: one\n  two\n  Hint: think\n  Position: 12")
	want := &transport.ServerError{
		Severity: "ERROR", Message: "syntax error\nat or near \"x\"",
		Detail: "one\n  two", Hint: "think", Position: 12,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzServerError(f *testing.F) {
	for _, s := range []string{"ERROR: 1023", "a\n  Position: -1", "\n\n  Detail:", "Hint: x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if e := serverError(text); e.Position < 0 {
			t.Fatal(e.Position)
		}
	})
}
