// Package dynamodoor serves DynamoDB over tables in memory or in a folder: for
// the AWS CLI and SDKs as a Door, and for COPY in Go.
//
// COPY from dynamodb://table reads a table so: Door.Table tells whether the table
// is there and how many items it has; Door.Items(name, i, n) is the i-th of n
// segments, each of which may be read by a goroutine of its own while others
// write; an Item maps the attributes' names to Values, of which COPY takes the
// types String and Number (Value.Text is exact) and leaves Binary and sets alone.
// Which columns they go to is COPY's to say.
package dynamodoor
