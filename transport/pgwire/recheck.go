package pgwire

import (
	"context"
	"errors"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

var _ transport.Rechecker = (*session)(nil)

var (
	errLeftOver = errors.New("something was left in the session that cannot be undone")
	errTooOld   = errors.New("the session is older than it may be")
	errDead     = errors.New("the server has closed the session")
)

// Reusable implements transport.Rechecker.
func (s *session) Reusable() bool {
	return !s.over.Load() && s.active == nil && s.batch == nil && s.c.reusable()
}

// Recheck implements transport.Rechecker.
func (s *session) Recheck(ctx context.Context) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	err := errDead
	switch {
	case !s.c.reusable():
		err = errLeftOver
	case time.Now().After(s.c.expires):
		err = errTooOld
	case s.c.alive(ctx, s.t.cfg.PingAfter):
		s.c.group, s.c.ownTimeout = s.t.cfg.QueryGroup, false
		return nil
	default:
		s.c.lose(err)
	}
	return &transport.LostError{Err: err}
}
