package transporttest

import (
	"crypto/rand"
	"fmt"

	"github.com/llm-dev-ops/redshift/transport"
)

// submit starts a statement that is to outlive its session.
func (e *env) submit(s transport.Session, stmt transport.Statement) transport.Run {
	e.Helper()
	stmt.Keep = e.caps.Keep
	run, err := s.Start(e.ctx, stmt)
	if err != nil {
		e.Fatalf("Start of %q: %v", stmt.SQL, err)
	}
	return run
}

// attach revives a statement, or asserts that this is refused.
func (e *env) attach(id string) (transport.Run, bool) {
	e.Helper()
	run, err := e.tr.Attach(e.ctx, id)
	if !e.caps.Attach {
		e.wantUnsupported("Attach", err)
		return nil, false
	}
	if err != nil {
		e.Fatalf("Attach: %v", err)
	}
	return run, true
}

func (e *env) rowsOf(run transport.Run, want string) {
	e.Helper()
	res, err := run.Result(e.ctx)
	if err != nil {
		e.Fatalf("Result: %v", err)
	}
	if got, _, err := read(res); err != nil || fmt.Sprint(got) != want {
		e.Errorf("got %v, %v, want %s", got, err, want)
	}
}

const nobody = "d9b6c0c9-0747-4bf4-b142-e8883122f766" // no statement's id

var jobs = []test{
	{"another handle tells the same of a statement", func(e *env) {
		s := e.session()
		run := e.submit(s, transport.Statement{SQL: SelectOne})
		e.wantIs(run.Wait(e.ctx), nil)
		other, ok := e.attach(run.ID())
		if !ok {
			return
		}
		if other.ID() != run.ID() {
			e.Errorf("id %q, was %q", other.ID(), run.ID())
		}
		e.wantIs(other.Wait(e.ctx), nil)
		if st, err := other.Status(e.ctx); err != nil || st.Phase != transport.PhaseCompleted || st.Err != nil || e.caps.Status && st.Rows != 1 {
			e.Errorf("status %+v, %v", st, err)
		}
		failed := e.submit(e.session(), transport.Statement{SQL: SelectDivision})
		e.wantState(failed.Wait(e.ctx), "22012")
		if other, ok = e.attach(failed.ID()); ok {
			e.wantState(other.Wait(e.ctx), "22012")
			_, err := other.Result(e.ctx)
			e.wantState(err, "22012")
		}
		if _, err := e.tr.Attach(e.ctx, nobody); err == nil {
			e.Error("a statement that never was")
		}
	}},
	{"another handle sees a statement run and cancels it", func(e *env) {
		if !e.caps.Attach || !e.caps.Cancel {
			return
		}
		run := e.slow(e.session())
		other, _ := e.attach(run.ID())
		st, err := other.Status(e.ctx)
		if err != nil || st.Phase == transport.PhaseCompleted || st.Phase == transport.PhaseFailed || st.Phase == transport.PhaseCancelled {
			e.Errorf("status %+v, %v", st, err)
		}
		e.wantIs(other.Cancel(e.ctx), nil)
		for _, r := range []transport.Run{run, other} {
			e.wantState(r.Wait(e.ctx), cancelled)
			if st, err := r.Status(e.ctx); err != nil || st.Phase != transport.PhaseCancelled {
				e.Errorf("status %+v, %v", st, err)
			}
		}
	}},
	{"a kept result outlives its session", func(e *env) {
		if !e.caps.Keep {
			return
		}
		s := e.session()
		run := e.submit(s, transport.Statement{SQL: e.opts.Rows(FewRows)})
		e.wantIs(s.Close(e.ctx, transport.Keep), nil)
		const want = "[[1] [2] [3] [4] [5]]"
		for range 2 {
			e.rowsOf(run, want)
			if other, ok := e.attach(run.ID()); ok {
				e.rowsOf(other, want)
			}
		}
	}},
	{"a token runs a statement once", func(e *env) {
		if !e.caps.Token || !e.caps.Session {
			return
		}
		s := e.session()
		e.query(s, CreateTable)
		stmt := transport.Statement{SQL: InsertTwo, Token: rand.Text()}
		first := ""
		for range 3 {
			run, err := s.Start(e.ctx, stmt)
			if err != nil {
				e.Fatal(err)
			}
			if first == "" {
				first = run.ID()
			}
			if run.ID() != first {
				e.Errorf("statement %q, was %q", run.ID(), first)
			}
			res, err := run.Result(e.ctx)
			if err != nil {
				e.Fatal(err)
			}
			e.wantIs(res.Close(), nil)
		}
		e.expect(s, CountRows, "2")
	}},
	{"statements are found by how their labels begin", func(e *env) {
		f, ok := e.tr.(transport.Finder)
		if ok != e.caps.Find {
			e.Errorf("Caps.Find is %v, and %T is a Finder: %v", e.caps.Find, e.tr, ok)
		}
		if !e.caps.Find || !ok {
			return
		}
		prefix := "tt-" + rand.Text() + ";"
		var ids []string
		for i := range 3 {
			run := e.submit(e.session(), transport.Statement{SQL: SelectOne, Label: prefix + fmt.Sprint(i)})
			e.wantIs(run.Wait(e.ctx), nil)
			ids = append([]string{run.ID()}, ids...)
		}
		for limit, want := range map[int][]string{10: ids, 2: ids[:2]} {
			found, err := f.Find(e.ctx, prefix, limit)
			var got []string
			for _, one := range found {
				if got = append(got, one.ID); one.Phase != transport.PhaseCompleted || one.Created.IsZero() {
					e.Errorf("%+v", one)
				}
			}
			if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
				e.Errorf("found %q, %v, want %q", got, err, want)
			}
		}
		if found, err := f.Find(e.ctx, "tt-"+rand.Text(), 10); err != nil || len(found) > 0 {
			e.Errorf("found %+v, %v", found, err)
		}
	}},
}
