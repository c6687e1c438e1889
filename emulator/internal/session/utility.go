package session

import (
	"context"
	"fmt"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// endsTransaction: the statement is heard in a failed transaction.
func endsTransaction(s ast.Stmt) bool {
	switch s.(type) {
	case *ast.Commit, *ast.Rollback:
		return true
	}
	return false
}

// isUtility: the statement is the session's own and the binder does not see it.
func isUtility(s ast.Stmt) bool {
	switch s.(type) {
	case *ast.Begin, *ast.Commit, *ast.Rollback, *ast.Set, *ast.Show, *ast.Reset,
		*ast.SetTransaction, *ast.Cancel, *ast.CloseCursor, *ast.Deallocate, *ast.SetSessionAuthorization, *ast.ResetSessionAuthorization:
		return true
	}
	return false
}

// utilityColumns describe a utility's rows.
func (b *backend) utilityColumns(s ast.Stmt) ([]Column, error) {
	show, ok := s.(*ast.Show)
	if !ok {
		return nil, nil
	}
	text := rstype.Type{Kind: rstype.Varchar, Len: rstype.MaxVarchar}
	if show.Name == "all" {
		return []Column{{Name: "name", Type: text}, {Name: "setting", Type: text}}, nil
	}
	name := settingName(show.Name)
	if _, err := b.show(name); err != nil {
		e := err.(*Error) // show returns nothing else
		return nil, &Error{State: e.State, Message: e.Message, Position: 0}
	}
	if r := sessionSettings[name].report; r != "" && name != "application_name" && name != "client_encoding" {
		name = r // r_datestyle.md: the header is DateStyle
	}
	return []Column{{Name: name, Type: text}}, nil
}

// utility runs one. It gives the rows and the tag.
func (b *backend) utility(ctx context.Context, stmt ast.Stmt) (rows [][]string, tag string, err error) {
	switch s := stmt.(type) {
	case *ast.Begin:
		if b.tx.block {
			b.notice(Notice{Severity: "WARNING", State: "25001", Message: "there is already a transaction in progress"})
		}
		b.number()
		b.tx.block = true
		b.tx.readOnly = s.ReadOnly == ast.Yes
		return nil, "BEGIN", nil
	case *ast.Commit:
		if !b.tx.block {
			// PostgreSQL ends the message's own transaction all the same.
			b.notice(Notice{Severity: "WARNING", State: "25P01", Message: "there is no transaction in progress"})
			return nil, "COMMIT", b.commit(ctx)
		}
		if b.tx.failed {
			b.rollback(ctx)
			return nil, "ROLLBACK", nil
		}
		return nil, "COMMIT", b.commit(ctx)
	case *ast.Rollback:
		if !b.tx.block {
			b.notice(Notice{Severity: "WARNING", State: "25P01", Message: "there is no transaction in progress"})
		}
		b.rollback(ctx)
		return nil, "ROLLBACK", nil
	case *ast.Set:
		name, value, err := b.checkSet(s)
		if err != nil {
			return nil, "", err
		}
		b.number()
		return nil, "SET", b.set(ctx, name, value, s.Scope == ast.ScopeLocal)
	case *ast.SetSessionAuthorization:
		return nil, "SET", b.setAuthorization(s.User, s.Local)
	case *ast.ResetSessionAuthorization:
		return nil, "RESET", b.setAuthorization(nil, false)
	case *ast.SetTransaction:
		// Every level is the database's (r_BEGIN.md).
		if b.tx.began {
			return nil, "", &Error{State: "25001", Message: "SET TRANSACTION must be called before any query"}
		}
		if b.tx.block && s.ReadOnly != ast.Unsaid {
			b.tx.readOnly = s.ReadOnly == ast.Yes
		}
		return nil, "SET", nil
	case *ast.Reset:
		return nil, "RESET", b.reset(ctx, s)
	case *ast.Show:
		if s.Name == "all" {
			return b.showAll(), "SHOW", nil
		}
		value, err := b.show(s.Name)
		return [][]string{{value}}, "SHOW", err
	case *ast.Cancel:
		return nil, "CANCEL", b.cancelOther(s)
	case *ast.Deallocate:
		return nil, "DEALLOCATE", b.deallocate(s)
	case *ast.CloseCursor:
		if s.Name == nil {
			return nil, "", &Error{State: "42601", Message: "syntax error at or near \"ALL\"", Hint: "CLOSE takes a cursor's name."}
		}
		if _, err := b.openCursor(b.fold(*s.Name)); err != nil {
			return nil, "", err
		}
		b.closeCursor()
		return nil, "CLOSE CURSOR", nil
	}
	return nil, "", &Error{State: "0A000", Message: "not supported by the emulator: " + strings.ToUpper(fmt.Sprintf("%T", stmt)[len("*ast."):])}
}

func (b *backend) reset(ctx context.Context, s *ast.Reset) error {
	b.number()
	if s.Name == "all" {
		for name := range b.settings.values {
			if err := b.assign(ctx, name, b.fallback(name)); err != nil {
				return err
			}
			delete(b.settings.values, name)
		}
		return nil
	}
	name := settingName(s.Name)
	def, ok := sessionSettings[name]
	if !ok && !isContextVariable(name) {
		return unknownSetting(name)
	}
	if def.fixed {
		return &Error{State: "55P02", Message: fmt.Sprintf("parameter %q cannot be changed", name)}
	}
	if err := b.assign(ctx, name, b.fallback(name)); err != nil {
		return err
	}
	delete(b.settings.values, name)
	return nil
}

// cancelOther is CANCEL (r_CANCEL.md): one's own sessions, a superuser's any.
func (b *backend) cancelOther(s *ast.Cancel) error {
	other, ok := b.core.session(int32(s.PID))
	if !ok || !b.mayCancel(other) {
		return &Error{State: "42704", Message: fmt.Sprintf("Session %d does not exist. The session PID might have changed. Check the stl_restarted_sessions system table for details.", s.PID)}
	}
	if s.Message != nil {
		other.stop(&Error{State: "57014", Message: *s.Message})
		return nil
	}
	other.Cancel()
	return nil
}
