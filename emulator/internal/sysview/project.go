package sysview

import (
	"iter"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/event"
)

// cells gives the value of each column of a view for a record of type T.
type cells[T any] map[string]func(*T, Facts) any

// from is the projector of records: those that the session may see and that
// keep lets through (nil for all). Without who, the rows are nobody's own.
func from[T any](records func(*event.Log) iter.Seq[T], who func(*T) int32, keep func(*T) bool, c cells[T]) projector {
	return fromNow(func(log *event.Log, _ Facts) iter.Seq[T] { return records(log) }, who, keep, c)
}

// fromNow is from with records that depend on the facts too.
func fromNow[T any](records func(*event.Log, Facts) iter.Seq[T], who func(*T) int32, keep func(*T) bool, c cells[T]) projector {
	return func(log *event.Log, f Facts, v *View, columns []int) iter.Seq[[]any] {
		values := make([]func(*T, Facts) any, len(columns))
		lengths := make([]int, len(columns))
		for i, n := range columns {
			values[i] = c[v.Columns[n].Name]
			lengths[i] = v.Columns[n].Length
		}
		return func(yield func([]any) bool) {
			row := make([]any, len(columns))
			var rec T // one for all rows: the cells keep nothing of it
			for r := range records(log, f) {
				rec = r
				if v.Visibility == OwnRows && !f.Superuser && who != nil && who(&rec) != f.UserID {
					continue
				}
				if keep != nil && !keep(&rec) {
					continue
				}
				for i, value := range values {
					row[i] = nil
					if value != nil {
						row[i] = fit(value(&rec, f), lengths[i])
					}
				}
				if !yield(row) {
					return
				}
			}
		}
	}
}

// fit cuts a text to its column, in bytes and between characters.
func fit(v any, length int) any {
	s, ok := v.(string)
	if !ok || length == 0 || len(s) <= length {
		return v
	}
	for length > 0 && s[length]&0xC0 == 0x80 {
		length--
	}
	return s[:length]
}

// null is the value of a column that a cluster fills and the emulator has
// nothing for. It is written out, so that no column is forgotten.
func null[T any](*T, Facts) any { return nil }

// constant is the value of a column that is the same in every row here.
func constant[T any](v any) func(*T, Facts) any { return func(*T, Facts) any { return v } }

// timestamp is nil for the zero time.
func timestamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC()
}

func micros(d time.Duration) any { return d.Microseconds() }

// chunk is a part of a statement's text, as the text views hold it.
type chunk struct {
	event.Statement
	sequence int64
	part     string
}

// chunks splits the texts of statements into parts of that many bytes, between
// characters. A line break is stored as \n (two characters) in the STL views.
func chunks(size int, escape bool) func(*event.Log) iter.Seq[chunk] {
	return func(log *event.Log) iter.Seq[chunk] {
		return func(yield func(chunk) bool) {
			for s := range log.Statements() {
				text := s.Text
				if escape {
					text = strings.ReplaceAll(text, "\n", `\n`)
				}
				for n := int64(0); n == 0 || text != ""; n++ {
					part := fit(text, size).(string)
					text = text[len(part):]
					if !yield(chunk{s, n, part}) {
						return
					}
				}
			}
		}
	}
}
