package redshift

import (
	"reflect"
	"strings"
	"sync"
)

// Collect reads all rows through a function like ByName[T] or ByPos[T], and
// closes them.
func Collect[T any](rows *Rows, read func(Row) (T, error)) ([]T, error) {
	var all []T
	for row, err := range rows.All() {
		if err != nil {
			return nil, err
		}
		v, err := read(row)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

// ByName reads a row into a struct by the names of its columns. A column goes
// to the exported field with the tag redshift:"name", or with its name, letter
// case and underscores aside. Every column needs a field and every field a
// column; the tag "-" excludes a field.
func ByName[T any](row Row) (T, error) {
	r := new(record)
	if row.scans != nil {
		r = &row.scans.byName
	}
	v, err := read(&row, r, fieldsByName[T])
	return *v, err
}

func fieldsByName[T any](cols []Column, v *T) ([]any, error) {
	s := reflect.ValueOf(v).Elem()
	if s.Kind() != reflect.Struct {
		return nil, usage("ByName needs a struct, not %T", *v)
	}
	fields := fieldsOf(s.Type())
	dst := make([]any, len(cols))
	for i, c := range cols {
		index, ok := fields[c.Name]
		if !ok {
			index, ok = fields[plain(c.Name)]
		}
		if !ok {
			return nil, usage("column %q has no field in %T", c.Name, *v)
		}
		dst[i] = s.FieldByIndex(index).Addr().Interface()
	}
	if len(cols) < len(fields) {
		return nil, usage("%T has %d fields, the row %d columns", *v, len(fields), len(cols))
	}
	return dst, nil
}

// ByPos reads a row into a struct whose exported fields are the columns in
// order, or, where T is no such struct, into the one value of the row.
func ByPos[T any](row Row) (T, error) {
	r := new(record)
	if row.scans != nil {
		r = &row.scans.byPos
	}
	v, err := read(&row, r, fieldsByPos[T])
	return *v, err
}

func fieldsByPos[T any](_ []Column, v *T) ([]any, error) {
	t := reflect.TypeFor[T]()
	if t.Kind() != reflect.Struct || t.PkgPath() == "time" || t.PkgPath() == reflect.TypeFor[Date]().PkgPath() && valueTypes[t] {
		return []any{v}, nil
	}
	s := reflect.ValueOf(v).Elem()
	var dst []any
	for _, f := range reflect.VisibleFields(t) {
		if scannable(t, f) {
			dst = append(dst, s.FieldByIndex(f.Index).Addr().Interface())
		}
	}
	return dst, nil
}

// record is a struct that is read again and again, and its fields in the order
// of the columns. It is copied to who asks for a row; what it points to is new
// for every row.
type record struct {
	value any // *T
	dst   []any
}

// read reads into r's struct, which is valid until it is read into again.
func read[T any](row *Row, r *record, fields func([]Column, *T) ([]any, error)) (*T, error) {
	v, ok := r.value.(*T)
	if !ok {
		v = new(T)
		dst, err := fields(row.cols, v)
		if err != nil {
			return v, err
		}
		r.value, r.dst = v, dst
	}
	if err := row.Scan(r.dst...); err != nil {
		// It holds a part of the row before.
		r.value = nil
		v = new(T)
		if dst, err := fields(row.cols, v); err == nil {
			_ = row.Scan(dst...)
		}
		return v, err
	}
	return v, nil
}

var valueTypes = map[reflect.Type]bool{
	reflect.TypeFor[Numeric](): true, reflect.TypeFor[Date](): true, reflect.TypeFor[Time](): true,
	reflect.TypeFor[TimeTZ](): true, reflect.TypeFor[Timestamp](): true, reflect.TypeFor[TimestampTZ](): true,
	reflect.TypeFor[IntervalYM](): true, reflect.TypeFor[IntervalDS](): true,
}

// scannable: an exported field that is not excluded, nor behind a pointer to an
// embedded struct, which would be nil, nor a part of an embedded value.
func scannable(t reflect.Type, f reflect.StructField) bool {
	if !f.IsExported() || f.Tag.Get("redshift") == "-" || f.Anonymous && !valueTypes[f.Type] {
		return false
	}
	for _, i := range f.Index[:len(f.Index)-1] {
		if t = t.Field(i).Type; t.Kind() != reflect.Struct || valueTypes[t] {
			return false
		}
	}
	return true
}

var fieldCache sync.Map // reflect.Type → map[string][]int

func fieldsOf(t reflect.Type) map[string][]int {
	if m, ok := fieldCache.Load(t); ok {
		return m.(map[string][]int)
	}
	m := map[string][]int{}
	for _, f := range reflect.VisibleFields(t) {
		if !scannable(t, f) {
			continue
		}
		name := f.Tag.Get("redshift")
		if name == "" {
			name = plain(f.Name)
		}
		m[name] = f.Index
	}
	fieldCache.Store(t, m)
	return m
}

func plain(s string) string { return strings.ToLower(strings.ReplaceAll(s, "_", "")) }
