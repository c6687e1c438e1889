package bulk

import (
	"io"
	"reflect"

	"github.com/klauspost/compress/s2"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/snappy"

	"github.com/llm-dev-ops/redshift"
)

// rowGroupBytes is how much is held at most before a row group is written.
const rowGroupBytes = 8 << 20

// encoder writes batches to files, one file after another.
type encoder interface {
	// begin starts a file of about this size.
	begin(w io.Writer, size int64) error
	// write appends the batch to it.
	write(b *Batch) error
	// end completes the file.
	end() error
}

// carries reports whether COPY reads a column of the type from Parquet ("COPY
// from columnar data formats"). That page names no physical types: assumed are
// decimals of up to 18 digits as INT64 and others as 16 bytes, TIME and both
// timestamps as microseconds.
func carries(c redshift.Column) bool {
	v := newVector(nil, c)
	return v.kind != kindText
}

// parquetEncoder writes the columns in the table's order, which COPY goes by.
type parquetEncoder struct {
	schema *parquet.Schema
	w      *parquet.GenericWriter[any]
	values []parquet.Value
	held   int
	group  int // bytes of a row group, before encoding
}

// ordered is a group whose fields stay in their order; parquet.Group sorts them.
type ordered struct {
	parquet.Group
	fields []parquet.Field
}

// Fields implements parquet.Node.
func (o ordered) Fields() []parquet.Field { return o.fields }

// GoType implements parquet.Node.
func (o ordered) GoType() reflect.Type { return reflect.TypeFor[map[string]any]() }

type orderedField struct {
	parquet.Node
	name string
}

// Name implements parquet.Field.
func (f orderedField) Name() string { return f.name }

// Value implements parquet.Field; nothing here has Go values of whole rows.
func (f orderedField) Value(base reflect.Value) reflect.Value {
	return base.MapIndex(reflect.ValueOf(f.name))
}

func newParquet(b *Batch) *parquetEncoder {
	root := ordered{Group: parquet.Group{}}
	for i := range b.vectors {
		v := &b.vectors[i]
		node := parquet.Optional(parquetNode(v))
		root.Group[v.column.Name] = node
		root.fields = append(root.fields, orderedField{node, v.column.Name})
	}
	return &parquetEncoder{schema: parquet.NewSchema("redshift", root)}
}

func parquetNode(v *Vector) parquet.Node {
	switch v.kind {
	case kindInt:
		return parquet.Int(v.bits)
	case kindBool:
		return parquet.Leaf(parquet.BooleanType)
	case kindFloat:
		if v.bits == 32 {
			return parquet.Leaf(parquet.FloatType)
		}
		return parquet.Leaf(parquet.DoubleType)
	case kindDecimal:
		return parquet.Decimal(v.scale, v.digits, parquet.Int64Type)
	case kindWide:
		return parquet.Decimal(v.scale, v.digits, parquet.FixedLenByteArrayType(16))
	case kindDate:
		return parquet.Date()
	case kindTime:
		return parquet.TimeAdjusted(parquet.Microsecond, false)
	case kindTimestamp:
		return parquet.TimestampAdjusted(parquet.Microsecond, v.column.Type == redshift.TypeTimestampTZ)
	}
	return parquet.String()
}

// fastSnappy is Snappy at the speed for which it was made: parquet-go's looks
// longer for what repeats.
type fastSnappy struct{ snappy.Codec }

// Encode implements compress.Codec.
func (*fastSnappy) Encode(dst, src []byte) ([]byte, error) {
	return s2.EncodeSnappy(dst[:cap(dst)], src), nil
}

func (p *parquetEncoder) begin(w io.Writer, size int64) error {
	p.held = 0
	p.group = int(min(rowGroupBytes, 4*size)) // small files have small groups
	if p.w == nil {
		p.w = parquet.NewGenericWriter[any](w, p.schema, parquet.Compression(&fastSnappy{}),
			parquet.CreatedBy("redshift-go bulk", "1", ""), parquet.DataPageStatistics(false))
		return nil
	}
	p.w.Reset(w)
	return nil
}

func (p *parquetEncoder) write(b *Batch) error {
	columns := p.w.ColumnWriters()
	for i := range b.vectors {
		v := &b.vectors[i]
		p.values = appendValues(p.values[:0], v)
		if _, err := columns[i].WriteRowValues(p.values); err != nil {
			return err
		}
		p.held += len(v.data) + 8*len(v.null)
	}
	if p.held < p.group {
		return nil
	}
	p.held = 0
	return p.w.Flush()
}

func (p *parquetEncoder) end() error { return p.w.Close() }

// appendValues gives the values of a column with the levels that tell NULL from
// them. A loop for each of the types, as this is where the time goes.
func appendValues(out []parquet.Value, v *Vector) []parquet.Value {
	switch {
	case v.kind == kindFloat && v.bits == 32:
		for _, y := range v.floats {
			x := parquet.FloatValue(float32(y))
			x.SetDefinitionLevel(1)
			out = append(out, x)
		}
	case v.kind == kindFloat:
		for _, y := range v.floats {
			x := parquet.DoubleValue(y)
			x.SetDefinitionLevel(1)
			out = append(out, x)
		}
	case v.kind == kindBool:
		for _, y := range v.ints {
			x := parquet.BooleanValue(y == 1)
			x.SetDefinitionLevel(1)
			out = append(out, x)
		}
	case v.kind == kindInt && v.bits < 64 || v.kind == kindDate:
		for _, y := range v.ints {
			x := parquet.Int32Value(int32(y))
			x.SetDefinitionLevel(1)
			out = append(out, x)
		}
	case v.kind == kindWide:
		for i := range v.wide {
			x := parquet.FixedLenByteArrayValue(v.wide[i][:])
			x.SetDefinitionLevel(1)
			out = append(out, x)
		}
	case v.kind == kindString:
		from := 0
		for _, end := range v.ends {
			x := parquet.ByteArrayValue(v.data[from:end])
			x.SetDefinitionLevel(1)
			out = append(out, x)
			from = end
		}
	default:
		for _, y := range v.ints {
			x := parquet.Int64Value(y)
			x.SetDefinitionLevel(1)
			out = append(out, x)
		}
	}
	for i, null := range v.null {
		if null {
			out[i] = parquet.Value{}
		}
	}
	return out
}
