package redshift

import (
	"errors"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift/transport"
)

var report = UnloadCommand{
	Query: "select * from sales where day > '2026-01-01'", Destination: S3Destination{"bucket", "out/"}, Format: Parquet{},
	Options: UnloadOptions{Manifest: true, PartitionBy: []string{"day"}, MaxFileSizeMB: 64},
}

func TestUnload(t *testing.T) {
	t.Parallel()
	says := answer{tag: "UNLOAD", says: "UNLOAD completed, 7 record(s) unloaded successfully."}
	c, tr := newClient(t, Config{DefaultUnloadIAMRole: role}, loader(map[string]answer{"UNLOAD": says, "sys_unload_history": history}))
	res, err := c.Unload(t.Context(), report)
	if err != nil || res.RowsUnloaded != 7 || res.FilesCreated != 2 || res.BytesWritten != 4096 || res.ManifestPath != "s3://bucket/out/manifest" {
		t.Fatalf("got %+v, %v", res, err)
	}
	const want = `UNLOAD ('select * from sales where day > ''2026-01-01''') TO 's3://bucket/out/' IAM_ROLE '` + role + `' FORMAT AS PARQUET PARTITION BY ("day") MANIFEST MAXFILESIZE 64 MB`
	if tr.log[0] != want {
		t.Errorf("sent %s, want %s", tr.log[0], want)
	}
	// An older cluster has the log alone.
	c, _ = newClient(t, Config{DefaultUnloadIAMRole: role}, loader(map[string]answer{
		"UNLOAD": says, "sys_unload_history": {fail: &transport.ServerError{SQLState: "42P01", Message: "no"}}, "stl_unload_log": history,
	}))
	if res, err = c.Unload(t.Context(), report); err != nil || res.FilesCreated != 2 {
		t.Errorf("got %+v, %v", res, err)
	}
	// Nothing can be asked.
	c, _ = newClient(t, Config{DefaultUnloadIAMRole: role}, loader(map[string]answer{
		"UNLOAD": {tag: "UNLOAD"}, "select": {fail: &transport.ServerError{SQLState: "42501", Message: "no"}},
	}))
	one := report
	one.Query, one.Options.Manifest = "SELECT 1", false
	if res, err = c.Unload(t.Context(), one); err != nil || res.RowsUnloaded != -1 || res.FilesCreated != -1 || res.ManifestPath != "" {
		t.Errorf("got %+v, %v", res, err)
	}
}

func TestUnloadFails(t *testing.T) {
	t.Parallel()
	c, tr := newClient(t, Config{DefaultUnloadIAMRole: role}, loader(map[string]answer{
		"UNLOAD": {fail: &transport.ServerError{SQLState: "XX000", Message: "Specified unload destination on S3 is not empty."}},
		"BEGIN":  {tag: "BEGIN", state: transport.StateInTx},
	}))
	if _, err := c.Unload(t.Context(), report); !errors.Is(err, ErrUnload) || !errors.Is(err, State("XX000")) {
		t.Errorf("got %v", err)
	}
	err := c.InTx(t.Context(), TxOptions{}, func(tx *Tx) error {
		_, err := tx.Unload(t.Context(), report)
		return err
	})
	if !errors.Is(err, ErrUnload) {
		t.Errorf("got %v", err)
	}
	sent := len(tr.log)
	bad := report
	bad.Options.ManifestVerbose, bad.Options.Compression = true, Gzip
	if _, err := c.Unload(t.Context(), bad); !errors.Is(err, ErrUsage) || errors.Is(err, ErrUnload) {
		t.Errorf("got %v", err)
	}
	if len(tr.log) != sent {
		t.Errorf("sent %q", tr.log)
	}
}

// TestFormatsRefused: what the specification names and Redshift does not have
// is refused by both names and the rule.
func TestFormatsRefused(t *testing.T) {
	t.Parallel()
	for _, compression := range []ParquetCompression{ParquetNone, ParquetGzip, ParquetZstd, 9} {
		cmd := report
		cmd.Format, cmd.Options.IAMRole = Parquet{Compression: compression}, role
		_, sqlErr := cmd.SQL()
		for _, err := range []error{cmd.Validate(), sqlErr} {
			if want := "PARQUET with " + compression.String() + ": UNLOAD compresses Parquet with SNAPPY alone"; !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), want) {
				t.Errorf("%v: got %v", compression, err)
			}
		}
		load := sales
		load.Format, load.Options.IAMRole = cmd.Format.(Parquet), role
		if err := load.Validate(); err != nil {
			t.Errorf("%v: COPY: %v", compression, err)
		}
	}
	for escape, ok := range map[CSV]bool{
		{Escape: `"`}: true, {Escape: `\`}: false, {Quote: "'", Escape: "'"}: true, {Quote: "'", Escape: `"`}: false,
	} {
		load, cmd := sales, report
		load.Format, load.Options.IAMRole = escape, role
		cmd.Format, cmd.Options.IAMRole = CSV{Escape: escape.Escape, Quote: escape.Quote}, role
		for _, err := range []error{load.Validate(), cmd.Validate()} {
			if ok != (err == nil) || err != nil && !strings.Contains(err.Error(), "CSV with ESCAPE") {
				t.Errorf("%+v: got %v", escape, err)
			}
		}
	}
	if cmd := (UnloadCommand{Query: "select 1", Destination: report.Destination, Format: Parquet{Compression: ParquetSnappy}, Options: UnloadOptions{IAMRole: role}}); cmd.Validate() != nil {
		t.Error(cmd.Validate())
	}
}
