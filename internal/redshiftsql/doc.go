// Package redshiftsql is the room of everything in this module that reads or
// writes the text of Amazon Redshift's SQL, for the client, the command line
// and the emulator alike. It holds no code itself:
//
//   - lex: tokens, splitting of scripts, quoting of names and values
//   - ast: the nodes of a parsed statement, with byte positions
//   - parse: Redshift's grammar, by recursive descent
//   - copycmd: COPY and UNLOAD as structs, in both directions
//   - redact: hides secrets in a statement before it is logged
//   - fingerprint: the shape of a statement without its literals
//
// Nothing below this folder imports anything of ours outside it, and nothing
// needs cgo.
package redshiftsql
