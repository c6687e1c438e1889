package redshift

import (
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift/transport"
)

// TestTransferStatus: each view counts where the ones before it have nothing.
func TestTransferStatus(t *testing.T) {
	t.Parallel()
	sighting := answer{tag: "SELECT", rows: [][]string{{idComment("l-1"), "running", "9", "1", "77", "0", "", "2026-01-02 03:04:05", "2026-01-02 03:04:05"}}}
	for i, name := range []string{"text", "state", "query", "pid", "xid", "rows", "message", "start", "end"} {
		typ := TypeVarchar
		if i >= 2 && i <= 5 {
			typ = TypeBigInt
		} else if i >= 7 {
			typ = TypeTimestamp
		}
		sighting.cols = append(sighting.cols, Column{Name: name, Type: typ})
	}
	five := answer{tag: "SELECT", rows: [][]string{{"10", "1", "4096", "3", "9000"}}}
	for _, name := range []string{"rows", "files", "bytes", "of", "total"} {
		five.cols = append(five.cols, Column{Name: name, Type: TypeNumeric})
	}
	none := answer{tag: "SELECT", cols: five.cols}
	no := answer{fail: &transport.ServerError{SQLState: "42501", Message: "no"}}
	for name, test := range map[string]struct {
		views map[string]answer
		copy  bool
		found bool
	}{
		"state":          {map[string]answer{"stv_load_state": five}, true, true},
		"history":        {map[string]answer{"stv_load_state": none, "sys_load_history": five}, true, true},
		"workgroup":      {map[string]answer{"stv_load_state": no, "sys_load_history": five}, true, true},
		"commits":        {map[string]answer{"stv_load_state": none, "sys_load_history": no, "stl_load_commits": five}, true, true},
		"nothing yet":    {map[string]answer{"stv_load_state": none, "sys_load_history": none, "stl_load_commits": none}, true, false},
		"unload history": {map[string]answer{"sys_unload_history": five}, false, true},
		"unload detail":  {map[string]answer{"sys_unload_history": none, "sys_unload_detail": five}, false, true},
		"unload log":     {map[string]answer{"sys_unload_history": no, "sys_unload_detail": no, "stl_unload_log": five}, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, tr := newClient(t, Config{}, func(s *scriptedSession, stmt transport.Statement) answer {
				if strings.Contains(stmt.SQL, "sys_query_history") {
					return sighting
				}
				for view, a := range test.views {
					if strings.Contains(stmt.SQL, "from "+view+" where query") && strings.HasSuffix(stmt.SQL, "= 9") {
						return a
					}
				}
				return answer{fail: &transport.ServerError{SQLState: "XX000", Message: "not to be asked"}}
			})
			ask := c.UnloadStatus
			if test.copy {
				ask = c.CopyStatus
			}
			st, err := ask(t.Context(), "l-1")
			if err != nil || st.ID != "l-1" || st.State != JobRunning || st.QueryID != 9 || st.PID != 1 {
				t.Fatalf("got %+v, %v after %q", st, err, tr.log)
			}
			want := [5]int64{-1, -1, -1, -1, -1}
			if test.found {
				want = [5]int64{10, 1, 4096, 3, 9000}
			}
			if got := [5]int64{st.Rows, st.Files, st.Bytes, st.TotalFiles, st.TotalBytes}; got != want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestSubmitRefused(t *testing.T) {
	t.Parallel()
	c, tr := newClient(t, Config{}, always(two))
	if _, err := c.SubmitCopy(t.Context(), sales); err == nil || !strings.Contains(err.Error(), "IAM_ROLE") {
		t.Errorf("got %v", err)
	}
	bad := report
	bad.Options.ID, bad.Options.IAMRole = "a b", role
	if _, err := c.SubmitUnload(t.Context(), bad); err == nil || !strings.Contains(err.Error(), "id of a statement") {
		t.Errorf("got %v", err)
	}
	if len(tr.log) != 0 {
		t.Errorf("sent %q", tr.log)
	}
}
