//go:build cgo

package engine

import (
	"context"
	"encoding/hex"
	"testing"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

func TestBinary(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := open(t, Config{})
	for _, k := range []struct {
		sql  string
		kind rstype.Kind
		want string
	}{
		{"date '2000-01-02'", rstype.Date, "00000001"},
		{"timestamp '1999-12-31 23:59:59.999999'", rstype.Timestamp, "ffffffffffffffff"},
		{"time '00:00:01'", rstype.Time, "00000000000f4240"},
		{"1.5::double", rstype.Float8, "3ff8000000000000"},
		{"(-2)::bigint", rstype.Int2, "fffe"},
		{"true", rstype.Bool, "01"},
		{"'é'", rstype.Varchar, "c3a9"},
	} {
		r, err := c.Query(ctx, "SELECT "+k.sql, nil)
		if err != nil {
			t.Fatal(err)
		}
		e, err := NewEncoder([]rstype.Type{{Kind: k.kind}}, []int16{1}, Session{})
		if err == nil {
			err = e.Match(r.Columns())
		}
		if err != nil {
			t.Fatal(err)
		}
		chunk, err := r.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(e.AppendDataRow(nil, chunk, 0)[11:]); got != k.want {
			t.Errorf("%s: %s, want %s", k.sql, got, k.want)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := NewEncoder([]rstype.Type{{Kind: rstype.Numeric}}, []int16{1}, Session{}); err == nil {
		t.Error("binary numeric is accepted")
	}
}
