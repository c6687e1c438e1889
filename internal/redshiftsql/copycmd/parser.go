package copycmd

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// ParseError is a syntax error of a COPY or UNLOAD. It shows nothing of the
// statement, which may hold secrets in any place.
type ParseError struct {
	Message  string // "unknown option of COPY"
	Position int    // in characters, from 1
	Hint     string // "Did you mean IGNOREHEADER?", or ""
	Err      error  // an *OptionError where two options exclude each other, or nil
}

// Error implements error.
func (e *ParseError) Error() string {
	return e.Message + " at character " + strconv.Itoa(e.Position)
}

// Unwrap is Err.
func (e *ParseError) Unwrap() error { return e.Err }

// SQLState is 42601, syntax error.
func (e *ParseError) SQLState() string { return "42601" }

// parser reads a statement token by token; tok is the one to be read next.
type parser struct {
	src       string
	statement string
	lx        lex.Lexer
	tok       lex.Token
	seen      map[string]bool
}

func newParser(src, statement string) *parser {
	p := &parser{src: src, statement: statement, lx: lex.New(src), seen: map[string]bool{}}
	p.next()
	return p
}

func (p *parser) next() { p.tok = p.lx.Next() }

// char is the place of a byte, in characters from 1.
func (p *parser) char(offset int) int { return utf8.RuneCountInString(p.src[:offset]) + 1 }

func (p *parser) fail(message string) error { return p.failAt(p.tok.Pos, message, "", nil) }

func (p *parser) failAt(offset int, message, hint string, err error) error {
	if p.tok.Kind == lex.Invalid && err == nil {
		message = p.lx.Message()
	}
	return &ParseError{Message: message, Position: p.char(offset), Hint: hint, Err: err}
}

// peek is the next word in upper case, or "".
func (p *parser) peek() string {
	if p.tok.Kind != lex.Ident {
		return ""
	}
	return strings.ToUpper(p.tok.Text(p.src))
}

func (p *parser) accept(word string) bool {
	if p.peek() != word {
		return false
	}
	p.next()
	return true
}

func (p *parser) expect(word string) error {
	if !p.accept(word) {
		return p.fail("expected " + word)
	}
	return nil
}

func (p *parser) ident() (string, error) {
	text := p.tok.Text(p.src)
	if p.tok.Kind != lex.QuotedIdent && (p.tok.Kind != lex.Ident || lex.IsReserved(text)) {
		return "", p.fail("expected a name")
	}
	name, _ := lex.IdentValue(text)
	if name == "" {
		return "", p.fail("empty name")
	}
	p.next()
	return name, nil
}

func (p *parser) tableName() (t Table, err error) {
	if t.Name, err = p.ident(); err != nil || p.tok.Kind != lex.Dot {
		return t, err
	}
	p.next()
	t.Schema = t.Name
	t.Name, err = p.ident()
	return t, err
}

func (p *parser) identList() ([]string, error) {
	if p.tok.Kind != lex.LParen {
		return nil, p.fail("expected (")
	}
	var names []string
	for {
		p.next()
		name, err := p.ident()
		if err != nil {
			return nil, err
		}
		names = append(names, name)
		if p.tok.Kind == lex.RParen {
			p.next()
			return names, nil
		}
		if p.tok.Kind != lex.Comma {
			return nil, p.fail("expected , or )")
		}
	}
}

func (p *parser) isStr() bool { return p.tok.Kind == lex.String || p.tok.Kind == lex.DollarString }

// str reads a text, as optionText has it.
func (p *parser) str() (string, error) {
	if !p.isStr() {
		return "", p.fail("expected a string in quotes")
	}
	text := p.tok.Text(p.src)
	if p.tok.Kind == lex.DollarString {
		text = lex.StringValue(text)
	} else {
		text = optionText(text)
	}
	p.next()
	return text, nil
}

// asStr reads [AS] 'text', which may not be empty.
func (p *parser) asStr() (string, error) {
	p.accept("AS")
	at := p.tok.Pos
	text, err := p.str()
	if err == nil && text == "" {
		return "", p.failAt(at, "the string is empty", "", nil)
	}
	return text, err
}

// optionText takes the quotes off a literal. Of escapes it undoes those of quote
// and backslash alone: '\t' and '\\t' both mean to COPY a tab, '\N' and '\\N' the
// null string, and '\000' is a byte that no other literal could hold. Docs write
// both forms without a word on the difference, so that it is assumed there is none.
func optionText(literal string) string {
	body := literal[1 : len(literal)-1]
	if !strings.ContainsAny(body, `'\`) {
		return body
	}
	b := make([]byte, 0, len(body))
	for i := 0; i < len(body); i++ {
		if i+1 < len(body) && (body[i] == '\'' && body[i+1] == '\'' ||
			body[i] == '\\' && (body[i+1] == '\'' || body[i+1] == '\\')) {
			i++
		}
		b = append(b, body[i])
	}
	return string(b)
}

func isNumber(k lex.Kind) bool { return k == lex.Int || k == lex.Decimal || k == lex.Float }

// asInt reads [AS] n, where n may stand in quotes.
func (p *parser) asInt() (int, error) {
	p.accept("AS")
	text := p.tok.Text(p.src)
	if p.tok.Kind == lex.String {
		text = optionText(text)
	} else if p.tok.Kind != lex.Int {
		return 0, p.fail("expected a whole number")
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if errors.Is(err, strconv.ErrRange) {
		return 0, p.fail("the number is out of range")
	} else if err != nil {
		return 0, p.fail("expected a whole number")
	}
	p.next()
	return int(n), nil
}

// decimal reads a positive number, which may stand in quotes.
func (p *parser) decimal() (float64, error) {
	text := p.tok.Text(p.src)
	if p.tok.Kind == lex.String {
		text = optionText(text)
	} else if !isNumber(p.tok.Kind) {
		return 0, p.fail("expected a number")
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !(f > 0 && f < 1e18) {
		return 0, p.fail("expected a positive number")
	}
	p.next()
	return f, nil
}

// toggle reads [ON|TRUE|OFF|FALSE]; nothing means On.
func (p *parser) toggle() Toggle {
	if p.accept("OFF") || p.accept("FALSE") {
		return Off
	}
	_ = p.accept("ON") || p.accept("TRUE")
	return On
}

func (p *parser) nullAs() (*string, error) {
	p.accept("AS")
	text, err := p.str()
	return &text, err
}

func (p *parser) encoding() (Encoding, error) {
	p.accept("AS")
	word := p.peek()
	if p.tok.Kind == lex.String {
		word = strings.ToUpper(optionText(p.tok.Text(p.src)))
	}
	e := Encoding(strings.ReplaceAll(word, "-", ""))
	if !slices.Contains(encodings, e) {
		return "", p.fail("expected one of UTF8, UTF16, UTF16LE, UTF16BE, ISO88591")
	}
	p.next()
	return e, nil
}

// options reads options to the end of the statement.
func (p *parser) options(words []string, option func(name string) (bool, error)) error {
	for {
		switch p.tok.Kind {
		case lex.EOF:
			return nil
		case lex.Semicolon:
			for p.tok.Kind == lex.Semicolon {
				p.next()
			}
			if p.tok.Kind != lex.EOF {
				return p.fail("expected a single statement")
			}
			return nil
		}
		at, name := p.tok.Pos, p.peek()
		if name == "" {
			return p.fail("expected an option of " + p.statement)
		}
		if p.seen[name] {
			return p.fail("option is given twice")
		}
		p.seen[name] = true
		p.next()
		known, err := option(name)
		if err != nil {
			return err
		}
		if !known {
			return p.failAt(at, "unknown option of "+p.statement, didYouMean(name, words), nil)
		}
		if p.tok.Kind == lex.Comma {
			p.next()
			if p.tok.Kind == lex.EOF || p.tok.Kind == lex.Semicolon {
				return p.fail("expected an option behind the comma")
			}
		}
	}
}

func (p *parser) authOption(name string, a *Auth) (known bool, err error) {
	var s string
	switch name {
	case "IAM_ROLE":
		p.accept("AS")
		if p.accept("DEFAULT") {
			a.Default = true
			return true, nil
		}
		if s, err = p.asStr(); strings.EqualFold(s, "session") {
			a.Session = true
		} else if err == nil {
			a.Roles = strings.Split(s, ",")
		}
	case "WITH":
		if err := p.expect("CREDENTIALS"); err != nil {
			return true, err
		}
		return p.authOption("CREDENTIALS", a)
	case "CREDENTIALS":
		if a.Credentials != "" {
			return true, p.fail("option is given twice")
		}
		s, err = p.asStr()
		a.Credentials = Secret(s)
	case "ACCESS_KEY_ID":
		a.AccessKeyID, err = p.asStr()
	case "SECRET_ACCESS_KEY":
		s, err = p.asStr()
		a.SecretAccessKey = Secret(s)
	case "SESSION_TOKEN", "TOKEN":
		if a.SessionToken != "" {
			return true, p.fail("option is given twice")
		}
		s, err = p.asStr()
		a.SessionToken = Secret(s)
	case "MASTER_SYMMETRIC_KEY":
		s, err = p.asStr()
		a.MasterSymmetricKey = Secret(s)
	default:
		return false, nil
	}
	return true, err
}

// formatOption reads [FORMAT] [AS] format. paths is nil for UNLOAD.
func (p *parser) formatOption(name string, f *Format, paths *string, cols *[]FixedColumn) (bool, error) {
	if name == "FORMAT" || name == "AS" {
		if name == "FORMAT" {
			p.accept("AS")
		}
		if p.peek() == "DELIMITER" {
			return true, nil // delimited text, and its option follows
		}
		name = p.peek()
		if i := slices.Index(formatNames[1:], name); i < 0 || paths == nil && !unloadFormat(Format(i+1)) {
			return true, p.fail("expected a format behind FORMAT")
		}
		p.next()
	}
	i := slices.Index(formatNames[1:], name)
	if i < 0 {
		return false, nil
	}
	if *f != FormatText {
		return true, p.failAt(p.tok.Pos, "more than one format", "", &OptionError{
			Option: f.String(), Other: name, Rule: "a statement has one format", Doc: docFormat,
		})
	}
	*f = Format(i + 1)
	switch {
	case *f == FormatFixedWidth:
		p.accept("AS")
		at := p.tok.Pos
		spec, err := p.str()
		if err != nil {
			return true, err
		}
		var ok bool
		if *cols, ok = fixedColumns(spec); !ok {
			return true, p.failAt(at, "expected 'label:width,…' behind FIXEDWIDTH", "", nil)
		}
	case paths != nil && (*f == FormatJSON || *f == FormatAvro):
		if p.accept("AS") || p.isStr() {
			s, err := p.str()
			if err != nil {
				return true, err
			}
			if s != "auto" {
				*paths = s
			}
		}
	}
	return true, nil
}

func unloadFormat(f Format) bool {
	return f <= FormatJSON || f == FormatParquet
}

func fixedColumns(spec string) (cols []FixedColumn, ok bool) {
	for part := range strings.SplitSeq(spec, ",") {
		label, width, ok := strings.Cut(part, ":")
		n, err := strconv.ParseUint(strings.TrimSpace(width), 10, 31)
		if !ok || err != nil {
			return nil, false
		}
		cols = append(cols, FixedColumn{Label: strings.TrimSpace(label), Width: int(n)})
	}
	return cols, true
}

func (p *parser) compression(name string, c *Compression) (bool, error) {
	i := slices.Index(compressionNames[1:], name)
	if i < 0 {
		return false, nil
	}
	if *c != CompressionNone {
		return true, p.failAt(p.tok.Pos, "more than one compression", "", &OptionError{
			Option: c.String(), Other: name, Rule: "a statement has one compression", Doc: docCompression,
		})
	}
	*c = Compression(i + 1)
	return true, nil
}

// didYouMean proposes the nearest of words, or nothing. It shows words of the
// grammar alone.
func didYouMean(name string, words []string) string {
	if len(name) > 40 {
		return ""
	}
	best, distance := "", 1+max(1, min(3, len(name)/3))
	for _, w := range words {
		if d := editDistance(name, w); d < distance {
			best, distance = w, d
		}
	}
	if best == "" {
		return ""
	}
	return "Did you mean " + best + "?"
}

func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
