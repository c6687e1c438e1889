package session

import (
	"errors"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
)

// dateStyles are the styles as SHOW tells them (r_datestyle.md).
var dateStyles = map[string]engine.DateStyle{
	"ISO": engine.StyleISO, "SQL": engine.StyleSQL, "Postgres": engine.StylePostgres, "German": engine.StyleGerman,
}

// dateStyleParts are what a value says of the style and of the order, "" for what it
// does not; ok is false for what is neither.
func dateStyleParts(value string) (style, order string, ok bool) {
next:
	for part := range strings.SplitSeq(value, ",") {
		part = strings.TrimSpace(part)
		for name := range dateStyles {
			if strings.EqualFold(part, name) || name == "Postgres" && strings.EqualFold(part, "postgresql") {
				if style != "" && style != name {
					return "", "", false
				}
				style = name
				continue next
			}
		}
		given := order
		switch strings.ToUpper(part) {
		case "MDY", "US", "NONEURO", "NONEUROPEAN":
			order = "MDY"
		case "DMY", "EURO", "EUROPEAN":
			order = "DMY"
		case "YMD":
			order = "YMD"
		default:
			return "", "", false
		}
		if given != "" && given != order {
			return "", "", false
		}
	}
	return style, order, true
}

// checkDateStyle takes a style, an order or both.
func checkDateStyle(v string) (string, error) {
	style, order, ok := dateStyleParts(v)
	if !ok {
		return "", errors.New("it takes one of ISO, SQL, Postgres, German, and one of MDY, DMY, YMD")
	}
	return changeDateStyle("ISO, MDY", style+", "+order), nil
}

// changeDateStyle is the value that was, with what a new one says: either part keeps
// the other. German alone takes DMY with it, as in PostgreSQL.
func changeDateStyle(old, value string) string {
	style, order, _ := strings.Cut(old, ", ")
	s, o, _ := dateStyleParts(strings.Trim(value, ", "))
	if s == "German" && o == "" {
		o = "DMY"
	}
	if s != "" {
		style = s
	}
	if o != "" {
		order = o
	}
	return style + ", " + order
}

// engineStyle is how the engine shows dates in a style.
func engineStyle(value string) engine.DateStyle {
	style, order, _ := strings.Cut(value, ", ")
	shown := dateStyles[style]
	if order == "DMY" {
		shown |= engine.DayFirst
	}
	return shown
}

// dateOrder is what 1/2/2003 means.
func dateOrder(value string) string {
	_, order, _ := strings.Cut(value, ", ")
	return order
}
