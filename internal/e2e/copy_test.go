package e2e

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/s3stage"
)

func put(t *testing.T, st *s3stage.Stage, uri, text string) {
	t.Helper()
	if _, err := st.Put(t.Context(), uri, strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
}

func zipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCopyAndUnload(t *testing.T) {
	t.Parallel()
	s, c := both(t)
	st := stage(t, s)
	exec1(t, c, "CREATE TABLE t (id INT NOT NULL, name VARCHAR(10), price NUMERIC(8,2), at TIMESTAMP, doc SUPER)")
	put(t, st, "s3://emulator/in/a.csv.gz", zipped(t, "1,one,1.50,2026-01-02 03:04:05,\"{\"\"k\"\":[1,2]}\"\n2,,,,\n"))
	put(t, st, "s3://emulator/in/b.csv.gz", zipped(t, "3,\"zwei, drei\",-0.25,2026-01-02,null\n"))
	r, err := c.Copy(t.Context(), redshift.CopyCommand{
		Table: redshift.TableRef{Name: "t"}, Source: redshift.S3{Bucket: "emulator", Prefix: "in/"},
		Format: redshift.CSV{}, Options: redshift.CopyOptions{Compression: redshift.Gzip, EmptyAsNull: true, TimeFormat: "auto"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.RowsLoaded != 3 || r.FilesScanned != 2 {
		t.Errorf("%+v", r)
	}
	if got := value[int64](t, c, "SELECT doc.k[1]::bigint FROM t WHERE id = 1"); got != 2 {
		t.Errorf("doc.k[1] is %d", got)
	}
	for _, format := range []struct {
		name   string
		unload redshift.UnloadFormat
		copy   redshift.DataFormat
		opts   redshift.CopyOptions
	}{
		{"csv", redshift.CSV{Header: true}, redshift.CSV{Header: true}, redshift.CopyOptions{EmptyAsNull: true}},
		{"text", redshift.Text{Escape: true}, redshift.Text{Escape: true}, redshift.CopyOptions{EmptyAsNull: true}},
		{"json", redshift.JSON{}, redshift.JSON{}, redshift.CopyOptions{}},
		{"parquet", redshift.Parquet{}, redshift.Parquet{}, redshift.CopyOptions{}},
	} {
		u, err := c.Unload(t.Context(), redshift.UnloadCommand{
			Query: "SELECT id, name, price, at FROM t", Destination: redshift.S3Destination{Bucket: "emulator", Prefix: "out/" + format.name + "/"},
			Format: format.unload, Options: redshift.UnloadOptions{Manifest: true},
		})
		if err != nil {
			t.Fatalf("%s: %v", format.name, err)
		}
		if u.RowsUnloaded != 3 || u.ManifestPath != "s3://emulator/out/"+format.name+"/manifest" {
			t.Errorf("%s: %+v", format.name, u)
		}
		back := "back_" + format.name
		exec1(t, c, fmt.Sprintf("CREATE TABLE %s (id INT NOT NULL, name VARCHAR(10), price NUMERIC(8,2), at TIMESTAMP)", back))
		_, err = c.Copy(t.Context(), redshift.CopyCommand{
			Table:  redshift.TableRef{Name: back},
			Source: redshift.S3{Bucket: "emulator", Prefix: "out/" + format.name + "/manifest", Manifest: true},
			Format: format.copy, Options: format.opts,
		})
		if err != nil {
			t.Fatalf("%s: %v", format.name, err)
		}
		missing := value[int64](t, c, fmt.Sprintf("SELECT count(*) FROM (SELECT id, name, price, at FROM t EXCEPT SELECT id, name, price, at FROM %s) x", back))
		if missing != 0 {
			t.Errorf("%s: %d rows did not come back", format.name, missing)
		}
	}
	// The views tell what happened.
	for sql, want := range map[string]int64{
		"SELECT count(*) FROM sys_load_history WHERE status = 'completed' OR status = 'success'": 5,
		"SELECT count(*) FROM sys_unload_history":                                                4,
		"SELECT count(*) FROM stl_load_commits WHERE trim(filename) LIKE '%/in/a.csv.gz'":        1,
	} {
		if got := value[int64](t, c, sql); got != want {
			t.Errorf("%s: %d, want %d", sql, got, want)
		}
	}
}

// A session's own view of its last COPY.
func TestCopyInTransaction(t *testing.T) {
	t.Parallel()
	s, c := both(t)
	st := stage(t, s)
	put(t, st, "s3://emulator/n", "1\n2\n3\n")
	exec1(t, c, "CREATE TABLE n (n INT)")
	boom := errors.New("boom")
	err := c.InTx(t.Context(), redshift.TxOptions{}, func(tx *redshift.Tx) error {
		exec1(t, tx, "COPY n FROM 's3://emulator/n' IAM_ROLE default")
		if got := value[int64](t, tx, "SELECT pg_last_copy_count()"); got != 3 {
			t.Errorf("pg_last_copy_count() is %d", got)
		}
		if got := value[int64](t, tx, "SELECT count(*) FROM n"); got != 3 {
			t.Errorf("%d rows in the transaction", got)
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	if got := value[int64](t, c, "SELECT count(*) FROM n"); got != 0 {
		t.Errorf("%d rows after ROLLBACK", got)
	}
}
