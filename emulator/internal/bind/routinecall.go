package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
)

// maxInlined bounds functions in functions, which may come back to themselves when
// they are replaced.
const maxInlined = 32

// Call binds a CALL: the plan's SQL gives one row with the values of the inputs as
// texts, none where there are no inputs, and Routine is what is called. The error is
// an *Error.
func Call(s *ast.Call, env Env) (*Plan, error) {
	c := &change{binder: newBinder(env)}
	if err := c.bindCall(s); err != nil {
		return nil, asError(err)
	}
	return c.finish(&c.plan), nil
}

func (c *change) bindCall(s *ast.Call) error {
	c.tag("CALL", "CALL")
	e := s.Call
	if e.Star || e.Distinct || e.Over != nil {
		return errorAt(e.Pos(), "42601", "CALL takes the values of arguments alone")
	}
	sc := &scope{clause: valuesClause}
	call := &call{e: e, name: e.Name.String(), s: sc, args: make([]node, len(e.Args))}
	for i, a := range e.Args {
		n, err := c.expr(a, sc)
		if err != nil {
			return err
		}
		call.args[i] = n
	}
	all, err := c.routinesNamed(e.Name, true)
	if err != nil {
		return err
	}
	r, err := pick(call, all)
	if err != nil {
		return err
	}
	if r == nil {
		err := errorAt(e.Pos(), "42883", "procedure %s does not exist", call.signature())
		err.Hint = "No procedure matches the given name and argument types. You may need to add explicit type casts."
		return err
	}
	if err := c.mayExecute(r, e.Pos()); err != nil {
		return err
	}
	c.plan.Routine = r
	var values []string
	for i, to := range r.Inputs() {
		value, err := c.assign(call.args[i], to, "", e.Args[i].Pos())
		if err != nil {
			return err
		}
		if to.Kind == rstype.Varbyte {
			value = "hex(" + value + ")"
		} else {
			value = "CAST(" + value + " AS VARCHAR)"
		}
		values = append(values, value)
		c.plan.Columns = append(c.plan.Columns, Column{Name: "?column?", Type: rstype.Type{Kind: rstype.Varchar}})
	}
	if values != nil {
		c.plan.SQL = []string{"SELECT " + strings.Join(values, ", ")}
	}
	return nil
}

// signature is name(types), as messages have it.
func (c *call) signature() string {
	types := make([]string, len(c.args))
	for i, a := range c.args {
		types[i] = a.typ.Kind.String()
	}
	return c.name + "(" + strings.Join(types, ", ") + ")"
}

// pick gives the routine whose inputs fit best, nil for none. Two that fit as well
// are an error.
func pick(c *call, all []*catalog.Routine) (*catalog.Routine, error) {
	var found *catalog.Routine
	best, same := -1, false
	for _, r := range all {
		n := fitsRoutine(c.args, r.Inputs())
		switch {
		case n > best:
			found, best, same = r, n, false
		case n == best && n >= 0:
			same = true
		}
	}
	if same {
		e := errorAt(c.e.Pos(), "42725", "function %s is not unique", c.signature())
		e.Hint = "Could not choose a best candidate. You may need to add explicit type casts."
		return nil, e
	}
	return found, nil
}

// fitsRoutine counts how well values fit the inputs; -1 is not at all. An untyped
// literal is a text where it may be one.
func fitsRoutine(args []node, inputs []rstype.Type) int {
	if len(args) != len(inputs) {
		return -1
	}
	score := 1000
	for i, a := range args {
		to := inputs[i]
		switch {
		case a.unknown() && isText(to.Kind):
			score += 2
		case a.unknown():
			score++
		case a.typ.Kind == to.Kind:
			score += 4
		case isText(a.typ.Kind) && isText(to.Kind):
			score += 3
		case isNumber(a.typ.Kind) && isNumber(to.Kind) && implicitlyWider(a.typ, to):
			score += 2
		case !rstype.CanImplicit(a.typ, to):
			return -1
		case isNumber(a.typ.Kind) && isNumber(to.Kind):
			score -= 10 // only where nothing else fits
		default:
			score++
		}
	}
	return score
}

// implicitlyWider: no value is lost on the way.
func implicitlyWider(from, to rstype.Type) bool {
	order := []rstype.Kind{rstype.Int2, rstype.Int4, rstype.Int8, rstype.Numeric, rstype.Float4, rstype.Float8}
	at := func(k rstype.Kind) int {
		for i, x := range order {
			if x == k {
				return i
			}
		}
		return -1
	}
	return at(from.Kind) < at(to.Kind)
}

// userFunction binds the call of a function that a user made; ok is false where
// there is none of the name that takes the arguments.
func (b *binder) userFunction(c *call) (n node, ok bool, err error) {
	all, err := b.routinesNamed(c.e.Name, false)
	if err != nil || len(all) == 0 {
		return n, false, err
	}
	r, err := pick(c, all)
	if err != nil || r == nil {
		return n, false, err
	}
	if err := b.mayExecute(r, c.e.Pos()); err != nil {
		return n, true, err
	}
	switch r.Language {
	case "plpythonu":
		e := unsupported(c.e.Pos(), "calls of Python functions")
		e.Hint = "Redshift has ended them too (June 30, 2026): write the function in SQL, or as a Lambda function."
		return n, true, e
	case "exfunc":
		e := unsupported(c.e.Pos(), "calls of external functions")
		e.Hint = "The emulator invokes no Lambda function: for tests put a SQL function of the same signature in its place."
		return n, true, e
	}
	args := make([]node, len(c.args))
	for i, to := range r.Inputs() {
		if args[i], err = b.argument(c.args[i], to, c.offset(i)); err != nil {
			return n, true, err
		}
	}
	n, err = b.inlined(r, args, c.e.Pos())
	return n, true, err
}

// argument brings a value to the type of a function's argument.
func (b *binder) argument(n node, to rstype.Type, offset int) (out node, err error) {
	if n.unknown() {
		out, err = b.coerce(n, to, offset)
	} else {
		out, err = b.convert(n, to, implicitCast, offset)
	}
	if err != nil {
		return out, err
	}
	out.sql, out.exact = "("+asType2(out)+")", true
	out.lit, out.col, out.param, out.super = nil, nil, 0, nil
	return out, nil
}

// inlined is a SQL function's body with values in place of its arguments: SELECT and
// an expression, without FROM and what follows it (udf-creating-a-scalar-sql-udf.md).
func (b *binder) inlined(r *catalog.Routine, args []node, offset int) (node, error) {
	if b.inlining >= maxInlined {
		return node{}, errorAt(offset, "54001", "functions call each other more than %d levels deep", maxInlined)
	}
	if len(args) > 0 {
		size := 0
		for _, a := range args {
			size += len(a.sql)
		}
		if size > maxSQL/64 {
			return node{}, errorAt(offset, "54001", "the arguments of function %s are too complex", r.Name)
		}
	}
	e, err := functionBody(r)
	if err != nil {
		return node{}, err
	}
	inner := &binder{env: b.env, shared: b.shared, depth: b.depth, nested: b.nested, views: b.views, actor: b.actor, inline: args, inlining: b.inlining + 1}
	inner.env.Text = r.Body
	if inner.inline == nil {
		inner.inline = []node{}
	}
	s := &scope{clause: targetClause}
	n, err := inner.expr(e, s)
	if err == nil {
		n, err = inner.argument(n, r.Returns.Type, -1)
	}
	if err != nil {
		moved := *asError(err)
		moved.Offset = -1
		if b.inlining == 0 {
			moved.Offset = offset
		}
		return node{}, &moved
	}
	if s.aggs > 0 || s.wins > 0 {
		return node{}, errorAt(offset, "42803", "aggregate and window functions are not allowed in a SQL function")
	}
	n.constant = false
	return n, nil
}

// functionBody parses a SQL function's body and gives its expression.
func functionBody(r *catalog.Routine) (ast.Expr, error) {
	stmt, err := parse.Statement(r.Body)
	if err != nil {
		return nil, err
	}
	q, ok := stmt.(*ast.Query)
	if !ok {
		return nil, errorAt(-1, "42P13", "the body of a SQL function is a SELECT")
	}
	sel, ok := q.Body.(*ast.Select)
	plain := ok && q.With == nil && q.OrderBy == nil && q.Limit == nil && q.Offset == nil
	if ok {
		plain = plain && len(sel.From) == 0 && sel.Where == nil && sel.GroupBy == nil && sel.Having == nil && sel.Qualify == nil && sel.Into == nil && !sel.Distinct && sel.DistinctOn == nil && sel.Top == nil && sel.ConnectBy == nil
	}
	if !plain {
		return nil, errorAt(-1, "0A000", "the SELECT of a SQL function cannot have FROM, INTO, WHERE, GROUP BY, ORDER BY or LIMIT")
	}
	if len(sel.Targets) != 1 {
		return nil, errorAt(-1, "42P13", "the SELECT of a SQL function gives one column")
	}
	e := sel.Targets[0].Expr
	var bad bool
	ast.Inspect(e, func(n ast.Node) bool {
		_, query := n.(*ast.Query)
		bad = bad || query
		return !bad
	})
	if bad {
		return nil, errorAt(-1, "0A000", "a SQL function cannot have a subquery")
	}
	return e, nil
}

// ownFunction finds a call in a query that is of a function that a user made.
func (b *binder) ownFunction(q *ast.Query) (found *ast.FuncCall) {
	ast.Inspect(q, func(n ast.Node) bool {
		if f, ok := n.(*ast.FuncCall); ok && found == nil {
			name := lex.Fold(f.Name.Object().Name)
			_, own := functions[name]
			_, special := specials[name]
			if all, err := b.routinesNamed(f.Name, false); err == nil && len(all) > 0 && (len(f.Name.Parts) > 1 || !own && !special) {
				found = f
			}
		}
		return found == nil
	})
	return found
}
