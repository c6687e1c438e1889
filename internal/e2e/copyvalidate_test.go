package e2e

import (
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift"
)

// What the checks find is what would go wrong, and nothing is loaded or written.
func TestValidateOnServer(t *testing.T) {
	t.Parallel()
	s, c := both(t)
	st := stage(t, s)
	var objects redshift.Objects = st
	exec1(t, c, "CREATE TABLE v (n INT, s VARCHAR(3))")
	put(t, st, "s3://emulator/v/good.csv", "1,a\n2,b\n")
	put(t, st, "s3://emulator/v/bad.csv", "1,a\nx,b\n")
	put(t, st, "s3://emulator/v/list", `{"entries":[{"url":"s3://emulator/v/good.csv","mandatory":true,"meta":{"content_length":8}}]}`)
	put(t, st, "s3://emulator/v/wrong", `{"entries":[{"url":"s3://emulator/v/good.csv","meta":{"content_length":9}},{"url":"s3://emulator/v/go"},{"url":"s3://emulator/v/none","mandatory":true},{"url":"oops"}]}`)
	put(t, st, "s3://emulator/v/empty", `{"entries":[]}`)
	for name, test := range map[string]struct {
		source  redshift.S3
		format  redshift.DataFormat
		objects redshift.Objects
		table   string
		want    []string
	}{
		"good":      {source: redshift.S3{Bucket: "emulator", Prefix: "v/good"}, objects: objects},
		"manifest":  {source: redshift.S3{Bucket: "emulator", Prefix: "v/list", Manifest: true}, objects: objects},
		"bad row":   {source: redshift.S3{Bucket: "emulator", Prefix: "v/bad"}, objects: objects, want: []string{"error: the server refuses it", "error: s3://emulator/v/bad.csv:2: column n"}},
		"no object": {source: redshift.S3{Bucket: "emulator", Prefix: "w/"}, objects: objects, want: []string{"error: no object begins with s3://emulator/w/", "error: the server refuses it"}},
		"no bucket": {source: redshift.S3{Bucket: "nowhere", Prefix: "w/"}, objects: objects, want: []string{"error: s3://nowhere/w/ cannot be listed", "error: the server refuses it"}},
		"no table":  {source: redshift.S3{Bucket: "emulator", Prefix: "v/good"}, objects: objects, table: "w", want: []string{"error: the server refuses it"}},
		"lengths": {source: redshift.S3{Bucket: "emulator", Prefix: "v/wrong", Manifest: true}, objects: objects, want: []string{
			"error: s3://emulator/v/good.csv has 8 bytes, the manifest says 9", "warning: s3://emulator/v/go is not there",
			"error: s3://emulator/v/none is mandatory and not there", `error: entry 4 of the manifest names no object: "oops"`, "error: the server refuses it",
		}},
		"empty manifest": {source: redshift.S3{Bucket: "emulator", Prefix: "v/empty", Manifest: true}, objects: objects, want: []string{"error: the manifest s3://emulator/v/empty lists nothing", "error: the server refuses it"}},
		"no manifest":    {source: redshift.S3{Bucket: "emulator", Prefix: "v/no", Manifest: true}, objects: objects, want: []string{"error: the manifest s3://emulator/v/no cannot be read", "error: the server refuses it"}},
		"not JSON":       {source: redshift.S3{Bucket: "emulator", Prefix: "v/bad.csv", Manifest: true}, objects: objects, want: []string{"error: the manifest s3://emulator/v/bad.csv is no JSON", "error: the server refuses it"}},
		"no eyes":        {source: redshift.S3{Bucket: "emulator", Prefix: "v/good"}, want: []string{"unchecked: s3://emulator/v/good was not looked at"}},
		"columnar":       {source: redshift.S3{Bucket: "emulator", Prefix: "v/list", Manifest: true}, format: redshift.Parquet{}, objects: objects, want: []string{"unchecked: NOLOAD is not for columnar"}},
		"command":        {source: redshift.S3{Bucket: "?"}, objects: objects, want: []string{"error: redshift: "}},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := redshift.CopyCommand{Table: redshift.TableRef{Name: "v"}, Source: test.source, Format: redshift.CSV{}}
			if test.format != nil {
				cmd.Format = test.format
			}
			if test.table != "" {
				cmd.Table.Name = test.table
			}
			found, err := c.ValidateCopy(t.Context(), cmd, test.objects)
			if err != nil {
				t.Fatal(err)
			}
			sameFindings(t, found, test.want)
		})
	}
	if got := value[int64](t, c, "SELECT count(*) FROM v"); got != 0 {
		t.Errorf("%d rows were loaded", got)
	}
	for name, test := range map[string]struct {
		cmd  redshift.UnloadCommand
		want []string
	}{
		"good":       {redshift.UnloadCommand{Query: "SELECT n FROM v", Destination: redshift.S3Destination{Bucket: "emulator", Prefix: "out/"}}, nil},
		"in the way": {redshift.UnloadCommand{Query: "SELECT n FROM v", Destination: redshift.S3Destination{Bucket: "emulator", Prefix: "v/"}}, []string{"error: s3://emulator/v/bad.csv is in the way"}},
		"cleaned": {redshift.UnloadCommand{
			Query: "SELECT n FROM v", Destination: redshift.S3Destination{Bucket: "emulator", Prefix: "v/"}, Options: redshift.UnloadOptions{CleanPath: true},
		}, []string{"warning: CLEANPATH would delete"}},
		"no bucket, no column": {redshift.UnloadCommand{Query: "SELECT x FROM v", Destination: redshift.S3Destination{Bucket: "nowhere"}}, []string{"error: s3://nowhere/ cannot be listed", "error: the query: "}},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := c.ValidateUnload(t.Context(), test.cmd, objects)
			if err != nil {
				t.Fatal(err)
			}
			sameFindings(t, found, test.want)
		})
	}
}

func sameFindings(t *testing.T, found []redshift.Finding, want []string) {
	t.Helper()
	ok := len(found) == len(want)
	for i := range min(len(found), len(want)) {
		ok = ok && strings.HasPrefix(found[i].String(), want[i])
	}
	if !ok {
		t.Errorf("found %q, want %q", found, want)
	}
}
