package ast

// Op is an operator of a Unary, Binary or Quantified expression.
type Op uint8

// The operators. A name says what the sign is, not what it does: the binder
// knows whether + adds or concatenates.
const (
	OpNone      Op = iota
	OpOr           // OR
	OpAnd          // AND
	OpNot          // NOT
	OpEq           // =
	OpNe           // <> and !=
	OpLt           // <
	OpLe           // <=
	OpGt           // >
	OpGe           // >=
	OpPlus         // +
	OpMinus        // -
	OpMul          // *
	OpDiv          // /
	OpMod          // %
	OpPow          // ^
	OpSqrt         // |/ x
	OpCbrt         // ||/ x
	OpAbs          // @ x
	OpBitAnd       // &
	OpBitOr        // |
	OpBitXor       // #
	OpBitNot       // ~ x
	OpShl          // <<
	OpShr          // >>
	OpConcat       // ||
	OpMatch        // ~
	OpMatchI       // ~*
	OpNotMatch     // !~
	OpNotMatchI    // !~*
	OpLike         // ~~
	OpILike        // ~~*
	OpNotLike      // !~~
	OpNotILike     // !~~*
	OpOverlaps     // OVERLAPS
	OpPrior        // PRIOR x, inside CONNECT BY
	numOps
)

var opNames = [numOps]string{
	"", "or", "and", "not", "=", "<>", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "^",
	"|/", "||/", "@", "&", "|", "#", "~", "<<", ">>", "||", "~", "~*", "!~", "!~*",
	"~~", "~~*", "!~~", "!~~*", "overlaps", "prior",
}

// String is the operator as it is written, in lower case.
func (o Op) String() string {
	if o >= numOps {
		return "?"
	}
	return opNames[o]
}
