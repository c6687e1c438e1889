// Command files does one job of bench's suites of files, in a process of its own and
// without the emulator's engine, and prints what it took as JSON.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"

	"github.com/llm-dev-ops/redshift/bench/internal/sample"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "files:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) < 3 {
		return fmt.Errorf("it is to do %q", args)
	}
	rows, err := strconv.Atoi(args[len(args)-1])
	if err != nil {
		return err
	}
	var s sample.Sample
	switch {
	case args[0] == "file" && len(args) == 3:
		s, err = fileJob(ctx, args[1], rows)
	case args[0] == "move" && len(args) == 5:
		s, err = move(ctx, args[1], args[2], args[3], rows)
	default:
		err = fmt.Errorf("it is to do %q", args)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(s)
}
