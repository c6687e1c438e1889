package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"time"
)

// errNoPostgres is what startPostgres fails with where Debian's PostgreSQL is not there.
var errNoPostgres = errors.New("PostgreSQL is not installed (Debian's package postgresql): nothing to compare with")

// startPostgres makes a cluster of Debian's PostgreSQL with its own settings, on the
// loopback. It refuses to run as root, so that it runs as the user postgres there.
func startPostgres(ctx context.Context) (at string, stop func(), err error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is a good one
	if len(found) == 0 {
		return "", nil, errNoPostgres
	}
	bin := filepath.Dir(found[len(found)-1])
	dir, err := os.MkdirTemp("", "bench-postgres")
	if err != nil {
		return "", nil, err
	}
	var as []string
	if os.Getuid() == 0 {
		u, err := user.Lookup("postgres")
		if err != nil {
			return "", nil, errors.Join(errNoPostgres, err, os.RemoveAll(dir))
		}
		uid, _ := strconv.Atoi(u.Uid) // numbers on Linux
		gid, _ := strconv.Atoi(u.Gid)
		if err := os.Chown(dir, uid, gid); err != nil {
			return "", nil, errors.Join(err, os.RemoveAll(dir))
		}
		as = []string{"runuser", "-u", "postgres", "--"}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") // a port that is free
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	_ = l.Close()
	run := func(ctx context.Context, args ...string) error {
		args = append(as[:len(as):len(as)], args...)
		out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", filepath.Base(args[len(as)]), err, out)
		}
		return nil
	}
	data := filepath.Join(dir, "data")
	options := "-p " + port + " -k " + dir + " -c listen_addresses=127.0.0.1 -c max_wal_size=4GB"
	err = run(ctx, filepath.Join(bin, "initdb"), "-D", data, "-A", "trust", "-U", "bench", "-E", "UTF8")
	if err == nil {
		err = run(ctx, filepath.Join(bin, "pg_ctl"), "-D", data, "-w", "-l", filepath.Join(dir, "log"), "-o", options, "start")
	}
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	return "postgres://bench@127.0.0.1:" + port + "/postgres?sslmode=disable", func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
		defer cancel()
		_ = run(ctx, filepath.Join(bin, "pg_ctl"), "-D", data, "-m", "immediate", "stop")
		_ = os.RemoveAll(dir)
	}, nil
}
