// Command redshiftctl is the command line of the redshift module.
//
// Its exit codes are in its help, under "Exit codes", and in docs/cli.md.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/s3stage"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks for an orderly end; the second one kills.
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run executes one command line and gives the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return program{open: redshift.Open, stage: stage, stdin: os.Stdin}.run(ctx, args, stdout, stderr)
}

// program is what the commands have of the world outside.
type program struct {
	open  openFunc
	stage func(context.Context, s3stage.Config) (stager, error)
	stdin io.Reader
}

func (p program) run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := p.root()
	root.SetArgs(args)
	root.SetIn(p.stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err != nil {
		report(stderr, ctx, cmd.CommandPath(), err)
	}
	return exitCode(ctx, err)
}

func (p program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "redshiftctl",
		Short: "Work with Amazon Redshift, and with the one on your laptop",
		Long: `Work with Amazon Redshift, and with the one on your laptop.

Exit codes:
  0    done
  1    the server refused it, or it failed in another way
  2    the command line makes no sense; nothing was done
  3    no connection, or the login was refused
  4    rows could not be loaded, and so nothing was
  5    the connection broke; the statement may have taken effect
  130  interrupted`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("unknown command %q", args[0])}
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(newVersion(), newEmulator(), newDemo())
	if p.open != nil {
		root.AddCommand(p.query(), p.copy(), p.unload(), p.load(), p.read(), p.ping(), p.jobs())
	}
	return root
}

// flagError says where passwords are read from, as that is no flag: arguments
// can be seen by everyone on the machine.
func flagError(_ *cobra.Command, err error) error {
	if strings.Contains(err.Error(), "unknown flag: --password") {
		return hinted{usageError{err}, "the password is in REDSHIFT_PASSWORD, in --password-file, or asked for at a terminal"}
	}
	return usageError{err}
}
