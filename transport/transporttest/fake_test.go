package transporttest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/transport"
)

const slowStatement = "slow"

// scripted is a Fake that knows the statements of the suite.
func scripted() *Fake {
	f := NewFake(4)
	integer := transport.Column{Name: "n", Type: transport.OIDInt4}
	named := func(name string) []transport.Column {
		c := integer
		c.Name = name
		return []transport.Column{c}
	}
	one := [][][]byte{{[]byte("1")}}
	fails := func(state string) Answer {
		return Answer{Err: &transport.ServerError{Severity: "ERROR", SQLState: state, Message: "as scripted"}}
	}
	f.On(SelectOne, Answer{Columns: named("one"), Rows: one})
	f.On(SelectNone, Answer{Columns: named("a")})
	f.On(SelectConstants, Answer{
		Columns: []transport.Column{
			{Name: "a", Type: transport.OIDInt4},
			{Name: "b", Type: transport.OIDVarchar},
			{Name: "c", Type: transport.OIDVarchar},
			{Name: "d", Type: transport.OIDVarchar},
		},
		Rows: [][][]byte{{[]byte("1"), []byte("x"), nil, {}}},
	})
	for _, n := range []int{FewRows, SomeRows, ManyRows} {
		a := Answer{Columns: named("n")}
		for i := range n {
			a.Rows = append(a.Rows, [][]byte{strconv.AppendInt(nil, int64(i+1), 10)})
		}
		f.On(GenerateRows(n), a)
	}
	f.OnFunc(SelectText, func(s transport.Statement) Answer {
		return Answer{Columns: []transport.Column{{Name: "v", Type: transport.OIDVarchar}}, Rows: [][][]byte{{s.Params[0].Value}}}
	})
	f.OnFunc(SelectSum, func(s transport.Statement) Answer {
		sum := 0
		for _, p := range s.Params {
			if p.Value == nil {
				return Answer{Columns: named("v"), Rows: [][][]byte{{nil}}}
			}
			n, _ := strconv.Atoi(string(p.Value))
			if p.Format == transport.Binary {
				n = int(int32(binary.BigEndian.Uint32(p.Value)))
			}
			sum += n
		}
		return Answer{Columns: named("v"), Rows: [][][]byte{{[]byte(strconv.Itoa(sum))}}}
	})
	f.On(SelectDivision, fails("22012"))
	f.On(SelectMissing, fails("42P01"))
	f.On(SelectSyntax, fails("42601"))
	f.On(slowStatement, Answer{Columns: named("n"), Rows: one, Delay: time.Hour})
	return f
}

// withTable plays the table of one test: rows counts what its statements give.
func withTable(f *Fake, counts ...string) *Fake {
	f.On(CreateTable, Answer{Tag: "CREATE TABLE"})
	f.On(InsertTwo, Answer{Tag: "INSERT 0 2"})
	f.On(InsertThird, Answer{Tag: "INSERT 0 1"})
	var answers []Answer
	for _, n := range counts {
		answers = append(answers, Answer{Columns: []transport.Column{{Name: "n", Type: transport.OIDInt8}}, Rows: [][][]byte{{[]byte(n)}}})
	}
	f.On(CountRows, answers...)
	return f
}

func openScripted(t *testing.T) *Fake {
	if t.Name() == "TestFake/tx/ROLLBACK_undoes_and_COMMIT_does_not" {
		return withTable(scripted(), "0", "2")
	}
	return withTable(scripted(), "3")
}

func TestFake(t *testing.T) {
	t.Parallel()
	Exercise(t, func(t *testing.T) transport.Transport { return openScripted(t) }, Options{Slow: slowStatement})
}

// A transport that can do little is asked to refuse the rest.
func TestFakeWithoutCapabilities(t *testing.T) {
	t.Parallel()
	Exercise(t, func(t *testing.T) transport.Transport {
		f := openScripted(t)
		f.SetCaps(transport.Caps{Name: "poor", MaxParams: 10, MaxStatement: 1000})
		return f
	}, Options{})
}

func TestFakeFailsLate(t *testing.T) {
	t.Parallel()
	f := NewFake(1)
	late := &transport.ServerError{SQLState: "22003", Message: "overflow"}
	f.On("q", Answer{Columns: []transport.Column{{Name: "n"}}, Rows: [][][]byte{{[]byte("1")}}, Late: late})
	s, err := f.Open(t.Context(), transport.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	run, err := s.Start(t.Context(), transport.Statement{SQL: "q"})
	if err != nil {
		t.Fatal(err)
	}
	res, err := run.Result(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if rows, _, err := read(res); !errors.Is(err, late) || fmt.Sprint(rows) != "[[1]]" {
		t.Errorf("got %v, %v", rows, err)
	}
	if got := fmt.Sprint(f.Log()); got != "[q]" {
		t.Errorf("log %s", got)
	}
}
