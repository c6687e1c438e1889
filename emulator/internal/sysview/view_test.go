package sysview

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/llm-dev-ops/redshift/emulator/internal/event"
	"github.com/llm-dev-ops/redshift/emulator/internal/lock"
)

func TestDefinitions(t *testing.T) {
	t.Parallel()
	columns := 0
	for _, name := range Names() {
		v, ok := Lookup(name)
		if !ok || v.Name != name {
			t.Fatalf("%s is not found by its name", name)
		}
		columns += len(v.Columns)
		if !slices.Contains([]Visibility{OwnRows, AllRows, Superuser, Privileged}, v.Visibility) {
			t.Errorf("%s: visibility %q", name, v.Visibility)
		}
		seen := map[string]bool{}
		for _, c := range v.Columns {
			if seen[c.Name] || c.Name != strings.ToLower(c.Name) {
				t.Errorf("%s has the column %q twice, or not in lower case", name, c.Name)
			}
			seen[c.Name] = true
			switch c.Type {
			case "int2", "int4", "int8", "float8", "numeric", "bool", "char", "varchar", "text", "name", "oid", "timestamp":
			default:
				t.Errorf("%s.%s: type %q", name, c.Name, c.Type)
			}
		}
	}
	if n := len(Names()); n != 80+1+4 || columns != 957+7+40 { // pg_stat_activity, those of procedures
		t.Errorf("%d views and %d columns, want 85 and 1004", n, columns)
	}
	if len(projections) < 31 {
		t.Errorf("only %d views are filled", len(projections))
	}
	for name := range projections {
		if v, ok := Lookup(name); !ok || !v.Filled() {
			t.Errorf("a projection for %s, which is no view", name)
		}
	}
	if c := mustView(t, "stl_load_errors").Columns[6]; c != (Column{Name: "filename", Type: "char", Length: 256}) {
		t.Errorf("stl_load_errors.filename is %+v", c)
	}
}

func TestMalformedDefinitions(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"stl_x", "stl_x all", "stl_x all: a", "stl_x all: a:char(x)", "stl_x all: a:numeric(1,y)"} {
		if _, err := parseView(line); err == nil {
			t.Errorf("%q was taken", line)
		}
	}
}

// TestEveryColumn asks every column of every filled view for its value in a
// record with nothing zero: each must be a value of the column's type, or be
// written down as one that the emulator has nothing for.
func TestEveryColumn(t *testing.T) {
	t.Parallel()
	nulls := map[string]bool{}
	log := fullLog()
	f := Facts{UserID: 100, Superuser: true, Now: at(99), Slices: 2, Locks: locks}
	for name := range projections {
		v := mustView(t, name)
		rows := 0
		for row := range v.Rows(log, f, numbers(v)) {
			rows++
			for i, c := range v.Columns {
				if row[i] == nil {
					nulls[name+"."+c.Name] = true
					continue
				}
				if want := goType(c.Type); fmt.Sprintf("%T", row[i]) != want {
					t.Errorf("%s.%s is a %T, and %s wants a %s", name, c.Name, row[i], c.Type, want)
				}
				if s, ok := row[i].(string); ok && c.Length > 0 && len(s) > c.Length {
					t.Errorf("%s.%s is longer than %d", name, c.Name, c.Length)
				}
			}
		}
		if rows == 0 {
			t.Errorf("%s is empty", name)
		}
	}
	// What is NULL although everything is recorded: the ratchet of this room.
	want := strings.Fields(`
		stl_connection_log.compression stl_connection_log.iamauthguid stl_connection_log.sessionid
		stl_connection_log.sslcompression stl_connection_log.sslexpansion
		stl_load_commits.byte_offset stl_load_commits.name
		stl_querytext.query_uuid svl_qlog.concurrency_scaling_status_txt svl_qlog.source_query
		sys_connection_log.global_session_id sys_connection_log.iam_auth_guid
		sys_connection_log.ssl_compression sys_connection_log.ssl_expansion
		sys_query_history.query_hash_version sys_query_history.redshift_version
		sys_query_history.result_cache_query_id
		stl_wlm_query.est_peak_mem svl_query_metrics_summary.query_cpu_time svl_query_metrics_summary.query_blocks_read
		svl_query_metrics_summary.query_cpu_usage_percent svl_query_metrics_summary.query_temp_blocks_to_disk
		svl_query_metrics_summary.segment_execution_time svl_query_metrics_summary.cpu_skew svl_query_metrics_summary.io_skew
		svl_query_metrics_summary.scan_row_count svl_query_metrics_summary.join_row_count svl_query_metrics_summary.return_row_count
		svl_query_metrics_summary.nested_loop_join_row_count svl_query_metrics_summary.spectrum_scan_row_count
		svl_query_metrics_summary.spectrum_scan_size_mb
		sys_query_history.usage_limit sys_query_history.user_query_hash
		sys_query_text.query_uuid
		sys_transaction_history.blocks_committed sys_transaction_history.undo_transaction_id
		pg_stat_activity.datid stl_error.file stl_error.linenum
		stl_s3client.extended_request_id stl_s3client.ip_address stl_s3client.query_uuid stl_s3client.request_id
		stv_locks.last_commit stv_locks.last_update stv_locks.lock_owner_end_ts svv_transactions.relation
		sys_load_history.end_time sys_session_history.end_time
		sys_transaction_history.commit_start_time sys_transaction_history.commit_end_time
		stv_inflight.endtime sys_query_history.end_time
		svl_mv_refresh_status.consumer_account svl_mv_refresh_status.consumer_region svl_mv_refresh_status.consumer_namespace
		sys_mv_refresh_history.consumer_account sys_mv_refresh_history.consumer_region sys_mv_refresh_history.consumer_namespace`)
	for name := range nulls {
		if !slices.Contains(want, name) {
			t.Errorf("%s is NULL although everything is recorded", name)
		}
	}
}

// TestNoColumnForgotten: a projection names exactly the columns of its view.
func TestNoColumnForgotten(t *testing.T) {
	t.Parallel()
	check(t, "stl_query", stlQuery)
	check(t, "svl_qlog", svlQlog)
	check(t, "stv_inflight", stvInflight)
	check(t, "stv_recents", stvRecents)
	check(t, "sys_query_history", sysQueryHistory)
	check(t, "stl_querytext", stlQuerytext)
	check(t, "stl_ddltext", stlText)
	check(t, "stl_utilitytext", stlText)
	check(t, "svl_statementtext", svlStatementtext)
	check(t, "sys_query_text", sysQueryText)
	check(t, "stl_wlm_query", stlWLMQuery)
	check(t, "stv_wlm_query_state", stvWLMQueryState)
	check(t, "stv_wlm_query_task_state", stvWLMQueryTaskState)
	check(t, "svl_query_metrics_summary", svlQueryMetricsSummary)
	check(t, "stl_load_errors", stlLoadErrors)
	check(t, "sys_load_error_detail", sysLoadErrorDetail)
	check(t, "stl_load_commits", stlLoadCommits)
	check(t, "sys_load_history", sysLoadHistory)
	check(t, "stl_unload_log", stlUnloadLog)
	check(t, "sys_unload_history", sysUnloadHistory)
	check(t, "stl_connection_log", stlConnectionLog)
	check(t, "sys_connection_log", sysConnectionLog)
	check(t, "sys_transaction_history", sysTransactionHistory)
	check(t, "stl_error", stlError)
	check(t, "stl_loaderror_detail", stlLoaderrorDetail)
	check(t, "stl_replacements", stlReplacements)
	check(t, "stl_file_scan", stlFileScan)
	check(t, "stl_s3client", stlS3Client)
	check(t, "stv_load_state", stvLoadState)
	check(t, "sys_load_detail", sysLoadDetail)
	check(t, "sys_unload_detail", sysUnloadDetail)
	check(t, "pg_stat_activity", pgStatActivity)
	check(t, "stl_sessions", stlSessions)
	check(t, "stv_sessions", stvSessions)
	check(t, "sys_session_history", sysSessionHistory)
	check(t, "stv_locks", stvLocks)
	check(t, "svv_transactions", svvTransactions)
	check(t, "svl_mv_refresh_status", svlMVRefreshStatus)
	check(t, "sys_mv_refresh_history", sysMVRefreshHistory)
	check(t, "stv_slices", stvSlices)
}

func check[T any](t *testing.T, name string, c cells[T]) {
	t.Helper()
	v := mustView(t, name)
	for _, col := range v.Columns {
		if c[col.Name] == nil {
			t.Errorf("%s.%s is forgotten", name, col.Name)
		}
	}
	if len(c) != len(v.Columns) {
		t.Errorf("%s has %d columns and %d cells", name, len(v.Columns), len(c))
	}
}

func TestVisibility(t *testing.T) {
	t.Parallel()
	log := event.New(event.Config{})
	for _, user := range []int32{100, 101, 101} {
		_, h := log.Begin(event.Statement{Session: event.Session{UserID: user}, Family: event.Query, Text: "select 1"})
		log.End(h, event.Success, nil)
	}
	log.AddConnection(event.Connection{Session: event.Session{UserID: 100}})
	for _, c := range []struct {
		view string
		f    Facts
		want int
	}{
		{"stl_query", Facts{UserID: 101}, 2},
		{"stl_query", Facts{UserID: 7}, 0},
		{"stl_query", Facts{UserID: 7, Superuser: true}, 3},
		{"stl_query", Facts{Superuser: true, Serverless: true}, 0},
		{"sys_query_history", Facts{Superuser: true, Serverless: true}, 3},
		{"stl_connection_log", Facts{UserID: 100}, 0},
		{"stl_connection_log", Facts{UserID: 100, Superuser: true}, 1},
	} {
		v := mustView(t, c.view)
		n := 0
		for range v.Rows(log, c.f, nil) {
			n++
		}
		if n != c.want {
			t.Errorf("%s for %+v has %d rows, want %d", c.view, c.f, n, c.want)
		}
	}
}

func TestTextIsCutIntoChunks(t *testing.T) {
	t.Parallel()
	text := "select '" + strings.Repeat("é", 150) + "'\nfrom t"
	log := event.New(event.Config{})
	_, h := log.Begin(event.Statement{Family: event.Query, Text: text})
	log.End(h, event.Success, nil)
	v := mustView(t, "stl_querytext")
	sequence, whole := 0, ""
	for row := range v.Rows(log, Facts{Superuser: true}, []int{4, 5}) {
		if row[0] != int64(sequence) || len(row[1].(string)) > 200 {
			t.Errorf("row %v", row)
		}
		sequence++
		whole += row[1].(string)
	}
	if want := strings.ReplaceAll(text, "\n", `\n`); whole != want || sequence != 2 {
		t.Errorf("%d parts, %q", sequence, whole)
	}
}

func TestColumnsAsAsked(t *testing.T) {
	t.Parallel()
	log := fullLog()
	v := mustView(t, "stl_query")
	for row := range v.Rows(log, Facts{Superuser: true}, []int{6, 1, 6}) {
		if len(row) != 3 || row[0] != row[2] || row[1] == nil {
			t.Errorf("row %v", row)
		}
	}
}

func at(second int) time.Time { return time.Date(2026, 1, 2, 3, 4, second%60, 0, time.UTC) }

// fullLog has a record of every kind with no field zero.
func fullLog() *event.Log {
	log := event.New(event.Config{Now: func() time.Time { return at(9) }})
	who := event.Session{PID: 4711, UserID: 100, User: "awsuser", Database: "dev"}
	for _, family := range []event.Family{event.Query, event.DDL, event.Utility} {
		s := event.Statement{
			Session: who, XID: 1, Label: strings.Repeat("label", 20), Text: "select\n1", Type: "SELECT", Family: family,
			Start: at(1), LockWait: 1, Planning: 1, Rows: 1, Bytes: 1, SQLState: "22012", Message: strings.Repeat("m", 600), Fingerprint: 1,
			Procedure: true, Caller: 100, SessionUser: 100,
		}
		_, h := log.Begin(s)
		log.End(h, event.Failed, nil)
		log.Begin(s)
		s.SQLState = "XX000"
		_, h = log.Begin(s)
		log.End(h, event.Failed, nil)
	}
	log.AddMessage(event.Message{Session: who, SessionUser: 100, XID: 1, MessageXID: 2, Query: 100, Call: "CALL p()", Level: "INFO", LevelNumber: 30, Text: strings.Repeat("m", 2000), Line: 3})
	log.AddLoad(event.Load{Session: who, Query: 1, XID: 1, Table: "t", TableID: 1, Source: "s3://b/k", Format: "csv", Status: event.Success, Start: at(1), End: at(2), Rows: 1, Bytes: 1, Files: 1, FileBytes: 1, Scanned: 1, ScanBytes: 1, Errors: 1})
	log.AddLoadFile(event.LoadFile{Session: who, Query: 1, Slice: 1, File: "s3://b/k", Format: "csv", Lines: 1, Errors: 1, Bytes: 1, Data: 1, ETag: "e", Modified: at(1), Start: at(1), At: at(1), Committed: true})
	log.AddLoad(event.Load{Session: who, Query: 1, XID: 1, Table: "t", Source: "s3://b/k", Format: "csv", Status: event.Running, Start: at(1), FileBytes: 4, ScanBytes: 1, Files: 2, Scanned: 1, Compressed: true, Current: "s3://b/k"})
	log.AddLoadError(event.LoadError{Session: who, Query: 1, XID: 1, TableID: 1, Slice: 1, At: at(1), File: "s3://b/k", Line: 1, Column: "c", Type: "int4", Length: "1", Position: 1, Raw: "x|y", Field: "x", Code: 1207, Reason: "Invalid digit", Fields: []event.LoadField{{Number: 1, Column: "c", Value: "x", Null: true, Type: "int4", ColumnLength: "0"}}})
	log.AddReplacement(event.Replacement{Session: who, Query: 1, TableID: 1, Slice: 1, At: at(1), File: "s3://b/k", Line: 1, Column: "c", Raw: "x"})
	log.AddUnload(event.Unload{Session: who, Query: 1, XID: 1, Destination: "s3://b/k", Format: "csv", Compression: "gzip", Status: event.Failed, Start: at(1), End: at(2), Rows: 1, Files: 1, Bytes: 1, Message: "m"})
	log.AddUnloadFile(event.UnloadFile{Session: who, Query: 1, XID: 1, Slice: 1, Path: "s3://b/k", Format: "csv", Start: at(1), End: at(2), Rows: 1, Bytes: 1})
	log.AddConnection(event.Connection{Session: who, Event: "authenticated", At: at(1), Host: "127.0.0.1", Port: "5", AuthMethod: "password", Duration: 1, TLSVersion: "TLSv1.3", TLSCipher: "x", Application: "a", OSVersion: "o", DriverVersion: "d", PluginName: "p", ProtocolVersion: 2})
	log.BeginTransaction(event.Transaction{Session: who, Isolation: "Serializable", Status: "committed", Start: at(1), CommitStart: at(1), End: at(2)})
	log.BeginTransaction(event.Transaction{Session: who, Isolation: "Serializable", Status: "in progress", Start: at(1)})
	log.BeginSession(event.SessionRun{Session: who, Start: at(1)})
	log.AddRefresh(event.Refresh{Session: who, XID: 7, Schema: "public", Name: "mv", ViewID: 100, Status: "MV was already updated", Start: at(1), End: at(2)})
	log.BeginSession(event.SessionRun{Session: who}).Change(func(r *event.SessionRun) { r.End = at(2) })
	return log
}

// locks are those of fullLog's transaction under way, and of one that is over.
func locks() []lock.Held {
	return []lock.Held{
		{Table: 7, Owner: 1002, Mode: lock.AccessShare, Granted: true},
		{Table: 8, Owner: 1002, Mode: lock.RowExclusive, Granted: true},
		{Table: 9, Owner: 1002, Mode: lock.AccessExclusive},
		{Table: 1 << 62, Owner: 1002, Mode: lock.AccessExclusive, Granted: true},
		{Table: 7, Owner: 1001, Mode: lock.AccessShare, Granted: true},
	}
}

// TestLocks: SVV_TRANSACTIONS has every lock and one row for the transaction;
// STV_LOCKS has those of writers.
func TestLocks(t *testing.T) {
	t.Parallel()
	f := Facts{Superuser: true, Locks: locks}
	got := func(name string) (rows []string) {
		v := mustView(t, name)
		for row := range v.Rows(fullLog(), f, numbers(v)) {
			rows = append(rows, strings.TrimSuffix(fmt.Sprintln(row...), "\n"))
		}
		return rows
	}
	start := at(1).String()
	want := []string{
		"awsuser dev 1002 4711 " + start + " AccessShareLock relation 7 true", "awsuser dev 1002 4711 " + start + " RowExclusiveLock relation 8 true",
		"awsuser dev 1002 4711 " + start + " AccessExclusiveLock relation 9 false", "awsuser dev 1002 4711 " + start + " ExclusiveLock transactionid <nil> true",
	}
	if diff := cmp.Diff(want, got("svv_transactions")); diff != "" {
		t.Error(diff)
	}
	want = []string{
		"8 <nil> <nil> 1002 4711 " + start + " <nil> Holding write lock", "9 <nil> <nil> 1002 4711 " + start + " <nil> Waiting for write lock",
	}
	if diff := cmp.Diff(want, got("stv_locks")); diff != "" {
		t.Error(diff)
	}
}

func mustView(t *testing.T, name string) *View {
	t.Helper()
	v, ok := Lookup(name)
	if !ok {
		t.Fatalf("no view %s", name)
	}
	return v
}

func numbers(v *View) (n []int) {
	for i := range v.Columns {
		n = append(n, i)
	}
	return n
}

func goType(column string) string {
	switch column {
	case "int2", "int4", "int8", "oid":
		return "int64"
	case "float8":
		return "float64"
	case "bool":
		return "bool"
	case "timestamp":
		return "time.Time"
	default:
		return "string"
	}
}

func BenchmarkRows(b *testing.B) {
	log := event.New(event.Config{})
	for range 100_000 {
		_, h := log.Begin(event.Statement{Family: event.Query, Text: "select 1"})
		log.End(h, event.Success, nil)
	}
	v, _ := Lookup("stl_query")
	for b.Loop() {
		for range v.Rows(log, Facts{Superuser: true}, []int{1, 6}) {
		}
	}
}
