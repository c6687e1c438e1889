package sqldriver

import (
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/llm-dev-ops/redshift"
)

// Exact are package redshift's types that database/sql cannot scan into itself.
// The others (Char, Varchar, Super, Varbyte, …) it can.
type Exact interface {
	redshift.Numeric | redshift.Date | redshift.Time | redshift.TimeTZ | redshift.Timestamp |
		redshift.TimestampTZ | redshift.IntervalYM | redshift.IntervalDS
}

// Into scans a column exactly, for Rows.Scan: rows.Scan(sqldriver.Into(&price)).
// NULL is an error.
func Into[T Exact](dst *T) sql.Scanner { return into[T]{dst} }

// IntoNull is Into for columns that may be NULL.
func IntoNull[T Exact](dst *sql.Null[T]) sql.Scanner { return intoNull[T]{dst} }

type into[T Exact] struct{ dst *T }

var errNull = errors.New("is NULL; scan with IntoNull")

// Scan implements sql.Scanner.
func (s into[T]) Scan(src any) error {
	if src == nil {
		return errNull
	}
	v, err := exact[T](src)
	if err == nil {
		*s.dst = v
	}
	return err
}

type intoNull[T Exact] struct{ dst *sql.Null[T] }

// Scan implements sql.Scanner.
func (s intoNull[T]) Scan(src any) (err error) {
	*s.dst = sql.Null[T]{}
	if src == nil {
		return nil
	}
	s.dst.V, err = exact[T](src)
	s.dst.Valid = err == nil
	return err
}

// exact makes a T of what Rows.Next gives for its type, and of integers a
// Numeric.
func exact[T Exact](src any) (v T, err error) {
	text, isText := src.(string)
	at, isTime := src.(time.Time)
	n, isInt := src.(int64)
	ok := isText
	switch d := any(&v).(type) {
	case *redshift.Numeric:
		if isInt {
			text, ok = strconv.FormatInt(n, 10), true
		}
		if ok {
			*d, err = redshift.ParseNumeric(text)
		}
	case *redshift.Date:
		switch {
		case isTime:
			*d, ok = redshift.DateOf(at), true
		case isText:
			*d, err = redshift.ParseDate(text)
		}
	case *redshift.Timestamp:
		switch {
		case isTime:
			*d, ok = redshift.TimestampOf(at), true
		case isText:
			*d, err = redshift.ParseTimestamp(text)
		}
	case *redshift.TimestampTZ:
		switch {
		case isTime:
			*d, ok = redshift.TimestampTZ{Time: at}, true
		case isText:
			*d, err = redshift.ParseTimestampTZ(text)
		}
	case *redshift.Time:
		if ok {
			*d, err = redshift.ParseTime(text)
		}
	case *redshift.TimeTZ:
		if ok {
			*d, err = redshift.ParseTimeTZ(text)
		}
	case *redshift.IntervalYM:
		if ok {
			*d, err = redshift.ParseIntervalYM(text)
		}
	case *redshift.IntervalDS:
		if ok {
			*d, err = redshift.ParseIntervalDS(text)
		}
	}
	if !ok {
		err = fmt.Errorf("a %T cannot become a %T", src, v)
	}
	return v, err
}
