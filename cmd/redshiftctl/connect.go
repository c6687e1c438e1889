package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/credentials"
	"github.com/llm-dev-ops/redshift/transport"
)

// openFunc is redshift.Open.
type openFunc func(context.Context, redshift.Config) (*redshift.Client, error)

// connection holds the flags that say where to connect and as whom.
type connection struct {
	url, host, user, database string
	passwordFile              string
	sslMode, sslRootCert      string
	queryGroup                string
	port                      int
	connectTimeout            time.Duration
	iam                       iamLogin
}

func (c *connection) flags(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.SortFlags = false // as they are defined, which is by subject
	fs.StringVar(&c.url, "url", "", "`URL` redshift://user@host:5439/database?sslmode=…; instead of the environment (REDSHIFT_URL and others)")
	fs.StringVar(&c.host, "host", "", "host `name` of the cluster or workgroup (REDSHIFT_HOST)")
	fs.IntVar(&c.port, "port", 0, "TCP port (REDSHIFT_PORT; default 5439)")
	fs.StringVarP(&c.user, "user", "U", "", "database `user` (REDSHIFT_USER); the password is REDSHIFT_PASSWORD")
	fs.StringVarP(&c.database, "database", "d", "", "`database` (REDSHIFT_DATABASE; default dev)")
	fs.StringVar(&c.passwordFile, "password-file", "", "`file` whose first line is the password")
	fs.StringVar(&c.sslMode, "sslmode", "", "`mode`: disable, prefer, require, verify-ca or verify-full (REDSHIFT_SSLMODE; default verify-full)")
	fs.StringVar(&c.sslRootCert, "sslrootcert", "", "`file` of certificates to trust, in PEM (REDSHIFT_SSLROOTCERT)")
	fs.StringVar(&c.queryGroup, "query-group", "", "query `group`, which chooses the WLM queue (REDSHIFT_QUERY_GROUP)")
	fs.DurationVar(&c.connectTimeout, "connect-timeout", 0, "bound for making the connection (default 30s)")
	c.iam.flags(cmd)
	values(cmd, "sslmode", "disable", "prefer", "require", "verify-ca", "verify-full")
}

// values completes a flag with what it may be.
func values(cmd *cobra.Command, flag string, allowed ...string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(allowed, cobra.ShellCompDirectiveNoFileComp))
}

// config is what flags and environment say. Flags win, and --url is instead of
// the environment but for the password.
func (c *connection) config(ctx context.Context, stdin io.Reader, stderr io.Writer) (redshift.Config, error) {
	cfg, err := c.base()
	if err != nil {
		return cfg, err
	}
	if c.host != "" {
		cfg.Host = c.host
	}
	if c.port != 0 {
		cfg.Port = c.port
	}
	if c.database != "" {
		cfg.Database = c.database
	}
	if c.sslMode != "" {
		cfg.TLS.Mode = transport.TLSMode(c.sslMode)
	}
	if c.sslRootCert != "" {
		cfg.TLS.CACert = c.sslRootCert
	}
	if c.queryGroup != "" {
		cfg.DefaultQueryGroup = c.queryGroup
	}
	if c.connectTimeout != 0 {
		cfg.ConnectionTimeout = c.connectTimeout
	}
	iam := c.iam.wanted(cfg.Host != "" && (cfg.Credentials != nil || c.user != ""))
	if iam {
		if err := c.iam.apply(ctx, &cfg); err != nil {
			return cfg, err
		}
	}
	if cfg.Host == "" {
		return cfg, hinted{usagef("where to connect is not said"), "give --url, --host, --cluster or --workgroup, or set REDSHIFT_URL or REDSHIFT_HOST"}
	}
	if !iam {
		if cfg.Credentials, err = c.credentials(ctx, cfg.Credentials, stdin, stderr); err != nil {
			return cfg, err
		}
	}
	cfg.ApplicationName = "redshiftctl"
	// One person at a terminal: one session for the work and one for questions
	// about it, made when they are needed.
	cfg.PoolSize, cfg.MinConnections = 2, -1
	cfg.MaxResultRows, cfg.MaxResultBytes = -1, -1
	cfg.DefaultTimeout = 24 * time.Hour
	if err := cfg.Validate(); err != nil {
		return cfg, usageError{err}
	}
	return cfg, nil
}

func (c *connection) base() (redshift.Config, error) {
	if c.url == "" {
		cfg, err := redshift.ConfigFromLookup(func(name string) string {
			if name == "REDSHIFT_USER" && c.user != "" && os.Getenv("REDSHIFT_PASSWORD") != "" {
				return c.user // whose password it is
			}
			return os.Getenv(name)
		})
		if err != nil {
			return cfg, usageError{err}
		}
		return cfg, nil
	}
	cfg, err := redshift.ParseURL(c.url)
	if err != nil {
		return cfg, inStatement{usageError{err}, "", "--url"}
	}
	return cfg, nil
}

// credentials are the user with a password from --password-file, the URL,
// REDSHIFT_PASSWORD, or a question at the terminal, in that order.
func (c *connection) credentials(ctx context.Context, have credentials.Provider, stdin io.Reader, stderr io.Writer) (credentials.Provider, error) {
	var user, password string
	if have != nil {
		known, err := have.Retrieve(ctx)
		if err != nil {
			return nil, err
		}
		user, password = known.User, known.Password.Reveal()
	}
	if c.user != "" && c.user != user {
		user, password = c.user, ""
	}
	if user == "" {
		return nil, hinted{usagef("as whom to log in is not said"), "give --user, or set REDSHIFT_USER"}
	}
	if c.passwordFile != "" {
		var err error
		if password, err = firstLine(c.passwordFile); err != nil {
			return nil, usageError{fmt.Errorf("--password-file: %w", err)}
		}
	}
	if password == "" {
		password = os.Getenv("REDSHIFT_PASSWORD")
	}
	if f, ok := stdin.(*os.File); ok && password == "" && isTerminal(f) {
		fmt.Fprintf(stderr, "Password of %s: ", printable(user))
		typed, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(stderr)
		if err != nil {
			return nil, fmt.Errorf("reading the password: %w", err)
		}
		password = string(typed)
	}
	return credentials.Static(user, password), nil
}

func firstLine(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	line, err := bufio.NewReader(io.LimitReader(f, 64<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", errors.New("the first line is empty")
	}
	return line, nil
}

// connected gives a client to do, and closes it.
func (p program) connected(cmd *cobra.Command, c *connection, change func(*redshift.Config), do func(context.Context, *redshift.Client) error) (err error) {
	ctx := cmd.Context()
	cfg, err := c.config(ctx, p.stdin, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	if change != nil {
		change(&cfg)
	}
	client, err := p.open(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() {
		cctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = client.Close(cctx)
	}()
	return do(ctx, client)
}

// arguments checks their number; the names are those of the usage line.
func arguments(least, most int, names string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < least || most >= 0 && len(args) > most {
			what := "takes no arguments"
			if names != "" {
				what = "takes " + names
			}
			return usagef("%s %s; see 'redshiftctl %s --help'", cmd.Name(), what, cmd.Name())
		}
		return nil
	}
}
