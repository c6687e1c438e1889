package transporttest

import (
	"github.com/llm-dev-ops/redshift/transport"
)

var failures = []test{
	{"a failure comes through Wait, and the session goes on", func(e *env) {
		s := e.session()
		for _, c := range []struct{ sql, state string }{
			{SelectDivision, "22012"},
			{SelectMissing, "42P01"},
			{SelectSyntax, "42601"},
		} {
			e.fail(s, c.sql, c.state)
			e.wantSession(s, transport.StateIdle)
			e.usable(s)
		}
	}},
	{"a failure comes through Result too, each time", func(e *env) {
		s := e.session()
		run := e.start(s, SelectDivision)
		for range 2 {
			if res, err := run.Result(e.ctx); err == nil {
				e.Errorf("a result: %v", res.Close())
			} else {
				e.wantState(err, "22012")
			}
			e.wantState(run.Wait(e.ctx), "22012")
		}
		st, err := run.Status(e.ctx)
		if err != nil || st.Phase != transport.PhaseFailed {
			e.Errorf("phase %d, %v", st.Phase, err)
		}
		e.wantState(st.Err, "22012")
		e.usable(s)
	}},
	{"the status of a success", func(e *env) {
		s := e.session()
		run := e.start(s, SelectOne)
		res, err := run.Result(e.ctx)
		if err != nil {
			e.Fatal(err)
		}
		if _, _, err := read(res); err != nil {
			e.Fatal(err)
		}
		if st, err := run.Status(e.ctx); err != nil || st.Phase != transport.PhaseCompleted || st.Err != nil {
			e.Errorf("status %+v, %v", st, err)
		}
	}},
}
