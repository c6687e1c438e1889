package redshift

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

func TestNewID(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	before := ""
	for range 1000 {
		id := NewID()
		if len(id) != 26 || seen[id] || checkID(id) != nil {
			t.Fatalf("%q", id)
		}
		if id[:9] < before {
			t.Errorf("%s sorts before %s", id, before)
		}
		seen[id], before = true, id[:9]
	}
}

func TestIDComment(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxIDLen)
	for _, id := range []string{"a", "etl_2026-11-24.7", NewID(), long} {
		text := identified(id, "select '/* redshift-id=other */'")
		if got := idOf(text); got != id {
			t.Errorf("%q is read as %q", text, got)
		}
		// STV_INFLIGHT keeps 100 bytes.
		if got := idOf(text[:min(len(text), 100)]); got != id {
			t.Errorf("a cut %q is read as %q", text, got)
		}
		if idShift(id) != strings.Index(text, "select") {
			t.Errorf("%q begins at %d, not at %d", id, strings.Index(text, "select"), idShift(id))
		}
	}
	for _, id := range []string{"", "a b", "a*/b", "ü", "a:b", "'", "a\x00", long + "x"} {
		if err := checkID(id); !errors.Is(err, ErrUsage) {
			t.Errorf("%q: %v", id, err)
		}
	}
	for _, text := range []string{"", "select 1", "/* redshift-id=", "/* redshift-id=a", "/* redshift-id=a b */", " /* redshift-id=a */", "/* redshift-id= */"} {
		if id := idOf(text); id != "" {
			t.Errorf("%q is read as %q", text, id)
		}
	}
}

func FuzzIDOf(f *testing.F) {
	f.Add("/* redshift-id=a */ select 1")
	f.Add("/* redshift-id=*/ */")
	f.Fuzz(func(t *testing.T, text string) {
		if id := idOf(text); id != "" && !strings.HasPrefix(text, idComment(id)) {
			t.Errorf("%q from %q", id, text)
		}
	})
}

// Positions are those of the caller's text.
func TestIDPosition(t *testing.T) {
	t.Parallel()
	c, tr := newClient(t, Config{}, func(_ *scriptedSession, stmt transport.Statement) answer {
		return answer{fail: &transport.ServerError{SQLState: "42601", Message: "syntax error", Position: 1 + strings.Index(stmt.SQL, "frm")}}
	})
	_, err := c.Execute(t.Context(), Query{SQL: "select 1 frm", ID: "job-1"})
	var own *Error
	if !errors.As(err, &own) || own.Position != 10 {
		t.Errorf("%v", err)
	}
	if want := "/* redshift-id=job-1 */ select 1 frm"; len(tr.log) != 1 || tr.log[0] != want {
		t.Errorf("sent %q", tr.log)
	}
	if _, err := c.Execute(t.Context(), Query{SQL: "select 1", ID: "a b"}); !errors.Is(err, ErrUsage) || len(tr.log) != 1 {
		t.Errorf("%v, sent %q", err, tr.log)
	}
}

func sightingColumns() []Column {
	cols := []Column{{Type: TypeVarchar}, {Type: TypeVarchar}, {Type: TypeBigInt}, {Type: TypeBigInt}, {Type: TypeBigInt}, {Type: TypeBigInt}, {Type: TypeVarchar}, {Type: TypeTimestamp}, {Type: TypeTimestamp}}
	for i := range cols {
		cols[i].TypeMod = -1
	}
	return cols
}

func TestOutcome(t *testing.T) {
	t.Parallel()
	const null = "\x00"
	id := "load-7"
	text := idComment(id) + " copy"
	row := func(state string) []string {
		return []string{text, state + "  ", "12", "34", "56", "78", "  ", "2026-11-24 10:00:00.5", "2026-11-24 10:00:01"}
	}
	denied := &transport.ServerError{SQLState: "42501", Message: "permission denied for relation"}
	for _, test := range []struct {
		name  string
		views map[string]answer
		want  string
	}{
		{"no view", map[string]answer{}, "unknown  0 0 0 -1"},
		{"refused views", map[string]answer{"sys_query_history": {fail: denied}, "stl_query": {fail: denied}, "stv_inflight": {fail: denied}, "stv_recents": {fail: denied}}, "unknown  0 0 0 -1"},
		{"succeeded", map[string]answer{"sys_query_history": {rows: [][]string{row("success")}}}, "completed sys_query_history 12 34 56 78"},
		{"failed", map[string]answer{"sys_query_history": {rows: [][]string{row("failed")}}}, "failed sys_query_history 12 34 56 -1"},
		{"cancelled", map[string]answer{"sys_query_history": {rows: [][]string{row("canceled")}}}, "cancelled sys_query_history 12 34 56 -1"},
		{"planning", map[string]answer{"sys_query_history": {rows: [][]string{row("planning")}}}, "queued sys_query_history 12 34 56 -1"},
		{"a word that is new", map[string]answer{"sys_query_history": {rows: [][]string{row("thinking")}}}, "running sys_query_history 12 34 56 -1"},
		{"a success counts for more than a later failure", map[string]answer{"sys_query_history": {rows: [][]string{row("failed"), row("success"), row("running")}}}, "completed sys_query_history 12 34 56 78"},
		{"the last of failures", map[string]answer{"sys_query_history": {rows: [][]string{row("canceled"), row("failed")}}}, "cancelled sys_query_history 12 34 56 -1"},
		{"a cluster's log", map[string]answer{"sys_query_history": {fail: denied}, "stl_query": {rows: [][]string{row("success")}}}, "completed stl_query 12 34 56 78"},
		{"NULLs", map[string]answer{"stv_recents": {rows: [][]string{{text, "running", "0", "34", "0", "-1", null, null, null}}}}, "running stv_recents 0 34 0 -1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, _ := newClient(t, Config{}, func(_ *scriptedSession, stmt transport.Statement) answer {
				if !strings.HasPrefix(stmt.SQL, "select ") || !strings.Contains(stmt.SQL, "'"+idComment(id)+"'") {
					t.Errorf("asked %s", stmt.SQL)
				}
				for name, a := range test.views {
					if strings.Contains(stmt.SQL, " from "+name+" ") {
						a.cols = sightingColumns()
						return a
					}
				}
				return answer{cols: sightingColumns()}
			})
			o, err := c.Outcome(t.Context(), id)
			if got := fmt.Sprintf("%s %s %d %d %d %d", o.State, o.Source, o.QueryID, o.PID, o.XID, o.Rows); err != nil || got != test.want || o.ID != id {
				t.Errorf("%s, %v; want %s", got, err, test.want)
			}
			if o.State.Ended() && !o.Ended.Equal(time.Date(2026, 11, 24, 10, 0, 1, 0, time.UTC)) {
				t.Errorf("ended at %v", o.Ended)
			}
		})
	}
}

// What the server fails with is no outcome.
func TestOutcomeFails(t *testing.T) {
	t.Parallel()
	c, _ := newClient(t, Config{}, func(*scriptedSession, transport.Statement) answer {
		return answer{fail: &transport.LostError{Sent: true, Err: errors.New("reset")}}
	})
	if o, err := c.Outcome(t.Context(), "x"); !errors.Is(err, ErrConnectionFailed) || o.State != JobUnknown {
		t.Errorf("%+v, %v", o, err)
	}
	if _, err := c.Outcome(t.Context(), "x y"); !errors.Is(err, ErrUsage) {
		t.Error(err)
	}
	var names []string
	for _, v := range sightViews {
		names = append(names, v.name)
	}
	if !slices.Equal(names, []string{"sys_query_history", "stl_query", "stv_inflight", "stv_recents"}) {
		t.Error(names)
	}
}
