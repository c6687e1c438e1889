package sysview

import (
	"iter"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/event"
)

var stlFileScan = cells[event.LoadFile]{
	"userid":       stlLoadCommits["userid"],
	"query":        stlLoadCommits["query"],
	"slice":        stlLoadCommits["slice"],
	"name":         stlLoadCommits["filename"],
	"lines":        stlLoadCommits["lines_scanned"],
	"bytes":        func(f *event.LoadFile, _ Facts) any { return f.Bytes },
	"loadtime":     func(f *event.LoadFile, _ Facts) any { return micros(f.At.Sub(f.Start)) },
	"curtime":      func(f *event.LoadFile, _ Facts) any { return timestamp(f.Start) },
	"is_partial":   stlLoadCommits["is_partial"],
	"start_offset": stlLoadCommits["start_offset"],
}

var sysLoadDetail = cells[event.LoadFile]{
	"user_id":            stlLoadCommits["userid"],
	"query_id":           stlLoadCommits["query"],
	"file_name":          stlLoadCommits["filename"],
	"bytes_scanned":      stlFileScan["bytes"],
	"lines_scanned":      stlLoadCommits["lines_scanned"],
	"record_time":        stlLoadCommits["curtime"],
	"splits_scanned":     constant[event.LoadFile](int64(1)), // files are not split
	"start_time":         stlFileScan["curtime"],
	"end_time":           stlLoadCommits["curtime"],
	"file_etag":          func(f *event.LoadFile, _ Facts) any { return nonEmpty(f.ETag) },
	"file_last_modified": func(f *event.LoadFile, _ Facts) any { return timestamp(f.Modified) },
}

func nonEmpty(s string) any {
	if s == "" {
		return nil
	}
	return s
}

var sysUnloadDetail = cells[event.UnloadFile]{
	"user_id":        stlUnloadLog["userid"],
	"query_id":       stlUnloadLog["query"],
	"session_id":     stlUnloadLog["pid"],
	"transaction_id": stlUnloadLog["transaction_id"],
	"file_name":      stlUnloadLog["path"],
	"start_time":     stlUnloadLog["start_time"],
	"end_time":       stlUnloadLog["end_time"],
	"line_count":     stlUnloadLog["line_count"],
	"transfer_size":  stlUnloadLog["transfer_size"],
	"file_format":    stlUnloadLog["file_format"],
}

func isLoading(l *event.Load) bool { return !l.Status.Done() }

// stvLoadState shows a COPY as the work of one slice.
var stvLoadState = cells[event.Load]{
	"userid":        sysLoadHistory["user_id"],
	"session":       sysLoadHistory["session_id"],
	"query":         sysLoadHistory["query_id"],
	"slice":         constant[event.Load](int64(0)),
	"pid":           sysLoadHistory["session_id"],
	"recordtime":    func(_ *event.Load, f Facts) any { return timestamp(f.Now) },
	"bytes_to_load": func(l *event.Load, _ Facts) any { return ifNot(l.Compressed, l.FileBytes) },
	"bytes_loaded":  sysLoadHistory["loaded_bytes"],
	"bytes_to_load_compressed": func(l *event.Load, _ Facts) any {
		return ifNot(!l.Compressed, l.FileBytes)
	},
	"bytes_loaded_compressed": func(l *event.Load, _ Facts) any { return ifNot(!l.Compressed, l.ScanBytes) },
	"lines":                   sysLoadHistory["loaded_rows"],
	"num_files":               sysLoadHistory["source_file_count"],
	"num_files_complete":      sysLoadHistory["file_count_scanned"],
	"current_file":            func(l *event.Load, _ Facts) any { return l.Current },
	"pct_complete": func(l *event.Load, _ Facts) any {
		if l.FileBytes == 0 {
			return int64(0)
		}
		return min(100, 100*l.ScanBytes/l.FileBytes)
	},
}

func ifNot(zero bool, n int64) int64 {
	if zero {
		return 0
	}
	return n
}

// transfer is one object that went between the cluster and S3.
type transfer struct {
	event.Session
	query      int64
	slice      int32
	method     string
	uri        string
	size, data int64
	start, end time.Time
}

func transferUser(t *transfer) int32 { return t.UserID }

// transfers are the objects that COPY read and UNLOAD wrote: assumed to be the
// only requests that STL_S3CLIENT tells of, a GET or PUT each.
func transfers(log *event.Log) iter.Seq[transfer] {
	return func(yield func(transfer) bool) {
		for f := range log.LoadFiles() {
			if !yield(transfer{f.Session, f.Query, f.Slice, "GET", f.File, f.Bytes, f.Data, f.Start, f.At}) {
				return
			}
		}
		for f := range log.UnloadFiles() {
			if !yield(transfer{f.Session, f.Query, f.Slice, "PUT", f.Path, f.Bytes, f.Bytes, f.Start, f.End}) {
				return
			}
		}
	}
}

func (t *transfer) object() (bucket, key string) {
	bucket, key, _ = strings.Cut(strings.TrimPrefix(t.uri, "s3://"), "/")
	return bucket, key
}

// epoch is where the times of STL_S3CLIENT count from, in microseconds.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

var stlS3Client = cells[transfer]{
	"userid":        func(t *transfer, _ Facts) any { return int64(t.UserID) },
	"query":         func(t *transfer, _ Facts) any { return t.query },
	"slice":         func(t *transfer, _ Facts) any { return int64(t.slice) },
	"recordtime":    func(t *transfer, _ Facts) any { return timestamp(t.end) },
	"pid":           func(t *transfer, _ Facts) any { return int64(t.PID) },
	"http_method":   func(t *transfer, _ Facts) any { return t.method },
	"bucket":        func(t *transfer, _ Facts) any { bucket, _ := t.object(); return bucket },
	"key":           func(t *transfer, _ Facts) any { _, key := t.object(); return key },
	"transfer_size": func(t *transfer, _ Facts) any { return t.size },
	"data_size":     func(t *transfer, _ Facts) any { return t.data },
	"start_time":    func(t *transfer, _ Facts) any { return micros(t.start.Sub(epoch)) },
	"end_time":      func(t *transfer, _ Facts) any { return micros(t.end.Sub(epoch)) },
	"transfer_time": func(t *transfer, _ Facts) any { return micros(t.end.Sub(t.start)) },
	// The store is in the same process: nothing is connected to.
	"compression_time":    constant[transfer](int64(0)),
	"connect_time":        constant[transfer](int64(0)),
	"app_connect_time":    constant[transfer](int64(0)),
	"retries":             constant[transfer](int64(0)),
	"request_id":          null[transfer],
	"extended_request_id": null[transfer],
	"ip_address":          null[transfer],
	"is_partial":          constant[transfer](int64(0)),
	"start_offset":        constant[transfer](int64(0)),
	"query_uuid":          null[transfer],
}
