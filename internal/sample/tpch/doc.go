// Package tpch makes a database of the TPC-H schema: eight tables of a
// wholesaler at a scale factor, from a seed, the same for every run.
//
// Keys, ranges, dates and the columns that follow from others are made as the
// standard says, so that its 22 queries find what they look for. Texts are of
// another vocabulary, numbers of another generator, and what the queries look
// for in comments comes more often, so that scale 0.01 has it too: results are
// comparable with each other, and not with those of the standard's own program.
package tpch
