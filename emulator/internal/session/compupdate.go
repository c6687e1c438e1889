package session

import (
	"context"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

// sampleRows is the least number of a slice's rows from which COMPUPDATE ON chooses
// (c_Loading_tables_auto_compress).
const sampleRows = 100_000

// presetEncoding is what COMPUPDATE PRESET gives a column (copy-parameters-data-load);
// ok is false for types that it says nothing of, which keep theirs.
func presetEncoding(c catalog.Column) (name string, ok bool) {
	switch c.Type.Kind {
	case rstype.Bool, rstype.Float4, rstype.Float8:
		return "raw", true
	case rstype.Int2, rstype.Int4, rstype.Int8, rstype.Numeric, rstype.Date, rstype.Timestamp, rstype.TimestampTZ:
		name = "az64"
	case rstype.Char, rstype.Varchar:
		name = "lzo"
	default:
		return "", false
	}
	if c.SortKey > 0 {
		name = "raw"
	}
	return name, true
}

// encodings is the table with the encodings that a COPY gives it, nil if it leaves
// them: those of ENCODE AUTO are chosen all the time, and of a temporary table are raw.
func encodings(c *copycmd.Copy, t *catalog.Relation) *catalog.Relation {
	switch {
	case c.CompUpdate == copycmd.CompUpdateOff, c.NoLoad, t.Temp, c.Format == copycmd.FormatParquet, c.Format == copycmd.FormatORC:
		return nil // copy-usage_notes-copy-from-columnar: no automatic compression
	}
	if c.CompUpdate == copycmd.CompUpdateUnset {
		for _, col := range t.Columns {
			if col.Encode != "" && col.Encode != "raw" {
				return nil
			}
		}
	}
	out := t.Clone()
	changed := false
	for i, col := range out.Columns {
		if name, ok := presetEncoding(col); ok && col.Encode != "" && col.Encode != name {
			out.Columns[i].Encode, changed = name, true
		}
	}
	if !changed {
		return nil
	}
	return out
}

// compress is the end of a COPY into a table that was empty before it: the table gets
// its encodings.
func (b *backend) compress(ctx context.Context, c *copycmd.Copy, t *catalog.Relation, rows int64) error {
	if c.CompUpdate == copycmd.CompUpdateOn && rows < sampleRows*int64(b.core.cfg.Slices) {
		return nil
	}
	if now, ok := b.tx.snapshot.RelationByID(t.ID); ok {
		t = now
	}
	change := catalog.Change{Relation: encodings(c, t)}
	if change.Relation == nil {
		return nil
	}
	for _, sql := range change.SQL() {
		if _, err := b.conn.Exec(ctx, sql, nil); err != nil {
			return err
		}
	}
	b.tx.changes = append(b.tx.changes, change)
	b.tx.snapshot = b.tx.snapshot.Apply(change)
	return nil
}

// empty tells whether a table has no rows.
func (b *backend) empty(ctx context.Context, t *catalog.Relation) (bool, error) {
	result, err := b.conn.Query(ctx, "SELECT 1 FROM "+quoteName(t.StoreSchema)+"."+quoteName(t.StoreName)+" LIMIT 1", nil)
	if err != nil {
		return false, err
	}
	chunk, err := result.Next(ctx)
	none := chunk == nil || chunk.Len() == 0
	if closed := result.Close(); err == nil {
		err = closed
	}
	return none, err
}
