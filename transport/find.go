package transport

import (
	"context"
	"time"
)

// Finder is a Transport whose service lists the statements of its caller, also
// those that other processes have started, by the beginning of their Label.
type Finder interface {
	// Find gives the statements whose Label begins with prefix, the last first, at
	// most limit of them. None is no error.
	Find(ctx context.Context, prefix string, limit int) ([]Found, error)
}

// Found is a statement that a Finder has found.
type Found struct {
	// ID is for Transport.Attach.
	ID string
	// Label is the statement's.
	Label string
	Phase Phase
	// Created is when the service took it, Updated when its Phase changed last.
	Created, Updated time.Time
}
