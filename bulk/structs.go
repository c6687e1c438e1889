package bulk

import (
	"context"
	"iter"
	"reflect"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift"
)

// Structs is the source of structs, or pointers to them. A field goes to the
// column that the tag redshift:"name" names, or that has its name, letter case
// and underscores aside; "-" excludes it. The fields must all have a column;
// columns without a field get their defaults. An error of the iterator ends the
// load.
func Structs[T any](rows iter.Seq2[T, error]) BatchSource {
	return &structs[T]{rows: rows}
}

type structs[T any] struct {
	rows   iter.Seq2[T, error]
	fields [][]int
}

// Columns implements BatchSource.
func (s *structs[T]) Columns(table []redshift.Column) ([]string, error) {
	if s.rows == nil {
		return nil, errNoRows
	}
	t := reflect.TypeFor[T]()
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil, usage("bulk: Structs of %v, which is no struct", reflect.TypeFor[T]())
	}
	s.fields = nil
	var names []string
	for _, f := range reflect.VisibleFields(t) {
		tag := f.Tag.Get("redshift")
		if tag == "-" || !f.IsExported() || f.Anonymous && tag == "" || throughPointer(t, f.Index) {
			continue
		}
		name, found := columnOf(f.Name, tag, table)
		if !found {
			return nil, usage("bulk: the table has no column for the field %s of %v", f.Name, t)
		}
		names = append(names, name)
		s.fields = append(s.fields, f.Index)
	}
	if len(names) == 0 {
		return nil, usage("bulk: %v has no field for a column", t)
	}
	return names, nil
}

func throughPointer(t reflect.Type, index []int) bool {
	for _, i := range index[:len(index)-1] {
		if t = t.Field(i).Type; t.Kind() == reflect.Pointer {
			return true
		}
	}
	return false
}

func columnOf(field, tag string, table []redshift.Column) (string, bool) {
	plain := func(s string) string { return strings.ToLower(strings.ReplaceAll(s, "_", "")) }
	for _, c := range table {
		if tag == c.Name || tag == "" && plain(field) == plain(c.Name) {
			return c.Name, true
		}
	}
	return "", false
}

// Feed implements BatchSource.
func (s *structs[T]) Feed(_ context.Context, b *Batch) error {
	cell := new(T)
	row := reflect.ValueOf(cell).Elem()
	pointers := row.Kind() == reflect.Pointer
	var copied reflect.Value
	if pointers { // the fields of a copy, which stays where it is
		copied = reflect.New(row.Type().Elem()).Elem()
		row = copied
	}
	puts := make([]func() error, len(s.fields))
	for i, index := range s.fields {
		puts[i] = putter(b.Column(i), row.FieldByIndex(index).Addr().Interface())
	}
	for v, err := range s.rows {
		if err != nil {
			return err
		}
		if pointers {
			p := reflect.ValueOf(v)
			if p.IsNil() {
				return b.Fail(usage("is a nil pointer"))
			}
			copied.Set(p.Elem())
		} else {
			*cell = v
		}
		for _, put := range puts {
			if err := put(); err != nil {
				return err
			}
		}
		if err := b.EndRow(); err != nil {
			return err
		}
	}
	return nil
}

// putter appends what is at p at each call, without reflection for the usual
// types.
func putter(v *Vector, p any) func() error {
	switch p := p.(type) {
	case *int64:
		return func() error { return v.Int64(*p) }
	case *int32:
		return func() error { return v.Int64(int64(*p)) }
	case *int16:
		return func() error { return v.Int64(int64(*p)) }
	case *int:
		return func() error { return v.Int64(int64(*p)) }
	case *float64:
		return func() error { return v.Float64(*p) }
	case *float32:
		return func() error { return v.float32(*p) }
	case *bool:
		return func() error { return v.Bool(*p) }
	case *string:
		return func() error { return v.string(*p) }
	case *[]byte:
		return func() error {
			if *p == nil {
				return v.Null()
			}
			return v.Bytes(*p)
		}
	case *time.Time:
		return func() error { return v.Time(*p) }
	case **int64:
		return pointer(v, p, v.Int64)
	case **float64:
		return pointer(v, p, v.Float64)
	case **bool:
		return pointer(v, p, v.Bool)
	case **string:
		return pointer(v, p, v.string)
	case **time.Time:
		return pointer(v, p, v.Time)
	case *redshift.Numeric:
		return func() error { return v.Text(p.String()) }
	}
	field := reflect.ValueOf(p).Elem()
	return func() error { return v.Append(field.Interface()) }
}

func pointer[T any](v *Vector, p **T, put func(T) error) func() error {
	return func() error {
		if *p == nil {
			return v.Null()
		}
		return put(**p)
	}
}

// Rows is the source of rows of values, as Vector.Append takes them. columns
// names theirs; nil is all of the table.
func Rows(columns []string, rows iter.Seq2[[]any, error]) BatchSource {
	return &valueRows{columns, rows}
}

type valueRows struct {
	columns []string
	rows    iter.Seq2[[]any, error]
}

// Columns implements BatchSource.
func (r *valueRows) Columns([]redshift.Column) ([]string, error) {
	if r.rows == nil {
		return nil, errNoRows
	}
	return r.columns, nil
}

// Feed implements BatchSource.
func (r *valueRows) Feed(_ context.Context, b *Batch) error {
	for row, err := range r.rows {
		if err != nil {
			return err
		}
		if len(row) != b.Len() {
			return b.Fail(usage("it has %d values, there are %d columns", len(row), b.Len()))
		}
		for i, value := range row {
			if err := b.Column(i).Append(value); err != nil {
				return err
			}
		}
		if err := b.EndRow(); err != nil {
			return err
		}
	}
	return nil
}
