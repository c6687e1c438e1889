package redshift

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestSplitScript(t *testing.T) {
	t.Parallel()
	const script = `-- a comment
create table t (a int);

/* a semicolon; in a comment,
   and in a string: */ insert into t values (';');
;;
create procedure p() as $$
begin; update t set a = 1; end;
$$ language plpgsql;
select 1`
	all, err := SplitScript(script)
	if err != nil {
		t.Fatal(err)
	}
	var lines []int
	for i, s := range all {
		if s.Number != i+1 || !strings.Contains(script, s.SQL) {
			t.Errorf("%+v", s)
		}
		lines = append(lines, s.Line)
	}
	if want := []int{2, 5, 7, 10}; !slices.Equal(lines, want) {
		t.Errorf("they begin at the lines %v, want %v", lines, want)
	}
	var bad *ScriptError
	_, err = SplitScript("select 1;\nselect 2;\n\nselect 'secret\n")
	if !errors.As(err, &bad) || bad.Number != 3 || bad.Line != 4 || !errors.Is(err, ErrInvalidSQL) {
		t.Errorf("%v", err)
	} else if got := err.Error(); !strings.HasPrefix(got, "statement 3 at line 4 (SELECT): ") || strings.Contains(got, "secret") {
		t.Error(got)
	}
	if all, err := SplitScript(" ; -- nothing\n"); err != nil || len(all) != 0 {
		t.Error(all, err)
	}
}
