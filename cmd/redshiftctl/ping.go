package main

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/llm-dev-ops/redshift"
)

func (p program) ping() *cobra.Command {
	var c connection
	cmd := &cobra.Command{
		Use:   "ping",
		Short: "Log in, ask for 1 and print how long it took",
		Args:  arguments(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var where string
			began := time.Now()
			address := func(cfg *redshift.Config) {
				where = net.JoinHostPort(cfg.Host, strconv.Itoa(cmp.Or(cfg.Port, 5439)))
				began = time.Now() // the password may have been asked for
			}
			return p.connected(cmd, &c, address, func(ctx context.Context, client *redshift.Client) error {
				health, err := client.Health(ctx)
				if err != nil {
					return err
				}
				connected := time.Since(began)
				began = time.Now()
				if _, err := client.QueryRow(ctx, redshift.SQL("select 1")); err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s/%s as %s: connected in %s, answered in %s\n%s\n", where,
					printable(health.Database), printable(health.User), short(connected), short(time.Since(began)), printable(health.Version))
				return err
			})
		},
	}
	c.flags(cmd)
	return cmd
}
