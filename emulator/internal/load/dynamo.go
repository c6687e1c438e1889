package load

import (
	"context"
	"encoding/json"
	"iter"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/dynamodoor"
	"github.com/llm-dev-ops/redshift/emulator/internal/event"
)

// Tables are DynamoDB's, as far as COPY needs them.
type Tables interface {
	// Table tells whether a table is there.
	Table(name string) (dynamodoor.Info, bool)
	// Items gives the items of one of n segments, numbered from 0.
	Items(ctx context.Context, name string, i, n int) iter.Seq2[dynamodoor.Item, error]
}

// dynamo loads a table of DynamoDB, a segment for every slice
// (t_Loading-data-from-dynamodb).
func (l *loader) dynamo(ctx context.Context) error {
	name := strings.TrimPrefix(l.Copy.From.URI, "dynamodb://")
	if err := l.mayDo("dynamodb:Scan", name, ""); err != nil {
		return err
	}
	info, ok := l.Tables.Table(name)
	if !ok {
		// What DynamoDB answers, in the form of S3's failures (assumed).
		return l.detailed(fault("DynamoDBServiceException:Requested resource not found: Table: %s not found,Status 400,Error ResourceNotFoundException", name), codeSource, l.Copy.From.URI)
	}
	l.fileBytes = info.Bytes
	l.handle.Change(func(e *event.Load) { e.Files, e.FileBytes = int32(len(l.list)), l.fileBytes })
	columns := map[string]int{}
	for i, at := range l.columns {
		columns[strings.ToLower(l.Target.Columns[at].Name)] = i
	}
	n := max(1, l.Slices)
	for segment := range n {
		if err := l.segment(ctx, name, segment, n, columns); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) segment(ctx context.Context, name string, segment, n int, columns map[string]int) (err error) {
	f := file{from: l.Copy.From.URI}
	slice := int32(segment)
	done := event.LoadFile{Session: l.Session, Query: l.Query, Slice: slice, File: f.uri(), Format: l.commitFormat(), Start: time.Now()}
	before, errors := l.result.Bytes, l.result.Errors
	defer func() {
		done.Data, done.Errors, done.At = l.result.Bytes-before, int32(l.result.Errors-errors), time.Now()
		done.Bytes = done.Data
		l.record = append(l.record, done)
		l.result.Files = 1
	}()
	var rec record
	for item, err := range l.Tables.Items(ctx, name, segment, n) {
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return l.detailed(fault("DynamoDBServiceException:%s", err), codeSource, f.uri())
		}
		done.Lines++
		bad, err := l.item(&rec, item, columns)
		if err != nil {
			return l.detailed(err, codeSource, f.uri())
		}
		rec.line = int64(done.Lines)
		if err := l.keep(f, slice, &rec, bad); err != nil {
			return err
		}
	}
	return nil
}

// item makes fields of an item's attributes. "Attribute names are matched to column
// names without regard to case", where two of them for one column are a failure, as is
// a matched one that is neither a string nor a number; the others are left out.
func (l *loader) item(rec *record, item dynamodoor.Item, columns map[string]int) (*refusal, *Error) {
	rec.fields = rec.fields[:0]
	for range l.columns {
		rec.fields = append(rec.fields, field{kind: fieldAbsent})
	}
	for name, v := range item {
		i, ok := columns[strings.ToLower(name)]
		if !ok {
			continue
		}
		f := &rec.fields[i]
		if f.kind != fieldAbsent {
			return nil, fault("Ambiguous attributes: more than one attribute of an item matches the column %s", l.Target.Columns[l.columns[i]].Name)
		}
		if v.Type != dynamodoor.String && v.Type != dynamodoor.Number {
			return nil, fault("Unsupported data type: the attribute %s has the type %s, and only strings and numbers can be loaded", name, v.Type)
		}
		*f = field{data: []byte(v.Text), kind: fieldText}
		l.result.Bytes += int64(len(name) + len(v.Text))
	}
	text, err := json.Marshal(item)
	if err != nil {
		return refuse(codeLine, err.Error()), nil
	}
	rec.raw = text
	return nil, nil
}
