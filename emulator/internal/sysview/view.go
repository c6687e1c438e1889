package sysview

import (
	_ "embed"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/event"
	"github.com/llm-dev-ops/redshift/emulator/internal/lock"
)

// Column is a column of a system view.
type Column struct {
	Name string
	// Type is PostgreSQL's short name: int2, int4, int8, float8, numeric, bool,
	// char, varchar, text, name, oid, timestamp.
	Type string
	// Length is that of char and varchar, 0 for none.
	Length int
	// Precision and Scale are those of numeric, 0 for none.
	Precision, Scale int
}

// Visibility says who sees which rows of a view.
type Visibility string

// The visibilities that the guide names.
const (
	// OwnRows: everybody, but only their own rows unless they are superusers.
	OwnRows Visibility = "all"
	// AllRows: everybody sees every row.
	AllRows Visibility = "all_rows"
	// Superuser: superusers alone.
	Superuser Visibility = "superuser"
	// Privileged: superusers, and who has a privilege on the object.
	Privileged Visibility = "privileged"
)

// View is one system view. Views are shared and never change.
type View struct {
	// Name is in lower case.
	Name       string
	Visibility Visibility
	Columns    []Column
	project    projector
}

// Facts are what the rows depend on beside the record.
type Facts struct {
	// UserID and Superuser are the session's.
	UserID    int32
	Superuser bool
	// Serverless: the STL, STV, SVL and SVCS views hold no data there
	// (cm_chap_system-tables.md).
	Serverless bool
	// Now is the time of the statement.
	Now time.Time
	// Slices is how many slices the cluster has.
	Slices int
	// Locks gives the table locks as they are when a view is read; nil is none.
	Locks func() []lock.Held
}

// projector makes rows of the columns with these numbers.
type projector func(log *event.Log, f Facts, v *View, columns []int) iter.Seq[[]any]

//go:embed views.txt
var definitions string

var views = parseViews(definitions)

// Lookup finds a view by its name in lower case.
func Lookup(name string) (*View, bool) {
	v, ok := views[name]
	return v, ok
}

// Names gives the names of all views, sorted.
func Names() []string {
	names := make([]string, 0, len(views))
	for name := range views {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Filled says that something fills the view. One that nothing fills has columns
// and is empty; docs/emulator.md lists which these are.
func (v *View) Filled() bool { return v.project != nil }

// Rows gives the rows that a session may see, with the columns of these
// numbers in that order. A value is nil, bool, int64, float64, string or
// time.Time (UTC). The slice is valid until the next row. Rows gives nothing
// for a view that is not Filled; the views that show the catalog are filled by
// package pgcatalog.
func (v *View) Rows(log *event.Log, f Facts, columns []int) iter.Seq[[]any] {
	provisioned := !strings.HasPrefix(v.Name, "sys_") && !strings.HasPrefix(v.Name, "svv_")
	if v.project == nil || f.Serverless && provisioned || v.Visibility == Superuser && !f.Superuser {
		return func(func([]any) bool) {}
	}
	return v.project(log, f, v, columns)
}

// parseViews reads the embedded definitions, which a test has proved to be
// well-formed.
func parseViews(text string) map[string]*View {
	m := make(map[string]*View)
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		v, err := parseView(line)
		if err != nil {
			panic(err)
		}
		v.project = projections[v.Name]
		m[v.Name] = v
	}
	return m
}

func parseView(line string) (*View, error) {
	head, columns, ok := strings.Cut(line, ": ")
	name, visibility, ok2 := strings.Cut(head, " ")
	if !ok || !ok2 {
		return nil, fmt.Errorf("views.txt: %.40q has no name, visibility and columns", line)
	}
	v := &View{Name: name, Visibility: Visibility(visibility)}
	for _, field := range strings.Fields(columns) {
		c, err := parseColumn(field)
		if err != nil {
			return nil, fmt.Errorf("views.txt: %s: %w", name, err)
		}
		v.Columns = append(v.Columns, c)
	}
	return v, nil
}

func parseColumn(s string) (Column, error) {
	name, typ, ok := strings.Cut(s, ":")
	if !ok {
		return Column{}, fmt.Errorf("column %q has no type", s)
	}
	typ, mods, ok := strings.Cut(typ, "(")
	c := Column{Name: name, Type: typ}
	if !ok {
		return c, nil
	}
	a, b, two := strings.Cut(strings.TrimSuffix(mods, ")"), ",")
	first, err := strconv.Atoi(a)
	if err != nil {
		return Column{}, fmt.Errorf("column %q: %w", s, err)
	}
	if !two {
		c.Length = first
		return c, nil
	}
	c.Precision = first
	c.Scale, err = strconv.Atoi(b)
	return c, err
}
