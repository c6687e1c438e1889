package main

import (
	"encoding/json"
	"testing"
)

// The type of a column holds every value as it is.
func TestInfer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values []string
		text   string // the type of these in CSV
		json   string // and as JSON, "" where they are none
	}{
		{[]string{"1", "-32768"}, "SMALLINT", "SMALLINT"},
		{[]string{"1", "32768"}, "INTEGER", "INTEGER"},
		{[]string{"-2147483649"}, "BIGINT", "BIGINT"},
		{[]string{"9223372036854775808", "-1"}, "NUMERIC(19,0)", "NUMERIC(19,0)"},
		{[]string{"100000000000000000000000000000000000000"}, "VARCHAR(39)", "SUPER"},
		{[]string{"1.50", "-12", "123456.7"}, "NUMERIC(8,2)", "NUMERIC(8,2)"},
		{[]string{"1e3", "0.25"}, "DOUBLE PRECISION", "DOUBLE PRECISION"},
		{[]string{"00501", "10001"}, "VARCHAR(5)", ""}, // a code, whose zeros count
		{[]string{"+1"}, "VARCHAR(2)", ""},
		{[]string{"NaN"}, "VARCHAR(3)", ""},
		{[]string{"true", "false"}, "BOOLEAN", "BOOLEAN"},
		{[]string{"true", "1"}, "VARCHAR(4)", "SUPER"},
		{[]string{`"true"`}, "VARCHAR(6)", "VARCHAR(4)"},
		{[]string{`"12"`}, "VARCHAR(4)", "VARCHAR(2)"},
		{[]string{"2026-02-28", "2026/02/28"}, "DATE", ""},
		{[]string{"2026-02-30"}, "VARCHAR(10)", ""},
		{[]string{"2026-02-28", "2026-02-28 01:02:03.5"}, "TIMESTAMP", ""},
		{[]string{"2026-02-28T01:02:03Z", "2026-02-28 01:02:03+02:00"}, "TIMESTAMPTZ", ""},
		{[]string{`"2026-02-28T01:02:03Z"`}, "VARCHAR(22)", "TIMESTAMPTZ"},
		{[]string{`{"a":1}`, "null"}, "VARCHAR(7)", "SUPER"},
		{[]string{`[1]`, `"x"`}, "VARCHAR(3)", "SUPER"},
		{[]string{`"ü"`, `1`}, "VARCHAR(4)", "SUPER"},
		{[]string{`"ü"`}, "VARCHAR(4)", "VARCHAR(2)"}, // bytes
		{[]string{"null", "null"}, "VARCHAR(4)", "VARCHAR(256)"},
	} {
		var text, object guesses
		for _, v := range c.values {
			text.text(v)
			if c.json != "" {
				object.json(json.RawMessage(v))
			}
		}
		if got := text.sql(); got != c.text {
			t.Errorf("%q: %s, want %s", c.values, got, c.text)
		}
		if got := object.sql(); c.json != "" && got != c.json {
			t.Errorf("%q as JSON: %s, want %s", c.values, got, c.json)
		}
	}
}

func TestColumnName(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]string{
		"Cost Total $": "cost_total", " a--b ": "a_b", "": "c3", "漢字": "c3", "2nd": "c3_2nd", "ID": "id", "x_": "x",
	} {
		if got := columnName(title, 3); got != want {
			t.Errorf("%q: %q, want %q", title, got, want)
		}
	}
}
