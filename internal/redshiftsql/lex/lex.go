// Package lex cuts the text of Redshift's SQL into tokens, splits scripts at
// their semicolons, and quotes names and values.
package lex
