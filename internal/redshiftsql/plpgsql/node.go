// Package plpgsql parses the bodies of stored procedures: the PL/pgSQL that
// Redshift documents (c_PLpgSQL-structure.md, c_PLpgSQL-statements.md).
//
// SQL inside of a body stays text with its place; package parse reads it when the
// variables in it are known.
package plpgsql

// SQL is a piece of SQL in a body: a statement or an expression.
type SQL struct {
	Text string
	Pos  int // offset in the body
}

// Ref names a variable, or a field of a record: name, label.name, record.field or
// label.record.field, folded.
type Ref struct {
	Parts []string
	Pos   int
}

// TypeKind is the kind of a TypeRef.
type TypeKind uint8

// The kinds of types of variables.
const (
	PlainType  TypeKind = iota // a type of SQL: Text
	RecordType                 // RECORD
	CursorType                 // REFCURSOR, or a cursor with its query
	CopyType                   // name%TYPE: Of
	RowType                    // table%ROWTYPE: Of
)

// TypeRef is the type of a variable.
type TypeRef struct {
	Kind TypeKind
	Text string
	Of   Ref
}

// Decl is a declaration. Alias is set for name ALIAS FOR other.
type Decl struct {
	Pos      int
	Name     string
	Type     TypeRef
	Constant bool
	NotNull  bool
	Default  *SQL
	Alias    *Ref   // $1 has the one part "$1"
	Query    *SQL   // of a bound cursor
	Args     []Decl // of a bound cursor
}

// HandlerKind is what comes after an exception was handled.
type HandlerKind uint8

// The kinds of handlers.
const (
	PlainHandler    HandlerKind = iota // EXCEPTION WHEN OTHERS
	ContinueHandler                    // EXCEPTION CONTINUE_HANDLER WHEN OTHERS
	ExitHandler                        // EXCEPTION EXIT_HANDLER WHEN OTHERS
)

// Handler is the EXCEPTION part of a block. OTHERS is the only condition there is.
type Handler struct {
	Kind HandlerKind
	Body []Stmt
}

// Stmt is a statement of a body. The set is closed.
type Stmt interface {
	// Offset is the statement's place in the body.
	Offset() int
}

// At is the place of a statement.
type At int

// Offset implements Stmt.
func (a At) Offset() int { return int(a) }

// Block is [<<label>>] [DECLARE …] BEGIN … [EXCEPTION …] END.
type Block struct {
	At
	Label   string
	Decls   []Decl
	Body    []Stmt
	Handler *Handler
}

// Assign is target := expression.
type Assign struct {
	At
	Target Ref
	Value  SQL
}

// Branch is a condition with its statements.
type Branch struct {
	When []SQL // of CASE several; of IF one
	Body []Stmt
}

// If is IF … ELSIF … ELSE … END IF.
type If struct {
	At
	Branches []Branch
	Else     []Stmt
}

// Case is CASE [operand] WHEN … THEN … [ELSE …] END CASE.
type Case struct {
	At
	Operand  *SQL
	Branches []Branch
	Else     []Stmt
	HasElse  bool
}

// Loop is LOOP, or with While a WHILE loop.
type Loop struct {
	At
	Label string
	While *SQL
	Body  []Stmt
}

// ForRange is FOR name IN [REVERSE] lower .. upper LOOP.
type ForRange struct {
	At
	Label        string
	Name         string
	Reverse      bool
	Lower, Upper SQL
	Body         []Stmt
}

// ForRows is FOR targets IN query, FOR targets IN EXECUTE expression, or FOR
// record IN cursor. One of Query, Dynamic and Cursor is set.
type ForRows struct {
	At
	Label   string
	Targets []Ref
	Query   *SQL
	Dynamic *SQL
	Cursor  *Ref
	Args    []SQL
	Body    []Stmt
}

// Exit is EXIT or CONTINUE [label] [WHEN condition].
type Exit struct {
	At
	Continue bool
	Label    string
	When     *SQL
}

// Return is RETURN.
type Return struct{ At }

// Null is NULL;.
type Null struct{ At }

// Raise is RAISE level 'format', …; Level is in upper case and empty for RAISE
// alone, which throws again.
type Raise struct {
	At
	Level  string
	Format string
	Args   []SQL
}

// Query is a statement of SQL, with Into for SELECT … INTO, or Perform for PERFORM
// (whose Text is the SELECT).
type Query struct {
	At
	SQL     SQL
	Into    []Ref
	Perform bool
}

// Execute is EXECUTE expression [INTO targets].
type Execute struct {
	At
	Command SQL
	Into    []Ref
}

// GetDiagnostics is GET DIAGNOSTICS target := ROW_COUNT.
type GetDiagnostics struct {
	At
	Target Ref
}

// Open is OPEN cursor, OPEN cursor (arguments), OPEN cursor FOR query or OPEN
// cursor FOR EXECUTE expression.
type Open struct {
	At
	Cursor  Ref
	Args    []SQL
	Query   *SQL
	Dynamic *SQL
}

// Fetch is FETCH [NEXT] cursor INTO targets.
type Fetch struct {
	At
	Cursor Ref
	Into   []Ref
}

// Close is CLOSE cursor.
type Close struct {
	At
	Cursor Ref
}
