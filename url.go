package redshift

import (
	"context"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift/credentials"
	"github.com/llm-dev-ops/redshift/transport"
)

// ParseURL reads redshift://user:password@host:5439/database?name=value. The
// names are sslmode, sslrootcert, query_group, application_name, pool_size,
// compression, connect_timeout and timeout (durations as 30s, or seconds). Errors
// name the part that is wrong and never show the URL, which may hold a password.
func ParseURL(s string) (Config, error) {
	u, err := url.Parse(s)
	if err != nil { // the error quotes the URL
		return Config{}, usage("the URL cannot be parsed; percent-encode what is special in user and password")
	}
	if u.Scheme != "redshift" {
		return Config{}, usage("the URL's scheme must be redshift://")
	}
	if u.Opaque != "" || u.Fragment != "" {
		return Config{}, usage("the URL must be like redshift://user@host:5439/database; percent-encode what is special in user and password")
	}
	c := Config{Host: u.Hostname()}
	if c.Host == "" {
		return Config{}, usage("the URL has no host")
	}
	if p := u.Port(); p != "" {
		if c.Port, err = parsePort(p); err != nil {
			return Config{}, usage("the URL's port must be between 1 and 65535")
		}
	}
	c.Database = strings.TrimPrefix(u.Path, "/")
	if strings.Contains(c.Database, "/") {
		return Config{}, usage("the URL's path must be one name, the database")
	}
	if u.User != nil {
		password, _ := u.User.Password()
		if u.User.Username() == "" {
			return Config{}, usage("the URL's user is empty")
		}
		c.Credentials = credentials.Static(u.User.Username(), password)
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return Config{}, usage("the URL's parameters cannot be parsed")
	}
	names := make([]string, 0, len(query))
	for name := range query {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if len(query[name]) != 1 {
			return Config{}, usage("the URL's parameter %q comes more than once", name)
		}
		if err := c.set(name, query[name][0]); err != nil {
			return Config{}, err
		}
	}
	return c, c.Validate()
}

// set applies one parameter of a URL.
func (c *Config) set(name, value string) (err error) {
	switch name {
	case "sslmode":
		c.TLS.Mode = transport.TLSMode(value)
		if value == "" || !validMode(c.TLS.Mode) {
			return usage("sslmode must be disable, prefer, require, verify-ca or verify-full")
		}
	case "sslrootcert":
		c.TLS.CACert = value
	case "query_group":
		c.DefaultQueryGroup = value
	case "compression":
		if value == "" {
			return usage("compression must be lz4, zstd, or a list of them")
		}
		c.Compression = value
	case "application_name":
		c.ApplicationName = value
	case "pool_size":
		if c.PoolSize, err = strconv.Atoi(value); err != nil || c.PoolSize < 1 {
			return usage("pool_size must be a number of at least 1")
		}
	case "connect_timeout":
		c.ConnectionTimeout, err = parseDuration(name, value)
	case "timeout":
		c.DefaultTimeout, err = parseDuration(name, value)
	default:
		return usage("the parameter %q is not known", name)
	}
	return err
}

func parseDuration(name, value string) (time.Duration, error) {
	if n, err := strconv.ParseUint(value, 10, 31); err == nil && n > 0 {
		return time.Duration(n) * time.Second, nil
	}
	d, err := time.ParseDuration(value)
	if err != nil || d <= 0 {
		return 0, usage("%s must be a positive duration like 30s, or a number of seconds", name)
	}
	return d, nil
}

func parsePort(s string) (int, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 {
		return 0, usage("the port must be between 1 and 65535")
	}
	return int(n), nil
}

// ConfigFromEnv reads REDSHIFT_URL and, over it, REDSHIFT_HOST, REDSHIFT_PORT,
// REDSHIFT_DATABASE, REDSHIFT_USER, REDSHIFT_PASSWORD, REDSHIFT_SSLMODE,
// REDSHIFT_SSLROOTCERT and REDSHIFT_QUERY_GROUP. The password is that of
// REDSHIFT_USER, or else of the URL's user. Variables that are empty count as
// unset. Errors name the variable and show no value.
func ConfigFromEnv() (Config, error) { return ConfigFromLookup(os.Getenv) }

// ConfigFromLookup is ConfigFromEnv over another source of the variables.
func ConfigFromLookup(getenv func(string) string) (Config, error) {
	var c Config
	var err error
	if s := getenv("REDSHIFT_URL"); s != "" {
		if c, err = ParseURL(s); err != nil {
			return Config{}, &Error{Kind: ErrUsage, Message: "REDSHIFT_URL is not valid", cause: err, Detail: errorMessage(err)}
		}
	}
	if s := getenv("REDSHIFT_HOST"); s != "" {
		c.Host = s
	}
	if s := getenv("REDSHIFT_PORT"); s != "" {
		if c.Port, err = parsePort(s); err != nil {
			return Config{}, usage("REDSHIFT_PORT must be between 1 and 65535")
		}
	}
	if s := getenv("REDSHIFT_DATABASE"); s != "" {
		c.Database = s
	}
	user, password := getenv("REDSHIFT_USER"), getenv("REDSHIFT_PASSWORD")
	switch {
	case user != "":
		c.Credentials = credentials.Static(user, password)
	case password != "" && c.Credentials != nil:
		known, err := c.Credentials.Retrieve(context.Background()) // static, as ParseURL made it
		if err != nil {
			return Config{}, wrap(err)
		}
		c.Credentials = credentials.Static(known.User, password)
	case password != "":
		return Config{}, usage("REDSHIFT_PASSWORD is set without REDSHIFT_USER")
	}
	for variable, name := range map[string]string{
		"REDSHIFT_SSLMODE": "sslmode", "REDSHIFT_SSLROOTCERT": "sslrootcert", "REDSHIFT_QUERY_GROUP": "query_group",
	} {
		if s := getenv(variable); s != "" {
			if err := c.set(name, s); err != nil {
				return Config{}, &Error{Kind: ErrUsage, Message: variable + " is not valid", cause: err, Detail: errorMessage(err)}
			}
		}
	}
	return c, c.Validate()
}

func errorMessage(err error) string {
	if e, ok := err.(*Error); ok {
		return e.Message
	}
	return ""
}
