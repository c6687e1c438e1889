package e2e

import (
	"bytes"
	"flag"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/llm-dev-ops/redshift/emulator"
)

var update = flag.Bool("update", false, "write what clients are told now into testdata, to be read before it is kept")

// TestTutorial types the statements of testdata/tutorial/ferry.sql into psql and
// into psycopg2, each on an emulator of its own, and compares every word that comes
// back: rows, tags, INFO lines, errors with their places.
func TestTutorial(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("testdata", "tutorial")
	script, err := os.ReadFile(filepath.Join(dir, "ferry.sql"))
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(filepath.Join(dir, "run.py"))
	if err != nil {
		t.Fatal(err)
	}
	for client, command := range map[string]func(t *testing.T, host, port string) (stdin string, args []string){
		"psql": func(_ *testing.T, host, port string) (string, []string) {
			return string(script), []string{"psql", "-X", "-a", "-h", host, "-p", port, "-U", "awsuser", "dev"}
		},
		"psycopg2": func(t *testing.T, host, port string) (string, []string) {
			file, err := filepath.Abs(filepath.Join(dir, "ferry.sql"))
			if err != nil {
				t.Fatal(err)
			}
			return string(program), []string{pythonWith(t, "psycopg2"), "-", host, port, file}
		},
	} {
		t.Run(client, func(t *testing.T) {
			t.Parallel()
			s := start(t, emulator.Config{})
			putFiles(t, s, filepath.Join(dir, "files"), "ferry/")
			host, port, err := net.SplitHostPort(s.WireAddr())
			if err != nil {
				t.Fatal(err)
			}
			stdin, args := command(t, host, port)
			got, err := run(t, s, stdin, args[0], args[1:]...)
			if err != nil {
				t.Fatalf("%v\n%s", err, got)
			}
			sameText(t, filepath.Join(dir, client+".out"), got)
		})
	}
}

// sameText compares a text with a file, and tells of the first line that differs
// with those around it.
func sameText(t *testing.T, golden, text string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	got, want := strings.Split(text, "\n"), strings.Split(string(kept), "\n")
	for i := range max(len(got), len(want)) {
		if i < len(got) && i < len(want) && got[i] == want[i] {
			continue
		}
		t.Errorf("line %d: got\n%s\nwant\n%s", i+1, around(got, i), around(want, i))
		return
	}
}

func around(lines []string, i int) string {
	return strings.Join(lines[min(max(i-5, 0), len(lines)):min(i+5, len(lines))], "\n")
}

// putFiles puts a folder's files into the emulator's bucket.
func putFiles(t *testing.T, s *emulator.Server, dir, prefix string) {
	t.Helper()
	objects := s3.New(s3.Options{
		BaseEndpoint: aws.String(s.AWSEndpoint()), Region: "us-east-1", UsePathStyle: true, RetryMaxAttempts: 1,
		Credentials: awscredentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		in := &s3.PutObjectInput{Bucket: aws.String("emulator"), Key: aws.String(prefix + e.Name()), Body: bytes.NewReader(text)}
		if _, err := objects.PutObject(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
}
