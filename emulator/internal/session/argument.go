package session

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

// textHint is for clients that take Redshift for a PostgreSQL: its binary forms
// of these types are others (wire-protocol.md 2.7 and 3).
const textHint = "On Redshift the binary form of this type is not PostgreSQL's. Ask for text; with pgx set DefaultQueryExecMode to QueryExecModeExec."

// arguments are a call's parameters as the binder expects them: text, which
// the SQL casts.
func (s *statement) arguments(args []Arg) ([]engine.Value, error) {
	if len(args) != len(s.plan.Params) {
		return nil, &Error{State: "08P01", Message: fmt.Sprintf("bind message supplies %d parameters, but the statement requires %d", len(args), len(s.plan.Params))}
	}
	values := make([]engine.Value, len(args))
	for i, a := range args {
		if a.Value == nil {
			continue
		}
		text := string(a.Value)
		if a.Format == 1 {
			var err error
			if text, err = binaryText(s.plan.Params[i], a.Value); err != nil {
				return nil, &Error{State: "22P03", Message: fmt.Sprintf("incorrect binary data format in bind parameter %d: %v", i+1, err), Hint: textHint}
			}
		}
		if !utf8.ValidString(text) {
			return nil, &Error{State: "22021", Message: fmt.Sprintf("invalid byte sequence for encoding \"UTF8\" in bind parameter %d", i+1)}
		}
		values[i] = engine.Text(text)
	}
	return values, nil
}

// numerics gives parameters that the client calls NUMERIC, which the protocol
// does without digits, those of their values, as literals have them: assumed.
func (s *statement) numerics(args []Arg) error {
	exact := slices.Clone(s.given)
	for i, t := range s.given {
		if t.Kind != rstype.Numeric || t.Precision > 0 && !s.valued || i >= len(args) || args[i].Value == nil || args[i].Format != 0 {
			continue
		}
		if precision, scale, ok := digits(string(args[i].Value)); ok {
			if precision > rstype.MaxPrecision {
				return &Error{State: "22003", Message: "numeric field overflow", Detail: fmt.Sprintf("Parameter %d has %d digits; NUMERIC has at most %d.", i+1, precision, rstype.MaxPrecision)}
			}
			exact[i].Precision, exact[i].Scale = int16(precision), int16(scale)
		}
	}
	if slices.Equal(exact, s.given) {
		return nil
	}
	s.given, s.valued = exact, true
	return s.bind()
}

// digits are the precision and the scale of a decimal number.
func digits(text string) (precision, scale int, ok bool) {
	text = strings.TrimLeft(text, "+-")
	whole, fraction, _ := strings.Cut(text, ".")
	for _, c := range whole + fraction {
		if c < '0' || c > '9' {
			return 0, 0, false
		}
	}
	whole = strings.TrimLeft(whole, "0")
	return max(1, len(whole)+len(fraction)), len(fraction), whole+fraction != ""
}

var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// binaryText is the text of a value in the protocol's binary form
// (wire-protocol.md 2.7).
func binaryText(t rstype.Type, v []byte) (string, error) {
	want := func(n int) error {
		if len(v) != n {
			return fmt.Errorf("%d bytes for %s", len(v), t)
		}
		return nil
	}
	switch t.Kind {
	case rstype.Bool:
		return strconv.FormatBool(len(v) == 1 && v[0] != 0), want(1)
	case rstype.Int2, rstype.Int4, rstype.Int8, rstype.OID:
		switch len(v) {
		case 2:
			return strconv.Itoa(int(int16(binary.BigEndian.Uint16(v)))), nil
		case 4:
			return strconv.Itoa(int(int32(binary.BigEndian.Uint32(v)))), nil
		case 8:
			return strconv.FormatInt(int64(binary.BigEndian.Uint64(v)), 10), nil
		}
		return "", want(8)
	case rstype.Float4, rstype.Float8:
		switch len(v) {
		case 4:
			return strconv.FormatFloat(float64(math.Float32frombits(binary.BigEndian.Uint32(v))), 'g', -1, 32), nil
		case 8:
			return strconv.FormatFloat(math.Float64frombits(binary.BigEndian.Uint64(v)), 'g', -1, 64), nil
		}
		return "", want(8)
	case rstype.Date:
		if err := want(4); err != nil {
			return "", err
		}
		return epoch.AddDate(0, 0, int(int32(binary.BigEndian.Uint32(v)))).Format("2006-01-02"), nil
	case rstype.Time:
		if err := want(8); err != nil {
			return "", err
		}
		return epoch.Add(time.Duration(int64(binary.BigEndian.Uint64(v))) * time.Microsecond).Format("15:04:05.999999"), nil
	case rstype.Timestamp, rstype.TimestampTZ:
		if err := want(8); err != nil {
			return "", err
		}
		us := int64(binary.BigEndian.Uint64(v))
		text := time.UnixMicro(epoch.UnixMicro() + us).UTC().Format("2006-01-02 15:04:05.999999")
		if t.Kind == rstype.TimestampTZ {
			text += "+00"
		}
		return text, nil
	case rstype.Varchar, rstype.Char, rstype.Name, rstype.Super, rstype.Unknown:
		return string(v), nil
	case rstype.Varbyte:
		return hex.EncodeToString(v), nil
	}
	return "", fmt.Errorf("%s is taken as text only", t)
}
