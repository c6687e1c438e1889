package copycmd

import (
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// writer appends what Validate has let through.
type writer struct{ b []byte }

func (w *writer) raw(s string) { w.b = append(w.b, s...) }

func (w *writer) word(s string) {
	if s != "" {
		w.raw(" ")
		w.raw(s)
	}
}

func (w *writer) flag(name string, on bool) {
	if on {
		w.word(name)
	}
}

func (w *writer) literal(name, value string) {
	w.word(name)
	w.raw(" ")
	w.b = lex.AppendLiteral(w.b, value)
}

func (w *writer) text(name, value string) {
	if value != "" {
		w.literal(name, value)
	}
}

func (w *writer) null(value *string) {
	if value != nil {
		w.literal("NULL AS", *value)
	}
}

func (w *writer) num(name string, n int) {
	if n != 0 {
		w.word(name)
		w.raw(" ")
		w.b = strconv.AppendInt(w.b, int64(n), 10)
	}
}

func (w *writer) toggle(name string, t Toggle) {
	if t != Unset {
		w.word(name)
		w.word(t.String())
	}
}

func (w *writer) table(t Table) {
	if t.Schema != "" {
		w.b = lex.AppendIdent(w.b, t.Schema)
		w.raw(".")
	}
	w.b = lex.AppendIdent(w.b, t.Name)
}

func (w *writer) idents(names []string) {
	for i, name := range names {
		if i > 0 {
			w.raw(", ")
		}
		w.b = lex.AppendIdent(w.b, name)
	}
}

func (w *writer) auth(a Auth) {
	w.flag("IAM_ROLE DEFAULT", a.Default)
	w.flag("IAM_ROLE 'SESSION'", a.Session)
	w.text("IAM_ROLE", strings.Join(a.Roles, ","))
	w.text("ACCESS_KEY_ID", a.AccessKeyID)
	w.text("SECRET_ACCESS_KEY", string(a.SecretAccessKey))
	w.text("SESSION_TOKEN", string(a.SessionToken))
	w.text("CREDENTIALS", string(a.Credentials))
	w.text("MASTER_SYMMETRIC_KEY", string(a.MasterSymmetricKey))
}

func (w *writer) format(f Format, paths string, cols []FixedColumn) {
	if f == FormatText {
		return
	}
	w.raw(" FORMAT AS ")
	w.raw(f.String())
	switch f {
	case FormatFixedWidth:
		w.raw(" ")
		w.b = lex.AppendLiteral(w.b, fixedSpec(cols))
	case FormatJSON, FormatAvro:
		w.text("", paths)
	}
}

func fixedSpec(cols []FixedColumn) string {
	var b strings.Builder
	for i, c := range cols {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(c.Label)
		b.WriteByte(':')
		b.WriteString(strconv.Itoa(c.Width))
	}
	return b.String()
}
