package e2e

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/emulator"
	"github.com/llm-dev-ops/redshift/s3stage"
)

// start runs an emulator for one test.
func start(t *testing.T, cfg emulator.Config) *emulator.Server {
	t.Helper()
	s, err := emulator.Start(t.Context(), cfg)
	if errors.Is(err, emulator.ErrNoCgo) {
		t.Skipf("needs the emulator: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Errorf("closing the emulator: %v", err)
		}
	})
	return s
}

// connect opens a client whose COPY and UNLOAD use the emulator's role.
func connect(t *testing.T, s *emulator.Server) *redshift.Client {
	t.Helper()
	cfg, err := redshift.ParseURL(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	cfg.DefaultCopyIAMRole, cfg.DefaultUnloadIAMRole = "default", "default"
	return open(t, cfg)
}

func open(t *testing.T, cfg redshift.Config) *redshift.Client {
	t.Helper()
	c, err := redshift.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := c.Close(ctx); err != nil {
			t.Errorf("closing the client: %v", err)
		}
	})
	return c
}

// both is an emulator with a client of it.
func both(t *testing.T) (*emulator.Server, *redshift.Client) {
	t.Helper()
	s := start(t, emulator.Config{})
	return s, connect(t, s)
}

func stage(t *testing.T, s *emulator.Server) *s3stage.Stage {
	t.Helper()
	st, err := s3stage.New(t.Context(), s3stage.Config{
		Endpoint: s.AWSEndpoint(), Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func exec1(t *testing.T, c redshift.Querier, sql string, args ...any) *redshift.Result {
	t.Helper()
	r, err := c.Execute(t.Context(), redshift.SQL(sql, args...))
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return r
}

// querier is a Client or a Tx.
type querier interface {
	redshift.Querier
	QueryRow(ctx context.Context, q redshift.Query) (redshift.Row, error)
}

// value is the one value of a query.
func value[T any](t *testing.T, c querier, sql string, args ...any) T {
	t.Helper()
	var v T
	row, err := c.QueryRow(t.Context(), redshift.SQL(sql, args...))
	if err == nil {
		err = row.Scan(&v)
	}
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// tool finds a program that is not ours; CI installs all of them and fails on
// any skip.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("needs %s", name)
	}
	return path
}

// pythonWith finds an interpreter that has a module: the first python3 of PATH,
// or Debian's.
func pythonWith(t *testing.T, module string) string {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.CommandContext(t.Context(), python, "-c", "import "+module).Run() == nil {
			return python
		}
	}
	t.Skipf("needs python3 with %s", module)
	return ""
}

// run runs a program with the emulator's environment and gives its output.
func run(t *testing.T, s *emulator.Server, stdin, name string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, tool(t, name), args...)
	c.Env = append(os.Environ(),
		"AWS_ENDPOINT_URL="+s.AWSEndpoint(), "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull,
		"PGPASSWORD=Emulator1", "PSQLRC="+os.DevNull, "PGSERVICEFILE="+os.DevNull, "REDSHIFT_URL="+s.URL())
	c.Dir = t.TempDir()
	if stdin != "" {
		c.Stdin = strings.NewReader(stdin)
	}
	out, err := c.CombinedOutput()
	return string(out), err
}
