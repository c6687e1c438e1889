package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/llm-dev-ops/redshift/emulator"
	"github.com/llm-dev-ops/redshift/internal/sample/tpch"
)

// drainTime is how long a server's running statements may take after SIGTERM.
const drainTime = 10 * time.Second

func newEmulator() *cobra.Command {
	c := &cobra.Command{
		Use:   "emulator",
		Short: "Run a Redshift on this machine",
		Args:  noArguments,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newEmulatorStart())
	return c
}

// emulatorFlags are the flags of emulator start.
type emulatorFlags struct {
	config       emulator.Config
	passwordFile string
	tls          string
	mode         string
	strict       bool
	seed, init   string
	tpch         *tpch.Database // of --seed tpch
	faults, iam  string
	rates        map[string]string
	refused      map[string]*string
}

func newEmulatorStart() *cobra.Command {
	f := &emulatorFlags{refused: map[string]*string{}}
	c := &cobra.Command{
		Use:   "start",
		Short: "Start the emulator and serve until SIGTERM",
		Long: `Start a Redshift emulator: the wire protocol, the Data API and S3, with Redshift's
SQL, COPY and UNLOAD on an embedded DuckDB.

When every door is open one line of JSON on stdout tells the addresses; logs go
to stderr. SIGTERM or ctrl-C drains and ends it. Set AWS_ENDPOINT_URL to the
line's "aws" for the AWS CLI and SDKs; without --iam any access key is accepted.`,
		Example: `  redshiftctl emulator start
  psql "postgresql://awsuser:Emulator1@127.0.0.1:5439/dev"
  AWS_ENDPOINT_URL=http://127.0.0.1:4566 aws s3 cp calls.csv s3://emulator/`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c) },
	}
	fl := c.Flags()
	fl.StringVar(&f.config.Listen, "listen", "127.0.0.1:5439", "address of the wire protocol; port 0 picks a free one")
	fl.StringVar(&f.config.AWSListen, "aws-listen", "127.0.0.1:4566", "address of the AWS endpoint (S3, Data API, logins)")
	fl.StringVar(&f.config.DataDir, "data-dir", "", "folder that keeps everything (default: in memory)")
	fl.StringVar(&f.config.Database, "database", "dev", "the first database")
	fl.StringVar(&f.config.User, "user", "awsuser", "the superuser")
	fl.StringVar(&f.passwordFile, "password-file", "", "file with the superuser's password (default: $REDSHIFT_EMULATOR_PASSWORD, or Emulator1)")
	fl.StringVar((*string)(&f.config.Auth), "auth", "md5", "how passwords are asked for: md5, digest (SHA-256) or cleartext")
	fl.StringVar(&f.tls, "tls", "auto", "auto (a certificate is made), off, or CERT,KEY (PEM files)")
	fl.StringVar(&f.mode, "mode", "provisioned", "provisioned or serverless")
	fl.StringVar(&f.config.MemoryLimit, "memory-limit", "", "most memory for queries, such as 2GB (default: 80% of the machine's)")
	fl.BoolVar(&f.strict, "strict", true, "refuse what Redshift refuses")
	fl.StringVar(&f.seed, "seed", "", "fill a new emulator with `data`: llmops is the sample database of the demo, tpch the TPC-H tables at scale 0.01, tpch:SCALE at another")
	fl.StringVar(&f.init, "init", "", "`folder` whose *.sql and *.sh files run in order on a new emulator, before the line is printed")
	fl.StringVar(&f.faults, "faults", "", "`file` with rules of what goes wrong (JSON, docs/emulator.md)")
	fl.StringVar(&f.iam, "iam", "", "`file` with users, keys and roles (JSON, docs/emulator.md): signatures are verified then")
	fl.StringToStringVar(&f.rates, "data-api-rates", nil, "calls a second that `operations` of the Data API take, such as ExecuteStatement=30,GetStatementResult=20; AWS has these, and 100 of DescribeStatement (default: any number)")
	for _, name := range []string{"s3-endpoint", "wlm"} {
		f.refused[name] = fl.String(name, "", "not built yet: refused")
	}
	return c
}

func noArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("%s takes no arguments, and there is %q", c.CommandPath(), args[0])}
	}
	return nil
}

func (f *emulatorFlags) complete(c *cobra.Command) error {
	for name, value := range f.refused {
		if *value != "" || c.Flags().Changed(name) {
			return usageError{fmt.Errorf("--%s is not built yet", name)}
		}
	}
	if f.seed != "" {
		var err error
		if f.tpch, err = seedData(f.seed); err != nil {
			return err
		}
	}
	if f.init != "" {
		if info, err := os.Stat(f.init); err != nil || !info.IsDir() {
			return usageError{fmt.Errorf("--init: %s is no folder", f.init)}
		}
	}
	if !f.strict {
		return usageError{errors.New("--strict=false is not built yet")}
	}
	switch f.mode {
	case "provisioned":
	case "serverless":
		f.config.Serverless = true
	default:
		return usageError{fmt.Errorf("--mode is %q; it takes provisioned or serverless", f.mode)}
	}
	switch cert, key, pair := strings.Cut(f.tls, ","); {
	case f.tls == "auto", f.tls == "off":
		f.config.TLS = emulator.TLSMode(f.tls)
	case pair:
		var err error
		if f.config.Certificate, err = tls.LoadX509KeyPair(cert, key); err != nil {
			return fmt.Errorf("--tls: %w", err)
		}
		f.config.TLS = emulator.TLSGiven
	default:
		return usageError{fmt.Errorf("--tls is %q; it takes auto, off or CERT,KEY", f.tls)}
	}
	f.config.Password = os.Getenv("REDSHIFT_EMULATOR_PASSWORD")
	if f.passwordFile != "" {
		text, err := os.ReadFile(f.passwordFile)
		if err != nil {
			return fmt.Errorf("--password-file: %w", err)
		}
		f.config.Password = strings.TrimRight(string(text), "\r\n")
	}
	for _, file := range []struct {
		flag, path string
		text       *[]byte
	}{{"faults", f.faults, &f.config.Faults}, {"iam", f.iam, &f.config.IAM}} {
		if file.path == "" {
			continue
		}
		var err error
		if *file.text, err = os.ReadFile(file.path); err != nil {
			return fmt.Errorf("--%s: %w", file.flag, err)
		}
	}
	for operation, text := range f.rates {
		rate, err := strconv.ParseFloat(text, 64)
		if err != nil || !(rate > 0) {
			return usageError{fmt.Errorf("--data-api-rates: %s=%s is no number of calls a second", operation, text)}
		}
		if f.config.DataAPI.Rates == nil {
			f.config.DataAPI.Rates = map[string]float64{}
		}
		f.config.DataAPI.Rates[operation] = rate
	}
	f.config.Logger = slog.New(slog.NewTextHandler(c.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelInfo}))
	if err := f.config.Validate(); err != nil {
		return usageError{err}
	}
	return nil
}

// emulatorLine is the line of JSON that tells other programs where it is.
type emulatorLine struct {
	Wire      string `json:"wire"`
	AWS       string `json:"aws"`
	Database  string `json:"database"`
	User      string `json:"user"`
	URL       string `json:"url"`
	Cluster   string `json:"cluster"`
	Workgroup string `json:"workgroup"`
	Region    string `json:"region"`
	Bucket    string `json:"s3_bucket"`
	Role      string `json:"iam_role"`
	CACert    string `json:"ca_cert"`
	PID       int    `json:"pid"`
}

func (f *emulatorFlags) run(c *cobra.Command) (err error) {
	if err := f.complete(c); err != nil {
		return err
	}
	ctx := c.Context()
	fresh := isNew(f.config.DataDir)
	s, err := emulator.Start(ctx, f.config)
	if err != nil {
		return err
	}
	defer func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
		defer cancel()
		err = errors.Join(err, s.Close(stop))
	}()
	if fresh {
		if err := f.fill(ctx, s, c.ErrOrStderr()); err != nil {
			return err
		}
	}
	cert, remove, err := writeCertificate(s, f.config.DataDir)
	if err != nil {
		return err
	}
	defer remove()
	cfg := s.Config()
	line := emulatorLine{
		Wire: s.WireAddr(), AWS: s.AWSEndpoint(), Database: cfg.Database, User: cfg.User, URL: s.URL(),
		Cluster: "emulator", Workgroup: "emulator", Region: cfg.Region, Bucket: cfg.Bucket,
		Role: cfg.Role, CACert: cert, PID: os.Getpid(),
	}
	out := json.NewEncoder(c.OutOrStdout())
	out.SetEscapeHTML(false)
	if err := out.Encode(line); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// writeCertificate puts the authority's certificate where other programs can
// read it: into the data folder, or a temporary file that remove removes.
func writeCertificate(s *emulator.Server, dir string) (path string, remove func(), err error) {
	pem := s.CACert()
	if pem == nil {
		return "", func() {}, nil
	}
	if dir != "" {
		if path, err = filepath.Abs(filepath.Join(dir, "ca.pem")); err != nil {
			return "", nil, err
		}
		return path, func() {}, os.WriteFile(path, pem, 0o644) // it is public
	}
	file, err := os.CreateTemp("", "redshift-emulator-*.pem")
	if err != nil {
		return "", nil, err
	}
	_, err = file.Write(pem)
	if err = errors.Join(err, file.Close()); err != nil {
		_ = os.Remove(file.Name())
		return "", nil, err
	}
	return file.Name(), func() { _ = os.Remove(file.Name()) }, nil
}
