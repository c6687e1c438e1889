// Package sample makes the sample database of an LLM-operations platform:
// models, their calls and the scores of evaluations. It is generated from a
// seed, the same for every run, skewed as real data is, and holds what breaks
// loaders: NULLs, empty strings, Unicode, quotes, delimiters, backslashes and
// line breaks inside values.
//
// Rows are made as they are asked for, so that memory does not grow with their
// number. The writers give the files that COPY loads: JSON lines for the
// models, CSV for the calls, Parquet for the scores.
package sample
