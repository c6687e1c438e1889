package session

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/scalar"
)

// requests are what functions of a statement ask of their session while it runs on
// the engine's threads. They are met when it has succeeded.
type requests struct {
	settings []requestedSetting
	notices  []Notice
}

type requestedSetting struct {
	name, value string
	local       bool
}

// call is the engine's function bind.SessionFunction: the session's process id, a
// function's name and its arguments.
func (c *Core) call(args []scalar.Arg) (string, bool, error) {
	if len(args) < 3 {
		return "", false, errors.New("XX000: a session's function takes arguments")
	}
	pid, err := strconv.ParseInt(args[0].Text, 10, 32)
	if err != nil {
		return "", false, err
	}
	b, ok := c.session(int32(pid))
	if !ok {
		return "", false, fmt.Errorf("XX000: no session %d", pid)
	}
	name, args := strings.Clone(args[1].Text), args[2:]
	for i, a := range args {
		if a.Null && (name != "set_config" || i != 1) {
			return "", false, nil
		}
		args[i].Text = strings.Clone(a.Text) // the settings keep it
	}
	var text string
	switch name {
	case "pg_cancel_backend", "pg_terminate_backend":
		text, err = b.signal(name, args[0].Text)
	case "current_setting":
		return b.currentSetting(args)
	case "set_config":
		text, err = b.requestSetting(args)
	default:
		err = fmt.Errorf("XX000: no function %q", name)
	}
	return text, err == nil, err
}

// raised is the error as a function hands it to the engine: raised() of errors.go reads it.
func (e *Error) raised() error { return errors.New(e.State + ": " + e.Message) }

// signal is PG_CANCEL_BACKEND and PG_TERMINATE_BACKEND: one's own sessions, a
// superuser's any. The documents give no result; 1 and 0 are PostgreSQL 8.0's, as the
// texts are.
func (b *backend) signal(name, pid string) (string, error) {
	n, err := strconv.ParseInt(pid, 10, 32)
	if err != nil {
		return "", err
	}
	other, ok := b.core.session(int32(n))
	if !ok {
		b.mu.Lock()
		b.asked.notices = append(b.asked.notices, Notice{Severity: "WARNING", State: "01000", Message: fmt.Sprintf("PID %d is not a PostgreSQL server process", n)})
		b.mu.Unlock()
		return "0", nil
	}
	f := b.viewFacts()
	if !f.may(other.user.ID) {
		return "", (&Error{State: "42501", Message: "must be superuser to signal other server processes"}).raised()
	}
	if name == "pg_cancel_backend" {
		other.Cancel()
	} else {
		other.terminate()
	}
	if other == b && name == "pg_terminate_backend" {
		// Its own statement is not left to whether the end of the context or the last
		// row comes first.
		return "", cancelled(errTerminated, 0).raised()
	}
	return "1", nil
}

// may tells whether the session may stop those of a user.
func (f viewFacts) may(user int32) bool {
	return user == f.session.UserID || user == f.login || f.catalog.Who(f.session.UserID).System("cancel")
}

// terminate ends the session: its statement, or what the client sends next, fails,
// and the door is told.
func (b *backend) terminate() {
	b.mu.Lock()
	b.ended = true
	b.mu.Unlock()
	b.stop(errTerminated)
	if f := b.startup.Terminated; f != nil {
		f(cancelled(errTerminated, 0))
	}
}

// over tells whether the session was terminated.
func (b *backend) over() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return cancelled(errTerminated, 0)
	}
	return nil
}

// currentSetting is CURRENT_SETTING (r_CURRENT_SETTING.md): what SHOW says. An
// undefined context variable is an error unless the second argument is false.
func (b *backend) currentSetting(args []scalar.Arg) (string, bool, error) {
	name := settingName(args[0].Text)
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := len(b.asked.settings) - 1; i >= 0; i-- {
		if s := b.asked.settings[i]; s.name == name {
			return s.value, true, nil
		}
	}
	if isContextVariable(name) {
		v, ok := b.settings.values[name]
		if !ok && (len(args) < 2 || args[1].Text == "true") {
			return "", false, unknownSetting(name).raised()
		}
		return v, ok, nil
	}
	v, err := b.show(name)
	if e, ok := errors.AsType[*Error](err); ok {
		return "", false, e.raised()
	}
	return v, true, nil
}

// requestSetting is SET_CONFIG (r_SET_CONFIG.md), which answers the new value.
func (b *backend) requestSetting(args []scalar.Arg) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	name, value, err := b.checkValue(settingName(args[0].Text), args[1].Text, args[1].Null)
	if e, ok := errors.AsType[*Error](err); ok {
		return "", e.raised()
	}
	b.asked.settings = append(b.asked.settings, requestedSetting{name, value, len(args) > 2 && args[2].Text == "true"})
	return value, nil
}

// meet does what the statement's functions asked for; without success the settings
// stay.
func (b *backend) meet(ctx context.Context, success bool) error {
	b.mu.Lock()
	asked := b.asked
	b.asked = requests{}
	b.mu.Unlock()
	for _, n := range asked.notices {
		b.notice(n)
	}
	if !success {
		return nil
	}
	for _, s := range asked.settings {
		if err := b.set(ctx, s.name, s.value, s.local); err != nil {
			return err
		}
	}
	return nil
}
