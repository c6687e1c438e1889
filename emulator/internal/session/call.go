package session

import (
	"context"
	"fmt"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/bind"
	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/event"
	"github.com/llm-dev-ops/redshift/emulator/internal/procedure"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/plpgsql"
)

// maxCalls is how deep procedures call each other (stored-procedure-constraints.md).
const maxCalls = 16

// bindCall gives a CALL its meaning: its columns are what the procedure gives back.
func (s *statement) bindCall(c *ast.Call, snapshot *catalog.Snapshot) error {
	plan, err := bind.Call(c, s.env(snapshot))
	if err != nil {
		return err
	}
	s.plan, s.version, s.columns = plan, snapshot.Version, nil
	for i, out := range plan.Routine.Outputs() {
		name := out.Column.Name
		if name == "" {
			name = fmt.Sprintf("column%d", i+1) // r_CREATE_PROCEDURE.md's example
		}
		s.columns = append(s.columns, Column{Name: name, Type: out.Column.Type})
	}
	return nil
}

// call runs a CALL (r_CALL_procedure.md).
func (s *statement) call(ctx context.Context, call Call, r *run) (Portal, error) {
	b := s.backend
	args, err := s.arguments(call.Args)
	if err != nil {
		return nil, err
	}
	if err := s.ready(ctx, r, false); err != nil {
		return nil, err
	}
	var inputs []*string
	if len(s.plan.Columns) > 0 {
		values, err := s.values(ctx, args)
		if err != nil {
			return nil, err
		}
		for _, v := range values {
			inputs = append(inputs, valueText(v))
		}
	}
	outputs, err := b.runProcedure(ctx, s.plan.Routine, inputs, r)
	if err != nil {
		return nil, err
	}
	if len(outputs) == 0 {
		r.succeeded(0)
		return &donePortal{tag: "CALL"}, b.afterLast(ctx, call)
	}
	if err := b.giveWay(ctx, s.ast); err != nil { // to a cursor that is left open
		return nil, err
	}
	return s.outputs(ctx, outputs, call, r)
}

func valueText(a Arg) *string {
	if a.Value == nil {
		return nil
	}
	text := string(a.Value)
	return &text
}

// outputs is the row that a CALL gives back, as a query's.
func (s *statement) outputs(ctx context.Context, values []procedure.Value, call Call, r *run) (Portal, error) {
	out := &statement{backend: s.backend, exact: true, called: true}
	var sql strings.Builder
	sql.WriteString("SELECT ")
	inner := Call{Formats: call.Formats, Last: call.Last}
	for i, v := range values {
		if i > 0 {
			sql.WriteString(", ")
		}
		fmt.Fprintf(&sql, "$%d AS %s", i+1, lex.AppendIdent(nil, s.columns[i].Name))
		out.given = append(out.given, v.Type)
		inner.Args = append(inner.Args, textArg(v.Text))
	}
	out.text = sql.String()
	var err error
	if out.ast, err = parse.Statement(out.text); err != nil {
		return nil, err
	}
	if err := out.bind(); err != nil {
		return nil, err
	}
	return out.start(ctx, inner, r)
}

func textArg(text *string) Arg {
	if text == nil {
		return Arg{}
	}
	return Arg{Value: []byte(*text)}
}

// activation is one procedure that is running: the host of its body.
type activation struct {
	backend *backend
	routine *catalog.Routine
	run     *run
	// atomic: it may not end transactions.
	atomic bool
	// began: a NONATOMIC procedure has begun a transaction, which it ends itself.
	began bool
	// kept are the statements that were bound, by their text.
	kept map[string]*statement
}

var _ procedure.Host = (*activation)(nil)

// runProcedure runs a procedure's body as whom it says, with its settings.
func (b *backend) runProcedure(ctx context.Context, r *catalog.Routine, inputs []*string, record *run) ([]procedure.Value, error) {
	if len(b.calls) >= maxCalls {
		return nil, &Error{State: "54001", Message: "stored procedure calls are nested too deep", Detail: fmt.Sprintf("At most %d levels are supported.", maxCalls)}
	}
	block, err := plpgsql.Parse(r.Body)
	if err != nil {
		return nil, asError(ctx, err, "", 0)
	}
	h := &activation{backend: b, routine: r, run: record, atomic: b.tx.block || len(r.Settings) > 0, kept: map[string]*statement{}}
	caller := int64(0)
	if n := len(b.calls); n > 0 {
		h.atomic = h.atomic || b.calls[n-1].atomic
		caller = b.calls[n-1].run.id
	}
	acting := b.acting
	if r.Definer {
		if owner, ok := b.snapshot().UserByID(r.Owner); ok {
			b.acting = owner
		}
	}
	user := b.current(b.snapshot()).ID
	record.handle.Change(func(s *event.Statement) {
		s.Procedure, s.Caller, s.SessionUser, s.UserID = true, caller, b.user.ID, user
	})
	b.calls = append(b.calls, h)
	undo, err := h.settings(ctx)
	defer func() {
		undo()
		b.calls, b.acting = b.calls[:len(b.calls)-1], acting
	}()
	if err != nil {
		return nil, err
	}
	values, err := procedure.Run(ctx, h, block, r, inputs)
	return values, procedureError(err)
}

// procedureError is what a procedure's failure is called.
func procedureError(err error) error {
	if e, ok := err.(*procedure.Error); ok {
		return &Error{State: e.State, Message: e.Message, Hint: e.Hint, Cause: err}
	}
	return err
}

// settings sets those that the procedure was made with, and gives the way back.
func (h *activation) settings(ctx context.Context) (undo func(), err error) {
	b := h.backend
	type old struct {
		name, value string
		set         bool
	}
	var before []old
	undo = func() {
		for _, o := range before {
			b.restore(ctx, o.name, o.value)
			if !o.set {
				delete(b.settings.values, o.name)
			}
		}
	}
	for _, s := range h.routine.Settings {
		name := settingName(s.Name)
		value, bad := userSetting(name, s.Value)
		if bad != nil {
			return undo, bad
		}
		_, set := b.settings.values[name]
		before = append(before, old{name, b.get(name), set})
		if err := b.set(ctx, name, value, false); err != nil {
			return undo, err
		}
	}
	return undo, nil
}

// Message implements procedure.Host.
func (h *activation) Message(level, text string, line int) {
	b := h.backend
	minimum := strings.ToUpper(b.get("stored_proc_log_min_messages"))
	if levels[level] >= levels[minimum] {
		b.core.cfg.Log.AddMessage(event.Message{
			Session: b.who(), SessionUser: b.user.ID, XID: h.run.startXID, MessageXID: b.tx.xid, Query: h.run.id,
			Level: level, LevelNumber: levels[level], Text: text, Line: line, Call: recorded(h.run.text), Label: b.get("query_group"),
		})
	}
	shown := map[string]int{"DEBUG5": 0, "DEBUG4": 0, "DEBUG3": 0, "DEBUG2": 0, "DEBUG1": 0, "DEBUG": 0, "LOG": 20, "INFO": 30, "NOTICE": 40, "WARNING": 50}
	at, ok := shown[strings.ToUpper(b.get("client_min_messages"))]
	if !ok {
		at = 60
	}
	if level == "EXCEPTION" || level != "INFO" && levels[level] < at {
		return
	}
	state := "00000"
	if level == "WARNING" {
		state = "01000"
	}
	b.notice(Notice{Severity: level, State: state, Message: text})
}

// levels are the numbers of SVL_STORED_PROC_MESSAGES.loglevel.
var levels = map[string]int{"LOG": 20, "INFO": 30, "NOTICE": 40, "WARNING": 50, "EXCEPTION": 60}

// Type implements procedure.Host.
func (h *activation) Type(name string) (rstype.Type, error) {
	t, err := parse.Type(name)
	if err != nil {
		return rstype.Type{}, unplaced(asError(context.Background(), err, "", 0))
	}
	typ, err := bind.Type(t)
	if err != nil {
		return typ, unplaced(asError(context.Background(), err, "", 0))
	}
	return typ, nil
}

// unplaced is an error whose place is in no text that the client has sent.
func unplaced(e *Error) *Error {
	n := *e
	n.Position = 0
	return &n
}

// Relation implements procedure.Host.
func (h *activation) Relation(parts []string) ([]procedure.Column, error) {
	var name []byte
	for i, p := range parts {
		if i > 0 {
			name = append(name, '.')
		}
		name = lex.AppendIdent(name, p)
	}
	s, err := h.prepare("SELECT * FROM "+string(name), nil)
	if err != nil {
		return nil, err
	}
	return columnsOf(s.columns), nil
}

func columnsOf(columns []Column) []procedure.Column {
	if columns == nil {
		return nil
	}
	out := make([]procedure.Column, len(columns))
	for i, c := range columns {
		out[i] = procedure.Column{Name: c.Name, Type: c.Type}
	}
	return out
}
