package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/llm-dev-ops/redshift/emulator"
)

// startEmulator is the command "emulator" of the transcripts: it starts one and
// sets the environment for the commands behind it.
func startEmulator(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: emulator")
	}
	s, err := emulator.Start(context.Background(), emulator.Config{})
	ts.Check(err)
	ts.Defer(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			ts.Logf("closing the emulator: %v", err)
		}
	})
	for name, value := range map[string]string{
		"REDSHIFT_URL": s.URL(), "AWS_ENDPOINT_URL": s.AWSEndpoint(), "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
		"AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", "REDSHIFT_IAM_ROLE": "default", "REDSHIFT_STAGE": "s3://emulator/stage",
	} {
		ts.Setenv(name, value)
	}
}

// condition is what transcripts may ask for: "emulator" says that there can be
// one.
func condition(name string) (bool, error) {
	if name == "emulator" {
		return canEmulate(), nil
	}
	return false, fmt.Errorf("unknown condition %q", name)
}

var canEmulate = sync.OnceValue(func() bool {
	s, err := emulator.Start(context.Background(), emulator.Config{})
	if err == nil {
		err = s.Close(context.Background())
	}
	return !errors.Is(err, emulator.ErrNoCgo)
})

func TestDemo(t *testing.T) {
	t.Parallel()
	if !canEmulate() {
		t.Skip("needs the emulator, and so cgo and a C++ compiler")
	}
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"demo", "--json"}, &out, &errs)
	var got demoResult
	d := json.NewDecoder(&out)
	d.DisallowUnknownFields()
	if err := d.Decode(&got); err != nil || code != 0 {
		t.Fatalf("%v, code %d: %s", err, code, &errs)
	}
	if _, err := d.Token(); err != io.EOF {
		t.Error("more than one object on stdout")
	}
	if got.Copied.Calls != 200_000 || got.Copied.Models != 24 || got.Copied.Scores < 10_000 || len(got.Queries) != 3 ||
		got.LoadErrors != 1 || got.UnloadedRows == 0 || got.ReadBackRows != got.UnloadedRows || got.Seconds <= 0 {
		t.Errorf("%+v", got)
	}
}

// The real files, in the form in which they come.
func TestRealInputLoad(t *testing.T) {
	dir := os.Getenv("REDSHIFT_TEST_DATA")
	if dir == "" {
		t.Skip("REDSHIFT_TEST_DATA does not name the folder of real input")
	}
	s, err := emulator.Start(t.Context(), emulator.Config{})
	if errors.Is(err, emulator.ErrNoCgo) {
		t.Skipf("needs the emulator: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"} {
		t.Setenv(name, value)
	}
	connection := []string{"--url", s.URL()}
	ctl := func(args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		if code := run(t.Context(), append(args, connection...), &out, &errs); code != 0 {
			t.Fatalf("redshiftctl %v: code %d\n%s%s", args, code, &out, &errs)
		}
		return strings.TrimSpace(out.String())
	}
	for _, table := range []struct {
		columns, file string
		flags         []string
		totals, want  string
	}{
		{
			"iata VARCHAR(4), name VARCHAR(100), city VARCHAR(50), state VARCHAR(10), country VARCHAR(50), latitude FLOAT8, longitude FLOAT8",
			"airports.csv",
			[]string{"--header"},
			"count(*), count(DISTINCT iata)", "3376,3376",
		},
		{
			`"date" TIMESTAMP, delay INT, distance INT, origin CHAR(3), destination CHAR(3)`, "flights-20k.json",
			[]string{"--time-format", "YYYY/MM/DD HH:MI"},
			"count(*), sum(delay)", "20000,154078",
		},
		{
			`airport VARCHAR(100), aircraft VARCHAR(100), damage VARCHAR(50), flight_date DATE, operator VARCHAR(100), state VARCHAR(50),
			phase VARCHAR(50), wildlife_size VARCHAR(20), species VARCHAR(100), time_of_day VARCHAR(20), cost_other BIGINT, cost_repair BIGINT,
			cost_total BIGINT, speed INT`, "birdstrikes.csv",
			[]string{"--header", "--empty-as-null"},
			"count(*), min(flight_date)", "10000,1990-01-08",
		},
		{
			"doc SUPER", "earthquakes.json",
			[]string{"--json-paths", "noshred"},
			"count(*), max(doc.metadata.count::int)", "1,1707",
		},
	} {
		ctl("query", "CREATE TABLE t ("+table.columns+")")
		args := append([]string{"load", filepath.Join(dir, table.file), "t", "--stage", "s3://emulator/stage", "--role", "default", "--s3-endpoint", s.AWSEndpoint()}, table.flags...)
		ctl(args...)
		got := ctl("query", "--format", "csv", "SELECT "+table.totals+" FROM t")
		if _, row, _ := strings.Cut(got, "\n"); strings.TrimSpace(row) != table.want {
			t.Errorf("%s: %q, want %q", table.file, got, table.want)
		}
		ctl("query", "DROP TABLE t")
	}
}
