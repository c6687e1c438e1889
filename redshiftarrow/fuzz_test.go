package redshiftarrow_test

import (
	"testing"

	"github.com/llm-dev-ops/redshift/redshiftarrow"
	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

// FuzzReader: whatever a server sends for a type is a batch that can be shown, or an
// error.
func FuzzReader(f *testing.F) {
	for i, form := range forms {
		for _, s := range form.text {
			f.Add(byte(i), false, []byte(s), []byte{})
		}
	}
	f.Add(byte(7), true, []byte{0, 0, 0, 0, 0, 0, 0, 9}, []byte{1, 2})
	f.Fuzz(func(t *testing.T, form byte, binary bool, one, other []byte) {
		a := transporttest.Answer{Columns: []transport.Column{forms[int(form)%len(forms)].column}, Rows: [][][]byte{{one}, {nil}, {other}}}
		if binary {
			a.Columns[0].Format = transport.Binary
		}
		for _, cfg := range []redshiftarrow.Config{{}, {BatchRows: 1, Plain: true, SuperAsString: true}} {
			c, _ := client(t, a)
			r, err := redshiftarrow.Reader(query(t, c), cfg)
			if err != nil {
				t.Fatal(err)
			}
			n := int64(0)
			for r.Next() {
				b := r.RecordBatch()
				for row := range int(b.NumRows()) {
					_ = b.Column(0).ValueStr(row)
				}
				n += b.NumRows()
			}
			if r.Err() == nil && n != 3 {
				t.Errorf("%d rows of 3", n)
			}
			r.Release()
		}
	})
}
