package dataapi

import (
	"fmt"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

// Statements are found by the beginning of their label, over pages, whatever became
// of them.
func TestFind(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
		for i, label := range []string{"a;", "ab;", "a;x", "other", "a;y", "a;z"} {
			x := lease(t, tr, false)
			run, err := x.Start(t.Context(), transport.Statement{SQL: transporttest.SelectOne, Label: label, Keep: true})
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				if err := run.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			closeSession(t, x)
		}
		for _, test := range []struct {
			prefix string
			limit  int
			want   string
		}{
			{"a;", 10, "a;z a;y a;x a;"},
			{"a;", 3, "a;z a;y a;x"},
			{"a;", 1, "a;z"},
			{"ab", 5, "ab;"},
			{"none", 5, ""},
			{"", 10, "a;z a;y other a;x ab; a;"},
		} {
			found, err := tr.(transport.Finder).Find(t.Context(), test.prefix, test.limit)
			if err != nil {
				t.Fatal(err)
			}
			var labels []string
			for _, f := range found {
				labels = append(labels, f.Label)
				if _, err := tr.Attach(t.Context(), f.ID); err != nil || f.Created.IsZero() {
					t.Errorf("%+v: %v", f, err)
				}
			}
			if got := strings.Join(labels, " "); got != test.want {
				t.Errorf("%q, %d: %q, want %q", test.prefix, test.limit, got, test.want)
			}
		}
		s.faults["ListStatements"] = []fault{{code: "AccessDeniedException", message: "no"}}
		if _, err := tr.(transport.Finder).Find(t.Context(), "a", 1); err == nil || !strings.Contains(err.Error(), "no") {
			t.Error(err)
		}
	})
}

// Events are asked for the caller's statements, and not for the transport's own.
func TestWithEvent(t *testing.T) {
	for _, with := range []bool{false, true} {
		t.Run(fmt.Sprint(with), func(t *testing.T) {
			bubble(t, func(c *Config) { c.WithEvent = with }, func(t *testing.T, s *fakeAWS, tr transport.Transport) {
				x := lease(t, tr, false)
				run, err := x.Start(t.Context(), transport.Statement{SQL: transporttest.SelectOne, QueryGroup: "etl"})
				if err == nil {
					err = run.Wait(t.Context())
				}
				if err != nil {
					t.Fatal(err)
				}
				closeSession(t, x)
				for id, st := range s.statements {
					if want := with && id == run.ID(); st.event != want {
						t.Errorf("%s: event %v", st.sql, st.event)
					}
				}
			})
		})
	}
}
