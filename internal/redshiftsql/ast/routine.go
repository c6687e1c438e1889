package ast

// ArgMode says which way an argument of a routine goes.
type ArgMode uint8

// The modes of arguments.
const (
	ArgIn ArgMode = iota
	ArgOut
	ArgInOut
)

// RoutineArg is an argument in the declaration or the name of a routine. Name is
// nil where there is none.
type RoutineArg struct {
	Span
	Name *Ident
	Mode ArgMode
	Type TypeName
}

// CreateRoutine is CREATE FUNCTION, CREATE EXTERNAL FUNCTION or CREATE PROCEDURE.
type CreateRoutine struct {
	Span
	Kind       ObjectKind // KindFunction or KindProcedure
	Replace    bool
	External   bool // a Lambda or SageMaker function: Options instead of a body
	Name       Name
	Args       []RoutineArg
	Returns    *TypeName // of a function
	Volatility string    // "volatile", "stable", "immutable", or "" when not given
	NonAtomic  bool
	Body       string // decoded
	BodyPos    int    // offset of the string that holds it
	Language   string // in lower case
	Definer    bool
	Settings   []*Set   // SET parameter TO value
	Options    []Option // of an external one: lambda, sagemaker, iam_role, …
}

// AlterRoutine is ALTER FUNCTION or ALTER PROCEDURE: one of RenameTo and Owner is
// set. Args says nothing unless HasArgs.
type AlterRoutine struct {
	Span
	Kind     ObjectKind
	Name     Name
	Args     []RoutineArg
	HasArgs  bool
	RenameTo *Ident
	Owner    *Ident
}

// DropRoutine is DROP FUNCTION or DROP PROCEDURE.
type DropRoutine struct {
	Span
	Kind     ObjectKind
	Name     Name
	Args     []RoutineArg
	HasArgs  bool
	Behavior Behavior
}

// ShowRoutine is SHOW PROCEDURE.
type ShowRoutine struct {
	Span
	Kind    ObjectKind
	Name    Name
	Args    []RoutineArg
	HasArgs bool
}

func (*CreateRoutine) stmt() {}
func (*AlterRoutine) stmt()  {}
func (*DropRoutine) stmt()   {}
func (*ShowRoutine) stmt()   {}
