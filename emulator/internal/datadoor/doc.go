// Package datadoor is the emulator's door for the Redshift Data API
// (redshift-data, version 2019-12-20): statements that are submitted, asked
// about and fetched over HTTP.
//
// A statement runs on a goroutine of the door's in a session of the session
// core, as a statement of the wire protocol does, and its rows are kept in
// memory until they are 24 hours old or Limits.Kept is reached. What AWS's
// guide and reference say of limits, states and shapes is kept
// (data-api.md, API reference); texts of errors are AWS's where they are known
// from public reports, which errors.go names, and assumed elsewhere.
package datadoor
