package session

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/pgcatalog"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// settings are a session's parameters that differ from their defaults, and its
// context variables (names with a dot, r_SET.md).
type settings struct {
	values map[string]string
	// initial are what RESET goes back to where that is not the default: the
	// startup message's.
	initial map[string]string
}

// get is a parameter's value.
func (b *backend) get(name string) string {
	if v, ok := b.settings.values[name]; ok {
		return v
	}
	switch name {
	case "is_superuser":
		return onText(b.current(b.snapshot()).Superuser)
	case "session_authorization":
		return b.current(b.snapshot()).Name
	}
	return b.fallback(name)
}

func (b *backend) fallback(name string) string {
	if v, ok := b.settings.initial[name]; ok {
		return v
	}
	return sessionSettings[name].def
}

// applyStartup takes the startup message's parameters. Those that are no
// settings are the drivers' own (driver_version, os_version, plugin_name …).
func (b *backend) applyStartup(ctx context.Context) error {
	options := maps.Clone(b.startup.Options)
	for name, value := range commandLine(options["options"]) {
		options[name] = value
	}
	b.settings.initial = map[string]string{}
	maps.Copy(b.settings.initial, b.user.Settings)
	for name, value := range options {
		name = settingName(name)
		s, ok := sessionSettings[name]
		if !ok || s.fixed {
			continue
		}
		v, err := s.check(value)
		if err != nil {
			return invalidSetting(name, value, err)
		}
		b.settings.initial[name] = v
	}
	if zone := b.get("timezone"); zone != "UTC" {
		return b.engineZone(ctx, zone)
	}
	return nil
}

// commandLine reads "-c name=value" and "--name=value" of the options parameter.
func commandLine(options string) map[string]string {
	found := map[string]string{}
	words := strings.Fields(options)
	for i, w := range words {
		if w == "-c" && i+1 < len(words) {
			w = "--" + words[i+1]
		} else if rest, ok := strings.CutPrefix(w, "-c"); ok {
			w = "--" + rest
		}
		if assignment, ok := strings.CutPrefix(w, "--"); ok {
			if name, value, ok := strings.Cut(assignment, "="); ok {
				found[strings.ReplaceAll(name, "-", "_")] = value
			}
		}
	}
	return found
}

func invalidSetting(name, value string, err error) *Error {
	return &Error{State: "22023", Message: fmt.Sprintf("invalid value for parameter %q: %q", name, value), Hint: err.Error()}
}

// isContextVariable: a name with one dot in it is the session's own.
func isContextVariable(name string) bool { return strings.Count(name, ".") == 1 }

// checkSet tells what is wrong with a SET, and its value.
func (b *backend) checkSet(s *ast.Set) (name, value string, err error) {
	name = settingName(s.Name)
	words := make([]string, len(s.Values))
	for i, v := range s.Values {
		words[i] = v.Text
	}
	value = strings.Join(words, ", ")
	return b.checkValue(name, value, s.Default || len(s.Values) == 0)
}

// checkValue tells what is wrong with a parameter's new value, and the value.
func (b *backend) checkValue(name, value string, byDefault bool) (string, string, error) {
	if isContextVariable(name) {
		return name, value, nil
	}
	def, ok := sessionSettings[name]
	if !ok {
		return "", "", unknownSetting(name)
	}
	if def.fixed {
		return "", "", &Error{State: "55P02", Message: fmt.Sprintf("parameter %q cannot be changed", name)}
	}
	if byDefault || name == "timezone" && (strings.EqualFold(value, "default") || strings.EqualFold(value, "local")) {
		return name, b.fallback(name), nil
	}
	v, err := def.check(value)
	if err != nil {
		return "", "", invalidSetting(name, value, err)
	}
	if name == "datestyle" {
		v = changeDateStyle(b.get(name), value)
	}
	return name, v, nil
}

// set gives a parameter a value; with local until the transaction ends.
func (b *backend) set(ctx context.Context, name, value string, local bool) error {
	if local {
		if _, ok := b.tx.local[name]; !ok {
			if b.tx.local == nil {
				b.tx.local = map[string]string{}
			}
			b.tx.local[name] = b.get(name)
		}
	} else {
		delete(b.tx.local, name)
	}
	return b.assign(ctx, name, value)
}

func (b *backend) assign(ctx context.Context, name, value string) error {
	old := b.get(name)
	if name == "timezone" && value != old {
		if err := b.engineZone(ctx, value); err != nil {
			return err
		}
	}
	b.settings.values[name] = value
	if s := sessionSettings[name]; s.report != "" && value != old && b.startup.Report != nil {
		b.startup.Report(Parameter{s.report, value})
	}
	return nil
}

// restore is assign where nothing can be told any more.
func (b *backend) restore(ctx context.Context, name, value string) {
	_ = b.assign(context.WithoutCancel(ctx), name, value)
}

// undoSettings goes back to what held when the transaction began.
func (b *backend) undoSettings(ctx context.Context) {
	for name := range b.settings.values {
		if old, ok := b.tx.before[name]; ok {
			b.restore(ctx, name, old)
		} else {
			b.restore(ctx, name, b.fallback(name))
			delete(b.settings.values, name)
		}
	}
}

// engineZone tells DuckDB the zone in which it casts TIMESTAMPTZ.
func (b *backend) engineZone(ctx context.Context, zone string) error {
	b.conn.Forget() // plans hold constants that were cast in the old zone
	_, err := b.conn.Exec(ctx, "SET TimeZone='"+strings.ReplaceAll(zone, "'", "''")+"'", nil)
	if err != nil {
		return &Error{State: "22023", Message: fmt.Sprintf("unrecognized time zone name: %q", zone), Cause: err}
	}
	return nil
}

// show is a parameter's value as SHOW prints it.
func (b *backend) show(name string) (string, error) {
	name = settingName(name)
	if name == "server_version" || name == "server_version_num" {
		return "", &Error{State: "42501", Message: fmt.Sprintf("must be superuser to examine %q", name)}
	}
	if isContextVariable(name) {
		return b.settings.values[name], nil
	}
	if _, ok := sessionSettings[name]; !ok {
		return "", unknownSetting(name)
	}
	return b.get(name), nil
}

// showAll are the rows of SHOW ALL.
func (b *backend) showAll() [][]string {
	var rows [][]string
	for _, name := range slices.Sorted(maps.Keys(sessionSettings)) {
		value := b.get(name)
		if name == "query_group" && value == "unset" {
			value = "default" // r_query_group.md
		}
		rows = append(rows, []string{name, value})
	}
	return rows
}

// shownSettings are the rows of pg_settings, as the parameters are now. What it
// gives may be called by another goroutine.
func (b *backend) shownSettings(snapshot *catalog.Snapshot) func() []pgcatalog.Setting {
	own := maps.Clone(b.settings.values)
	initial := b.settings.initial
	user := b.current(snapshot)
	return func() []pgcatalog.Setting {
		rows := make([]pgcatalog.Setting, 0, len(sessionSettings))
		for _, name := range slices.Sorted(maps.Keys(sessionSettings)) {
			s := sessionSettings[name]
			row := pgcatalog.Setting{Name: name, Value: s.def, Default: s.def, Fixed: s.fixed}
			if v, ok := initial[name]; ok {
				row.Value = v
			}
			switch v, ok := own[name]; {
			case ok:
				row.Value = v
			case name == "is_superuser":
				row.Value = onText(user.Superuser)
			case name == "session_authorization":
				row.Value = user.Name
			}
			rows = append(rows, row)
		}
		return rows
	}
}
