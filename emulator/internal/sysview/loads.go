package sysview

import (
	"iter"

	"github.com/llm-dev-ops/redshift/emulator/internal/event"
)

func loadErrorUser(e *event.LoadError) int32   { return e.UserID }
func loadFileUser(f *event.LoadFile) int32     { return f.UserID }
func loadUser(l *event.Load) int32             { return l.UserID }
func unloadFileUser(f *event.UnloadFile) int32 { return f.UserID }
func unloadUser(u *event.Unload) int32         { return u.UserID }

var stlLoadErrors = cells[event.LoadError]{
	"userid":          func(e *event.LoadError, _ Facts) any { return int64(e.UserID) },
	"slice":           func(e *event.LoadError, _ Facts) any { return int64(e.Slice) },
	"tbl":             func(e *event.LoadError, _ Facts) any { return int64(e.TableID) },
	"starttime":       func(e *event.LoadError, _ Facts) any { return timestamp(e.At) },
	"session":         func(e *event.LoadError, _ Facts) any { return int64(e.PID) },
	"query":           func(e *event.LoadError, _ Facts) any { return e.Query },
	"filename":        func(e *event.LoadError, _ Facts) any { return e.File },
	"line_number":     func(e *event.LoadError, _ Facts) any { return e.Line },
	"colname":         func(e *event.LoadError, _ Facts) any { return e.Column },
	"type":            func(e *event.LoadError, _ Facts) any { return e.Type },
	"col_length":      func(e *event.LoadError, _ Facts) any { return e.Length },
	"position":        func(e *event.LoadError, _ Facts) any { return int64(e.Position) },
	"raw_line":        func(e *event.LoadError, _ Facts) any { return e.Raw },
	"raw_field_value": func(e *event.LoadError, _ Facts) any { return e.Field },
	"err_code":        func(e *event.LoadError, _ Facts) any { return int64(e.Code) },
	"err_reason":      func(e *event.LoadError, _ Facts) any { return e.Reason },
	"is_partial":      constant[event.LoadError](int64(0)), // files are not split into scan ranges
	"start_offset":    constant[event.LoadError](int64(0)),
	"copy_job_id":     constant[event.LoadError](int64(0)), // no COPY JOB (r_COPY-JOB.md)
}

var sysLoadErrorDetail = cells[event.LoadError]{
	"user_id":        stlLoadErrors["userid"],
	"query_id":       stlLoadErrors["query"],
	"transaction_id": func(e *event.LoadError, _ Facts) any { return e.XID },
	"session_id":     stlLoadErrors["session"],
	"database_name":  func(e *event.LoadError, _ Facts) any { return e.Database },
	"table_id":       stlLoadErrors["tbl"],
	"start_time":     stlLoadErrors["starttime"],
	"file_name":      stlLoadErrors["filename"],
	"line_number":    stlLoadErrors["line_number"],
	"column_name":    stlLoadErrors["colname"],
	"column_type":    stlLoadErrors["type"],
	"column_length":  stlLoadErrors["col_length"],
	"position":       stlLoadErrors["position"],
	"error_code":     stlLoadErrors["err_code"],
	"error_message":  stlLoadErrors["err_reason"],
}

var stlLoadCommits = cells[event.LoadFile]{
	"userid":        func(f *event.LoadFile, _ Facts) any { return int64(f.UserID) },
	"query":         func(f *event.LoadFile, _ Facts) any { return f.Query },
	"slice":         func(f *event.LoadFile, _ Facts) any { return int64(f.Slice) },
	"name":          null[event.LoadFile], // "system-defined value" (r_STL_LOAD_COMMITS.md)
	"filename":      func(f *event.LoadFile, _ Facts) any { return f.File },
	"byte_offset":   null[event.LoadFile], // internal use
	"lines_scanned": func(f *event.LoadFile, _ Facts) any { return int64(f.Lines) },
	"errors":        func(f *event.LoadFile, _ Facts) any { return int64(f.Errors) },
	"curtime":       func(f *event.LoadFile, _ Facts) any { return timestamp(f.At) },
	"status": func(f *event.LoadFile, _ Facts) any {
		if f.Committed {
			return int64(1)
		}
		return int64(0)
	},
	"file_format":  func(f *event.LoadFile, _ Facts) any { return f.Format },
	"is_partial":   constant[event.LoadFile](int64(0)),
	"start_offset": constant[event.LoadFile](int64(0)),
	"copy_job_id":  constant[event.LoadFile](int64(0)),
}

// loadStatus has the words of SYS_LOAD_HISTORY.status and
// SYS_UNLOAD_HISTORY.status: running, completed, aborted.
func loadStatus(s event.Status) any {
	switch {
	case s == event.Success:
		return "completed"
	case s.Done():
		return "aborted"
	default:
		return "running"
	}
}

var sysLoadHistory = cells[event.Load]{
	"user_id":            func(l *event.Load, _ Facts) any { return int64(l.UserID) },
	"query_id":           func(l *event.Load, _ Facts) any { return l.Query },
	"transaction_id":     func(l *event.Load, _ Facts) any { return l.XID },
	"session_id":         func(l *event.Load, _ Facts) any { return int64(l.PID) },
	"database_name":      func(l *event.Load, _ Facts) any { return l.Database },
	"status":             func(l *event.Load, _ Facts) any { return loadStatus(l.Status) },
	"table_name":         func(l *event.Load, _ Facts) any { return l.Table },
	"start_time":         func(l *event.Load, _ Facts) any { return timestamp(l.Start) },
	"end_time":           func(l *event.Load, _ Facts) any { return timestamp(l.End) },
	"duration":           func(l *event.Load, f Facts) any { return micros(elapsed(l.Start, l.End, f.Now)) },
	"data_source":        func(l *event.Load, _ Facts) any { return l.Source },
	"file_format":        func(l *event.Load, _ Facts) any { return l.Format },
	"loaded_rows":        func(l *event.Load, _ Facts) any { return l.Rows },
	"loaded_bytes":       func(l *event.Load, _ Facts) any { return l.Bytes },
	"source_file_count":  func(l *event.Load, _ Facts) any { return int64(l.Files) },
	"source_file_bytes":  func(l *event.Load, _ Facts) any { return l.FileBytes },
	"file_count_scanned": func(l *event.Load, _ Facts) any { return int64(l.Scanned) },
	"file_bytes_scanned": func(l *event.Load, _ Facts) any { return l.ScanBytes },
	"error_count":        func(l *event.Load, _ Facts) any { return l.Errors },
	"copy_job_id":        constant[event.Load](int64(0)),
}

var stlUnloadLog = cells[event.UnloadFile]{
	"userid":         func(u *event.UnloadFile, _ Facts) any { return int64(u.UserID) },
	"query":          func(u *event.UnloadFile, _ Facts) any { return u.Query },
	"slice":          func(u *event.UnloadFile, _ Facts) any { return int64(u.Slice) },
	"pid":            func(u *event.UnloadFile, _ Facts) any { return int64(u.PID) },
	"path":           func(u *event.UnloadFile, _ Facts) any { return u.Path },
	"start_time":     func(u *event.UnloadFile, _ Facts) any { return timestamp(u.Start) },
	"end_time":       func(u *event.UnloadFile, _ Facts) any { return timestamp(u.End) },
	"line_count":     func(u *event.UnloadFile, _ Facts) any { return u.Rows },
	"transfer_size":  func(u *event.UnloadFile, _ Facts) any { return u.Bytes },
	"file_format":    func(u *event.UnloadFile, _ Facts) any { return u.Format },
	"user_query_id":  func(u *event.UnloadFile, _ Facts) any { return u.Query },
	"transaction_id": func(u *event.UnloadFile, _ Facts) any { return u.XID },
}

var sysUnloadHistory = cells[event.Unload]{
	"user_id":              func(u *event.Unload, _ Facts) any { return int64(u.UserID) },
	"query_id":             func(u *event.Unload, _ Facts) any { return u.Query },
	"transaction_id":       func(u *event.Unload, _ Facts) any { return u.XID },
	"session_id":           func(u *event.Unload, _ Facts) any { return int64(u.PID) },
	"database_name":        func(u *event.Unload, _ Facts) any { return u.Database },
	"status":               func(u *event.Unload, _ Facts) any { return loadStatus(u.Status) },
	"start_time":           func(u *event.Unload, _ Facts) any { return timestamp(u.Start) },
	"end_time":             func(u *event.Unload, _ Facts) any { return timestamp(u.End) },
	"duration":             func(u *event.Unload, f Facts) any { return micros(elapsed(u.Start, u.End, f.Now)) },
	"file_format":          func(u *event.Unload, _ Facts) any { return u.Format },
	"compression_type":     func(u *event.Unload, _ Facts) any { return u.Compression },
	"unloaded_location":    func(u *event.Unload, _ Facts) any { return u.Destination },
	"unloaded_rows":        func(u *event.Unload, _ Facts) any { return u.Rows },
	"unloaded_files_count": func(u *event.Unload, _ Facts) any { return u.Files },
	"unloaded_files_size":  func(u *event.Unload, _ Facts) any { return u.Bytes },
	"error_message":        func(u *event.Unload, _ Facts) any { return u.Message },
}

func replacementUser(r *event.Replacement) int32 { return r.UserID }
func errorFieldUser(e *errorField) int32         { return e.UserID }

// errorField is a field of a refused row.
type errorField struct {
	event.LoadError
	event.LoadField
}

func errorFields(log *event.Log) iter.Seq[errorField] {
	return func(yield func(errorField) bool) {
		for e := range log.LoadErrors() {
			for _, f := range e.Fields {
				if !yield(errorField{e, f}) {
					return
				}
			}
		}
	}
}

var stlLoaderrorDetail = cells[errorField]{
	"userid":      func(e *errorField, _ Facts) any { return int64(e.UserID) },
	"slice":       func(e *errorField, _ Facts) any { return int64(e.Slice) },
	"session":     func(e *errorField, _ Facts) any { return int64(e.PID) },
	"query":       func(e *errorField, _ Facts) any { return e.Query },
	"filename":    func(e *errorField, _ Facts) any { return e.File },
	"line_number": func(e *errorField, _ Facts) any { return e.Line },
	"field":       func(e *errorField, _ Facts) any { return int64(e.Number) },
	"colname":     func(e *errorField, _ Facts) any { return e.LoadField.Column },
	"value":       func(e *errorField, _ Facts) any { return e.Value },
	"is_null": func(e *errorField, _ Facts) any {
		if e.Null {
			return int64(1)
		}
		return int64(0)
	},
	"type":       func(e *errorField, _ Facts) any { return e.LoadField.Type },
	"col_length": func(e *errorField, _ Facts) any { return e.ColumnLength },
}

var stlReplacements = cells[event.Replacement]{
	"userid":      func(r *event.Replacement, _ Facts) any { return int64(r.UserID) },
	"query":       func(r *event.Replacement, _ Facts) any { return r.Query },
	"slice":       func(r *event.Replacement, _ Facts) any { return int64(r.Slice) },
	"tbl":         func(r *event.Replacement, _ Facts) any { return int64(r.TableID) },
	"starttime":   func(r *event.Replacement, _ Facts) any { return timestamp(r.At) },
	"session":     func(r *event.Replacement, _ Facts) any { return int64(r.PID) },
	"filename":    func(r *event.Replacement, _ Facts) any { return r.File },
	"line_number": func(r *event.Replacement, _ Facts) any { return r.Line },
	"colname":     func(r *event.Replacement, _ Facts) any { return r.Column },
	"raw_line":    func(r *event.Replacement, _ Facts) any { return r.Raw },
}
