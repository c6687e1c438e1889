package sysview

import (
	"fmt"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/event"
)

// projections are the views that are filled from the record.
var projections = map[string]projector{
	"stl_query":                from((*event.Log).Statements, statementUser, isEndedQuery, stlQuery),
	"svl_qlog":                 from((*event.Log).Statements, statementUser, isEndedQuery, svlQlog),
	"stv_inflight":             from((*event.Log).Statements, statementUser, isInFlight, stvInflight),
	"stv_recents":              from((*event.Log).Statements, statementUser, nil, stvRecents),
	"sys_query_history":        from((*event.Log).Statements, statementUser, nil, sysQueryHistory),
	"svl_stored_proc_call":     from((*event.Log).Statements, callUser, isCall, svlStoredProcCall),
	"sys_procedure_call":       from((*event.Log).Statements, callUser, isCall, sysProcedureCall),
	"svl_stored_proc_messages": from(messages, saidUser, nil, svlStoredProcMessages),
	"sys_procedure_messages":   from(messages, saidUser, nil, sysProcedureMessages),
	"stl_querytext":            from(chunks(200, true), chunkUser, inFamily(event.Query), stlQuerytext),
	"stl_ddltext":              from(chunks(200, true), chunkUser, inFamily(event.DDL), stlText),
	"stl_utilitytext":          from(chunks(200, true), chunkUser, inFamily(event.Utility), stlText),
	"svl_statementtext":        from(chunks(200, true), chunkUser, isEndedChunk, svlStatementtext),
	"sys_query_text":           from(chunks(4000, false), chunkUser, nil, sysQueryText),

	"stl_wlm_query":             from((*event.Log).Statements, statementUser, isEndedQuery, stlWLMQuery),
	"stv_wlm_query_state":       from((*event.Log).Statements, statementUser, isInFlight, stvWLMQueryState),
	"stv_wlm_query_task_state":  from((*event.Log).Statements, statementUser, isInFlight, stvWLMQueryTaskState),
	"svl_query_metrics_summary": from((*event.Log).Statements, statementUser, isEndedQuery, svlQueryMetricsSummary),

	"stl_load_errors":       from((*event.Log).LoadErrors, loadErrorUser, nil, stlLoadErrors),
	"sys_load_error_detail": from((*event.Log).LoadErrors, loadErrorUser, nil, sysLoadErrorDetail),
	"stl_load_commits":      from((*event.Log).LoadFiles, loadFileUser, nil, stlLoadCommits),
	"sys_load_history":      from((*event.Log).Loads, loadUser, nil, sysLoadHistory),
	"stl_unload_log":        from((*event.Log).UnloadFiles, unloadFileUser, nil, stlUnloadLog),
	"sys_unload_history":    from((*event.Log).Unloads, unloadUser, nil, sysUnloadHistory),

	"stl_connection_log":      from((*event.Log).Connections, connectionUser, nil, stlConnectionLog),
	"sys_connection_log":      from((*event.Log).Connections, connectionUser, nil, sysConnectionLog),
	"sys_transaction_history": from((*event.Log).Transactions, transactionUser, nil, sysTransactionHistory),

	"stl_error":              from((*event.Log).Statements, statementUser, isInternalError, stlError),
	"stl_loaderror_detail":   from(errorFields, errorFieldUser, nil, stlLoaderrorDetail),
	"stl_replacements":       from((*event.Log).Replacements, replacementUser, nil, stlReplacements),
	"stl_file_scan":          from((*event.Log).LoadFiles, loadFileUser, nil, stlFileScan),
	"stl_s3client":           from(transfers, transferUser, nil, stlS3Client),
	"stv_load_state":         from((*event.Log).Loads, loadUser, isLoading, stvLoadState),
	"sys_load_detail":        from((*event.Log).LoadFiles, loadFileUser, nil, sysLoadDetail),
	"sys_unload_detail":      from((*event.Log).UnloadFiles, unloadFileUser, nil, sysUnloadDetail),
	"pg_stat_activity":       from(activities, activityUser, nil, pgStatActivity),
	"stl_sessions":           from((*event.Log).Sessions, sessionUser, hasEnded, stlSessions),
	"stv_sessions":           from((*event.Log).Sessions, sessionUser, isOpen, stvSessions),
	"sys_session_history":    from((*event.Log).Sessions, sessionUser, nil, sysSessionHistory),
	"stv_locks":              fromNow(heldLocks, lockUser, isWriteLock, stvLocks),
	"svl_mv_refresh_status":  from((*event.Log).Refreshes, refreshUser, nil, svlMVRefreshStatus),
	"sys_mv_refresh_history": from((*event.Log).Refreshes, refreshUser, nil, sysMVRefreshHistory),
	"svv_transactions":       fromNow(heldLocks, lockUser, nil, svvTransactions),
	"stv_slices":             fromNow(sliceNumbers, nil, nil, stvSlices),
}

// isInternalError: STL_ERROR has the engine's own failures and no errors of SQL
// (r_STL_ERROR.md).
func isInternalError(s *event.Statement) bool {
	return s.Status == event.Failed && strings.HasPrefix(s.SQLState, "XX")
}

// stlError has no place in a source file to tell of.
var stlError = cells[event.Statement]{
	"userid":     func(s *event.Statement, _ Facts) any { return int64(s.UserID) },
	"process":    constant[event.Statement]("emulator"),
	"recordtime": func(s *event.Statement, _ Facts) any { return timestamp(s.End) },
	"pid":        func(s *event.Statement, _ Facts) any { return int64(s.PID) },
	"errcode":    constant[event.Statement](int64(0)),
	"file":       null[event.Statement],
	"linenum":    null[event.Statement],
	"context":    func(s *event.Statement, _ Facts) any { return s.Text },
	"error":      func(s *event.Statement, _ Facts) any { return s.Message },
}

func statementUser(s *event.Statement) int32 { return s.UserID }
func chunkUser(c *chunk) int32               { return c.UserID }

// STL_QUERY and SVL_QLOG hold finished queries.
func isEndedQuery(s *event.Statement) bool { return s.Family == event.Query && s.Status.Done() }
func isInFlight(s *event.Statement) bool   { return s.Family == event.Query && !s.Status.Done() }
func isEndedChunk(c *chunk) bool           { return c.Status.Done() }

func inFamily(f event.Family) func(*chunk) bool {
	return func(c *chunk) bool { return c.Family == f && c.Status.Done() }
}

// label is what STL_QUERY shows of the query group: 30 characters, and
// "default" when none is set (r_query_group.md, r_STL_QUERY.md).
func label(s *event.Statement, _ Facts) any {
	if s.Label == "" {
		return "default"
	}
	return fit(s.Label, 30)
}

func aborted(s *event.Statement, _ Facts) any {
	if s.Status == event.Success {
		return int64(0)
	}
	return int64(1)
}

var stlQuery = cells[event.Statement]{
	"userid":                     func(s *event.Statement, _ Facts) any { return int64(s.UserID) },
	"query":                      func(s *event.Statement, _ Facts) any { return s.ID },
	"label":                      label,
	"xid":                        func(s *event.Statement, _ Facts) any { return s.XID },
	"pid":                        func(s *event.Statement, _ Facts) any { return int64(s.PID) },
	"database":                   func(s *event.Statement, _ Facts) any { return s.Database },
	"querytxt":                   func(s *event.Statement, _ Facts) any { return s.Text },
	"starttime":                  func(s *event.Statement, _ Facts) any { return timestamp(s.Start) },
	"endtime":                    func(s *event.Statement, _ Facts) any { return timestamp(s.End) },
	"aborted":                    aborted,
	"insert_pristine":            constant[event.Statement](int64(0)),
	"concurrency_scaling_status": constant[event.Statement](int64(0)), // the main cluster
}

var svlQlog = cells[event.Statement]{
	"userid":                         stlQuery["userid"],
	"query":                          stlQuery["query"],
	"xid":                            stlQuery["xid"],
	"pid":                            stlQuery["pid"],
	"starttime":                      stlQuery["starttime"],
	"endtime":                        stlQuery["endtime"],
	"elapsed":                        func(s *event.Statement, f Facts) any { return micros(s.Elapsed(f.Now)) },
	"aborted":                        aborted,
	"label":                          label,
	"substring":                      stlQuery["querytxt"],
	"source_query":                   null[event.Statement], // no result cache
	"concurrency_scaling_status_txt": null[event.Statement],
	"from_sp_call":                   caller,
}

var stvInflight = cells[event.Statement]{
	"userid": stlQuery["userid"],
	"slice":  constant[event.Statement](int64(0)),
	"query":  stlQuery["query"],
	// 15 characters, blank when unset (r_query_group.md).
	"label":                      func(s *event.Statement, _ Facts) any { return fit(s.Label, 15) },
	"xid":                        stlQuery["xid"],
	"pid":                        stlQuery["pid"],
	"starttime":                  stlQuery["starttime"],
	"text":                       stlQuery["querytxt"],
	"suspended":                  constant[event.Statement](int64(0)),
	"insert_pristine":            constant[event.Statement](int64(0)),
	"concurrency_scaling_status": constant[event.Statement](int64(0)),
}

var stvRecents = cells[event.Statement]{
	"userid": stlQuery["userid"],
	"status": func(s *event.Statement, _ Facts) any {
		if s.Status.Done() {
			return "Done"
		}
		return "Running"
	},
	"starttime": stlQuery["starttime"],
	"duration":  svlQlog["elapsed"],
	"user_name": func(s *event.Statement, _ Facts) any { return s.User },
	"db_name":   stlQuery["database"],
	"query":     stlQuery["querytxt"],
	"pid": func(s *event.Statement, _ Facts) any {
		if s.Status.Done() {
			return int64(-1) // r_STV_RECENTS.md: -1 for a finished query
		}
		return int64(s.PID)
	},
}

var sysQueryHistory = cells[event.Statement]{
	"user_id": stlQuery["userid"], "query_id": stlQuery["query"], "query_label": label,
	"transaction_id": stlQuery["xid"], "session_id": stlQuery["pid"], "database_name": stlQuery["database"],
	"query_type":       func(s *event.Statement, _ Facts) any { return s.Type },
	"status":           func(s *event.Statement, _ Facts) any { return string(s.Status) },
	"result_cache_hit": constant[event.Statement](false),
	"start_time":       stlQuery["starttime"], "end_time": stlQuery["endtime"],
	"elapsed_time": svlQlog["elapsed"],
	"queue_time":   constant[event.Statement](int64(0)),
	"execution_time": func(s *event.Statement, f Facts) any {
		return micros(max(0, s.Elapsed(f.Now)-s.LockWait-s.Planning))
	},
	"error_message": func(s *event.Statement, _ Facts) any { return s.Message },
	"returned_rows": func(s *event.Statement, _ Facts) any { return s.Rows }, "returned_bytes": func(s *event.Statement, _ Facts) any { return s.Bytes },
	"query_text": stlQuery["querytxt"], "redshift_version": null[event.Statement], "usage_limit": null[event.Statement],
	"compute_type":    constant[event.Statement]("primary"),
	"compile_time":    constant[event.Statement](int64(0)),
	"planning_time":   func(s *event.Statement, _ Facts) any { return micros(s.Planning) },
	"lock_wait_time":  func(s *event.Statement, _ Facts) any { return micros(s.LockWait) },
	"user_query_hash": null[event.Statement], "query_hash_version": null[event.Statement],
	"generic_query_hash": func(s *event.Statement, _ Facts) any { return fmt.Sprintf("%016x", s.Fingerprint) },
	"service_class_id":   serviceClass, "service_class_name": serviceClassName, "query_priority": constant[event.Statement]("Normal"),
	"short_query_accelerated": constant[event.Statement]("false"), "result_cache_query_id": null[event.Statement],
	"username": stvRecents["user_name"],
}
