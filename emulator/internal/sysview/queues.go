package sysview

import (
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/event"
)

// Nothing queues in the emulator: every query runs at once in the default queue of
// automatic WLM, service class 100, or, for a superuser with the query group
// superuser, in class 5 (cm-c-wlm-system-tables-and-views.md).
func serviceClass(s *event.Statement, _ Facts) any {
	if inSuperuserQueue(s) {
		return int64(5)
	}
	return int64(100)
}

func serviceClassName(s *event.Statement, _ Facts) any {
	if inSuperuserQueue(s) {
		return "Service class for super user"
	}
	return "Default queue"
}

func inSuperuserQueue(s *event.Statement) bool { return s.Superuser && s.Label == "superuser" }

// execution is how long a statement has run, without its wait for locks.
func execution(s *event.Statement, f Facts) time.Duration {
	return max(0, s.Elapsed(f.Now)-s.LockWait)
}

func executionMicros(s *event.Statement, f Facts) any { return micros(execution(s, f)) }

// stlWLMQuery has the words of r_STL_WLM_QUERY.md.
var stlWLMQuery = cells[event.Statement]{
	"userid": stlQuery["userid"], "xid": stlQuery["xid"], "task": stlQuery["query"], "query": stlQuery["query"],
	"service_class": serviceClass, "service_class_name": serviceClassName, "slot_count": constant[event.Statement](int64(1)),
	"service_class_start_time": stlQuery["starttime"], "queue_start_time": stlQuery["starttime"], "queue_end_time": stlQuery["starttime"],
	"total_queue_time": constant[event.Statement](int64(0)),
	"exec_start_time":  stlQuery["starttime"], "exec_end_time": stlQuery["endtime"], "total_exec_time": executionMicros,
	"service_class_end_time": stlQuery["endtime"],
	"final_state":            constant[event.Statement]("Completed"),
	"est_peak_mem":           null[event.Statement], "query_priority": constant[event.Statement]("Normal"),
}

var stvWLMQueryState = cells[event.Statement]{
	"xid": stlQuery["xid"], "task": stlQuery["query"], "query": stlQuery["query"], "service_class": serviceClass,
	"slot_count": constant[event.Statement](int64(1)), "wlm_start_time": stlQuery["starttime"],
	"state": func(s *event.Statement, _ Facts) any {
		if s.Status == event.Returning {
			return "Returning"
		}
		return "Running"
	},
	"queue_time": constant[event.Statement](int64(0)), "exec_time": executionMicros, "query_priority": constant[event.Statement]("Normal"),
}

var stvWLMQueryTaskState = cells[event.Statement]{
	"service_class": serviceClass, "task": stlQuery["query"], "query": stlQuery["query"], "slot_count": constant[event.Statement](int64(1)),
	"start_time": stlQuery["starttime"], "exec_time": executionMicros,
}

// svlQueryMetricsSummary has what is measured here: times in seconds, and rows.
var svlQueryMetricsSummary = cells[event.Statement]{
	"userid": stlQuery["userid"], "query": stlQuery["query"], "service_class": serviceClass,
	"query_execution_time": func(s *event.Statement, f Facts) any { return int64(execution(s, f) / time.Second) },
	"query_queue_time":     constant[event.Statement](int64(0)),
	"return_row_count": func(s *event.Statement, _ Facts) any {
		if s.Type != "SELECT" {
			return nil
		}
		return s.Rows
	},
	"query_cpu_time": null[event.Statement], "query_blocks_read": null[event.Statement], "query_cpu_usage_percent": null[event.Statement],
	"query_temp_blocks_to_disk": null[event.Statement], "segment_execution_time": null[event.Statement], "cpu_skew": null[event.Statement],
	"io_skew": null[event.Statement], "scan_row_count": null[event.Statement], "join_row_count": null[event.Statement],
	"nested_loop_join_row_count": null[event.Statement], "spectrum_scan_row_count": null[event.Statement], "spectrum_scan_size_mb": null[event.Statement],
}
