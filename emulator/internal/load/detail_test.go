package load

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/llm-dev-ops/redshift/emulator/internal/event"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

// TestDetails: the first rows of a load that were refused, or in which something
// was replaced, are recorded field by field and line by line.
func TestDetails(t *testing.T) {
	t.Parallel()
	store := newStore(t)
	var file strings.Builder
	for i := range 150 {
		fmt.Fprintf(&file, "%d|caf\xe9 %d|1\n", i, i)
	}
	for range 30 {
		file.WriteString("7|caf\u00e9|x\n")
	}
	file.WriteString("only\n")
	put(t, store, "bkt", "k", []byte(file.String()))
	command, err := copycmd.ParseCopy("COPY t FROM 's3://bkt/k' IAM_ROLE 'arn:aws:iam::123456789012:role/R' ACCEPTINVCHARS MAXERROR 1000")
	if err != nil {
		t.Fatal(err)
	}
	columns := []Column{
		{Name: "a", Type: rstype.Type{Kind: rstype.Int4}}, {Name: "b", Type: rstype.Type{Kind: rstype.Varchar, Len: 20}}, {Name: "c", Type: rstype.Type{Kind: rstype.Int4}},
	}
	log := event.New(event.Config{})
	out := &rows{columns: columns}
	_, _, err = run(context.Background(), Request{
		Copy: &command, Target: Target{Display: "t", ID: 9, Columns: columns}, Store: store, Log: log, Query: 5, Slices: 2,
	}, func() (sink, error) { return out, nil })
	if err != nil {
		t.Fatal(err)
	}
	replaced := slices.Collect(log.Replacements())
	if len(replaced) != 100 {
		t.Fatalf("%d replacements, want 100", len(replaced))
	}
	if r := replaced[2]; r.Column != "b" || r.Line != 3 || r.Query != 5 || r.TableID != 9 || r.File != "s3://bkt/k" || !strings.HasPrefix(r.Raw, "2|caf") {
		t.Errorf("replacement %+v", r)
	}
	errors := slices.Collect(log.LoadErrors())
	detailed := 0
	for _, e := range errors {
		if e.Fields != nil {
			detailed++
		}
	}
	if detailed != 20 {
		t.Errorf("%d of %d errors have their fields, want 20", detailed, len(errors))
	}
	want := []event.LoadField{
		{Number: 0, Column: "a", Value: "7", Type: "int4", ColumnLength: "0"},
		{Number: 1, Column: "b", Value: "caf.", Type: "varchar", ColumnLength: "20"},
		{Number: 2, Column: "c", Null: true, Type: "int4", ColumnLength: "0"},
	}
	i := slices.IndexFunc(errors, func(e event.LoadError) bool { return len(e.Fields) > 0 })
	if i < 0 {
		t.Fatal("no error has fields")
	}
	if diff := cmp.Diff(want, errors[i].Fields); diff != "" {
		t.Error(diff)
	}
}
