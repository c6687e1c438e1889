// Package emulator is a Redshift for laptops and tests: Start opens a server
// that speaks the wire protocol and the Data API, runs Redshift's SQL on an
// embedded DuckDB, executes COPY and UNLOAD over an S3 of its own, and gives out
// logins as AWS does.
//
// It needs cgo. What it cannot do yet is refused with SQLSTATE 0A000 and listed
// in docs/emulator.md, together with what it assumes about Redshift.
package emulator
