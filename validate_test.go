package redshift

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// sizes is a bucket of objects without content.
type sizes map[string]int64

func (s sizes) ListObjects(_ context.Context, prefix string, found func(string, int64) bool) error {
	for uri, size := range s {
		if strings.HasPrefix(uri, prefix) && !found(uri, size) {
			break
		}
	}
	return nil
}

func (s sizes) ReadObject(context.Context, string, int64) ([]byte, error) {
	return []byte(`{"entries":[{"url":"s3://bucket/big"}]}`), nil
}

// TestValidateSizes: a file above the specification's limit is a warning, and
// what columnar files need is an error.
func TestValidateSizes(t *testing.T) {
	t.Parallel()
	c, tr := newClient(t, Config{DefaultCopyIAMRole: role}, always(answer{tag: "COPY"}))
	for name, test := range map[string]struct {
		format   DataFormat
		size     int64
		manifest bool
		want     Severity
	}{
		"text":             {nil, 1<<30 + 1, false, FindingWarning},
		"CSV":              {CSV{}, 1<<30 + 1, false, FindingWarning},
		"CSV, just":        {CSV{}, 1 << 30, false, ""},
		"JSON":             {JSON{}, 128<<20 + 1, false, FindingWarning},
		"JSON, manifest":   {JSON{}, 128<<20 + 1, true, FindingWarning},
		"JSON, just":       {JSON{}, 128 << 20, false, ""},
		"Avro":             {Avro{}, 1 << 40, false, ""},
		"Parquet unlisted": {Parquet{}, 1, true, FindingError},
	} {
		cmd := CopyCommand{Table: TableRef{Name: "t"}, Source: S3{Bucket: "bucket", Prefix: "big", Manifest: test.manifest}, Format: test.format}
		found, err := c.ValidateCopy(t.Context(), cmd, sizes{"s3://bucket/big": test.size})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got Severity
		for _, f := range found {
			if f.Severity != FindingUnchecked {
				got = f.Severity
			}
		}
		if got != test.want {
			t.Errorf("%s: found %q", name, found)
		}
	}
	for _, sql := range tr.log {
		if strings.Contains(sql, "COPY") && !strings.Contains(sql, "NOLOAD") {
			t.Errorf("sent %s", sql)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.ValidateCopy(ctx, sales, sizes{}); !errors.Is(err, ErrQueryCancelled) {
		t.Errorf("got %v", err)
	}
}
