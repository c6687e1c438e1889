// Package sysview gives Redshift's system views: what columns each of them has,
// and the rows of those that are projections of the emulator's event record.
//
// The columns are those of the Database Developer Guide (views.txt, 80 views, and
// pg_stat_activity). A view that nothing fills has its columns and is empty.
package sysview
