package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/event"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/emulator/internal/s3client"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

// Run executes a COPY in the transaction that is open on the request's connection.
// After an error the transaction must be rolled back, as rows may be in it already;
// the error is an *Error, or the context's. Refused rows, files and the load are in
// the Log whatever the outcome.
func Run(ctx context.Context, r Request) (Result, []Info, error) {
	return run(ctx, r, func() (sink, error) {
		return r.Conn.Appender(r.Target.Schema, r.Target.Name)
	})
}

// sink takes rows; it is an *engine.Appender but in tests of what goes before it.
type sink interface {
	AppendRow([]engine.Value) error
	Close() error
	Abort()
}

// nowhere is the sink of NOLOAD.
type nowhere struct{}

func (nowhere) AppendRow([]engine.Value) error { return nil }
func (nowhere) Close() error                   { return nil }
func (nowhere) Abort()                         {}

// loader is one load. It is used by one goroutine.
type loader struct {
	Request
	s3    *s3client.Client
	start time.Time
	limit int64 // of errors; 0 is none
	out   sink

	columns    []int // of the table, for every field
	identities []int // columns that get numbers
	missing    int   // a NOT NULL column that gets nothing, or -1
	values     []engine.Value
	conversion *conversion

	delimiter []byte
	quote     byte
	widths    []int
	mode      jsonMode
	names     map[string]int
	paths     []jsonPath

	handle    event.Handle[event.Load]
	result    Result
	list      []file
	fileBytes int64
	scanBytes int64
	record    []event.LoadFile
	// details and replacements are how many of a slice's are recorded.
	details, replacements map[int32]int
	replacedIn            int // the first field with a replacement
}

func run(ctx context.Context, r Request, open func() (sink, error)) (Result, []Info, error) {
	l := &loader{Request: r, s3: s3client.New(r.Store, r.Faults), start: time.Now(), details: map[int32]int{}, replacements: map[int32]int{}, limit: int64(max(1, r.Copy.MaxError))}
	if r.Copy.IgnoreAllErrors {
		l.limit = 0
	}
	if err := l.check(); err != nil {
		return Result{}, nil, err
	}
	if err := l.choose(); err != nil {
		return Result{}, nil, err
	}
	l.handle = l.Log.AddLoad(event.Load{
		Session: r.Session, Query: r.Query, XID: r.XID, Table: r.Target.Display, TableID: r.Target.ID,
		Source: r.Copy.From.URI, Format: l.historyFormat(), Status: event.Running, Start: l.start,
	})
	err := l.load(ctx, open)
	status := event.Success
	if err != nil {
		status = event.Failed
		if ctx.Err() != nil {
			status = event.Canceled
		}
		l.result.Rows = 0
	}
	for _, f := range l.record {
		f.Committed = err == nil && !r.Copy.NoLoad
		l.Log.AddLoadFile(f)
	}
	l.handle.Change(func(e *event.Load) {
		e.Status, e.End = status, time.Now()
		e.Rows, e.Bytes, e.Errors = l.result.Rows, l.result.Bytes, l.result.Errors
		if err != nil {
			e.Bytes = 0
		}
		e.Files, e.FileBytes = int32(len(l.list)), l.fileBytes
		e.Scanned, e.ScanBytes = int32(l.result.Files), l.scanBytes
	})
	if err != nil {
		return l.result, nil, err
	}
	return l.result, l.infos(), nil
}

// infos are what the client is told of a load; the text about replacements is
// assumed, though not that there is one.
func (l *loader) infos() []Info {
	infos := []Info{l.info(l.result.Rows, "loaded successfully.")}
	if n := l.result.Replaced; n > 0 {
		infos = append(infos, l.info(n, "were loaded with replacements made for ACCEPTINVCHARS.  Check 'stl_replacements' system table for details."))
	}
	if n := l.result.Errors; n > 0 {
		infos = append(infos, l.info(n, "could not be loaded.  Check 'stl_load_errors' system table for details."))
	}
	return infos
}

func (l *loader) info(n int64, what string) Info {
	return Info(fmt.Sprintf("Load into table '%s' completed, %d record(s) %s", l.Target.Display, n, what))
}

// historyFormat has the words of SYS_LOAD_HISTORY.file_format.
func (l *loader) historyFormat() string {
	switch l.Copy.Format {
	case copycmd.FormatCSV:
		return "csv"
	case copycmd.FormatJSON:
		return "json"
	case copycmd.FormatAvro:
		return "avro"
	case copycmd.FormatParquet:
		return "parquet"
	}
	return "txt"
}

// commitFormat has the words of STL_LOAD_COMMITS.file_format.
func (l *loader) commitFormat() string {
	switch l.Copy.Format {
	case copycmd.FormatJSON:
		return "JSON"
	case copycmd.FormatAvro:
		return "Avro" // assumed
	case copycmd.FormatParquet:
		return "Parquet"
	}
	return "Text"
}

func (l *loader) load(ctx context.Context, open func() (sink, error)) (err error) {
	var paths []jsonPath
	if strings.HasPrefix(l.Copy.Paths, "s3://") {
		bucket, key, _ := locate(l.Copy.Paths)
		if err := l.checkBucket(ctx, bucket); err != nil {
			return err
		}
		text, err := l.object(ctx, bucket, key)
		if err != nil {
			var e *Error
			if errors.As(err, &e) {
				return err
			}
			return l.storeFailure(err, l.Copy.Paths)
		}
		if paths, err = readPaths(bytes.NewReader(text)); err != nil {
			return err
		}
	}
	if err := l.prepare(paths); err != nil {
		return err
	}
	if l.conversion, err = newConversion(l.Copy, l.TimeZone); err != nil {
		return err
	}
	dynamo := strings.HasPrefix(l.Copy.From.URI, "dynamodb://")
	if dynamo {
		l.list = []file{{from: l.Copy.From.URI, length: -1}}
	} else if l.list, err = l.files(ctx); err != nil {
		return err
	}
	for _, f := range l.list {
		l.fileBytes += f.size
	}
	l.handle.Change(func(e *event.Load) {
		e.Files, e.FileBytes = int32(len(l.list)), l.fileBytes
		e.Compressed = l.Copy.Compression != copycmd.CompressionNone
	})
	if l.Copy.Format == copycmd.FormatParquet {
		return l.parquet(ctx)
	}
	l.out = nowhere{}
	if !l.Copy.NoLoad {
		if l.out, err = open(); err != nil {
			return l.engineFailure(err)
		}
	}
	defer func() {
		if err != nil {
			l.out.Abort()
			return
		}
		if err = l.out.Close(); err != nil {
			err = l.engineFailure(err)
		}
		if l.Copy.NoLoad {
			l.result.Rows, l.result.Replaced = 0, 0
		}
	}()
	if dynamo {
		return l.dynamo(ctx)
	}
	for i, f := range l.list {
		if err := l.text(ctx, i, f); err != nil {
			return err
		}
		l.handle.Change(func(e *event.Load) {
			e.Rows, e.Bytes, e.Errors = l.result.Rows, l.result.Bytes, l.result.Errors
			e.Scanned, e.ScanBytes = int32(l.result.Files), l.scanBytes
		})
	}
	return nil
}

// engineFailure is a failure of DuckDB; what it means is the caller's to tell.
func (l *loader) engineFailure(err error) error {
	e := fault("%s", err.Error())
	e.Cause = err
	return e
}

// failed is the end of a load that has had too many errors.
func (l *loader) failed() error {
	return fault("Load into table '%s' failed.  Check 'stl_load_errors' system table for details.", l.Target.Display)
}

// text loads one file of records.
func (l *loader) text(ctx context.Context, number int, f file) error {
	if err := l.mayDo("s3:GetObject", f.bucket, f.key); err != nil {
		return err
	}
	object, o, err := l.s3.Open(ctx, f.bucket, f.key)
	if err != nil {
		return l.storeFailure(err, f.uri())
	}
	defer object.Close()
	l.result.Files++
	l.scanBytes += o.Size
	slice := int32(number % max(1, l.Slices))
	done := event.LoadFile{
		Session: l.Session, Query: l.Query, Slice: slice, File: f.uri(), Format: l.commitFormat(),
		Bytes: o.Size, ETag: o.ETag, Modified: o.LastModified, Start: time.Now(),
	}
	l.handle.Change(func(e *event.Load) { e.Current = done.File })
	before, read := l.result.Errors, l.result.Bytes
	lines, err := l.records(ctx, f, slice, object)
	done.Lines, done.Errors, done.Data, done.At = int32(lines), int32(l.result.Errors-before), l.result.Bytes-read, time.Now()
	l.record = append(l.record, done)
	var broken *brokenError
	if _, s3 := s3client.Text(err); s3 {
		return l.storeFailure(err, f.uri())
	}
	switch {
	case errors.Is(err, errEncoding):
		// The file is skipped (copy-parameters-data-conversion, ENCODING).
		return l.refused(f, slice, &record{line: lines + 1}, refuse(codeEncoding, "The file is not encoded as "+string(l.Copy.Encoding)))
	case errors.As(err, &broken):
		e := l.detailed(fault("%s is not a valid %s file", f.uri(), broken.compression), codeSource, broken.Error())
		e.Cause = err
		return e
	}
	return err
}

func (l *loader) records(ctx context.Context, f file, slice int32, object io.Reader) (lines int64, err error) {
	plain, done, err := l.plain(object)
	if err != nil {
		return 0, err
	}
	defer done()
	w := newWindow(plain, maxRow)
	defer func() { l.result.Bytes += w.read }()
	for range l.Copy.IgnoreHeader {
		if end, err := w.empty(); end || err != nil {
			return lines, err
		}
		if err := w.drop(); err != nil {
			return lines, err
		}
		lines++
	}
	reader := l.reader(w, lines)
	var rec record
	for n := 1; ; n++ {
		if n%1024 == 0 {
			if err := ctx.Err(); err != nil {
				return reader.lines(), err
			}
		}
		ok, bad, err := reader.next(&rec)
		if err != nil || !ok {
			return reader.lines(), err
		}
		if err := l.keep(f, slice, &rec, bad); err != nil {
			return reader.lines(), err
		}
	}
}

// keep converts a record and appends it, or records why not.
func (l *loader) keep(f file, slice int32, rec *record, bad *refusal) error {
	l.conversion.replaced = false
	if bad == nil {
		bad = l.row(rec)
	}
	if bad != nil {
		return l.refused(f, slice, rec, bad)
	}
	for _, i := range l.identities {
		l.values[i] = engine.Int64(l.Target.Columns[i].Identity())
	}
	if err := l.out.AppendRow(l.values); err != nil {
		return l.engineFailure(err)
	}
	l.result.Rows++
	if l.conversion.replaced {
		l.result.Replaced++
		l.replaced(f, slice, rec)
	}
	return nil
}

// row converts a record into l.values.
func (l *loader) row(rec *record) *refusal {
	n := len(l.columns)
	if extra := len(rec.fields) - n; extra > 0 {
		// The last field of a delimited file can be a delimiter (t_preparing-input-data).
		trailing := extra == 1 && l.Copy.Format == copycmd.FormatText && len(rec.fields[n].data) == 0
		if !trailing {
			return &refusal{code: codeTooMany, reason: "Extra column(s) found", column: n}
		}
		rec.fields = rec.fields[:n]
	}
	if len(rec.fields) < n {
		switch {
		case l.Copy.FillRecord:
			if len(rec.raw) == 0 {
				rec.fields = rec.fields[:0]
			}
			for len(rec.fields) < n {
				rec.fields = append(rec.fields, field{kind: fieldAbsent, offset: len(rec.raw)})
			}
		case len(rec.raw) == 0:
			return refuse(codeEmptyLine, "Empty line found")
		case l.Copy.Format == copycmd.FormatFixedWidth:
			return &refusal{code: codeTooFew, reason: "Input line has fewer columns than the table", column: len(rec.fields) - 1}
		default:
			return &refusal{code: codeNoDelimiter, reason: "Delimiter not found", column: len(rec.fields) - 1}
		}
	}
	columns := l.Target.Columns
	for i := range rec.fields {
		at := l.columns[i]
		if !l.conversion.replaced {
			l.replacedIn = i
		}
		if bad := l.conversion.convert(&l.values[at], &rec.fields[i], &columns[at]); bad != nil {
			bad.column = i
			return bad
		}
		if columns[at].Identity != nil && l.values[at] == (engine.Value{}) {
			return &refusal{code: codeIdentity, reason: "Invalid identity value", column: i}
		}
	}
	if l.missing >= 0 {
		bad := refuse(codeNotNull, "Missing data for not-null field")
		bad.table = l.missing + 1
		return bad
	}
	return nil
}

// refused records a record that is not loaded; the error says that it was one too
// many: a load fails when the errors reach MAXERROR (copy-parameters-data-load).
func (l *loader) refused(f file, slice int32, rec *record, bad *refusal) error {
	e := event.LoadError{
		Session: l.Session, Query: l.Query, XID: l.XID, TableID: l.Target.ID, Slice: slice, At: l.start,
		File: f.uri(), Line: rec.line, Raw: clip(rec.raw, 1024), Code: bad.code, Reason: clip([]byte(bad.reason), 100),
	}
	at := bad.table - 1
	if i := bad.column; i >= 0 {
		if i < len(rec.fields) {
			v := &rec.fields[i]
			e.Position = int32(v.offset)
			e.Field = clip(v.data, 1024)
		}
		if i < len(l.columns) {
			at = l.columns[i]
		}
	}
	if at >= 0 {
		c := l.Target.Columns[at]
		e.Column = c.Name
		e.Type, e.Length = viewType(c.Type)
	}
	if l.details[slice]++; l.details[slice] <= maxDetails && bad.column >= 0 {
		e.Fields = l.fieldsUntil(rec, bad.column)
	}
	l.Log.AddLoadError(e)
	l.result.Errors++
	if l.limit > 0 && l.result.Errors >= l.limit {
		return l.failed()
	}
	return nil
}

// maxDetails and maxReplacements bound what is recorded of each slice of a load
// (r_STL_LOADERROR_DETAIL.md, r_STL_REPLACEMENTS.md); maxDetail bounds the bytes of
// one row's values, of which those next to the wrong one are kept.
const (
	maxDetails      = 20
	maxReplacements = 100
	maxDetail       = 16 << 10
)

// fieldsUntil are a refused row's fields up to the wrong one, which has no value.
func (l *loader) fieldsUntil(rec *record, wrong int) []event.LoadField {
	var fields []event.LoadField
	size := 0
	for i := min(wrong, len(rec.fields)-1, len(l.columns)-1); i >= 0 && size < maxDetail; i-- {
		c, f := l.Target.Columns[l.columns[i]], &rec.fields[i]
		d := event.LoadField{Number: int32(i), Column: c.Name, Null: i == wrong || f.kind != fieldText}
		d.Type, d.ColumnLength = viewType(c.Type)
		if !d.Null {
			d.Value = periods(f.data[:min(len(f.data), 1024)])
		}
		size += len(d.Value) + len(d.Column)
		fields = append(fields, d)
	}
	slices.Reverse(fields)
	return fields
}

// periods is a text with a period for every multibyte character.
func periods(s []byte) string {
	return strings.Map(func(c rune) rune {
		if c > 0x7F {
			return '.'
		}
		return c
	}, string(s))
}

// replaced records a row of which something was replaced.
func (l *loader) replaced(f file, slice int32, rec *record) {
	if l.replacements[slice]++; l.replacements[slice] > maxReplacements {
		return
	}
	l.Log.AddReplacement(event.Replacement{
		Session: l.Session, Query: l.Query, TableID: l.Target.ID, Slice: slice, At: l.start, File: f.uri(), Line: rec.line,
		Column: l.Target.Columns[l.columns[l.replacedIn]].Name, Raw: clip(rec.raw, 1024),
	})
}

// clip copies at most n bytes, as much as the view holds, in valid UTF-8 (assumed:
// with a question mark for what is not).
func clip(s []byte, n int) string {
	return strings.ToValidUTF8(string(s[:min(n, len(s))]), "?")
}

// viewType is a type and its length as STL_LOAD_ERRORS holds them: names of at most
// ten characters, 0 for a type without a length.
func viewType(t rstype.Type) (name, length string) {
	switch t.Kind {
	case rstype.Bool:
		return "bool", "0"
	case rstype.Int2:
		return "int2", "0"
	case rstype.Int4:
		return "int4", "0"
	case rstype.Int8:
		return "int8", "0"
	case rstype.Float4:
		return "float4", "0"
	case rstype.Float8:
		return "float8", "0"
	case rstype.Numeric:
		return "numeric", fmt.Sprintf("%d, %d", t.Precision, t.Scale)
	case rstype.Char:
		return "char", fmt.Sprint(t.Len)
	case rstype.Varchar:
		return "varchar", fmt.Sprint(t.Len)
	case rstype.Varbyte:
		return "varbyte", fmt.Sprint(t.Len)
	case rstype.Timestamp:
		return "timestamp", "0"
	case rstype.TimestampTZ:
		return "timestampt", "0"
	case rstype.Time:
		return "time", "0"
	case rstype.TimeTZ:
		return "timetz", "0"
	}
	return clip([]byte(t.Kind.String()), 10), "0"
}
