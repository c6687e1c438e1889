package redshift

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
	"time"
)

// IntervalYM is an INTERVAL YEAR TO MONTH, in months.
type IntervalYM struct{ Months int32 }

// IntervalDS is an INTERVAL DAY TO SECOND, in microseconds; a day has 24 hours.
type IntervalDS struct{ Micros int64 }

var errInterval = errors.New("not an interval, or out of its range")

// String writes 1 years 2 mons, every part with the sign.
func (i IntervalYM) String() string { return fmt.Sprintf("%d years %d mons", i.Months/12, i.Months%12) }

// String writes 1 days 2 hours 3 mins 4.5 secs, every part with the sign.
func (i IntervalDS) String() string {
	m := i.Micros
	sec := m % 60_000_000
	sign, abs := "", sec
	if sec < 0 {
		sign, abs = "-", -sec
	}
	frac := strings.TrimRight(fmt.Sprintf("%06d", abs%1_000_000), "0")
	if frac == "" {
		frac = "0"
	}
	return fmt.Sprintf("%d days %d hours %d mins %s%d.%s secs",
		m/dayMicros, m/3_600_000_000%24, m/60_000_000%60, sign, abs/1_000_000, frac)
}

// Duration is the interval where it fits time.Duration (292 years).
func (i IntervalDS) Duration() (time.Duration, bool) {
	const most = math.MaxInt64 / 1000
	return time.Duration(i.Micros) * time.Microsecond, i.Micros <= most && i.Micros >= -most
}

// MarshalText implements encoding.TextMarshaler.
func (i IntervalYM) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// MarshalText implements encoding.TextMarshaler.
func (i IntervalDS) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// ParseIntervalYM reads 1 years 2 mons in any common spelling, and 1-2.
func ParseIntervalYM(s string) (IntervalYM, error) {
	i, err := parseIntervalYM(s)
	if err != nil {
		return IntervalYM{}, usage("%v", err)
	}
	return i, nil
}

func parseIntervalYM(s string) (IntervalYM, error) {
	if m, u, ok := plainInterval(s); ok && u == 0 && m == int64(int32(m)) {
		return IntervalYM{int32(m)}, nil
	}
	months, micros, err := parseInterval(s)
	if err != nil || micros.Sign() != 0 || !months.IsInt64() || int64(int32(months.Int64())) != months.Int64() {
		return IntervalYM{}, errInterval
	}
	return IntervalYM{int32(months.Int64())}, nil
}

// ParseIntervalDS reads 1 days 2 hours 3 mins 4.5 secs in any common spelling,
// and 1 day 02:03:04.5.
func ParseIntervalDS(s string) (IntervalDS, error) {
	i, err := parseIntervalDS(s)
	if err != nil {
		return IntervalDS{}, usage("%v", err)
	}
	return i, nil
}

func parseIntervalDS(s string) (IntervalDS, error) {
	if m, u, ok := plainInterval(s); ok && m == 0 {
		return IntervalDS{u}, nil
	}
	months, micros, err := parseInterval(s)
	if err != nil || months.Sign() != 0 || !micros.IsInt64() {
		return IntervalDS{}, errInterval
	}
	return IntervalDS{micros.Int64()}, nil
}

// plainInterval reads what nearly all intervals are: up to eight numbers of at
// most seven digits, seconds with a fraction, each with its unit, all with one
// blank between. That cannot overflow. What it does not take may still be one.
func plainInterval(s string) (months, micros int64, ok bool) {
	for range 8 {
		number, rest, _ := strings.Cut(s, " ")
		word, rest, more := strings.Cut(rest, " ")
		negative := number != "" && number[0] == '-'
		if negative {
			number = number[1:]
		}
		v, scale, ok := decimal(number[:min(len(number), 15)])
		if !ok || len(number) > 14 || len(number)-scale > 8 || scale > 6 {
			return 0, 0, false
		}
		n, unit := int64(v), units[strings.TrimSuffix(word, "s")]
		switch {
		case unit == 0 || scale > 0 && unit != 1_000_000 || n >= 1e7 && scale == 0:
			return 0, 0, false
		case unit == 1_000_000:
			n *= fives[6-scale] << (6 - scale)
		default:
			n *= unit
		}
		if negative {
			n = -n
		}
		if unit <= 12 {
			months += n
		} else {
			micros += n
		}
		if !more {
			return months, micros, true
		}
		s = rest
	}
	return 0, 0, false
}

// units of intervals; years and months in months, the others in microseconds.
var units = map[string]int64{
	"year": 12, "yr": 12, "mon": 1, "month": 1,
	"day": dayMicros, "hour": 3_600_000_000, "min": 60_000_000, "minute": 60_000_000, "sec": 1_000_000, "second": 1_000_000,
}

// parseInterval reads the output of PostgreSQL's and of Redshift's intervals
// (assumed: "1 years 2 mons", "1 days 2 hours 3 mins 4.5 secs").
func parseInterval(s string) (months, micros *big.Int, err error) {
	months, micros = new(big.Int), new(big.Int)
	fields := strings.Fields(s)
	if len(fields) == 0 || len(fields) > 16 {
		return nil, nil, errInterval
	}
	for i := 0; i < len(fields); i++ {
		f := fields[i]
		body := strings.TrimLeft(f, "+-")
		negative := strings.HasPrefix(f, "-")
		if len(f)-len(body) > 1 || body == "" || len(body) > 24 {
			return nil, nil, errInterval
		}
		if strings.Contains(body, ":") {
			if strings.Index(body, ":") == 1 {
				body = "0" + body
			}
			m, rest, err := cutClock(body)
			if err != nil || rest != "" {
				return nil, nil, errInterval
			}
			add(micros, big.NewInt(m), negative)
			continue
		}
		if y, m, ok := strings.Cut(body, "-"); ok {
			years, ok1 := number(y)
			mons, ok2 := number(m)
			if !ok1 || !ok2 || mons > 11 || years > 1e9 {
				return nil, nil, errInterval
			}
			add(months, big.NewInt(int64(years)*12+int64(mons)), negative)
			continue
		}
		if i++; i == len(fields) {
			return nil, nil, errInterval
		}
		name := strings.TrimSuffix(strings.ToLower(fields[i]), "s")
		unit, ok := units[name]
		n, perr := parseNumeric(body)
		if !ok || perr != nil {
			return nil, nil, errInterval
		}
		v := new(big.Int).Mul(n.Unscaled(), big.NewInt(unit))
		v, r := v.QuoRem(v, pow10(n.Scale()), new(big.Int))
		if r.Sign() != 0 {
			return nil, nil, errInterval
		}
		if unit <= 12 {
			add(months, v, negative)
		} else {
			add(micros, v, negative)
		}
	}
	return months, micros, nil
}

func add(sum, v *big.Int, negative bool) {
	if negative {
		sum.Sub(sum, v)
	} else {
		sum.Add(sum, v)
	}
}
