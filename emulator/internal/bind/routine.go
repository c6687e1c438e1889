package bind

import (
	"errors"
	"slices"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/lock"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/plpgsql"
)

// Limits of stored procedures (stored-procedure-constraints.md). A function's
// number of arguments is that of a procedure's inputs: udf-constraints.md.
const (
	maxSource  = 2 << 20
	maxInputs  = 32
	maxOutputs = 32
)

// createRoutine is CREATE FUNCTION and CREATE PROCEDURE (r_CREATE_FUNCTION.md,
// r_CREATE_PROCEDURE.md, r_CREATE_EXTERNAL_FUNCTION.md).
func (c *change) createRoutine(s *ast.CreateRoutine) error {
	kind := s.Kind.String()
	c.tag("CREATE "+strings.ToUpper(kind), "DDL")
	schema, err := c.place(s.Name, false)
	if err != nil {
		return err
	}
	r := &catalog.Routine{
		SchemaID: schema.ID, Database: schema.Database, Name: c.newName(s.Name.Object()), Procedure: s.Kind == ast.KindProcedure,
		Owner: c.env.UserID, Volatility: s.Volatility, Language: s.Language, Body: s.Body, Definer: s.Definer, NonAtomic: s.NonAtomic,
	}
	if s.External {
		r.Language = "exfunc"
		for _, o := range s.Options {
			r.Options = append(r.Options, catalog.RoutineSetting{Name: o.Name, Value: o.Value})
		}
	}
	if r.Volatility == "" {
		r.Volatility = "volatile"
	}
	if err := c.mayCreate(schema, false, "create or replace "+kind, s.Name.Pos()); err != nil {
		return err
	}
	if err := c.mayUse(r, s); err != nil {
		return err
	}
	if r.Args, err = c.routineArgs(s.Args); err != nil {
		return err
	}
	if err := c.checkRoutine(r, s); err != nil {
		return err
	}
	c.lockName(kind, schema.Database, schema.Name, r.Name)
	return c.keepRoutine(r, schema, s)
}

// mayUse checks the language and its privilege.
func (c *change) mayUse(r *catalog.Routine, s *ast.CreateRoutine) error {
	l, ok := c.env.Catalog.Language(r.Language)
	switch {
	case !ok:
		return errorAt(s.Pos(), "42704", "language %q does not exist", r.Language)
	case r.Procedure != (r.Language == "plpgsql"):
		e := errorAt(s.Pos(), "0A000", "language %q is not for a %s", r.Language, s.Kind)
		e.Hint = "Procedures are written in plpgsql, functions in sql or plpythonu."
		return e
	case !c.actor.super && c.who().Holds(l.Grants(), catalog.Usage) == 0:
		return errorAt(s.Pos(), "42501", "permission denied for language %s", l.Name)
	}
	return nil
}

// routineArgs gives arguments their types.
func (c *change) routineArgs(args []ast.RoutineArg) (out []catalog.Argument, err error) {
	inputs, outputs := 0, 0
	for _, a := range args {
		one := catalog.Argument{Mode: [...]string{ast.ArgIn: "in", ast.ArgOut: "out", ast.ArgInOut: "inout"}[a.Mode]}
		if a.Name != nil {
			one.Column.Name = c.newName(*a.Name)
			if slices.ContainsFunc(out, func(x catalog.Argument) bool { return x.Column.Name == one.Column.Name }) {
				return nil, errorAt(a.Name.Pos(), "42P13", "parameter name %q used more than once", one.Column.Name)
			}
		}
		if a.Type.Name == "refcursor" {
			one.Cursor, one.Column.Type = true, rstype.Type{Kind: rstype.Varchar, Len: maxName}
		} else if one.Column.Type, err = bindType(a.Type); err != nil {
			return nil, err
		}
		out = append(out, one)
		if one.In() {
			inputs++
		}
		if one.Out() {
			outputs++
		}
		if inputs > maxInputs || outputs > maxOutputs {
			return nil, errorAt(a.Pos(), "54023", "procedures and functions cannot have more than %d input and %d output arguments", maxInputs, maxOutputs)
		}
	}
	return out, nil
}

// checkRoutine checks what depends on the kind of routine.
func (c *change) checkRoutine(r *catalog.Routine, s *ast.CreateRoutine) (err error) {
	if len(r.Body) > maxSource {
		return errorAt(s.Pos(), "54000", "the source of a %s cannot be larger than 2 MB", s.Kind)
	}
	if r.Procedure {
		r.Returns.Type = typed(rstype.Void)
		for _, set := range s.Settings {
			one, err := c.routineSetting(set)
			if err != nil {
				return err
			}
			r.Settings = append(r.Settings, one)
		}
		if r.NonAtomic && len(r.Settings) > 0 {
			return errorAt(s.Settings[0].Pos(), "0A000", "NONATOMIC procedures cannot have SET options") // assumed text
		}
		return bodyError(checkProcedure(r), s, c.env.Text)
	}
	for i, a := range s.Args {
		if a.Mode != ast.ArgIn {
			return errorAt(a.Pos(), "42P13", "functions cannot have OUT arguments")
		}
		if a.Name != nil && r.Language == "sql" {
			e := errorAt(a.Pos(), "42P13", "SQL functions cannot have named arguments")
			e.Hint = "Write $" + itoa(i+1) + " in the body."
			return e
		}
		if a.Name == nil && r.Language == "plpythonu" {
			return errorAt(a.Pos(), "42P13", "arguments of Python functions need names")
		}
	}
	if r.Returns.Type, err = bindType(*s.Returns); err != nil {
		return err
	}
	if r.Language == "sql" {
		_, err := c.binder.inlined(r, nullArguments(r), s.Pos())
		return bodyError(err, s, c.env.Text)
	}
	return nil
}

// nullArguments stand for those of a call when a function is made.
func nullArguments(r *catalog.Routine) []node {
	var args []node
	for _, t := range r.Inputs() {
		args = append(args, node{sql: "CAST(NULL AS " + t.DuckDB() + ")", typ: t, exact: true})
	}
	return args
}

// routineSetting is SET parameter TO value of a procedure.
func (c *change) routineSetting(s *ast.Set) (catalog.RoutineSetting, error) {
	var words []string
	for _, v := range s.Values {
		words = append(words, v.Text)
	}
	one := catalog.RoutineSetting{Name: s.Name, Value: strings.Join(words, ", ")}
	if c.env.Setting == nil || s.Default {
		return one, unsupported(s.Pos(), "this SET of a procedure")
	}
	if _, err := c.env.Setting(one.Name, one.Value); err != nil {
		return one, errorAt(s.NamePos, err.State, "%s", err.Message)
	}
	return one, nil
}

// checkProcedure reads the body, whose errors are told now.
func checkProcedure(r *catalog.Routine) error {
	block, err := plpgsql.Parse(r.Body)
	if err != nil {
		return err
	}
	names := []string{}
	for i := range r.Args {
		names = append(names, r.Args[i].Column.Name)
	}
	return plpgsql.Check(block, names)
}

// bodyError puts the place of an error in a body into the statement's text.
func bodyError(err error, s *ast.CreateRoutine, source string) error {
	var syntax *parse.Error
	if !errors.As(err, &syntax) {
		if e := (*Error)(nil); errors.As(err, &e) {
			moved := *e
			moved.Offset = -1
			return &moved
		}
		return err
	}
	out := &Error{State: syntax.SQLState, Message: syntax.Message, Hint: syntax.Hint, Offset: -1}
	if s.BodyPos >= 0 && source[s.BodyPos] == '$' {
		out.Offset = s.BodyPos + strings.IndexByte(source[s.BodyPos+1:], '$') + 2 + syntax.Offset
	}
	return out
}

// keepRoutine makes the routine, or puts it in the place of the one that it replaces.
func (c *change) keepRoutine(r *catalog.Routine, schema *catalog.Schema, s *ast.CreateRoutine) error {
	all := c.env.Catalog.RoutinesOf(schema.ID, r.Name, r.Procedure)
	at := slices.IndexFunc(all, func(x *catalog.Routine) bool { return catalog.SameSignature(x.Inputs(), r.Inputs()) })
	if at < 0 {
		if r.Procedure {
			if err := c.room(c.procedures(), c.env.Limits.withDefaults(false).Procedures, "procedures in a database", s.Pos()); err != nil {
				return err
			}
		}
		var err error
		if r.ID, err = c.newID(); err != nil {
			return err
		}
		r.ACL = c.initialRoutineACL(r)
		c.apply(catalog.Change{Routine: r})
		return nil
	}
	old := all[at]
	switch {
	case !s.Replace:
		return errorAt(s.Name.Pos(), "42723", "%s %q already exists with same argument types", s.Kind, r.Name)
	case !c.owns(old.Owner):
		return errorAt(s.Name.Pos(), "42501", "must be owner of %s %s", s.Kind, r.Name)
	case old.Returns.Type.Kind != r.Returns.Type.Kind, !sameOutputs(old, r):
		e := errorAt(s.Name.Pos(), "42P13", "cannot change return type of existing function")
		e.Hint = "Use DROP " + strings.ToUpper(s.Kind.String()) + " first."
		return e
	}
	r.ID, r.Owner, r.ACL = old.ID, old.Owner, old.ACL
	c.apply(catalog.Change{Routine: r})
	return nil
}

func sameOutputs(a, b *catalog.Routine) bool {
	return slices.EqualFunc(a.Outputs(), b.Outputs(), func(x, y catalog.Argument) bool {
		return x.Column.Type.Kind == y.Column.Type.Kind && x.Cursor == y.Cursor
	})
}

func (c *change) procedures() (n int) {
	for _, r := range c.env.Catalog.Routines() {
		if r.Procedure && r.Database == c.env.Database {
			n++
		}
	}
	return n
}

// routinesNamed gives the functions or procedures that a name may stand for, of the
// first schema of the search path that has any.
func (b *binder) routinesNamed(name ast.Name, procedure bool) ([]*catalog.Routine, error) {
	object := b.ident(name.Object())
	if b.env.Catalog == nil {
		return nil, nil
	}
	schemas := b.env.SearchPath
	if len(name.Parts) > 1 {
		schema := b.ident(name.Parts[len(name.Parts)-2])
		if len(name.Parts) > 2 && b.ident(name.Parts[0]) != b.env.Database {
			return nil, errorAt(name.Pos(), "0A000", "cross-database reference to database %q is not supported", b.ident(name.Parts[0]))
		}
		if _, ok := b.env.Catalog.Schema(b.env.Database, schema); !ok {
			return nil, errorAt(name.Pos(), "3F000", "schema %q does not exist", schema)
		}
		if !b.entered(b.env.Database, schema) {
			return nil, errorAt(name.Pos(), "42501", "permission denied for schema %s", schema)
		}
		schemas = []string{schema}
	}
	var all []*catalog.Routine
	for _, name := range schemas {
		s, ok := b.env.Catalog.Schema(b.env.Database, name)
		if !ok || !b.entered(b.env.Database, name) {
			continue
		}
		for _, r := range b.env.Catalog.RoutinesOf(s.ID, object, procedure) {
			// One of an earlier schema hides those with its signature.
			if !slices.ContainsFunc(all, func(x *catalog.Routine) bool { return catalog.SameSignature(x.Inputs(), r.Inputs()) }) {
				all = append(all, r)
			}
		}
	}
	return all, nil
}

// routine finds the one that a DROP, ALTER, GRANT or SHOW names. types is nil where
// the name alone has to do.
func (c *change) routine(name ast.Name, kind ast.ObjectKind, types []rstype.Type, given bool) (*catalog.Routine, error) {
	all, err := c.routinesNamed(name, kind == ast.KindProcedure)
	if err != nil {
		return nil, err
	}
	if !given {
		switch len(all) {
		case 0:
			return nil, errorAt(name.Pos(), "42883", "%s %s does not exist", kind, name)
		case 1:
			return all[0], nil
		}
		e := errorAt(name.Pos(), "42725", "%s name %q is not unique", kind, name.String())
		e.Hint = "Give the types of its arguments."
		return nil, e
	}
	for _, r := range all {
		if catalog.SameSignature(r.Inputs(), types) {
			return r, nil
		}
	}
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = t.Kind.String()
	}
	return nil, errorAt(name.Pos(), "42883", "%s %s(%s) does not exist", kind, name, strings.Join(names, ", "))
}

// routineOf is routine for arguments as a statement has them: OUT ones do not count.
func (c *change) routineOf(name ast.Name, kind ast.ObjectKind, args []ast.RoutineArg, given bool) (*catalog.Routine, error) {
	bound, err := c.routineArgs(args)
	if err != nil {
		return nil, err
	}
	return c.routine(name, kind, (&catalog.Routine{Args: bound}).Inputs(), given)
}

// ownRoutine is routineOf for what only the owner may do.
func (c *change) ownRoutine(name ast.Name, kind ast.ObjectKind, args []ast.RoutineArg, given bool, system string) (*catalog.Routine, error) {
	r, err := c.routineOf(name, kind, args, given)
	if err != nil {
		return nil, err
	}
	if schema, ok := c.env.Catalog.SchemaByID(r.SchemaID); ok {
		c.lockName(kind.String(), schema.Database, schema.Name, r.Name)
		if system != "" && c.owns(schema.Owner) {
			return r, nil
		}
	}
	if !c.owns(r.Owner) && (system == "" || !c.system(system)) {
		return nil, errorAt(name.Pos(), "42501", "must be owner of %s %s", kind, r.Name)
	}
	return r, nil
}

// dropRoutine is DROP FUNCTION and DROP PROCEDURE.
func (c *change) dropRoutine(s *ast.DropRoutine) error {
	c.tag("DROP "+strings.ToUpper(s.Kind.String()), "DDL")
	r, err := c.ownRoutine(s.Name, s.Kind, s.Args, s.HasArgs, "drop "+s.Kind.String())
	if err != nil {
		return err
	}
	dropped := catalog.Change{DropRoutine: r}
	if r.Procedure {
		c.apply(dropped)
		return nil
	}
	d := &dropping{change: c, verb: "view"}
	after := c.env.Catalog.Apply(dropped)
	for _, v := range c.env.Catalog.Relations() {
		if v.Kind != catalog.View || v.Database != r.Database {
			continue
		}
		now, ok := c.columnsOf(v, c.env.Catalog)
		if then, still := c.columnsOf(v, after); ok && (!still || !slices.Equal(now, then)) {
			d.add(v)
		}
	}
	if len(d.relations) > 0 && s.Behavior != ast.Cascade {
		e := errorAt(s.Name.Pos(), "2BP01", "cannot drop function %s because other objects depend on it", r.Signature())
		for _, v := range d.named {
			e.Detail += "view " + v + " depends on function " + r.Signature() + "\n"
		}
		e.Detail = strings.TrimSuffix(e.Detail, "\n")
		e.Hint = "Use DROP ... CASCADE to drop the dependent objects too."
		return e
	}
	for _, v := range d.relations {
		c.lock(v.ID, lock.AccessExclusive)
	}
	if err := d.run(&ast.Drop{Span: s.Span, Kind: ast.KindView, Names: []ast.Name{s.Name}, Behavior: ast.Cascade}); err != nil {
		return err
	}
	c.apply(dropped)
	return nil
}

// alterRoutine is ALTER FUNCTION and ALTER PROCEDURE.
func (c *change) alterRoutine(s *ast.AlterRoutine) error {
	c.tag("ALTER "+strings.ToUpper(s.Kind.String()), "DDL")
	r, err := c.ownRoutine(s.Name, s.Kind, s.Args, s.HasArgs, "")
	if err != nil {
		return err
	}
	changed := *r
	if s.Owner != nil {
		u, err := c.user(*s.Owner)
		if err != nil {
			return err
		}
		changed.Owner, changed.ACL = u.ID, r.ACL.Reowned(r.Owner, u.ID)
		c.apply(catalog.Change{Routine: &changed})
		return nil
	}
	changed.Name = c.newName(*s.RenameTo)
	for _, other := range c.env.Catalog.RoutinesOf(r.SchemaID, changed.Name, r.Procedure) {
		if other.ID != r.ID && catalog.SameSignature(other.Inputs(), r.Inputs()) {
			return errorAt(s.RenameTo.Pos(), "42723", "%s %q already exists with same argument types", s.Kind, changed.Name)
		}
	}
	c.apply(catalog.Change{Routine: &changed})
	return nil
}

// showRoutine is SHOW PROCEDURE (r_SHOW_PROCEDURE.md): its owner and who may call it.
func (c *change) showRoutine(s *ast.ShowRoutine) error {
	c.tag("SHOW", "UTILITY")
	r, err := c.routineOf(s.Name, s.Kind, s.Args, s.HasArgs)
	if err != nil {
		return err
	}
	if err := c.mayExecute(r, s.Name.Pos()); err != nil {
		return err
	}
	schema, _ := c.env.Catalog.SchemaByID(r.SchemaID)
	c.plan.SQL = []string{"SELECT " + text(procedureDefinition(schema.Name, r))}
	c.plan.Columns = []Column{{Name: "Stored Procedure Definition", Type: rstype.Type{Kind: rstype.Varchar, Len: rstype.MaxVarchar}}}
	return nil
}

// mayExecute refuses a call to who has no EXECUTE.
func (b *binder) mayExecute(r *catalog.Routine, offset int) error {
	if b.actor.super || b.who().Holds(r.Grants(), catalog.Execute) != 0 {
		return nil
	}
	kind := "function"
	if r.Procedure {
		kind = "procedure"
	}
	return errorAt(offset, "42501", "permission denied for %s %s", kind, r.Name)
}

// procedureDefinition is the CREATE PROCEDURE of SHOW PROCEDURE, in the form of the
// guide's example.
func procedureDefinition(schema string, r *catalog.Routine) string {
	args := make([]string, len(r.Args))
	for i := range r.Args {
		a := &r.Args[i]
		words := []string{}
		if a.Mode != "in" {
			words = append(words, strings.ToUpper(a.Mode))
		}
		if a.Column.Name != "" {
			words = append(words, a.Column.Name)
		}
		args[i] = strings.Join(append(words, a.TypeName()), " ")
	}
	out := "CREATE OR REPLACE PROCEDURE " + schema + "." + r.Name + "(" + strings.Join(args, ", ") + ")"
	if r.NonAtomic {
		out += "\n NONATOMIC"
	}
	out += "\n LANGUAGE plpgsql"
	if r.Definer {
		out += "\n SECURITY DEFINER"
	}
	for _, s := range r.Settings {
		out += "\n SET " + s.Name + " TO " + s.Value
	}
	return out + "\nAS $_$" + r.Body + "$_$\n"
}
