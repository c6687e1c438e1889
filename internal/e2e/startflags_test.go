package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/emulator"
)

// A team's fixtures are files: of --init, which run in order and once, with the
// environment set, and of --iam and --faults.
func TestStartFromFiles(t *testing.T) {
	t.Parallel()
	start(t, emulator.Config{})
	program, dir := build(t), t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	file("1.sql", "CREATE TABLE steps (n INT, who VARCHAR(20));\nINSERT INTO steps VALUES (1, 'sql');")
	file("2.sh", `"`+program+`" query "INSERT INTO steps SELECT max(n) + 1, '$AWS_ACCESS_KEY_ID' FROM steps" && test -n "$AWS_ENDPOINT_URL$PGPORT"`)
	file("3.sql", "INSERT INTO steps SELECT max(n) + 1, 'sql' FROM steps;")
	file("notes.txt", "is none of them")
	args := []string{
		"emulator", "start", "--listen", "127.0.0.1:0", "--aws-listen", "127.0.0.1:0", "--init", dir, "--data-dir", t.TempDir(),
		"--iam", file("iam.json", `{"users":[{"name":"ann","access_key":"AKIAANN","secret_key":"secret"}]}`),
		"--faults", file("faults.json", `{"rules":[{"service":"redshift-data","operation":"ListStatements","action":"error","code":"InternalServerException","status":500}]}`),
		"--data-api-rates", "ListSchemas=0.001",
	}
	for range 2 { // the second time they have run
		p, line := startProgram(t, program, args...)
		cfg, err := redshift.ParseURL(line.URL)
		if err != nil {
			t.Fatal(err)
		}
		c, err := redshift.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if got := value[string](t, c, "SELECT listagg(n::varchar || who, ' ') WITHIN GROUP (ORDER BY n) FROM steps"); got != "1sql 2AKIAANN 3sql" {
			t.Error(got)
		}
		data := func(secret string) *redshiftdata.Client {
			return redshiftdata.New(redshiftdata.Options{BaseEndpoint: aws.String(line.AWS), Region: "us-east-1", RetryMaxAttempts: 1, Credentials: credentials.NewStaticCredentialsProvider("AKIAANN", secret, "")})
		}
		schemas := redshiftdata.ListSchemasInput{ClusterIdentifier: aws.String("emulator"), Database: aws.String("dev")}
		_, wrong := data("x").ListSchemas(t.Context(), &schemas)
		_, first := data("secret").ListSchemas(t.Context(), &schemas)
		_, second := data("secret").ListSchemas(t.Context(), &schemas)
		_, struck := data("secret").ListStatements(t.Context(), &redshiftdata.ListStatementsInput{})
		if code(wrong) != "InvalidSignatureException" || first != nil || code(second) != "ThrottlingException" || code(struck) != "InternalServerException" {
			t.Error(wrong, first, second, struck)
		}
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if err := p.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		if err := p.Wait(); err != nil {
			t.Error(err)
		}
	}
	// The seed is loaded by COPY, and its files are gone.
	p, line := startProgram(t, program, "emulator", "start", "--listen", "127.0.0.1:0", "--aws-listen", "127.0.0.1:0", "--seed", "tpch:0.001")
	cfg, err := redshift.ParseURL(line.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := open(t, cfg)
	if got := value[int64](t, c, "SELECT count(*) FROM orders JOIN customer ON o_custkey = c_custkey"); got != 1500 {
		t.Errorf("%d orders", got)
	}
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil {
		t.Error(err)
	}
	file("4.sql", "SELECT 1;\nSELECT x FROM nowhere;")
	for want, flags := range map[string][]string{
		"4.sql:2":                 {"--init", dir},
		"fault rules":             {"--faults", filepath.Join(dir, "notes.txt")},
		"the document is no JSON": {"--iam", filepath.Join(dir, "notes.txt")},
		"takes llmops, tpch":      {"--seed", "tpcds"},
		"the scale is 100":        {"--seed", "tpch:100"},
		"is no scale factor":      {"--seed", "tpch:big"},
		"no number of calls":      {"--data-api-rates", "ListSchemas=often"},
	} {
		out, err := exec.CommandContext(t.Context(), program, append([]string{"emulator", "start", "--listen", "127.0.0.1:0", "--aws-listen", "127.0.0.1:0"}, flags...)...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), want) {
			t.Errorf("%v: %v\n%s", flags, err, out)
		}
	}
}
