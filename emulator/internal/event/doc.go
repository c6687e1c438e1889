// Package event is the emulator's one record of what happened: statements,
// loads, unloads, connections and transactions, in rings of bounded size. The
// STL, STV, SVL and SYS views are projections of it.
//
// It is Go memory and never a table: what a rolled-back transaction did must
// still show (emulator.md, "one event record"), and recording must not take
// part in the user's transaction. A [Log] is safe for concurrent use. Records
// are values; what a reader was given does not change.
package event
