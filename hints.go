package redshift

import "strings"

// rules classify and explain errors of which only the text tells. The texts
// are Redshift's own, as users reported them; assumed to be stable.
var rules = []struct {
	contains string // of message and detail, in lower case
	kind     *Kind  // nil keeps the kind
	hint     string
}{
	{"statement timeout", ErrQueryTimeout, "raise statement_timeout or Query.Timeout"},
	// Query monitoring rules (cm-c-wlm-query-monitoring-rules.md) and queue timeouts.
	{"by wlm", ErrWLMAborted, "STL_WLM_RULE_ACTION tells which rule; another query group may have another"},
	{"abort action", ErrWLMAborted, "STL_WLM_RULE_ACTION tells which rule; another query group may have another"},
	{"administrator command", nil, "an administrator ended the session (pg_terminate_backend, or a restart of the cluster)"},
	{"serializable isolation violation", ErrSerializationFailure, "repeat the whole transaction (InTx does), or LOCK the tables in its first statement"},
	{"conflict with concurrent transaction", ErrSerializationFailure, "repeat the whole transaction (InTx does), or LOCK the tables in its first statement"},
	{"could not open relation with oid", ErrSerializationFailure, "another transaction has dropped or replaced the table: repeat the whole transaction (InTx does)"},
	{"stl_load_errors", ErrCopy, "the rejected rows are in STL_LOAD_ERRORS (SYS_LOAD_ERROR_DETAIL)"},
	{"sys_load_error_detail", ErrCopy, "the rejected rows are in SYS_LOAD_ERROR_DETAIL"},
	{"spectrum scan error", ErrSpectrum, ""},
	{"result exceeds the maximum size", ErrLimit, "write the rows to S3 with Client.Unload, or read them with bulk.Read, which does that; the wire has no such bound"},
	{"disk full", ErrDiskFull, "drop or VACUUM tables, or look for a query that spills"},
	{"password authentication failed", ErrAuthenticationFailed, ""},
	{"current transaction is aborted", ErrTransaction, "roll the transaction back; the first error in it is the real one"},
	{"function string_agg", nil, "Redshift has LISTAGG instead of STRING_AGG"},
	{"function generate_series", nil, "Redshift runs GENERATE_SERIES on the leader alone; use a table of numbers or a recursive CTE"},
	{"cannot insert multiple commands", nil, "send one statement at a time, or use a transaction"},
	{"must be owner of", ErrPermissionDenied, "ask the table's owner, or set the role that owns it"},
}

// refine gives a better kind to what the state alone does not tell.
func refine(e *Error) {
	// A state with a meaning of its own wins over the text.
	if e.Kind != ErrServer && e.Kind != ErrTransaction && e.Kind != ErrQueryCancelled {
		return
	}
	text := strings.ToLower(e.Message + "\n" + e.Detail)
	for _, r := range rules {
		if r.kind != nil && strings.Contains(text, r.contains) {
			e.Kind, e.Retryable = r.kind, r.kind.retry
			return
		}
	}
}

// hintFor is what to do about a common mistake, or nothing.
func hintFor(e *Error) string {
	text := strings.ToLower(e.Message + "\n" + e.Detail)
	for _, r := range rules {
		if r.hint != "" && strings.Contains(text, r.contains) {
			return r.hint
		}
	}
	switch e.Kind {
	case ErrTableNotFound:
		return "name the schema, or look at search_path; quoted names keep their case only under enable_case_sensitive_identifier"
	case ErrColumnNotFound:
		return "text in double quotes is a name; values take single quotes, or better a $1"
	case ErrSerializationFailure:
		return "repeat the whole transaction (InTx does)"
	case ErrResourceBusy:
		return "wait, use another query group, or lower PoolSize"
	}
	return ""
}
