package catalog_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
)

// FuzzStored: a body that is read is written the same again.
func FuzzStored(f *testing.F) {
	body, err := json.Marshal(wide(7))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	f.Add([]byte(`{"ID":1,"Columns":[{"Name":"a","Type":{"OID":1700,"Mod":655366}}]}`))
	f.Add([]byte(`{"Columns":[{"Type":{"OID":4294967295,"Mod":-2147483648}}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var r, again catalog.Relation
		if json.Unmarshal(body, &r) != nil {
			return
		}
		written, err := json.Marshal(&r)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(written, &again); err != nil {
			t.Fatalf("%s: %v", written, err)
		}
		twice, err := json.Marshal(&again)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(written), string(twice)); diff != "" {
			t.Error(diff)
		}
	})
}
