package procedure

import (
	"context"
	"strconv"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/plpgsql"
)

// round runs a loop's body once; done ends the loop with this flow.
func (f *frame) round(ctx context.Context, label string, body []plpgsql.Stmt) (fl flow, done bool, err error) {
	fl, err = f.list(ctx, body, nil)
	if err != nil {
		return fl, true, err
	}
	own := fl.label == "" || fl.label == label
	switch {
	case fl.kind == goOn, fl.kind == continuing && own:
		return flow{}, false, nil
	case fl.kind == exiting && own:
		return flow{}, true, nil
	}
	return fl, true, nil
}

func (f *frame) loop(ctx context.Context, s *plpgsql.Loop) (flow, error) {
	for {
		if err := ctx.Err(); err != nil { // the body may be empty
			return flow{}, context.Cause(ctx)
		}
		if s.While != nil {
			if is, err := f.test(ctx, *s.While); err != nil || !is {
				return flow{}, err
			}
		}
		if fl, done, err := f.round(ctx, s.Label, s.Body); done {
			return fl, err
		}
	}
}

func (f *frame) forRange(ctx context.Context, s *plpgsql.ForRange) (flow, error) {
	lower, err := f.integer(ctx, s.Lower, "lower")
	if err != nil {
		return flow{}, err
	}
	upper, err := f.integer(ctx, s.Upper, "upper")
	if err != nil {
		return flow{}, err
	}
	defer f.push(s.Label)()
	v := f.define(s.Name, rstype.Type{Kind: rstype.Int4})
	step := int64(1)
	if s.Reverse {
		step = -1
	}
	ran := false
	for n := lower; n*step <= upper*step; n += step {
		if err := ctx.Err(); err != nil {
			return flow{}, context.Cause(ctx)
		}
		ran = true
		v.value = text(strconv.FormatInt(n, 10))
		if fl, done, err := f.round(ctx, s.Label, s.Body); done {
			f.setFound(true)
			return fl, err
		}
	}
	f.setFound(ran)
	return flow{}, nil
}

// forRows loops over a query's rows, which are those of the moment when it begins.
func (f *frame) forRows(ctx context.Context, s *plpgsql.ForRows) (flow, error) {
	if s.Cursor != nil {
		return f.forCursor(ctx, s)
	}
	var rows *Rows
	if s.Dynamic != nil {
		sql, err := f.command(ctx, *s.Dynamic)
		if err != nil {
			return flow{}, err
		}
		if rows, err = f.host.Query(ctx, sql, nil); err != nil {
			return flow{}, err
		}
	} else {
		sql, args, err := f.bind(s.Query.Text)
		if err != nil {
			return flow{}, err
		}
		if rows, err = f.host.Query(ctx, sql, args); err != nil {
			return flow{}, err
		}
	}
	if rows.Columns == nil {
		return flow{}, fail("42601", "FOR needs a query")
	}
	for _, row := range rows.Rows {
		if err := f.assign(ctx, s.Targets, rows.Columns, row); err != nil {
			return flow{}, err
		}
		if fl, done, err := f.round(ctx, s.Label, s.Body); done {
			f.setFound(true)
			return fl, err
		}
	}
	f.rows = int64(len(rows.Rows))
	f.setFound(len(rows.Rows) > 0)
	return flow{}, nil
}

// forCursor opens a bound cursor and loops over its rows.
func (f *frame) forCursor(ctx context.Context, s *plpgsql.ForRows) (flow, error) {
	if err := f.open(ctx, &plpgsql.Open{At: s.At, Cursor: *s.Cursor, Args: s.Args}); err != nil {
		return flow{}, err
	}
	name, _, err := f.cursor(*s.Cursor)
	if err != nil {
		return flow{}, err
	}
	defer f.push(s.Label)()
	record := &variable{name: s.Targets[0].Parts[0], record: true}
	f.scope.vars[record.name] = record
	ran := false
	for {
		rows, err := f.host.Fetch(ctx, name)
		if err != nil {
			return flow{}, err
		}
		if len(rows.Rows) == 0 {
			break
		}
		ran = true
		if err := f.setRow(ctx, record, rows.Columns, rows.Rows[0]); err != nil {
			return flow{}, err
		}
		if fl, done, err := f.round(ctx, s.Label, s.Body); done {
			f.setFound(true)
			if err == nil {
				err = f.host.Close(name)
			}
			return fl, err
		}
	}
	f.setFound(ran)
	return flow{}, f.host.Close(name)
}

// cursor finds a cursor variable, and the name of what it has open.
func (f *frame) cursor(r plpgsql.Ref) (string, *variable, error) {
	v, _, err := f.target(r)
	switch {
	case err != nil:
		return "", nil, err
	case !v.cursor:
		return "", nil, fail("42804", "variable \""+v.name+"\" must be of type cursor or refcursor")
	case v.value == nil:
		return "", v, fail("22004", "cursor variable \""+v.name+"\" is NULL")
	}
	return *v.value, v, nil
}

func (f *frame) open(ctx context.Context, s *plpgsql.Open) error {
	v, _, err := f.target(s.Cursor)
	if err != nil {
		return err
	}
	if !v.cursor {
		return fail("42804", "variable \""+v.name+"\" must be of type cursor or refcursor")
	}
	if v.value == nil {
		f.portals++
		v.value = text("<unnamed portal " + itoa(f.portals) + ">")
	}
	switch {
	case s.Dynamic != nil:
		sql, err := f.command(ctx, *s.Dynamic)
		if err != nil {
			return err
		}
		return f.host.Open(ctx, *v.value, sql, nil)
	case s.Query != nil:
		if v.bound != nil {
			return fail("42601", "cursor \""+v.name+"\" has its query already")
		}
		sql, args, err := f.bind(s.Query.Text)
		if err != nil {
			return err
		}
		return f.host.Open(ctx, *v.value, sql, args)
	case v.bound == nil:
		return fail("42601", "cursor \""+v.name+"\" has no query; write OPEN "+v.name+" FOR …")
	case len(s.Args) != len(v.bound.Args):
		return fail("42601", "cursor \""+v.name+"\" takes "+itoa(len(v.bound.Args))+" arguments, not "+itoa(len(s.Args)))
	}
	values := map[string]*variable{}
	for i, a := range v.bound.Args {
		typ, err := f.host.Type(a.Type.Text)
		if err != nil {
			return err
		}
		value, err := f.eval(ctx, s.Args[i])
		if err != nil {
			return err
		}
		one := &variable{name: a.Name, typ: typ}
		if err := f.set(ctx, one, "", value); err != nil {
			return err
		}
		values[a.Name] = one
	}
	defer f.push("")()
	f.scope.vars = values
	sql, args, err := f.bind(v.bound.Query.Text)
	if err != nil {
		return err
	}
	return f.host.Open(ctx, *v.value, sql, args)
}
