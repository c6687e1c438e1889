package event

import "time"

// Message is what RAISE said in a stored procedure.
type Message struct {
	Session
	// SessionUser is who logged in; UserID is as whom the procedure ran.
	SessionUser int32
	// XID is the CALL's transaction, MessageXID that of the message.
	XID, MessageXID int64
	// Query is the CALL's statement, Call its text and Label the query group.
	Query       int64
	Call, Label string
	Time        time.Time
	// Level is LOG, INFO, NOTICE, WARNING or EXCEPTION; LevelNumber is 20 to 60.
	Level       string
	LevelNumber int
	Text        string
	// Line is the number of a line of the procedure's body.
	Line int
}
