package emulator

import (
	"context"
	"errors"
	"strconv"

	"github.com/llm-dev-ops/redshift/emulator/internal/faults"
	"github.com/llm-dev-ops/redshift/emulator/internal/session"
)

// errDropped ends a connection without a word.
var errDropped = errors.New("emulator: dropped")

// gone ends the connections of a cluster that is paused: its clients find nobody.
func gone(operation string) error {
	if operation == "Login" {
		return errDropped
	}
	return terminated()
}

func terminated() error {
	return &session.Error{Severity: "FATAL", State: "57P01", Message: "terminating connection due to administrator command"}
}

// struck does what the rules say about a message of the wire protocol.
func struck(ctx context.Context, rules *faults.Set, user string, pid int32, operation string) error {
	if !rules.Any() {
		return nil
	}
	resources := []string{user}
	if pid != 0 {
		resources = append(resources, strconv.Itoa(int(pid)))
	}
	do := rules.Decide(faults.Wire, operation, resources...)
	if err := rules.Wait(ctx, do.Delay); err != nil {
		return err
	}
	switch do.Action {
	case faults.Error:
		message := do.Message
		if message == "" {
			message = "refused by a fault rule"
		}
		return &session.Error{State: do.Code, Message: message}
	case faults.Kill:
		return terminated()
	case faults.Drop:
		return errDropped
	case faults.Timeout:
		rules.Silence(ctx, do.Silence)
		return errDropped
	}
	return nil
}

// SetFaults puts the rules of a JSON document (docs/emulator.md) in the place of
// those of Config.Faults and of earlier calls. After an error those stand.
func (s *Server) SetFaults(document []byte) error { return s.faults.Replace(document) }
