package session

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/bind"
	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/explain"
	"github.com/llm-dev-ops/redshift/emulator/internal/lock"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// bindExplain binds the statement that is explained, to tell its errors; its plan
// does nothing and locks its tables for reading.
func (s *statement) bindExplain(e *ast.Explain, snapshot *catalog.Snapshot) error {
	if !explain.Explains(e.Stmt) {
		l := lex.At(s.text, e.Stmt.Pos())
		return &Error{
			State: "42601", Message: fmt.Sprintf("syntax error at or near %q", l.Next().Text(s.text)), Position: position(s.text, e.Stmt.Pos()),
			Hint: "EXPLAIN takes SELECT, SELECT INTO, CREATE TABLE AS, INSERT, UPDATE and DELETE.",
		}
	}
	plan, err := bind.Statement(e.Stmt, s.backend.env(s.text, s.given, snapshot))
	if err != nil {
		return err
	}
	s.plan, s.version = &bind.Plan{Tag: "EXPLAIN", Type: "EXPLAIN", Params: plan.Params}, snapshot.Version
	for _, l := range plan.Locks {
		if l.Table <= math.MaxInt32 { // the others are of names that would be made
			s.plan.Locks = append(s.plan.Locks, bind.Lock{Table: l.Table, Mode: lock.AccessShare})
		}
	}
	s.columns = []Column{{Name: "QUERY PLAN", Type: rstype.Type{Kind: rstype.Varchar, Len: rstype.MaxVarchar}}}
	return nil
}

// explain gives the rows of an EXPLAIN.
func (s *statement) explain(ctx context.Context, e *ast.Explain) ([][]string, error) {
	b := s.backend
	env := explain.Env{
		Bind: b.env(s.text, s.given, b.tx.snapshot),
		Rows: func(r *catalog.Relation) (int64, error) {
			text, _, err := oneValue(ctx, b.conn, "SELECT count(*) FROM "+quoteName(r.StoreSchema)+"."+quoteName(r.StoreName))
			if err != nil {
				return 0, err
			}
			return strconv.ParseInt(text, 10, 64)
		},
	}
	plan, err := explain.Statement(e.Stmt, e.Verbose, env)
	if err != nil {
		return nil, err
	}
	lines := plan.Lines()
	rows := make([][]string, len(lines))
	for i, line := range lines {
		rows[i] = []string{line}
	}
	return rows, nil
}

func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
