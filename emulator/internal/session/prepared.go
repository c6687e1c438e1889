package session

import (
	"context"
	"fmt"

	"github.com/llm-dev-ops/redshift/emulator/internal/bind"
	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// preparedText is what PREPARE keeps under a name (r_PREPARE.md). It is the session's
// and no transaction's: ROLLBACK leaves it.
type preparedText struct {
	text  string // PREPARE's own, which the positions in stmt count in
	stmt  ast.Stmt
	types []rstype.Type
}

// fold is the name that an identifier stands for (r_names.md).
func (b *backend) fold(id ast.Ident) string {
	if id.Quoted && b.get("enable_case_sensitive_identifier") != "true" {
		return lex.Fold(id.Name)
	}
	return id.Name
}

func noPrepared(name string) *Error {
	return &Error{State: "26000", Message: fmt.Sprintf("prepared statement %q does not exist", name)}
}

// maxPrepared bounds what a session prepares by PREPARE.
const maxPrepared = 10_000

// bindPrepare gives the statement of a PREPARE its meaning, to tell its errors now.
func (s *statement) bindPrepare(p *ast.Prepare, snapshot *catalog.Snapshot) error {
	inner := &statement{backend: s.backend, text: s.text, ast: p.Stmt}
	for _, name := range p.Types {
		t, err := bind.Type(name)
		if err != nil {
			return err
		}
		inner.given = append(inner.given, t)
	}
	switch p.Stmt.(type) {
	case *ast.Query, *ast.Insert, *ast.Update, *ast.Delete:
	default:
		return &Error{State: "42601", Message: "PREPARE takes SELECT, INSERT, UPDATE or DELETE", Position: position(s.text, p.Stmt.Pos())}
	}
	if err := inner.bindWith(snapshot); err != nil {
		return err
	}
	// Every parameter has its type in the list (r_PREPARE.md), as in PostgreSQL 8.0.
	if len(inner.plan.Params) > len(p.Types) {
		offset, n := s.missing(p, len(p.Types))
		return &Error{State: "42P02", Message: fmt.Sprintf("there is no parameter $%d", n), Position: position(s.text, offset)}
	}
	s.prepare = &preparedText{text: s.text, stmt: p.Stmt, types: inner.given}
	return nil
}

// missing finds the first parameter that has no type.
func (s *statement) missing(p *ast.Prepare, types int) (offset, n int) {
	l := lex.New(s.text)
	for t := l.Next(); t.Kind != lex.EOF; t = l.Next() {
		if t.Kind == lex.Param && t.Pos >= p.Stmt.Pos() {
			if _, err := fmt.Sscanf(t.Text(s.text), "$%d", &n); err == nil && n > types {
				return t.Pos, n
			}
		}
	}
	return -1, types + 1
}

// keepPrepared is what PREPARE does.
func (b *backend) keepPrepared(name string, p *preparedText) error {
	if b.prepared[name] != nil {
		return &Error{State: "42P05", Message: fmt.Sprintf("prepared statement %q already exists", name)}
	}
	if len(b.prepared) >= maxPrepared {
		return &Error{State: "53400", Message: fmt.Sprintf("not supported by the emulator: more than %d prepared statements in a session", maxPrepared)}
	}
	if b.prepared == nil {
		b.prepared = map[string]*preparedText{}
	}
	b.prepared[name] = p
	return nil
}

// deallocate is DEALLOCATE (r_DEALLOCATE.md).
func (b *backend) deallocate(d *ast.Deallocate) error {
	if d.Name == nil {
		clear(b.prepared)
		return nil
	}
	name := b.fold(*d.Name)
	if b.prepared[name] == nil {
		return noPrepared(name)
	}
	delete(b.prepared, name)
	return nil
}

// bindExecute binds the statement that an EXECUTE names, and the values for it. The
// statement's own plan is that of the values.
func (s *statement) bindExecute(e *ast.Execute, snapshot *catalog.Snapshot) error {
	p := s.backend.prepared[s.backend.fold(e.Name)]
	if p == nil {
		return noPrepared(s.backend.fold(e.Name))
	}
	if len(e.Args) != len(p.types) {
		return &Error{
			State: "42601", Message: fmt.Sprintf("wrong number of parameters for prepared statement %q", s.backend.fold(e.Name)),
			Detail: fmt.Sprintf("Expected %d parameters but got %d.", len(p.types), len(e.Args)),
		}
	}
	plan, err := bind.Arguments(e.Args, p.types, s.backend.env(s.text, s.given, snapshot))
	if err != nil {
		return err
	}
	inner := &statement{backend: s.backend, text: p.text, ast: p.stmt, given: p.types}
	if err := inner.bindWith(snapshot); err != nil {
		return asError(context.Background(), err, "", 0) // its places are not this text's
	}
	s.plan, s.version, s.inner, s.columns = plan, snapshot.Version, inner, inner.columns
	return nil
}

// execute runs the statement that an EXECUTE names.
func (s *statement) execute(ctx context.Context, call Call, r *run) (Portal, error) {
	r.ast = s.inner.ast
	if len(s.plan.Columns) > 0 {
		args, err := s.arguments(call.Args)
		if err != nil {
			return nil, err
		}
		if err := s.ready(ctx, r, false); err != nil {
			return nil, err
		}
		call.Args, err = s.values(ctx, args)
		if err != nil {
			return nil, err
		}
	} else {
		call.Args = nil
	}
	p, err := s.inner.start(ctx, call, r)
	if err != nil {
		return nil, asError(ctx, err, "", r.id)
	}
	return p, nil
}

// values works out the values of an EXECUTE.
func (s *statement) values(ctx context.Context, args []engine.Value) ([]Arg, error) {
	result, err := s.backend.query(ctx, s.plan.SQL[0], args, false, nil)
	if err != nil {
		return nil, err
	}
	defer result.Close() // nothing is lost
	values := make([]Arg, len(s.plan.Columns))
	for rows := 0; ; rows++ {
		chunk, err := result.Next(ctx)
		if err != nil {
			return nil, err
		}
		if chunk == nil {
			if rows != 1 {
				return nil, fmt.Errorf("%d chunks of values for EXECUTE", rows)
			}
			return values, nil
		}
		for i := range values {
			if !chunk.IsNull(i, 0) {
				values[i].Value = chunk.AppendText([]byte{}, i, 0)
			}
		}
	}
}
