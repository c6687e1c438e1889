package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/emulator"
)

// A server that is killed at any moment has what was committed and nothing
// else, and needs no repair.
func TestDataDirSurvivesKill(t *testing.T) {
	t.Parallel()
	start(t, emulator.Config{}) // skips where there is no emulator
	dir := t.TempDir()
	program := build(t)
	rows := int64(0)
	for round := range 3 {
		p, line := startProgram(t, program, "emulator", "start", "--listen", "127.0.0.1:0", "--aws-listen", "127.0.0.1:0", "--data-dir", dir)
		cfg, err := redshift.ParseURL(line.URL)
		if err != nil {
			t.Fatal(err)
		}
		c, err := redshift.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if round == 0 {
			exec1(t, c, "CREATE TABLE k (round INT, n INT) SORTKEY (n)")
		}
		if got := value[int64](t, c, "SELECT count(*) FROM k"); got != rows {
			t.Errorf("round %d begins with %d rows, want %d", round, got, rows)
		}
		for n := range 20 {
			exec1(t, c, "INSERT INTO k VALUES ($1, $2), ($1, $2)", round, n)
			rows += 2
		}
		tx, err := c.Begin(t.Context(), redshift.TxOptions{})
		if err != nil {
			t.Fatal(err)
		}
		exec1(t, tx, "INSERT INTO k VALUES (100, 100)")
		if err := p.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = p.Wait()
		_ = tx.Rollback(t.Context())
		_ = c.Close(t.Context())
	}
}

// SIGTERM ends a server with exit code 0.
func TestEmulatorStartAndTerm(t *testing.T) {
	t.Parallel()
	start(t, emulator.Config{})
	p, line := startProgram(t, build(t), "emulator", "start", "--listen", "127.0.0.1:0", "--aws-listen", "127.0.0.1:0")
	if line.Database != "dev" || line.User != "awsuser" || line.Bucket != "emulator" || line.PID != p.Process.Pid || !strings.HasPrefix(line.AWS, "http://127.0.0.1:") {
		t.Errorf("%+v", line)
	}
	cfg, err := redshift.ParseURL(line.URL)
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(line.CACert)
	if err != nil {
		t.Fatal(err)
	}
	cfg.TLS = redshift.TLS{Mode: redshift.TLSVerifyFull, CACert: string(pem)}
	c := open(t, cfg)
	if got := value[int64](t, c, "SELECT 41 + 1"); got != 42 {
		t.Error(got)
	}
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(line.CACert); err == nil {
		t.Error("the certificate is left behind")
	}
}

type emulatorLine struct {
	Wire     string `json:"wire"`
	AWS      string `json:"aws"`
	Database string `json:"database"`
	User     string `json:"user"`
	URL      string `json:"url"`
	Bucket   string `json:"s3_bucket"`
	CACert   string `json:"ca_cert"`
	PID      int    `json:"pid"`
}

// build gives the path of redshiftctl, which is made once.
func build(t *testing.T) string {
	t.Helper()
	program, err := redshiftctl()
	if err != nil {
		t.Fatal(err)
	}
	return program
}

var programs string // TestMain's folder

var redshiftctl = sync.OnceValues(func() (string, error) {
	program := filepath.Join(programs, "redshiftctl")
	out, err := exec.Command("go", "build", "-o", program, "../../cmd/redshiftctl").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return program, err
})

func TestMain(m *testing.M) {
	if url := os.Getenv(onceHelperURL); url != "" {
		os.Exit(onceHelper(url, os.Getenv(onceHelperID)))
	}
	var err error
	if programs, err = os.MkdirTemp("", "e2e-"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(programs)
	os.Exit(code)
}

func startProgram(t *testing.T, program string, args ...string) (*exec.Cmd, emulatorLine) {
	t.Helper()
	c := exec.Command(program, args...)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() })
	late := time.AfterFunc(time.Minute, func() { _ = c.Process.Kill() })
	defer late.Stop()
	var line emulatorLine
	if err := json.NewDecoder(out).Decode(&line); err != nil {
		t.Fatal(err)
	}
	return c, line
}
