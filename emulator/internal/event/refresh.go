package event

import "time"

// Refresh is one refresh of a materialized view: SVL_MV_REFRESH_STATUS,
// SYS_MV_REFRESH_HISTORY.
type Refresh struct {
	Session
	XID          int64
	Schema, Name string
	ViewID       int32
	// Status has the views' words.
	Status string
	// Auto: nobody asked for it.
	Auto       bool
	Start, End time.Time
}
