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
	var v T
	s := reflect.ValueOf(&v).Elem()
	if s.Kind() != reflect.Struct {
		return v, usage("ByName needs a struct, not %T", v)
	}
	fields := fieldsOf(s.Type())
	dst := make([]any, len(row.cols))
	for i, c := range row.cols {
		index, ok := fields[c.Name]
		if !ok {
			index, ok = fields[plain(c.Name)]
		}
		if !ok {
			return v, usage("column %q has no field in %T", c.Name, v)
		}
		dst[i] = s.FieldByIndex(index).Addr().Interface()
	}
	if len(row.cols) < len(fields) {
		return v, usage("%T has %d fields, the row %d columns", v, len(fields), len(row.cols))
	}
	return v, row.Scan(dst...)
}

// ByPos reads a row into a struct whose exported fields are the columns in
// order, or, where T is no such struct, into the one value of the row.
func ByPos[T any](row Row) (T, error) {
	var v T
	t := reflect.TypeFor[T]()
	if t.Kind() != reflect.Struct || t.PkgPath() == "time" || t.PkgPath() == reflect.TypeFor[Date]().PkgPath() && valueTypes[t] {
		return v, row.Scan(&v)
	}
	s := reflect.ValueOf(&v).Elem()
	var dst []any
	for _, f := range reflect.VisibleFields(t) {
		if scannable(f) {
			dst = append(dst, s.FieldByIndex(f.Index).Addr().Interface())
		}
	}
	return v, row.Scan(dst...)
}

var valueTypes = map[reflect.Type]bool{
	reflect.TypeFor[Numeric](): true, reflect.TypeFor[Date](): true, reflect.TypeFor[Time](): true,
	reflect.TypeFor[TimeTZ](): true, reflect.TypeFor[Timestamp](): true, reflect.TypeFor[TimestampTZ](): true,
	reflect.TypeFor[IntervalYM](): true, reflect.TypeFor[IntervalDS](): true,
}

// scannable: an exported field that is not excluded, nor behind a pointer to an
// embedded struct, which would be nil.
func scannable(f reflect.StructField) bool {
	return f.IsExported() && f.Tag.Get("redshift") != "-" && (!f.Anonymous || valueTypes[f.Type])
}

var fieldCache sync.Map // reflect.Type → map[string][]int

func fieldsOf(t reflect.Type) map[string][]int {
	if m, ok := fieldCache.Load(t); ok {
		return m.(map[string][]int)
	}
	m := map[string][]int{}
	for _, f := range reflect.VisibleFields(t) {
		if !scannable(f) {
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
