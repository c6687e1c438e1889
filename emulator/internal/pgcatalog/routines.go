package pgcatalog

import (
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

// refcursorOID is PostgreSQL's.
const refcursorOID = 1790

// procColumns are pg_proc's of PostgreSQL 8.0; PG_PROC_INFO has Redshift's behind them
// (PG_PROC_INFO.md).
const procColumns = "proname:name pronamespace:oid proowner:int4 prolang:oid proisagg:bool prosecdef:bool proisstrict:bool proretset:bool provolatile:char pronargs:int2 prorettype:oid proargtypes:array prosrc:text probin:text proacl:array"

var procCells = map[string]cell{
	"proname": func(r *record) any { return r.routine.Name }, "pronamespace": func(r *record) any { return id(r.routine.SchemaID) },
	"proowner": func(r *record) any { return id(r.routine.Owner) }, "prolang": func(r *record) any {
		if l, ok := r.snapshot.Language(r.routine.Language); ok {
			return id(l.ID)
		}
		return int64(0)
	},
	"proisagg": constant(false), "proiswindow": constant(false), "prosecdef": func(r *record) any { return r.routine.Definer }, "proisstrict": constant(false), "proretset": constant(false),
	"provolatile": func(r *record) any { return r.routine.Volatility[:1] }, "pronargs": func(r *record) any { return int64(len(r.routine.Inputs())) },
	"prorettype": func(r *record) any { return int64(ResultOID(r.routine)) },
	"proargtypes": func(r *record) any {
		return strings.Join(argumentOIDs(r.routine, func(a *catalog.Argument) bool { return a.In() }), " ")
	},
	"prosrc": func(r *record) any { return r.routine.Body }, "probin": constant("-"), "proacl": func(r *record) any { return aclText(r, r.routine.ACL) },
	"oid": func(r *record) any { return id(r.routine.ID) }, "prooid": func(r *record) any { return id(r.routine.ID) },
	"prokind": func(r *record) any {
		if r.routine.Procedure {
			return "p"
		}
		return "f"
	},
	"proargmodes": func(r *record) any {
		modes := make([]string, len(r.routine.Args))
		plain := true
		for i := range r.routine.Args {
			modes[i] = map[string]string{"in": "i", "out": "o", "inout": "b"}[r.routine.Args[i].Mode]
			plain = plain && modes[i] == "i"
		}
		if plain {
			return nil
		}
		return "{" + strings.Join(modes, ",") + "}"
	},
	"proallargtypes": func(r *record) any {
		if len(r.routine.Outputs()) == 0 {
			return nil
		}
		return "{" + strings.Join(argumentOIDs(r.routine, func(*catalog.Argument) bool { return true }), ",") + "}"
	},
}

// ResultOID is the id of the type of what comes back: a record for several outputs, as
// PostgreSQL has it.
func ResultOID(r *catalog.Routine) uint32 {
	if !r.Procedure {
		return r.Returns.Type.OID()
	}
	switch out := r.Outputs(); len(out) {
	case 0:
		return rstype.Type{Kind: rstype.Void}.OID()
	case 1:
		return argumentOID(&out[0])
	}
	return 2249
}

func argumentOID(a *catalog.Argument) uint32 {
	if a.Cursor {
		return refcursorOID
	}
	return a.Column.Type.OID()
}

func argumentOIDs(r *catalog.Routine, keep func(*catalog.Argument) bool) []string {
	var oids []string
	for i := range r.Args {
		if keep(&r.Args[i]) {
			oids = append(oids, strconv.Itoa(int(argumentOID(&r.Args[i]))))
		}
	}
	return oids
}

// argumentList is the types of the inputs.
func argumentList(r *catalog.Routine) string {
	names := []string{}
	for i := range r.Args {
		if a := &r.Args[i]; a.In() {
			names = append(names, a.TypeName())
		}
	}
	return strings.Join(names, ", ")
}

// Arguments is a routine's arguments as CREATE lists them: mode where it is not IN, name
// and type.
func Arguments(r *catalog.Routine) string {
	list := make([]string, len(r.Args))
	for i := range r.Args {
		a := &r.Args[i]
		words := []string{a.TypeName()}
		if a.Column.Name != "" {
			words = []string{identifier(a.Column.Name), a.TypeName()}
		}
		if a.Mode != "in" && a.Mode != "" {
			words = append([]string{strings.ToUpper(a.Mode)}, words...)
		}
		list[i] = strings.Join(words, " ")
	}
	return strings.Join(list, ", ")
}

func resultName(r *catalog.Routine) any {
	if !r.Procedure {
		return r.Returns.Type.Kind.String()
	}
	out := make([]string, 0, 1)
	for _, a := range r.Outputs() {
		out = append(out, a.TypeName())
	}
	return nonEmpty(strings.Join(out, ", "))
}

// routines are those of the session's database.
func routines(r *record, yield func() bool) {
	allRoutines(r, func() bool { return !r.here(r.routine.Database) || yield() })
}

func allRoutines(r *record, yield func() bool) {
	for _, r.routine = range r.snapshot.Routines() {
		r.schema, _ = r.snapshot.SchemaByID(r.routine.SchemaID)
		if r.schema == nil {
			continue
		}
		if !yield() {
			return
		}
	}
}

// usableRoutines are those in schemas that the user may use.
func usableRoutines(r *record, yield func() bool) {
	who := r.snapshot.Who(r.facts.UserID)
	allRoutines(r, func() bool { return !r.facts.Superuser && !r.mayUse(who) || yield() })
}

// routinesOf are the usable functions or procedures alone.
func routinesOf(procedures bool) source {
	return func(r *record, yield func() bool) {
		usableRoutines(r, func() bool { return r.routine.Procedure != procedures || yield() })
	}
}

func languages(r *record, yield func() bool) {
	for _, r.language = range r.snapshot.Languages() {
		if !yield() {
			return
		}
	}
}

func routinePrivileges(r *record, yield func() bool) {
	visible := r.visible()
	routines(r, func() bool { return r.grants(r.routine.Grants(), r.routine.Owner, visible, yield) })
}

func languagePrivileges(r *record, yield func() bool) {
	visible := r.visible()
	languages(r, func() bool { return r.grants(r.language.Grants(), catalog.OwnerOfLanguages, visible, yield) })
}

var routineCells = map[string]cell{
	"remarks":       func(*record) any { return nil }, // COMMENT ON has no routines
	"database_name": func(r *record) any { return r.routine.Database }, "schema_name": func(r *record) any { return r.schema.Name },
	"function_name": func(r *record) any { return r.routine.Name }, "procedure_name": func(r *record) any { return r.routine.Name },
	"function_type": func(r *record) any {
		if r.routine.Procedure {
			return "STORED PROCEDURE"
		}
		return "REGULAR FUNCTION"
	},
	"argument_type": func(r *record) any { return argumentList(r.routine) }, "result_type": func(r *record) any { return resultName(r.routine) },
	"number_of_arguments": func(r *record) any { return int64(len(r.routine.Inputs())) },
	"argument_list":       func(r *record) any { return argumentList(r.routine) }, "return_type": func(r *record) any { return resultName(r.routine) },
}

var languageCells = map[string]cell{
	"lanname": func(r *record) any { return r.language.Name }, "lanispl": func(r *record) any { return r.language.Name != "sql" },
	"lanpltrusted": func(r *record) any { return r.language.Name != "plpythonu" }, "lanplcallfoid": constant(int64(0)), "lanvalidator": constant(int64(0)),
	"lanacl": func(r *record) any { return aclText(r, r.language.ACL) }, "oid": func(r *record) any { return id(r.language.ID) },
}
