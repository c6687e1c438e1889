package redshiftarrow

import (
	"context"
	"errors"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/bulk"
)

// Source gives the rows of a reader to bulk.Load. A field goes to the table's column
// of its name, letter case aside; columns without a field get their defaults.
//
// All types that Reader gives are taken back as they were, but for what files cannot
// carry: an infinite timestamp, which is an error, and an empty VARBYTE, which COPY takes
// for NULL. Of others: integers and floating-point numbers of any size
// and decimals go to any type of number that they fit exactly; dictionaries count as
// their values and extensions as their storage, but for arrow.uuid, which is a text
// unless the column is VARBYTE; lists, structs and maps go to SUPER as JSON (a map as an
// array of keys and values). A string is a JSON string in a SUPER, unless its field is
// arrow.json or says by KeyType that it was a SUPER. A timestamp with a zone shows a
// TIMESTAMP the clock of that zone, and one without is UTC to a TIMESTAMPTZ. Unions,
// run-end encodings and intervals of months and days at once are refused.
//
// The reader stays the caller's, who releases it behind the load. It can be loaded once,
// and it cannot be one on the session that loads.
func Source(r array.RecordReader) bulk.BatchSource { return &source{reader: r} }

type source struct {
	reader array.RecordReader
	fed    bool
}

// Columns implements bulk.BatchSource.
func (s *source) Columns(table []redshift.Column) ([]string, error) {
	if s.reader == nil || s.fed {
		return nil, usage("redshiftarrow: the source has no reader, or one that was loaded before")
	}
	fields := s.reader.Schema().Fields()
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
		for _, c := range table {
			if (c.Name == f.Name || c.Name == strings.ToLower(f.Name)) && !taken(f.Type, c.Type) {
				return nil, usage("redshiftarrow: the field %q is %s, which column %q (%s) does not take", f.Name, f.Type, c.Name, redshift.TypeName(c.Type))
			}
		}
	}
	return names, nil
}

// Feed implements bulk.BatchSource.
func (s *source) Feed(_ context.Context, b *bulk.Batch) error {
	s.fed = true
	fields := s.reader.Schema().Fields()
	puts := make([]put, len(fields))
	for s.reader.Next() {
		rec := s.reader.RecordBatch()
		if int(rec.NumCols()) != len(fields) {
			return b.Fail(errors.New("its batch has another number of columns than the schema"))
		}
		for i, f := range fields {
			feed := feeder{b, b.Column(i), f.Metadata}
			if puts[i] = feed.putter(rec.Column(i)); puts[i] == nil {
				return b.Fail(usage("redshiftarrow: the field %q is %s, which is not supported", f.Name, rec.Column(i).DataType()))
			}
		}
		for row := range int(rec.NumRows()) {
			for _, p := range puts {
				if err := p(row); err != nil {
					return err
				}
			}
			if err := b.EndRow(); err != nil {
				return err
			}
		}
	}
	return s.reader.Err()
}

// taken reports whether a column may have values of this type; their values may still
// not fit.
func taken(t arrow.DataType, column redshift.Type) bool {
	switch t := t.(type) {
	case *arrow.DictionaryType:
		return taken(t.ValueType, column)
	case arrow.ExtensionType:
		return taken(t.StorageType(), column)
	}
	switch t.ID() {
	case arrow.NULL, arrow.BOOL, arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64, arrow.UINT8, arrow.UINT16, arrow.UINT32, arrow.UINT64,
		arrow.FLOAT16, arrow.FLOAT32, arrow.FLOAT64, arrow.STRING, arrow.LARGE_STRING, arrow.STRING_VIEW,
		arrow.BINARY, arrow.LARGE_BINARY, arrow.BINARY_VIEW, arrow.FIXED_SIZE_BINARY, arrow.DATE32, arrow.DATE64, arrow.TIMESTAMP,
		arrow.TIME32, arrow.TIME64, arrow.DECIMAL32, arrow.DECIMAL64, arrow.DECIMAL128, arrow.DECIMAL256,
		arrow.DURATION, arrow.INTERVAL_MONTHS, arrow.INTERVAL_DAY_TIME:
		return true
	case arrow.STRUCT:
		return column == redshift.TypeSuper || column == redshift.TypeTimeTZ && isClockTZ(t)
	case arrow.LIST, arrow.LARGE_LIST, arrow.FIXED_SIZE_LIST, arrow.LIST_VIEW, arrow.LARGE_LIST_VIEW, arrow.MAP:
		return column == redshift.TypeSuper
	}
	return false
}

func isClockTZ(t arrow.DataType) bool { return arrow.TypeEqual(t, clockTZ) }
