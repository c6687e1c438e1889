package sysview

import (
	"iter"

	"github.com/llm-dev-ops/redshift/emulator/internal/event"
)

// isCall: the statement is the call of a procedure, and has ended.
func isCall(s *event.Statement) bool { return s.Procedure && s.Status.Done() }

func caller(s *event.Statement, _ Facts) any {
	if s.Caller == 0 {
		return nil
	}
	return s.Caller
}

func callStatus(s *event.Statement, _ Facts) any {
	if s.Status == event.Success {
		return "success"
	}
	return "canceled"
}

var svlStoredProcCall = cells[event.Statement]{
	"userid": stlQuery["userid"], "session_userid": func(s *event.Statement, _ Facts) any { return int64(s.SessionUser) },
	"query": stlQuery["query"], "label": label, "xid": stlQuery["xid"], "pid": stlQuery["pid"], "database": stlQuery["database"],
	"querytxt": stlQuery["querytxt"], "starttime": stlQuery["starttime"], "endtime": stlQuery["endtime"], "aborted": aborted, "from_sp_call": caller,
}

var sysProcedureCall = cells[event.Statement]{
	"session_user_id": svlStoredProcCall["session_userid"], "security_user_id": stlQuery["userid"], "query_id": stlQuery["query"],
	"query_text": stlQuery["querytxt"], "start_time": stlQuery["starttime"], "end_time": stlQuery["endtime"], "status": callStatus,
	"caller_procedure_query_id": caller,
}

// said is a message with the outcome of its call.
type said struct {
	event.Message
	aborted bool
}

func messages(log *event.Log) iter.Seq[said] {
	return func(yield func(said) bool) {
		failed := map[int64]bool{}
		for s := range log.Statements() {
			if s.Procedure && s.Status.Done() && s.Status != event.Success {
				failed[s.ID] = true
			}
		}
		for m := range log.Messages() {
			if !yield(said{m, failed[m.Query]}) {
				return
			}
		}
	}
}

func saidUser(m *said) int32 { return m.SessionUser }

func callUser(s *event.Statement) int32 { return s.SessionUser }

var svlStoredProcMessages = cells[said]{
	"userid": func(m *said, _ Facts) any { return int64(m.UserID) }, "session_userid": func(m *said, _ Facts) any { return int64(m.SessionUser) },
	"pid": func(m *said, _ Facts) any { return int64(m.PID) }, "xid": func(m *said, _ Facts) any { return m.XID },
	"query": func(m *said, _ Facts) any { return m.Query }, "recordtime": func(m *said, _ Facts) any { return timestamp(m.Time) },
	"loglevel": func(m *said, _ Facts) any { return int64(m.LevelNumber) }, "loglevel_text": func(m *said, _ Facts) any { return m.Level },
	"message": func(m *said, _ Facts) any { return m.Text }, "linenum": func(m *said, _ Facts) any { return int64(m.Line) },
	"querytext": func(m *said, _ Facts) any { return m.Call },
	"label": func(m *said, _ Facts) any {
		if m.Label == "" || m.Label == "unset" {
			return "default"
		}
		return m.Label
	},
	"aborted": func(m *said, _ Facts) any {
		if m.aborted {
			return int64(1)
		}
		return int64(0)
	},
	"message_xid": func(m *said, _ Facts) any { return m.MessageXID },
}

var sysProcedureMessages = cells[said]{
	"transaction_id": svlStoredProcMessages["message_xid"], "query_id": svlStoredProcMessages["query"], "record_time": svlStoredProcMessages["recordtime"],
	"log_level": svlStoredProcMessages["loglevel_text"], "message": svlStoredProcMessages["message"], "line_number": svlStoredProcMessages["linenum"],
}
