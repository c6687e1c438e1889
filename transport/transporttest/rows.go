package transporttest

import (
	"slices"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/transport"
)

var rows = []test{
	{"constants, NULL and the empty string", func(e *env) {
		res := e.result(e.session(), SelectConstants)
		var names []string
		for i, c := range res.Columns() {
			names = append(names, c.Name)
			if c.Format != res.Format(i) {
				e.Errorf("column %d: Column.Format is %d, Result.Format %d", i, c.Format, res.Format(i))
			}
		}
		if want := []string{"a", "b", "c", "d"}; !slices.Equal(names, want) {
			e.Fatalf("columns %q, want %q", names, want)
		}
		got, tag, err := read(res)
		if err != nil {
			e.Fatal(err)
		}
		if len(got) != 1 || !slices.Equal(got[0], []string{"1", "x", null, ""}) {
			e.Errorf("rows %q", got)
		}
		if !strings.HasPrefix(tag, "SELECT") {
			e.Errorf("tag %q", tag)
		}
		if len(res.Columns()) != 4 {
			e.Error("the columns are gone after Close")
		}
	}},
	{"no rows have columns", func(e *env) {
		res := e.result(e.session(), SelectNone)
		if len(res.Columns()) != 1 {
			e.Errorf("%d columns, want 1", len(res.Columns()))
		}
		if res.Next() || res.Err() != nil {
			e.Errorf("a row, or %v", res.Err())
		}
		if err := res.Close(); err != nil {
			e.Error(err)
		}
	}},
	{"rows come in order and whole", func(e *env) {
		res := e.result(e.session(), e.opts.Rows(SomeRows))
		n := 0
		for res.Next() {
			n++
			if got := show(res.Columns()[0], res.Format(0), res.Raw()[0]); got != strconv.Itoa(n) {
				e.Fatalf("row %d is %q", n, got)
			}
		}
		if err := res.Close(); err != nil || n != SomeRows {
			e.Errorf("%d rows, %v", n, err)
		}
	}},
	{"closing early leaves the session usable", func(e *env) {
		s := e.session()
		for _, n := range []int{FewRows, SomeRows, ManyRows} {
			res := e.result(s, e.opts.Rows(n))
			for range 2 {
				if !res.Next() {
					e.Fatalf("no row of %d: %v", n, res.Err())
				}
			}
			for range 2 {
				if err := res.Close(); err != nil {
					e.Fatalf("close after 2 of %d rows: %v", n, err)
				}
			}
			if res.Next() {
				e.Error("a row after Close")
			}
			e.wantSession(s, transport.StateIdle)
			e.usable(s)
		}
	}},
	{"closing without reading", func(e *env) {
		s := e.session()
		if err := e.result(s, e.opts.Rows(FewRows)).Close(); err != nil {
			e.Error(err)
		}
		e.usable(s)
	}},
	{"Next stays false at the end", func(e *env) {
		s := e.session()
		res := e.result(s, SelectOne)
		for res.Next() { // one row
		}
		if res.Next() || res.Err() != nil {
			e.Errorf("a row behind the last, or %v", res.Err())
		}
		if err := res.Close(); err != nil {
			e.Error(err)
		}
	}},
	{"one statement at a time", func(e *env) {
		s := e.session()
		res := e.result(s, e.opts.Rows(ManyRows))
		_, err := s.Start(e.ctx, transport.Statement{SQL: SelectOne})
		e.wantIs(err, transport.ErrBusy)
		e.wantSession(s, transport.StateBusy)
		if !res.Next() {
			e.Errorf("the statement under way has suffered: %v", res.Err())
		}
		if err := res.Close(); err != nil {
			e.Error(err)
		}
		e.usable(s)
	}},
	{"a statement without rows", func(e *env) {
		if !e.caps.Session {
			return // temporary tables do not last: nothing to assert
		}
		s := e.session()
		res := e.result(s, CreateTable)
		if res.Columns() != nil || res.Next() {
			e.Errorf("columns %v or a row", res.Columns())
		}
		if err := res.Close(); err != nil {
			e.Fatal(err)
		}
		_, tag := e.query(s, InsertTwo)
		if !strings.HasPrefix(tag, "INSERT") || !strings.HasSuffix(tag, " 2") {
			e.Errorf("tag %q, want INSERT … 2", tag)
		}
		// A change is made whether its result is read or not.
		if err := e.result(s, InsertThird).Close(); err != nil {
			e.Error(err)
		}
		e.expect(s, CountRows, "3")
	}},
}
