package ast

import "testing"

func TestNames(t *testing.T) {
	t.Parallel()
	for op, want := range map[Op]string{
		OpNone: "", OpOr: "or", OpNe: "<>", OpPow: "^", OpSqrt: "|/", OpBitNot: "~", OpShr: ">>", OpConcat: "||",
		OpMatch: "~", OpNotMatchI: "!~*", OpLike: "~~", OpNotILike: "!~~*", OpPrior: "prior", numOps: "?",
	} {
		if op.String() != want {
			t.Errorf("Op %d is %q, want %q", op, op, want)
		}
	}
	for kind, want := range map[ObjectKind]string{
		KindTable: "table", KindColumn: "column", KindAllProcedures: "all procedures in schema",
		KindProcedures: "procedures", KindTemplate: "template", numKinds: "?",
	} {
		if kind.String() != want {
			t.Errorf("ObjectKind %d is %q, want %q", kind, kind, want)
		}
	}
	n := Name{Parts: []Ident{{Name: "d"}, {Name: "s"}, {Name: "t"}}}
	if n.Database() != "d" || n.Schema() != "s" || n.Object().Name != "t" || n.String() != "d.s.t" {
		t.Errorf("%+v", n)
	}
	n.Parts = n.Parts[2:]
	if n.Database() != "" || n.Schema() != "" || n.Object().Name != "t" || n.String() != "t" {
		t.Errorf("%+v", n)
	}
	if (Name{}).Object().Name != "" || (Name{}).String() != "" {
		t.Error("an empty name")
	}
}
