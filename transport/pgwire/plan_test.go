package pgwire

import (
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

const slowStatement = "slow"

func field(name string, oid uint32) pgproto3.FieldDescription {
	return pgproto3.FieldDescription{Name: []byte(name), DataTypeOID: oid, DataTypeSize: -1, TypeModifier: -1}
}

func integers(name string) []pgproto3.FieldDescription {
	return []pgproto3.FieldDescription{field(name, 23)}
}

func oneRow(values ...[]byte) func(func(...[]byte) bool) {
	return func(yield func(...[]byte) bool) { yield(values...) }
}

func generate(n int) string { return "generate " + strconv.Itoa(n) }

// plan answers the statements of the conformance suite, and those that a test
// scripts.
func (b *backend) plan(sql string) *reply {
	if b.s.answer != nil {
		if r, ok := b.s.answer(b, sql).(*reply); ok && r != nil {
			return r
		}
	}
	if n, ok := strings.CutPrefix(sql, "generate "); ok {
		count, _ := strconv.Atoi(n)
		return &reply{cols: integers("n"), rows: func(yield func(...[]byte) bool) {
			for i := range count {
				if !yield(strconv.AppendInt(nil, int64(i+1), 10)) {
					return
				}
			}
		}}
	}
	add := func(n int) *reply {
		return &reply{tag: "INSERT 0 " + strconv.Itoa(n), run: func(b *backend) { *b.table += n }}
	}
	switch word, rest, _ := strings.Cut(sql, " "); strings.ToUpper(word) {
	case "BEGIN", "COMMIT", "ROLLBACK":
		return &reply{tag: strings.ToUpper(word)}
	case "SET":
		name, value, _ := strings.Cut(rest, " TO ")
		return &reply{tag: "SET", run: func(b *backend) { b.vars[name] = value }}
	case "RESET":
		return &reply{tag: "RESET", run: func(b *backend) { delete(b.vars, rest) }}
	}
	switch sql {
	case "":
		return &reply{}
	case transporttest.SelectOne:
		return &reply{cols: integers("one"), rows: oneRow([]byte("1"))}
	case transporttest.SelectNone:
		return &reply{cols: integers("a")}
	case transporttest.SelectConstants:
		return &reply{cols: []pgproto3.FieldDescription{field("a", 23), field("b", 1043), field("c", 1043), field("d", 1043)}, rows: oneRow([]byte("1"), []byte("x"), nil, []byte{})}
	case transporttest.SelectText:
		return &reply{cols: []pgproto3.FieldDescription{field("v", 1043)}, rows: func(yield func(...[]byte) bool) { yield(b.params[0]) }}
	case transporttest.SelectSum:
		return &reply{cols: integers("v"), rows: func(yield func(...[]byte) bool) { yield(b.sum()) }}
	case transporttest.SelectDivision:
		return &reply{cols: integers("v"), err: failure("22012", "division by zero")}
	case transporttest.SelectMissing:
		return &reply{parseErr: failure("42P01", `relation "tt_missing" does not exist`)}
	case transporttest.CreateTable:
		return &reply{tag: "CREATE TABLE", run: func(b *backend) { b.table = new(int) }}
	case transporttest.InsertTwo:
		return add(2)
	case transporttest.InsertThird:
		return add(1)
	case transporttest.CountRows:
		return &reply{cols: integers("n"), rows: func(yield func(...[]byte) bool) { yield([]byte(strconv.Itoa(*b.table))) }}
	case slowStatement:
		return &reply{cols: integers("n"), slow: true}
	}
	return &reply{parseErr: failure("42601", "syntax error")}
}

func (b *backend) sum() []byte {
	sum := 0
	for i, p := range b.params {
		if p == nil {
			return nil
		}
		n, _ := strconv.Atoi(string(p))
		if len(b.codes) > i && b.codes[i] == 1 {
			n = int(int32(binary.BigEndian.Uint32(p)))
		}
		sum += n
	}
	return []byte(strconv.Itoa(sum))
}

func open(t *testing.T, cfg Config) *Transport {
	t.Helper()
	tr, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := tr.Close(ctx); err != nil {
			t.Errorf("close of the transport: %v", err)
		}
	})
	return tr
}

func lease(t *testing.T, tr *Transport) *session {
	t.Helper()
	s, err := tr.Open(t.Context(), transport.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background(), transport.Keep) })
	return s.(*session)
}

// exec runs a statement to its end and shows its rows.
func exec(t *testing.T, s transport.Session, stmt transport.Statement) (string, error) {
	t.Helper()
	run, err := s.Start(t.Context(), stmt)
	if err != nil {
		return "", err
	}
	res, err := run.Result(t.Context())
	if err != nil {
		return "", err
	}
	var rows []string
	for res.Next() {
		for _, v := range res.Raw() {
			rows = append(rows, string(v))
		}
	}
	return fmt.Sprint(rows), res.Close()
}

func must(t *testing.T, s transport.Session, sqls ...string) {
	t.Helper()
	for _, sql := range sqls {
		if _, err := exec(t, s, transport.Statement{SQL: sql}); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

// TestMain fails if a goroutine is left when all tests have ended.
func TestMain(m *testing.M) {
	before := runtime.NumGoroutine()
	code := m.Run()
	if fuzzing := flag.Lookup("test.fuzz"); code == 0 && fuzzing.Value.String() == "" {
		deadline := time.After(5 * time.Second)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for runtime.NumGoroutine() > before {
			select {
			case <-tick.C:
				continue
			case <-deadline:
			}
			stacks := make([]byte, 1<<20)
			fmt.Fprintf(os.Stderr, "goroutines are left:\n%s\n", stacks[:runtime.Stack(stacks, true)])
			code = 1
			break
		}
	}
	os.Exit(code)
}
