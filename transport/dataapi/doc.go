// Package dataapi carries statements over the Redshift Data API: HTTPS calls
// signed with AWS credentials, no connection to the cluster, no password.
//
// A statement is submitted, its outcome is polled for, its rows come in pages
// of JSON. What a session keeps (SET, temporary tables, transactions) is kept
// by one that was opened with OpenOptions.Pinned, and by no other: without it
// the service gives every statement a connection of its own.
//
// Statements are submitted with a client token, so that a call whose answer
// was lost can be repeated and still runs the statement once.
package dataapi
