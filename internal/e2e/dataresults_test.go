package e2e

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/emulator"
	"github.com/llm-dev-ops/redshift/transport/dataapi"
)

// Rows are the same over the wire, as JSON and as CSV, for every type and the values
// that are hard on formats, and over more than a page.
func TestDataAPIResults(t *testing.T) {
	t.Parallel()
	s, wire := both(t)
	forms := map[string]*redshift.Client{}
	for _, form := range []dataapi.Results{dataapi.ResultsJSON, dataapi.ResultsCSV, dataapi.ResultsAuto} {
		cfg := dataConfig(s)
		cfg.Results = form
		forms["results "+string(form)] = openDataAs(t, cfg)
	}
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	var names, definition []string
	for _, k := range roundTripKinds() {
		names, definition = append(names, k.name), append(definition, k.name+" "+k.typ)
	}
	exec1(t, wire, "CREATE TABLE origin (id INT, "+strings.Join(definition, ", ")+", doc SUPER)")
	var rows []string
	for id := range 30 {
		row := []string{fmt.Sprint(id)}
		for _, k := range roundTripKinds() {
			switch {
			case id < len(k.awkward):
				row = append(row, k.awkward[id])
			case random.IntN(5) == 0:
				row = append(row, "NULL")
			default:
				row = append(row, k.random(random))
			}
		}
		row = append(row, []string{"NULL", `JSON_PARSE('{"a":[1,null,"x\\ny,\\""]}')`, `JSON_PARSE('""')`}[id%3])
		rows = append(rows, "("+strings.Join(row, ", ")+")")
	}
	for _, part := range [][]string{rows[:15], rows[15:]} {
		exec1(t, wire, "INSERT INTO origin VALUES "+strings.Join(part, ", "))
	}
	queries := []string{
		"SELECT * FROM origin ORDER BY id",
		"SELECT * FROM origin WHERE id < 0",
		`SELECT id AS "a,b", 'x' AS "say ""it""", '' AS e, NULL AS n FROM origin ORDER BY id`,
		"SELECT NULL::int AS n FROM origin",
		"SELECT '' AS s FROM origin",
		"SELECT 's' AS s UNION ALL SELECT 't' ORDER BY 1", // the first row is the line of names
		// More than a page of JSON and a chunk of CSV.
		"SELECT a.id * 30 + b.id AS n, repeat(',\"' || chr(10), 800) AS s, b.v FROM origin a, origin b WHERE b.id <> 13 AND b.id < 20 ORDER BY 1",
	}
	for _, name := range append(names, "doc") {
		queries = append(queries, "SELECT "+name+" FROM origin ORDER BY id")
	}
	for _, q := range queries {
		want := told(t, wire, q)
		if strings.HasPrefix(want, "error") {
			t.Fatalf("%s: %.300s", q, want)
		}
		for name, c := range forms {
			if got := told(t, c, q); got != want {
				at := 0
				for at < min(len(got), len(want)) && got[at] == want[at] {
					at++
				}
				t.Errorf("seed %d: %s: %s\ndiffers at byte %d of %d: %.200q, wire %.200q", seed, name, q, at, len(want), got[at:], want[at:])
			}
		}
	}
	// A job's rows are in the form that it was submitted with.
	j := submit(t, forms["results CSV"], redshift.SQL("SELECT 1 AS n UNION ALL SELECT 2 ORDER BY 1"))
	got, err := forms["results JSON"].Job(j.ID).Rows(t.Context())
	if n := numbers(t, got, err); len(n) != 2 {
		t.Errorf("%v", n)
	}
}

// What the service does not take or give is refused with the way round it.
func TestDataAPIBounds(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{DataAPI: emulator.DataAPILimits{Result: 1 << 20}})
	c := connectData(t, s)
	_, err := c.Execute(t.Context(), redshift.SQL("SELECT repeat('x', 60000) AS s FROM ("+digits+") a, ("+digits+") b"))
	if !errors.Is(err, redshift.ErrLimit) || !strings.Contains(err.Error(), "UNLOAD") {
		t.Errorf("a large result: %v", err)
	}
	_, err = c.Execute(t.Context(), redshift.SQL("SELECT '"+strings.Repeat("x", 200<<10)+"'"))
	if !errors.Is(err, redshift.ErrLimit) || !strings.Contains(err.Error(), "bulk.Load") {
		t.Errorf("a long statement: %v", err)
	}
	if n := len(value[string](t, c, "SELECT '"+strings.Repeat("x", 60<<10)+"'")); n != 60<<10 {
		t.Errorf("%d bytes", n)
	}
}
