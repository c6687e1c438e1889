package sqldriver

import (
	"database/sql/driver"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// script is a text of any number of statements, with their arguments.
type script struct {
	src   string
	parts []part
	one   [1]part // parts, for most texts
}

// part is one statement of a script.
type part struct {
	named
	start int // its offset in the text
	args  []any
}

func newScript(src string, args []driver.NamedValue) (*script, error) {
	s := &script{src: src}
	s.parts = s.one[:0]
	withNames := slices.ContainsFunc(args, func(a driver.NamedValue) bool { return a.Name != "" })
	if !withNames && alone(src) {
		s.parts = append(s.parts, part{named: named{sql: src}, args: inOrder(args)})
		return s, nil
	}
	parts, err := split(src)
	if err != nil {
		return nil, err
	}
	if len(parts) != 1 && len(args) > 0 && !withNames {
		return nil, usage("a text of %d statements cannot have arguments without names; run them one by one", len(parts))
	}
	used := make([]bool, len(args))
	for _, st := range parts {
		p := part{named: named{sql: st.Text}, start: st.Start}
		if withNames {
			if p.named, err = rename(st.Text); err != nil {
				return nil, err
			}
			if p.names == nil {
				s.parts = append(s.parts, p)
				continue
			}
		}
		values, here, err := p.arguments(args)
		if err != nil {
			return nil, err
		}
		for i := range here {
			used[i] = used[i] || here[i]
		}
		p.args = values
		s.parts = append(s.parts, p)
	}
	if err := allUsed(args, used); err != nil {
		return nil, err
	}
	return s, nil
}

// alone reports a text that is one statement for sure.
func alone(src string) bool {
	return strings.IndexByte(src, ';') < 0 && lex.FirstKeyword(src) != ""
}

// split cuts a text into its statements. One that is alone goes to the server
// as it stands, even if it cannot be read here.
func split(src string) (parts []lex.Statement, err error) {
	if alone(src) {
		return []lex.Statement{{Text: src, End: len(src)}}, nil
	}
	for st, bad := range lex.Split(src) {
		if bad != nil {
			err = bad
		}
		parts = append(parts, st)
	}
	if err != nil && len(parts) > 1 {
		return nil, usage("statement %d of the text cannot be read, and nothing was run: %v", len(parts), err)
	}
	return parts, nil
}

// single is the one statement of a text.
func single(src string) (string, error) {
	parts, err := split(src)
	if err != nil {
		return "", err
	}
	if len(parts) != 1 {
		return "", usage("a text of %d statements cannot be prepared", len(parts))
	}
	return parts[0].Text, nil
}

// fail says which statement has failed, and where in the text. Another
// connection may be tried only if no statement was sent.
func (s *script) fail(i int, err error) error {
	p := s.parts[i]
	err = p.movedBy(err, utf8.RuneCountInString(s.src[:p.start]))
	if len(s.parts) > 1 {
		err = fmt.Errorf("statement %d of %d: %w", i+1, len(s.parts), err)
	}
	if i > 0 {
		return err
	}
	return retryable(err)
}

func appendPlaceholder(dst []byte, n int) []byte {
	return strconv.AppendInt(append(dst, '$'), int64(n), 10)
}
