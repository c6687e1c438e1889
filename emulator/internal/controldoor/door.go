// Package controldoor serves Redshift's control plane as far as clients need it
// to connect: redshift and redshift-serverless tell of the one database, as a
// cluster and as a workgroup, and give out temporary credentials. Further clusters,
// workgroups and namespaces can be made; they are other names of the same database.
//
// What changes is told as changing in the answer to the call, and as changed from
// then on.
package controldoor

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Config says of what the doors tell.
type Config struct {
	// Region and Account are the owner's. Account defaults to "123456789012".
	Region, Account string
	// Cluster and Workgroup are the identifiers.
	Cluster, Workgroup string
	// Database is the first database, User the superuser.
	Database, User string
	// Host and Port are where the wire protocol is.
	Host string
	Port int
	// Created is when the server started.
	Created time.Time
	// HasUser tells whether a database user exists.
	HasUser func(name string) bool
	// MakeUser makes a database user without a password.
	MakeUser func(ctx context.Context, name string) error
	// Join puts a database user into groups; what is no group is its error.
	Join func(ctx context.Context, user string, groups []string) error
	// Issue makes a temporary password, as login.Table does.
	Issue func(user string, valid time.Duration) (password string, until time.Time)
	// HasBucket tells whether S3 has a bucket.
	HasBucket func(name string) bool
	// Serve is told when Cluster is paused or deleted (false) and when it is there
	// again. It must not block.
	Serve func(bool)
}

func (c Config) withDefaults() Config {
	if c.Account == "" {
		c.Account = "123456789012"
	}
	return c
}

// New makes the handlers of redshift and redshift-serverless.
func New(cfg Config) (redshift, serverless http.Handler) {
	cfg = cfg.withDefaults()
	return newClusters(cfg), newServerless(cfg)
}

// The bounds and the default of DurationSeconds (API_GetClusterCredentials).
const (
	minDuration = 900
	maxDuration = 3600
)

// login gives out credentials of name, which is stored as a user of the database
// under its own name or that. The user is made if auto asks for it.
func (c Config) login(ctx context.Context, name, stored string, auto bool, seconds int) (user, password string, until time.Time, err error) {
	if auto && !c.HasUser(stored) {
		if err := c.MakeUser(ctx, stored); err != nil {
			return "", "", time.Time{}, fmt.Errorf("the user %q could not be made: %w", stored, err)
		}
	}
	password, until = c.Issue(name, time.Duration(seconds)*time.Second)
	return name, password, until, nil
}

// The prefixes of DbUser: of GetClusterCredentials without and with AutoCreate
// (API_GetClusterCredentials).
const (
	prefixUser = "IAM:"
	prefixAuto = "IAMA:"
)

// domain is a custom domain of a cluster or a workgroup.
type domain struct {
	name, certificate, of string
	expires               time.Time
}

// domains are a service's, by name.
type domains struct {
	mu  sync.Mutex
	all map[string]domain
}

// certificateLife is how long a certificate is said to hold (assumed).
const certificateLife = 395 * 24 * time.Hour
