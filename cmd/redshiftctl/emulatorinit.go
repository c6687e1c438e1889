package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/emulator"
	"github.com/llm-dev-ops/redshift/internal/sample"
)

// isNew tells whether a data folder holds no database yet; no folder is a new
// one at each start.
func isNew(dir string) bool {
	if dir == "" {
		return true
	}
	_, err := os.Stat(filepath.Join(dir, "redshift.duckdb"))
	return errors.Is(err, os.ErrNotExist)
}

// fill brings data into a new emulator: the seed, and then what the files of a
// folder do.
func (f *emulatorFlags) fill(ctx context.Context, s *emulator.Server, stderr io.Writer) error {
	if f.seed == "" && f.init == "" {
		return nil
	}
	d := &demo{out: io.Discard, server: s, data: sample.New(sample.Config{})}
	if err := d.connect(ctx); err != nil {
		return err
	}
	err := f.fillWith(ctx, d, stderr)
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	return errors.Join(err, d.client.Close(closing))
}

func (f *emulatorFlags) fillWith(ctx context.Context, d *demo, stderr io.Writer) error {
	if f.seed != "" {
		load := d.load
		if f.tpch != nil {
			load = func(ctx context.Context) error { return d.loadTPCH(ctx, f.tpch) }
		}
		if err := load(ctx); err != nil {
			return fmt.Errorf("--seed %s: %w", f.seed, err)
		}
	}
	if f.init == "" {
		return nil
	}
	entries, err := os.ReadDir(f.init)
	if err != nil {
		return fmt.Errorf("--init: %w", err)
	}
	var names []string
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); !e.IsDir() && (ext == ".sql" || ext == ".sh") {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	for _, name := range names {
		began := time.Now()
		path := filepath.Join(f.init, name)
		if filepath.Ext(name) == ".sql" {
			err = runScript(ctx, d.client, path)
		} else {
			err = runShell(ctx, d.server, path, stderr)
		}
		if err != nil {
			return fmt.Errorf("--init: %s: %w", path, err)
		}
		fmt.Fprintf(stderr, "%s done in %s\n", path, took(began))
	}
	return nil
}

// runScript runs the statements of a file in one session.
func runScript(ctx context.Context, client *redshift.Client, path string) (err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	conn, err := client.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	script, err := redshift.SplitScript(string(text))
	if err != nil {
		return err
	}
	for _, s := range script {
		if _, err := conn.Execute(ctx, redshift.Query{SQL: s.SQL, Timeout: time.Hour}); err != nil {
			return inStatement{err, s.SQL, fmt.Sprintf("%s:%d", path, s.Line)}
		}
	}
	return nil
}

// runShell runs a shell script with the environment of the emulator's clients.
// What it prints goes to stderr.
func runShell(ctx context.Context, s *emulator.Server, path string, stderr io.Writer) error {
	c := exec.CommandContext(ctx, "sh", path)
	c.Env = append(os.Environ(), clientEnvironment(s)...)
	c.Stdout, c.Stderr = stderr, stderr
	c.WaitDelay = time.Second
	return c.Run()
}

// clientEnvironment is what redshiftctl, psql, the AWS CLI and the SDKs need to
// find an emulator.
func clientEnvironment(s *emulator.Server) []string {
	cfg := s.Config()
	host, port, _ := net.SplitHostPort(s.WireAddr())
	key, secret := clientKeys(cfg)
	return []string{
		"REDSHIFT_URL=" + s.URL(), "REDSHIFT_IAM_ROLE=default", "REDSHIFT_STAGE=s3://" + cfg.Bucket + "/stage",
		"PGHOST=" + host, "PGPORT=" + port, "PGUSER=" + cfg.User, "PGPASSWORD=" + cfg.Password, "PGDATABASE=" + cfg.Database,
		"AWS_ENDPOINT_URL=" + s.AWSEndpoint(), "AWS_REGION=" + cfg.Region, "AWS_DEFAULT_REGION=" + cfg.Region,
		"AWS_ACCESS_KEY_ID=" + key, "AWS_SECRET_ACCESS_KEY=" + secret, "AWS_EC2_METADATA_DISABLED=true",
	}
}

// clientKeys are those of the first user of Config.IAM; without, any will do.
func clientKeys(cfg emulator.Config) (key, secret string) {
	var list struct {
		Users []struct {
			Key    string `json:"access_key"`
			Secret string `json:"secret_key"`
		} `json:"users"`
	}
	// It was read already when the emulator started.
	if json.Unmarshal(cfg.IAM, &list) != nil || len(list.Users) == 0 {
		return "emulator", "emulator"
	}
	return list.Users[0].Key, list.Users[0].Secret
}
