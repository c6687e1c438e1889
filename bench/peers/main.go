// Command peers is the processes of bench: the server that sends from memory, and each
// client. They are a program of their own, so that their memory is not that of the
// emulator's engine, which bench has in itself.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run serves until the standard input ends ("server"), or runs a client
// ("client NAME ADDRESS COUNT").
func run(ctx context.Context, args []string) error {
	switch {
	case len(args) == 1 && args[0] == "server":
		return serve(os.Stdin, os.Stdout)
	case len(args) == 4 && args[0] == "client":
		n, err := strconv.Atoi(args[3])
		if err != nil {
			return err
		}
		s, err := readAll(ctx, args[1], args[2], n)
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(s)
	}
	return fmt.Errorf("peers is to do %q", args)
}
