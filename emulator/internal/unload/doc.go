// Package unload executes UNLOAD: it runs the bound query on the engine, encodes the
// rows as Redshift does, writes them to objects of the emulator's store and records
// what happened.
//
// Nothing can be seen in the store before the query has ended; then the objects are
// committed one after the other, the manifest last, and when one fails those of this
// run are deleted. Text, CSV, fixed width and JSON are encoded here; Parquet is written
// by DuckDB into the staging directory.
package unload
