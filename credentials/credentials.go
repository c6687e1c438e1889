// Package credentials says who logs in: a Provider gives a user and a Secret,
// and Static is the provider of a user and a password that are known.
package credentials

import (
	"context"
	"time"
)

// Provider gives the credentials of the next login. It is called for every
// new connection, concurrently, with a deadline of its own; it caches if
// asking is dear.
type Provider interface {
	Retrieve(ctx context.Context) (Credentials, error)
}

// Invalidator is a Provider that can forget what it has cached. A transport
// calls it once when the server refuses a login with SQLSTATE 28xxx, and then
// asks for fresh credentials.
type Invalidator interface {
	Invalidate()
}

// Credentials are what a login needs.
type Credentials struct {
	// User is the database user; with a Token it may be empty, as the token
	// names it.
	User string
	// Password is its password, permanent or temporary.
	Password Secret
	// Token is a token of an identity provider or of IAM Identity Center, to log
	// in with instead of a password where the server asks for one.
	Token Secret
	// Identity tells the server what the token is; with a password it is empty
	// but for Plugin.
	Identity Identity
	// Expires is when password or token stop being accepted; zero for never.
	Expires time.Time
}

// Identity describes a Token to the server, in the startup parameters that
// AWS's drivers send for it. Empty fields are not sent.
type Identity struct {
	// Type is the kind of identity provider (idp_type): "AzureAD", "Okta" or
	// "AwsIdc" for IAM Identity Center.
	Type string
	// Provider is the name that CREATE IDENTITY PROVIDER gave it
	// (provider_name).
	Provider string
	// TokenType is the kind of token (token_type): "ACCESS_TOKEN",
	// "SUBJECT_TOKEN" for identity-enhanced credentials.
	TokenType string
	// Namespace is the provider's namespace (identity_namespace).
	Namespace string
	// Client is the name of the application at IAM Identity Center
	// (idc_client_display_name).
	Client string
	// Plugin is the name of what has got the credentials (plugin_name).
	Plugin string
}
