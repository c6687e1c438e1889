// Package sysview gives Redshift's system views: what columns each of them has,
// and the rows of those that are projections of the emulator's event record.
//
// The columns are those of the Database Developer Guide (views.txt, 80 views).
// A view whose rows come from nowhere yet is known and says so, rather than
// being empty.
package sysview
