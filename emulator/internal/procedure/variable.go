package procedure

import (
	"context"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/plpgsql"
)

// variable is a variable in a scope.
type variable struct {
	name     string
	typ      rstype.Type
	value    *string
	constant bool
	notNull  bool
	// record: it has columns with values, none as long as nothing was assigned; those
	// of a fixed one are a table's.
	record bool
	fixed  bool
	fields []Column
	values []*string
	// cursor: its value is the name of a cursor. bound is the cursor's query.
	cursor bool
	bound  *plpgsql.Decl
}

// scope are the variables of a block, or of a loop.
type scope struct {
	parent *scope
	label  string
	vars   map[string]*variable
}

// push opens a scope and gives the end of it.
func (f *frame) push(label string) func() {
	before := f.scope
	f.scope = &scope{parent: before, label: label, vars: map[string]*variable{}}
	return func() { f.scope = before }
}

func (s *scope) find(name string) *variable {
	for ; s != nil; s = s.parent {
		if v, ok := s.vars[name]; ok {
			return v
		}
	}
	return nil
}

func (s *scope) labelled(label string) *scope {
	for ; s != nil; s = s.parent {
		if label != "" && s.label == label {
			return s
		}
	}
	return nil
}

// resolve finds what a name of some parts stands for, and how many of them; field is
// the last one's name where it is a field. v is nil for a name that is no variable's.
func (s *scope) resolve(parts []string) (v *variable, field string, used int) {
	v, used = s.find(parts[0]), 1
	if v == nil && len(parts) > 1 {
		if block := s.labelled(parts[0]); block != nil {
			v, used = block.vars[parts[1]], 2
		}
	}
	switch {
	case v == nil:
		return nil, "", 0
	case v.record && len(parts) > used:
		return v, parts[used], used + 1
	}
	return v, "", used
}

// target finds the variable or field that is assigned to.
func (f *frame) target(r plpgsql.Ref) (*variable, string, error) {
	v, field, used := f.scope.resolve(r.Parts)
	if v == nil || used != len(r.Parts) {
		return nil, "", fail("42601", "\""+strings.Join(r.Parts, ".")+"\" is not a known variable")
	}
	return v, field, nil
}

// get is the value of a variable or of a field.
func (v *variable) get(field string) (Value, error) {
	switch {
	case !v.record:
		return Value{v.typ, v.value}, nil
	case field == "":
		return Value{}, fail("0A000", "not supported by the emulator: the record \""+v.name+"\" as a whole; name its fields")
	case v.fields == nil:
		return Value{}, &Error{State: "55000", Message: "record \"" + v.name + "\" is not assigned yet", Hint: "The tuple structure of a not-yet-assigned record is indeterminate."}
	}
	for i, c := range v.fields {
		if c.Name == field {
			return Value{c.Type, v.values[i]}, nil
		}
	}
	return Value{}, fail("42703", "record \""+v.name+"\" has no field \""+field+"\"")
}

// set assigns a value.
func (f *frame) set(ctx context.Context, v *variable, field string, value Value) error {
	if v.constant {
		return fail("22005", "\""+v.name+"\" is declared CONSTANT")
	}
	if !v.record {
		out, err := f.convert(ctx, value, v.typ)
		if err != nil {
			return err
		}
		if out.Text == nil && v.notNull {
			return fail("22004", "null value cannot be assigned to variable \""+v.name+"\" declared NOT NULL")
		}
		v.value = out.Text
		return nil
	}
	if field == "" && value.Text == nil {
		v.values = make([]*string, len(v.fields))
		return nil
	}
	if _, err := v.get(field); err != nil {
		return err
	}
	for i, c := range v.fields {
		if c.Name == field {
			out, err := f.convert(ctx, value, c.Type)
			if err != nil {
				return err
			}
			v.values[i] = out.Text
			break
		}
	}
	return nil
}

// assign puts a row's columns into the targets; a nil row is NULLs.
func (f *frame) assign(ctx context.Context, targets []plpgsql.Ref, columns []Column, row []*string) error {
	if len(targets) == 1 {
		v, field, err := f.target(targets[0])
		if err != nil {
			return err
		}
		if v.record && field == "" {
			return f.setRow(ctx, v, columns, row)
		}
	}
	if len(targets) != len(columns) {
		return fail("42601", "the query gives "+itoa(len(columns))+" columns for "+itoa(len(targets))+" variables") // assumed text and state
	}
	for i, t := range targets {
		v, field, err := f.target(t)
		if err != nil {
			return err
		}
		value := Value{Type: columns[i].Type}
		if row != nil {
			value.Text = row[i]
		}
		if err := f.set(ctx, v, field, value); err != nil {
			return err
		}
	}
	return nil
}

// setRow gives a record a row.
func (f *frame) setRow(ctx context.Context, v *variable, columns []Column, row []*string) error {
	if row == nil {
		row = make([]*string, len(columns))
	}
	if !v.fixed {
		v.fields, v.values = columns, append([]*string{}, row...)
		return nil
	}
	if len(columns) != len(v.fields) {
		return fail("42601", "the query gives "+itoa(len(columns))+" columns for the "+itoa(len(v.fields))+" of \""+v.name+"\"")
	}
	for i, c := range v.fields {
		out, err := f.convert(ctx, Value{columns[i].Type, row[i]}, c.Type)
		if err != nil {
			return err
		}
		v.values[i] = out.Text
	}
	return nil
}

// convert gives a value a variable's type (c_PLpgSQL-statements.md: implicitly). A
// text that is too long is an error.
func (f *frame) convert(ctx context.Context, v Value, to rstype.Type) (Value, error) {
	if v.Text == nil {
		return Value{Type: to}, nil
	}
	isText := v.Type.Kind == rstype.Varchar || v.Type.Kind == rstype.Unknown || v.Type.Kind == rstype.Name || v.Type.Kind == rstype.Char
	switch {
	case v.Type == to:
		return v, nil
	case to.Kind == rstype.Varchar && isText:
		s := *v.Text
		if to.Len > 0 && len(s) > int(to.Len) {
			if s = strings.TrimRight(s, " "); len(s) > int(to.Len) {
				return v, fail("22001", "value too long for type "+to.String())
			}
			s = (*v.Text)[:to.Len]
		}
		return Value{to, &s}, nil
	case to.Kind == rstype.Char && isText && len(strings.TrimRight(*v.Text, " ")) > int(max(to.Len, 1)):
		return v, fail("22001", "value too long for type "+to.String())
	}
	out, err := f.host.Convert(ctx, v, to)
	return Value{to, out.Text}, err
}

// bind writes $1, $2 … in the place of variables in SQL. As in PostgreSQL 8.0 every
// word that is a variable's name is the variable.
func (f *frame) bind(sql string) (string, []Value, error) {
	var out strings.Builder
	var args []Value
	type use struct {
		v     *variable
		field string
	}
	var uses []use
	copied := 0
	l := lex.New(sql)
	prev := lex.EOF
	before := ""
	tok := l.Next()
	for tok.Kind != lex.EOF {
		from, parts := tok.Pos, []string(nil)
		switch tok.Kind {
		case lex.Param:
			parts = append(parts, tok.Text(sql))
		case lex.Ident, lex.QuotedIdent:
			name, _ := lex.IdentValue(tok.Text(sql))
			parts = append(parts, lex.Fold(name))
		}
		word, ends := "", []int{tok.End}
		if tok.Kind == lex.Ident {
			word = parts[0]
		}
		kind := tok.Kind
		tok = l.Next()
		for parts != nil && tok.Kind == lex.Dot && len(parts) < 4 {
			ahead := l
			next := ahead.Next()
			if next.Kind != lex.Ident && next.Kind != lex.QuotedIdent {
				break
			}
			name, _ := lex.IdentValue(next.Text(sql))
			parts, ends = append(parts, lex.Fold(name)), append(ends, next.End)
			l = ahead
			tok = l.Next()
		}
		free := parts != nil && prev != lex.Dot && before != "as" && (kind != lex.Ident || len(parts) > 1 || !lex.IsReserved(word))
		if free && (tok.Kind == lex.LParen || tok.Kind == lex.String) && kind != lex.Param && len(parts) == 1 && before != "in" {
			free = false // a function's name, or a type before a literal
		}
		prev, before = kind, word
		if !free {
			continue
		}
		v, field, used := f.scope.resolve(parts)
		super := v != nil && v.typ.Kind == rstype.Super && !v.record // whose dots go into it
		if v == nil || !v.record && len(parts) > used && !super {
			continue
		}
		value, err := v.get(field)
		if err != nil {
			return "", nil, err
		}
		n := 0
		for i, u := range uses {
			if u.v == v && u.field == field {
				n = i + 1
			}
		}
		if n == 0 {
			uses, args = append(uses, use{v, field}), append(args, value)
			n = len(uses)
		}
		place := "$" + itoa(n)
		if super && (len(parts) > used || tok.Kind == lex.LBracket) {
			place = "(" + place + ")"
		}
		out.WriteString(sql[copied:from] + place)
		copied = ends[used-1]
	}
	if args == nil && copied == 0 {
		return sql, nil, nil
	}
	out.WriteString(sql[copied:])
	return out.String(), args, nil
}
