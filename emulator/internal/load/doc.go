// Package load executes COPY: it reads objects of the emulator's store, parses
// and converts them as Redshift does, appends the rows to a DuckDB table and
// records what happened.
//
// A load is a chain of small readers, each testable without a database:
// objects (source, manifest), plain bytes (decompress, transcode), records
// (csv, delimited, fixed, json), values (convert and its files). What a reader
// refuses becomes a row of STL_LOAD_ERRORS. Parquet alone goes another way:
// DuckDB reads it.
package load
