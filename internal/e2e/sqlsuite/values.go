package sqlsuite

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"math"
	"math/big"
	"reflect"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/sqldriver"
)

// Type is a type with a value that goes in and comes out.
type Type struct {
	Name string // as SQL has it
	Type redshift.Type
	Arg  any
	// Want is what comes out; nil where the server may write it in several ways.
	Want driver.Value
	// exact scans into the client's type and compares; nil where there is none.
	exact func(*sql.Row) (got, want any, err error)
}

// Select gives the argument back.
func (t Type) Select() string { return "select cast($1 as " + t.Name + ") as v" }

// SelectNull gives NULL.
func (t Type) SelectNull() string { return "select cast(null as " + t.Name + ") as v" }

func into[T sqldriver.Exact](want T) func(*sql.Row) (any, any, error) {
	return func(row *sql.Row) (any, any, error) {
		var v T
		err := row.Scan(sqldriver.Into(&v))
		return v, want, err
	}
}

// Types are the types of the suite.
func Types() []Type {
	noon := time.Date(2026, 2, 28, 12, 30, 45, 123456000, time.FixedZone("", 2*3600))
	wall := time.Date(2026, 2, 28, 12, 30, 45, 123456000, time.UTC)
	day := redshift.Date{Year: 2024, Month: 2, Day: 29}
	long, _ := redshift.ParseNumeric("-1234567890123456789012345678.0123456789")
	oldest := redshift.Date{Year: 1, Month: 1, Day: 1}
	const months, micros = -14, 90061000001
	return []Type{
		{"boolean", redshift.TypeBoolean, true, true, nil},
		{"smallint", redshift.TypeSmallInt, int16(math.MinInt16), int64(math.MinInt16), nil},
		{"integer", redshift.TypeInteger, math.MaxInt32, int64(math.MaxInt32), nil},
		{"bigint", redshift.TypeBigInt, int64(math.MinInt64), int64(math.MinInt64), nil},
		{"real", redshift.TypeReal, float32(1.5), 1.5, nil},
		{"double precision", redshift.TypeDouble, 1.0 / 3, 1.0 / 3, nil},
		{"double precision", redshift.TypeDouble, math.Inf(-1), math.Inf(-1), nil},
		{"numeric(38,10)", redshift.TypeNumeric, long, long.String(), into(long)},
		{"numeric(38,0)", redshift.TypeNumeric, new(big.Int).Exp(big.NewInt(10), big.NewInt(37), nil), "1" + strings.Repeat("0", 37), nil},
		{"numeric(4,3)", redshift.TypeNumeric, big.NewRat(1, 8), "0.125", nil},
		{"numeric(20,0)", redshift.TypeNumeric, uint64(math.MaxUint64), "18446744073709551615", nil},
		{"char(5)", redshift.TypeChar, redshift.Char("abcde"), "abcde", nil},
		{"varchar(60)", redshift.TypeVarchar, "Ünïcode 漢字 😀 'quoted' \\back\\", "Ünïcode 漢字 😀 'quoted' \\back\\", nil},
		{"varchar(5)", redshift.TypeVarchar, "", "", nil},
		{"date", redshift.TypeDate, day, day.In(time.UTC), into(day)},
		{"date", redshift.TypeDate, oldest, oldest.In(time.UTC), into(oldest)},
		{"timestamp", redshift.TypeTimestamp, redshift.TimestampOf(noon), wall, into(redshift.Timestamp{Time: wall})},
		{"timestamptz", redshift.TypeTimestampTZ, noon, noon.UTC(), into(redshift.TimestampTZ{Time: noon.UTC()})},
		{"timestamptz", redshift.TypeTimestampTZ, noon.Add(999), noon.UTC(), nil},
		{"time", redshift.TypeTime, redshift.Time{Micros: 86399999999}, "23:59:59.999999", into(redshift.Time{Micros: 86399999999})},
		{"timetz", redshift.TypeTimeTZ, redshift.TimeTZ{Micros: 3600e6, Offset: -5 * 3600}, "01:00:00-05", into(redshift.TimeTZ{Micros: 3600e6, Offset: -5 * 3600})},
		{"interval year to month", redshift.TypeIntervalYM, redshift.IntervalYM{Months: months}, nil, into(redshift.IntervalYM{Months: months})},
		{"interval day to second", redshift.TypeIntervalDS, redshift.IntervalDS{Micros: micros}, nil, into(redshift.IntervalDS{Micros: micros})},
		{"super", redshift.TypeSuper, json.RawMessage(`{"a":[1,2.5,"x",null,true]}`), []byte(`{"a":[1,2.5,"x",null,true]}`), nil},
		{"varbyte(10)", redshift.TypeVarbyte, []byte{0, 1, 0xfe, 0xff}, []byte{0, 1, 0xfe, 0xff}, nil},
		{"varbyte(10)", redshift.TypeVarbyte, []byte{}, []byte{}, nil},
	}
}

var values = []test{
	{"every type", func(s *suite) {
		for _, t := range Types() {
			var got any
			if err := s.db.QueryRowContext(s.ctx, t.Select(), t.Arg).Scan(&got); err != nil {
				s.Errorf("%s: %v", t.Name, err)
				continue
			}
			if t.Want != nil && !reflect.DeepEqual(got, t.Want) {
				s.Errorf("%s: %#v came out, not %#v", t.Name, got, t.Want)
			}
			if t.exact != nil {
				got, want, err := t.exact(s.db.QueryRowContext(s.ctx, t.Select(), t.Arg))
				if n, ok := got.(redshift.Numeric); ok && err == nil && n.Cmp(want.(redshift.Numeric)) == 0 {
					got = want
				}
				if err != nil || !reflect.DeepEqual(got, want) {
					s.Errorf("%s: %v became %v, %v", t.Name, want, got, err)
				}
			}
			if got = "something"; s.db.QueryRowContext(s.ctx, t.SelectNull()).Scan(&got) != nil || got != nil {
				s.Errorf("%s: NULL came out as %v", t.Name, got)
			}
			rows, err := s.db.QueryContext(s.ctx, t.Select(), t.Arg)
			s.none(err)
			cts, err := rows.ColumnTypes()
			s.none(err)
			s.none(rows.Close())
			ct := cts[0]
			s.equal(ct.Name(), "v")
			s.equal(ct.DatabaseTypeName(), strings.ToUpper(redshift.TypeName(t.Type)))
			if t.Want != nil {
				s.equal(ct.ScanType(), reflect.TypeOf(t.Want))
			}
		}
	}},
	{"scanning into what programs have", func(s *suite) {
		var (
			text  string
			bytes []byte
			doc   json.RawMessage
			f32   float32
			small int8
			at    sql.NullTime
			null  sql.Null[int64]
			super redshift.Super
			raw   redshift.Varbyte
			kind  redshift.Varchar
			num   sql.Null[redshift.Numeric]
		)
		for _, test := range []struct {
			query string
			arg   any
			dst   any
			want  any
		}{
			{"select cast($1 as numeric(38,10)) as v", "0.5000000000", &text, "0.5000000000"},
			{"select cast($1 as numeric(4,3)) as v", "1.250", &f32, float32(1.25)},
			{"select cast($1 as smallint) as v", 7, &small, int8(7)},
			{"select cast($1 as date) as v", "2026-01-02", &at, sql.NullTime{Time: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), Valid: true}},
			{"select cast($1 as bigint) as v", 7, &null, sql.Null[int64]{V: 7, Valid: true}},
			{"select cast($1 as super) as v", redshift.Super("[1]"), &doc, json.RawMessage("[1]")},
			{"select cast($1 as super) as v", redshift.Super("[1]"), &super, redshift.Super("[1]")},
			{"select cast($1 as super) as v", redshift.Super("[1]"), &text, "[1]"},
			{"select cast($1 as varbyte(10)) as v", []byte{1, 2}, &raw, redshift.Varbyte{1, 2}},
			{"select cast($1 as varchar(60)) as v", "x", &bytes, []byte("x")},
			{"select cast($1 as varchar(60)) as v", "x", &kind, redshift.Varchar("x")},
			{"select cast($1 as boolean) as v", true, &text, "true"},
			{"select cast(null as bigint) as v", nil, &null, sql.Null[int64]{}},
			{"select cast(null as numeric(38,10)) as v", nil, sqldriver.IntoNull(&num), nil},
		} {
			var args []any
			if test.arg != nil {
				args = append(args, test.arg)
			}
			if err := s.db.QueryRowContext(s.ctx, test.query, args...).Scan(test.dst); err != nil {
				s.Errorf("%s into %T: %v", test.query, test.dst, err)
				continue
			}
			got := reflect.ValueOf(test.dst)
			if test.want != nil && !reflect.DeepEqual(got.Elem().Interface(), test.want) {
				s.Errorf("%s: %v came out, not %v", test.query, got.Elem().Interface(), test.want)
			}
		}
		if num.Valid {
			s.Error("NULL is a number")
		}
		if err := s.db.QueryRowContext(s.ctx, "select cast(null as bigint) as v").Scan(&small); err == nil {
			s.Error("NULL is an int8")
		}
	}},
	{"NULL as an argument", func(s *suite) {
		var number *int
		for _, arg := range []any{nil, number, sql.NullInt64{}, redshift.Null(redshift.TypeInteger), sql.Null[int]{}} {
			var null bool
			s.none(s.db.QueryRowContext(s.ctx, SelectIsNull, arg).Scan(&null))
			if !null {
				s.Errorf("%T is not NULL", arg)
			}
		}
		n := 4
		var null bool
		s.none(s.db.QueryRowContext(s.ctx, SelectIsNull, &n).Scan(&null))
		s.equal(null, false)
	}},
	{"columns", func(s *suite) {
		rows, err := s.db.QueryContext(s.ctx, SelectColumns)
		s.none(err)
		defer func() { s.none(rows.Close()) }()
		cts, err := rows.ColumnTypes()
		s.none(err)
		length, ok := cts[0].Length()
		s.equal(length, int64(20))
		s.equal(ok, true)
		precision, scale, ok := cts[1].DecimalSize()
		s.equal([3]any{precision, scale, ok}, [3]any{int64(12), int64(2), true})
		if _, ok := cts[2].Length(); ok {
			s.Error("an integer has a length")
		}
		if _, _, ok := cts[2].DecimalSize(); ok {
			s.Error("an integer has a scale")
		}
	}},
	{"arguments that cannot be sent", func(s *suite) {
		for _, arg := range []any{sql.Out{Dest: new(int)}, big.NewRat(1, 3), big.NewFloat(0.1), []int{1}, struct{}{}, "a\x00b"} {
			_, err := s.db.ExecContext(s.ctx, SelectIsNull, arg)
			s.is(err, usage)
		}
		s.usable(1)
	}},
}
