// Package awsauth asks AWS for a Redshift login: temporary credentials of a
// provisioned cluster or a serverless workgroup for an IAM identity, or a secret
// of Secrets Manager. It is the only importer of the AWS SDK for login.
//
// A Provider caches what it got until two minutes before it expires, asks once
// for all who wait, and asks again when the server has refused a login. It also
// finds the host and the port, so that a program need not know them.
package awsauth
