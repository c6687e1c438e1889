package e2e

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/llm-dev-ops/redshift/emulator"
	"github.com/llm-dev-ops/redshift/internal/sample/tpch"
)

var writeAnswers = flag.Bool("corpus.answers", false, "write the answers of testdata/corpus anew, from the PostgreSQL of $REDSHIFT_TEST_POSTGRES, whose tables of these names are replaced")

// TestCorpus runs the queries of testdata/corpus over the tables of TPC-H at scale
// 0.01, and the tables that a folder's setup.sql makes. What they must answer was
// worked out by PostgreSQL on the same data, from the text behind the line
// "-- postgresql" where its dialect differs. Every query has a total order.
//
// A line "-- compare:" says how each column is compared, "=" without it: "=" the
// same text, or for a NUMERIC the same value; "~" less than one unit apart at the
// coarser of the two scales, where Redshift's result has another scale than
// PostgreSQL's and cuts where that rounds (r_numeric_computations201); "f" to 12
// digits, for sums of doubles, whose order is nobody's promise.
func TestCorpus(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/corpus/*/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal(err, "no queries")
	}
	data, err := tpch.New(tpch.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if *writeAnswers {
		corpusAnswers(t, data, files)
		return
	}
	s := start(t, emulator.Config{})
	st, loader := stage(t, s), corpusConn(t, corpusURL(s))
	for _, table := range tpch.Tables() {
		var b bytes.Buffer
		if _, err := data.Write(table.Name, &b); err != nil {
			t.Fatal(err)
		}
		if _, err := st.Put(t.Context(), "s3://emulator/"+table.Name+".tbl", &b); err != nil {
			t.Fatal(err)
		}
		corpusRun(t, loader, table.Create())
		corpusRun(t, loader, "COPY "+table.Name+" FROM 's3://emulator/"+table.Name+".tbl' IAM_ROLE default")
	}
	for _, path := range files {
		if q := readCorpus(t, path); q.setup {
			corpusRun(t, loader, q.redshift)
		}
	}
	for _, path := range files {
		q := readCorpus(t, path)
		if q.setup {
			continue
		}
		t.Run(strings.TrimSuffix(strings.TrimPrefix(path, "testdata/corpus/"), ".sql"), func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(q.answer)
			if err != nil {
				t.Fatal(err)
			}
			q.compare(t, corpusRun(t, corpusConn(t, corpusURL(s)), q.redshift), string(want))
		})
	}
}

func corpusURL(s *emulator.Server) string {
	return strings.Replace(s.URL(), "redshift://", "postgres://", 1)
}

// corpusQuery is a file of the corpus.
type corpusQuery struct {
	setup                bool
	redshift, postgresql string
	columns              []string // how they are compared
	answer               string   // path
}

func readCorpus(t *testing.T, path string) corpusQuery {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	q := corpusQuery{setup: filepath.Base(path) == "setup.sql", answer: strings.TrimSuffix(path, ".sql") + ".answer"}
	q.redshift, q.postgresql, _ = strings.Cut(string(text), "\n-- postgresql\n")
	if q.postgresql == "" {
		q.postgresql = q.redshift
	}
	for line := range strings.Lines(q.redshift) {
		if marks, ok := strings.CutPrefix(line, "-- compare: "); ok {
			q.columns = strings.Fields(marks)
		}
	}
	return q
}

func corpusConn(t *testing.T, url string) *pgconn.PgConn {
	t.Helper()
	c, err := pgconn.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

// corpusRun gives the rows of the last statement.
func corpusRun(t *testing.T, c *pgconn.PgConn, sql string) *pgconn.Result {
	t.Helper()
	results, err := c.Exec(t.Context(), sql).ReadAll()
	if err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	return results[len(results)-1]
}

// corpusText is a line of names and one for each row.
func corpusText(r *pgconn.Result) string {
	var out strings.Builder
	for i, f := range r.FieldDescriptions {
		if i > 0 {
			out.WriteString(" | ")
		}
		out.WriteString(f.Name)
	}
	out.WriteByte('\n')
	for _, row := range r.Rows {
		for i, v := range row {
			if i > 0 {
				out.WriteString(" | ")
			}
			if v == nil {
				out.WriteString(`\N`)
			} else {
				out.WriteString(strings.NewReplacer("\\", `\\`, "\n", `\n`, "|", `\p`).Replace(string(v)))
			}
		}
		out.WriteByte('\n')
	}
	return out.String()
}

func (q corpusQuery) compare(t *testing.T, r *pgconn.Result, want string) {
	t.Helper()
	got := strings.Split(corpusText(r), "\n")
	wants := strings.Split(want, "\n")
	if len(wants) < 3 {
		t.Fatal("the answer has no rows")
	}
	if q.columns != nil && len(q.columns) != len(r.FieldDescriptions) {
		t.Fatalf("%d columns, %d are compared", len(r.FieldDescriptions), len(q.columns))
	}
	if got[0] != wants[0] || len(got) != len(wants) {
		t.Fatalf("got %d rows of %s\nwant %d of %s\n%s", len(got)-2, got[0], len(wants)-2, wants[0], strings.Join(got[:min(len(got), 8)], "\n"))
	}
	wrong := 0
	for i := range got {
		g, w := strings.Split(got[i], " | "), strings.Split(wants[i], " | ")
		same := len(g) == len(w)
		for c := 0; same && c < len(g); c++ {
			mark := "="
			if q.columns != nil && i > 0 {
				mark = q.columns[c]
			}
			same = corpusEqual(mark, g[c], w[c], i > 0 && r.FieldDescriptions[c].DataTypeOID == 1700)
		}
		if !same {
			t.Errorf("row %d\n got %s\nwant %s", i, got[i], wants[i])
			if wrong++; wrong == 5 {
				return
			}
		}
	}
}

// corpusEqual compares two values.
func corpusEqual(mark, got, want string, numeric bool) bool {
	if got == want {
		return true
	}
	switch mark {
	case "f":
		g, err := strconv.ParseFloat(got, 64)
		w, err2 := strconv.ParseFloat(want, 64)
		return err == nil && err2 == nil && math.Abs(g-w) <= 1e-12*math.Abs(w)
	case "=":
		if !numeric {
			return false
		}
		g, ok := new(big.Rat).SetString(got)
		w, ok2 := new(big.Rat).SetString(want)
		return ok && ok2 && g.Cmp(w) == 0
	case "~":
		g, ok := new(big.Rat).SetString(got)
		w, ok2 := new(big.Rat).SetString(want)
		if !ok || !ok2 {
			return false
		}
		scale := min(fraction(got), fraction(want))
		unit := new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil))
		return new(big.Rat).Abs(g.Sub(g, w)).Cmp(unit) < 0
	}
	return false
}

// fraction is the number of digits behind the point.
func fraction(s string) int {
	_, f, _ := strings.Cut(s, ".")
	return len(f)
}

// corpusAnswers asks PostgreSQL.
func corpusAnswers(t *testing.T, data *tpch.Database, files []string) {
	c := corpusConn(t, os.Getenv("REDSHIFT_TEST_POSTGRES"))
	for _, table := range tpch.Tables() {
		corpusRun(t, c, "DROP TABLE IF EXISTS "+table.Name+"; CREATE TABLE "+table.Name+" ("+table.Columns+")")
		r, w := io.Pipe()
		go func() {
			_, err := data.Write(table.Name, w)
			w.CloseWithError(err)
		}()
		if _, err := c.CopyFrom(t.Context(), r, "COPY "+table.Name+" FROM STDIN (DELIMITER '|')"); err != nil {
			t.Fatal(err)
		}
	}
	corpusRun(t, c, "ANALYZE")
	for _, path := range files {
		if q := readCorpus(t, path); q.setup {
			corpusRun(t, c, q.postgresql)
		}
	}
	rows := 0
	for _, path := range files {
		q := readCorpus(t, path)
		if q.setup {
			continue
		}
		r := corpusRun(t, c, q.postgresql)
		if len(r.Rows) == 0 {
			t.Errorf("%s has no rows", path)
		}
		rows += len(r.Rows)
		if err := os.WriteFile(q.answer, []byte(corpusText(r)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Log(fmt.Sprint(rows), "rows written")
}
