package load

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hamba/avro/v2/ocf"

	"github.com/llm-dev-ops/redshift/emulator/internal/event"
	"github.com/llm-dev-ops/redshift/emulator/internal/faults"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

// Avro and Parquet, whose files the cases cannot write: a connection that breaks midway
// and comes back is not noticed, one that does not fails the load.
func TestTrouble(t *testing.T) {
	t.Parallel()
	const (
		lost   = `{"service":"s3","operation":"GetObject","action":"lose","count":3}`
		denied = `{"service":"s3","operation":"GetObject","action":"error","code":"AccessDenied","after":1},{"service":"s3","operation":"GetObject","action":"lose"}`
		gone   = `{"service":"s3","operation":"GetObject","action":"lose"}`
	)
	for _, format := range []string{"AVRO 'auto' MAXERROR 1000", "PARQUET"} {
		for rules, want := range map[string]string{
			lost: "", denied: "S3ServiceException:Access Denied,Status 403,Error AccessDenied", gone: "S3CurlException: transfer closed with",
		} {
			staging := t.TempDir()
			conn := database(t, staging)
			store := newStore(t)
			var data []byte
			if format == "PARQUET" {
				made := filepath.Join(staging, "made.parquet")
				exec(t, conn, "COPY (SELECT range::INTEGER AS a FROM range(5)) TO '"+made+"' (FORMAT parquet)")
				var err error
				if data, err = os.ReadFile(made); err != nil {
					t.Fatal(err)
				}
			} else {
				var values []any
				for i := range 5 {
					values = append(values, map[string]any{"a": i})
				}
				data = avroFile(t, `{"type":"record","name":"r","fields":[{"name":"a","type":"int"}]}`, ocf.Null, values...)
			}
			put(t, store, "bkt", "d/a", data)
			c, err := copycmd.ParseCopy("COPY t FROM 's3://bkt/d/' IAM_ROLE 'arn:aws:iam::123456789012:role/r' " + format)
			if err != nil {
				t.Fatal(err)
			}
			set := faults.New()
			if err := set.Replace([]byte(`{"rules":[` + rules + `]}`)); err != nil {
				t.Fatal(err)
			}
			r := Request{Copy: &c, Target: parseTable(t, "a integer"), Store: store, Faults: set, Log: event.New(event.Config{}), Conn: conn, Staging: staging}
			create(t, conn, r.Target)
			exec(t, conn, "BEGIN")
			result, _, err := Run(context.Background(), r)
			if want == "" {
				exec(t, conn, "COMMIT")
				if err != nil || result.Rows != 5 || query(t, conn, "SELECT sum(a) FROM t") != "10\n" {
					t.Errorf("%s: %+v %v", format, result, err)
				}
				continue
			}
			exec(t, conn, "ROLLBACK")
			var e *Error
			if !errors.As(err, &e) || !strings.HasPrefix(e.Message, want) {
				t.Errorf("%s: %v, want %s", format, err, want)
			}
			if left, err := filepath.Glob(filepath.Join(staging, "copy-*")); err != nil || len(left) > 0 {
				t.Errorf("left in staging: %v", left)
			}
		}
	}
}
