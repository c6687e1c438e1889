package session

import (
	"context"
	"errors"

	"github.com/llm-dev-ops/redshift/emulator/internal/bind"
	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/load"
	"github.com/llm-dev-ops/redshift/emulator/internal/unload"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

// commandError is a mistake in the options of a COPY or UNLOAD.
func commandError(err error) error {
	var state interface{ SQLState() string }
	if errors.As(err, &state) {
		return &Error{State: state.SQLState(), Message: err.Error(), Cause: err}
	}
	return &Error{State: "42601", Message: err.Error(), Cause: err}
}

// copy runs COPY. The rows go into the session's own transaction, so that an
// error leaves nothing behind.
func (b *backend) copy(ctx context.Context, s *statement, r *run) (string, int64, error) {
	text := s.text[s.ast.Pos():s.ast.End()]
	command, err := copycmd.ParseCopy(text)
	if err != nil {
		return "", 0, commandError(err)
	}
	if err := load.CheckOptions(&command, r.id); err != nil {
		return "", 0, err
	}
	table := s.plan.Copy.Relation
	if u := b.current(b.tx.snapshot); command.StatUpdate != copycmd.Unset && !u.Superuser && u.ID != table.Owner {
		// copy-parameters-data-load, STATUPDATE; the text is that of ANALYZE's kin.
		return "", 0, &Error{State: "42501", Message: "must be owner of relation " + table.Name}
	}
	target, sequences, err := b.copyTarget(ctx, s.plan.Copy)
	if err != nil {
		return "", 0, err
	}
	compress := encodings(&command, table) != nil
	if compress {
		if compress, err = b.empty(ctx, table); err != nil {
			return "", 0, err
		}
	}
	// From here on the load has begun: PG_LAST_COPY_ID.md, PG_LAST_COPY_COUNT.md.
	b.lastCopyID, b.lastCopyCount = r.id, 0
	result, infos, err := load.Run(ctx, load.Request{
		Copy: &command, Target: target, Conn: b.conn, Store: b.core.cfg.Store, Faults: b.core.cfg.Faults, Staging: b.core.cfg.Staging,
		Log: b.core.cfg.Log, Session: b.who(), Query: r.id, XID: b.tx.xid,
		DefaultRole: b.core.cfg.DefaultRole, Region: b.core.cfg.Region,
		Tables: b.core.cfg.Tables, Allowed: b.allowed(&command.Auth),
		TimeZone: b.location(), Slices: b.core.cfg.Slices,
	})
	if err != nil {
		return "", 0, err
	}
	for _, q := range sequences {
		if err := q.keep(ctx, b.conn); err != nil {
			return "", 0, err
		}
	}
	if compress {
		if err := b.compress(ctx, &command, table, result.Rows); err != nil {
			return "", 0, err
		}
	}
	for _, text := range infos {
		b.notice(Notice{Severity: "INFO", State: "00000", Message: string(text)})
	}
	b.lastCopyCount = result.Rows
	return "COPY", result.Rows, nil
}

// copyTarget is the table as a load sees it, its defaults worked out once.
func (b *backend) copyTarget(ctx context.Context, t *bind.CopyTarget) (load.Target, []*sequence, error) {
	rel := t.Relation
	target := load.Target{Schema: rel.StoreSchema, Name: rel.StoreName, Display: rel.Name, ID: rel.ID}
	defaults := make([]engine.Value, len(rel.Columns))
	if t.Defaults != "" {
		var err error
		if defaults, err = b.oneRow(ctx, t.Defaults, rel); err != nil {
			return target, nil, err
		}
	}
	var sequences []*sequence
	for i, c := range rel.Columns {
		column := load.Column{Name: c.Name, Type: c.Type, NotNull: c.NotNull, Default: defaults[i]}
		if c.Identity != nil {
			q, err := newSequence(ctx, b.conn, c.Identity)
			if err != nil {
				return target, nil, err
			}
			sequences = append(sequences, q)
			column.Identity, column.ByDefault = q.next, c.Identity.ByDefault
		}
		target.Columns = append(target.Columns, column)
	}
	return target, sequences, nil
}

// unload runs UNLOAD.
func (b *backend) unload(ctx context.Context, s *statement, stmt *ast.Unload, args []engine.Value, r *run) (string, int64, error) {
	command, err := copycmd.ParseUnload(s.text[stmt.Pos():stmt.End()])
	if err == nil {
		err = command.Validate()
	}
	if err != nil {
		return "", 0, commandError(err)
	}
	columns := make([]unload.Column, len(s.plan.UnloadColumns))
	for i, c := range s.plan.UnloadColumns {
		columns[i] = unload.Column{Name: c.Name, Type: c.Type}
	}
	result, infos, err := unload.Run(ctx, unload.Request{
		Unload: &command, SQL: s.plan.SQL[0], Params: args, Columns: columns,
		Conn: b.conn, Store: b.core.cfg.Store, Faults: b.core.cfg.Faults, Staging: b.core.cfg.Staging,
		Log: b.core.cfg.Log, Session: b.who(), Query: r.id, XID: b.tx.xid,
		TimeZone: b.location(), Slices: b.core.cfg.Slices, DefaultRole: b.core.cfg.DefaultRole,
		Region: b.core.cfg.Region, Allowed: b.allowed(&command.Auth),
	})
	if err != nil {
		return "", 0, err
	}
	for _, text := range infos {
		b.notice(Notice{Severity: "INFO", State: "00000", Message: text})
	}
	b.lastUnloadID, b.lastUnloadCount = r.id, result.Rows
	return "UNLOAD", result.Rows, nil
}
