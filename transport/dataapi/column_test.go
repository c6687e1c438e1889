package dataapi

import (
	"math"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"
	"github.com/google/go-cmp/cmp"

	"github.com/llm-dev-ops/redshift/transport"
)

func TestColumn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		meta types.ColumnMetadata
		want transport.Column
	}{
		// AWS's sample of get-statement-result.
		{
			types.ColumnMetadata{Label: aws.String("querytxt"), Name: aws.String("querytxt"), Nullable: 1, Precision: 4000, TableName: aws.String("stll_query"), TypeName: aws.String("bpchar")},
			transport.Column{Name: "querytxt", Type: transport.OIDBpchar, TypeMod: 4004, Nullable: transport.Nullable, Table: "stll_query", Origin: "querytxt"},
		},
		{
			types.ColumnMetadata{Name: aws.String("?column?"), Nullable: 2, Precision: 18, Scale: 4, TypeName: aws.String("numeric")},
			transport.Column{Name: "?column?", Type: transport.OIDNumeric, TypeMod: 18<<16 + 4 + 4},
		},
		{
			types.ColumnMetadata{Name: aws.String("v"), Length: 20, TypeName: aws.String("VARCHAR")},
			transport.Column{Name: "v", Type: transport.OIDVarchar, TypeMod: 24, Nullable: transport.NotNull},
		},
		{
			types.ColumnMetadata{Name: aws.String("t"), Precision: 29, Scale: 6, TypeName: aws.String("timestamp"), Nullable: 1},
			transport.Column{Name: "t", Type: transport.OIDTimestamp, TypeMod: -1, Nullable: transport.Nullable},
		},
		{types.ColumnMetadata{TypeName: aws.String("something new"), Nullable: 1}, transport.Column{Type: transport.OIDUnknown, TypeMod: -1, Nullable: transport.Nullable}},
	} {
		got := column(c.meta)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Error(diff)
		}
		if c.meta.Scale > 0 && c.want.Type == transport.OIDNumeric {
			if p, s, ok := got.PrecisionScale(); !ok || p != 18 || s != 4 {
				t.Errorf("precision %d, scale %d", p, s)
			}
		}
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		f    types.Field
		oid  transport.OID
		want string
	}{
		{&types.FieldMemberLongValue{Value: math.MinInt64}, transport.OIDInt8, "-9223372036854775808"},
		{&types.FieldMemberBooleanValue{Value: true}, transport.OIDBool, "t"},
		{&types.FieldMemberBooleanValue{}, transport.OIDBool, "f"},
		{&types.FieldMemberStringValue{Value: "1.50"}, transport.OIDNumeric, "1.50"},
		{&types.FieldMemberBlobValue{Value: []byte{0, 0xff}}, transport.OIDVarbyte, "00ff"},
		{&types.FieldMemberDoubleValue{Value: 1e6}, transport.OIDFloat8, "1000000"},
		{&types.FieldMemberDoubleValue{Value: 1e20}, transport.OIDFloat8, "1e+20"},
		{&types.FieldMemberDoubleValue{Value: 0.1}, transport.OIDFloat8, "0.1"},
		{&types.FieldMemberDoubleValue{Value: float64(float32(1.1))}, transport.OIDFloat4, "1.1"},
		{&types.FieldMemberDoubleValue{Value: math.NaN()}, transport.OIDFloat8, "NaN"},
		{&types.FieldMemberDoubleValue{Value: math.Inf(-1)}, transport.OIDFloat8, "-Infinity"},
	} {
		got, null, err := appendField(nil, c.f, c.oid)
		if err != nil || null || string(got) != c.want {
			t.Errorf("%#v: %q, %v, %v", c.f, got, null, err)
		}
	}
	if _, null, err := appendField(nil, &types.FieldMemberIsNull{Value: true}, 0); !null || err != nil {
		t.Error("NULL is a value")
	}
	if _, _, err := appendField(nil, &types.UnknownUnionMember{Tag: "x"}, 0); err == nil {
		t.Error("an unknown form was taken")
	}
}

// FuzzFloat: what is written reads back as the same value.
func FuzzFloat(f *testing.F) {
	for _, v := range []float64{0, 1, -1.5, 1e15, 1e-5, math.MaxFloat64, math.SmallestNonzeroFloat64, 123456789.123} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v float64) {
		got, err := strconv.ParseFloat(string(appendFloat(nil, v, transport.OIDFloat8)), 64)
		if err != nil || got != v && !math.IsNaN(v) {
			t.Fatalf("%v became %v, %v", v, got, err)
		}
	})
}
