package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/s3stage"
	"github.com/llm-dev-ops/redshift/transport"
)

// TestConnection: flags win over the environment, and --url is instead of it but
// for the password. It changes the environment and so is not parallel.
func TestConnection(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("from-file\r\nmore"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		env  map[string]string
		args []string
		want string // user:password@host:port/database sslmode group
	}{
		{"the URL", nil, []string{"--url", "redshift://ann:pw@h:1/db?sslmode=require"}, "ann:pw@h:1/db require "},
		{"flags over the URL", nil, []string{"--url", "redshift://ann:pw@h:1/db", "--host", "i", "--port", "2", "-d", "e", "--sslmode", "disable", "--query-group", "q"}, "ann:pw@i:2/e disable q"},
		{"another user has another password", nil, []string{"--url", "redshift://ann:pw@h", "-U", "bob"}, "bob:@h:0/  "},
		{"the environment", map[string]string{"URL": "redshift://ann:pw@h/db", "HOST": "i", "SSLMODE": "verify-ca"}, nil, "ann:pw@i:0/db verify-ca "},
		{"a password for the URL's user", map[string]string{"URL": "redshift://ann@h/db", "PASSWORD": "env"}, nil, "ann:env@h:0/db  "},
		{"a password for the flag's user", map[string]string{"HOST": "h", "PASSWORD": "env"}, []string{"--user", "bob"}, "bob:env@h:0/  "},
		{"a URL instead of the environment", map[string]string{"HOST": "i", "USER": "bob", "DATABASE": "x", "PASSWORD": "env"}, []string{"--url", "redshift://ann@h"}, "ann:env@h:0/  "},
		{"a file", map[string]string{"PASSWORD": "env"}, []string{"--url", "redshift://ann:pw@h", "--password-file", file}, "ann:from-file@h:0/  "},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, name := range []string{"URL", "HOST", "PORT", "DATABASE", "USER", "PASSWORD", "SSLMODE", "SSLROOTCERT", "QUERY_GROUP"} {
				t.Setenv("REDSHIFT_"+name, c.env[name])
			}
			s := &server{openErr: errors.New("seen")}
			var out, stderr bytes.Buffer
			program{open: s.open, stdin: strings.NewReader("")}.run(t.Context(), append([]string{"ping"}, c.args...), &out, &stderr)
			if s.cfg.Credentials == nil {
				t.Fatalf("not opened: %s", stderr.String())
			}
			who, err := s.cfg.Credentials.Retrieve(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got := who.User + ":" + who.Password.Reveal() + "@" + s.cfg.Host + ":" + string('0'+rune(s.cfg.Port)) + "/" + s.cfg.Database + " " +
				string(s.cfg.TLS.Mode) + " " + s.cfg.DefaultQueryGroup
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	if _, err := firstLine(os.DevNull); err == nil {
		t.Error("an empty password file is no error")
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want string
	}{
		{explainS3(&s3stage.Error{Op: "put", URI: "s3://b/k", Kind: s3stage.ErrWrongRegion, Err: errors.New("no")}), "hint: give --region"},
		{explainS3(&s3stage.Error{Op: "put", URI: "s3://b/k", Kind: s3stage.ErrNotFound, Code: "NoSuchBucket", Err: errors.New("NoSuchBucket")}), "hint: --stage must be in a bucket"},
		{explainS3(errors.New("disk \x1b[2Jfull")), "redshiftctl: disk \uFFFD[2Jfull\n"},
		{&transport.ConnectError{Addr: "h:1", Stage: "tls", Hint: "give its bundle as Config.TLS.CACert", Err: errors.New("no")}, "redshiftctl: cannot connect to h:1: no\nhint: give its bundle as --sslrootcert\n"},
		{usagef("bad"), "redshiftctl: bad\nRun 'redshiftctl x --help' for usage.\n"},
	} {
		var out bytes.Buffer
		report(&out, t.Context(), "redshiftctl x", c.err)
		if !strings.Contains(out.String(), c.want) {
			t.Errorf("got %s, want %s", out.String(), c.want)
		}
	}
	for sql, want := range map[string]string{
		"select x":                       "line 1: select x\n               ^\n",
		"create user u password 'Secr3'": "",
		"a\n\tb":                         "line 2:  b\n         ^\n",
	} {
		position := len([]rune(sql))
		if sql[0] == 'a' {
			position = 4
		}
		if got := caret(sql, position); got != want {
			t.Errorf("%q: got\n%s, want\n%s", sql, got, want)
		}
	}
	for _, position := range []int{1, 5, 300, 999} { // cut, and beyond the end
		long := strings.Repeat("日", 300)
		if got := caret(long, position); !strings.HasSuffix(got, "^\n") || len([]rune(got)) > 400 {
			t.Errorf("%d: got %s", position, got)
		}
	}
}

func TestShort(t *testing.T) {
	t.Parallel()
	for in, want := range map[int64]string{0: "0s", 1_234: "1µs", 1_234_567: "1.2ms", 1_234_567_890: "1.23s", 90_400_000_000: "1m30s"} {
		if got := short(time.Duration(in)); got != want {
			t.Errorf("%d: got %s, want %s", in, got, want)
		}
	}
	for in, want := range map[int64]string{0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 5 << 30: "5.0 GiB"} {
		if got := size(in); got != want {
			t.Errorf("%d: got %s, want %s", in, got, want)
		}
	}
}
