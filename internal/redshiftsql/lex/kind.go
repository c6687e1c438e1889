package lex

// Kind is the kind of a Token.
type Kind uint8

// The kinds of tokens.
const (
	EOF     Kind = iota
	Invalid      // what cannot be a token; Lexer.Message says why
	Ident        // a word, keyword or not: src is not folded. #temp too
	QuotedIdent
	Int
	Decimal
	Float
	String       // '…'
	DollarString // $$…$$, $tag$…$tag$
	EString      // E'…', which Redshift does not document
	BitString    // B'…' and X'…', which Redshift does not have
	Param        // $1
	Semicolon
	Comma
	Dot
	LParen
	RParen
	LBracket
	RBracket
	Colon
	ColonColon // ::
	Assign     // :=
	Eq
	Ne // <> and !=
	Lt
	Le
	Gt
	Ge
	Plus
	Minus
	Star
	Slash
	Percent
	Caret
	Amp
	Pipe
	Hash
	Tilde
	AtSign // @
	Shl
	Shr
	Concat     // ||
	Sqrt       // |/
	Cbrt       // ||/
	MatchI     // ~*
	NotMatch   // !~
	NotMatchI  // !~*
	LikeOp     // ~~
	ILikeOp    // ~~*
	NotLikeOp  // !~~
	NotILikeOp // !~~*
	numKinds
)

var kindNames = [numKinds]string{
	"end of input", "invalid token", "identifier", "quoted identifier", "integer", "decimal", "float",
	"string", "string", "string", "bit string", "parameter", ";", ",", ".", "(", ")", "[", "]", ":", "::",
	":=", "=", "<>", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "^", "&", "|", "#", "~", "@", "<<", ">>",
	"||", "|/", "||/", "~*", "!~", "!~*", "~~", "~~*", "!~~", "!~~*",
}

// String names the kind for messages.
func (k Kind) String() string {
	if k >= numKinds {
		return "?"
	}
	return kindNames[k]
}
