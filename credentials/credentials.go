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
	// User is the database user.
	User string
	// Password is its password, permanent or temporary.
	Password Secret
	// Expires is when the password stops being accepted; zero for never.
	Expires time.Time
}
