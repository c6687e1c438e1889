package e2e

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/llm-dev-ops/redshift"
)

// realInput is a file of real data. They are not the project's: the folder is
// named by REDSHIFT_TEST_DATA.
func realInput(t *testing.T, name string) []byte {
	t.Helper()
	dir := os.Getenv("REDSHIFT_TEST_DATA")
	if dir == "" {
		t.Skip("REDSHIFT_TEST_DATA does not name the folder of real input")
	}
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func records(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open(filepath.Join(os.Getenv("REDSHIFT_TEST_DATA"), name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() // it was read
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all[1:]
}

// The files are loaded in the form in which they come, and totals agree with
// what the standard library reads.
func TestRealInput(t *testing.T) {
	t.Parallel()
	files := map[string][]byte{}
	for _, name := range []string{"airports.csv", "flights-20k.json", "birdstrikes.csv", "earthquakes.json"} {
		files[name] = realInput(t, name)
	}
	s, c := both(t)
	st := stage(t, s)
	for name, data := range files {
		put(t, st, "s3://emulator/"+name, string(data))
	}
	load := func(table, file string, format redshift.DataFormat, options redshift.CopyOptions) int64 {
		t.Helper()
		r, err := c.Copy(t.Context(), redshift.CopyCommand{
			Table: redshift.TableRef{Name: table}, Source: redshift.S3{Bucket: "emulator", Prefix: file}, Format: format, Options: options,
		})
		if err != nil {
			t.Fatal(err)
		}
		return r.RowsLoaded
	}

	exec1(t, c, "CREATE TABLE airports (iata VARCHAR(4), name VARCHAR(100), city VARCHAR(50), state VARCHAR(10), country VARCHAR(50), latitude DOUBLE PRECISION, longitude DOUBLE PRECISION) DISTSTYLE ALL")
	if n := load("airports", "airports.csv", redshift.CSV{Header: true}, redshift.CopyOptions{}); n != 3376 {
		t.Errorf("%d airports", n)
	}
	var north float64
	for _, r := range records(t, "airports.csv") {
		f, err := strconv.ParseFloat(r[5], 64)
		if err != nil {
			t.Fatal(err)
		}
		north += f
	}
	if got := value[float64](t, c, "SELECT sum(latitude) FROM airports"); got < north-1e-6 || got > north+1e-6 {
		t.Errorf("latitudes add up to %v, want %v", got, north)
	}

	// One array of objects is a document: COPY's "auto" reads objects alone
	// (copy-parameters-data-format), so it comes in as SUPER and is unnested.
	exec1(t, c, `CREATE TABLE flights ("date" TIMESTAMP SORTKEY, delay INT, distance INT, origin CHAR(3), destination CHAR(3))`)
	exec1(t, c, "CREATE TABLE flights_raw (doc SUPER)")
	load("flights_raw", "flights-20k.json", redshift.JSON{Paths: "noshred"}, redshift.CopyOptions{})
	exec1(t, c, `INSERT INTO flights SELECT to_timestamp(f."date"::varchar, 'YYYY/MM/DD HH24:MI')::timestamp, f.delay::int, f.distance::int, f.origin::varchar, f.destination::varchar
		FROM flights_raw r, r.doc f`)
	if n := value[int64](t, c, "SELECT count(*) FROM flights"); n != 20000 {
		t.Errorf("%d flights", n)
	}
	var flights []struct{ Delay, Distance int64 }
	if err := json.Unmarshal(files["flights-20k.json"], &flights); err != nil {
		t.Fatal(err)
	}
	var delay, distance int64
	for _, f := range flights {
		delay += f.Delay
		distance += f.Distance
	}
	if got := value[int64](t, c, "SELECT sum(delay) FROM flights"); got != delay {
		t.Errorf("delays add up to %d, want %d", got, delay)
	}
	if got := value[int64](t, c, "SELECT sum(distance) FROM flights WHERE \"date\" >= '2001-01-01'"); got != distance {
		t.Errorf("distances add up to %d, want %d", got, distance)
	}

	exec1(t, c, `CREATE TABLE birdstrikes (airport VARCHAR(100), aircraft VARCHAR(100), damage VARCHAR(50), flight_date DATE, operator VARCHAR(100),
		state VARCHAR(50), phase VARCHAR(50), wildlife_size VARCHAR(20), species VARCHAR(100), time_of_day VARCHAR(20),
		cost_other BIGINT, cost_repair BIGINT, cost_total BIGINT, speed INT)`)
	if n := load("birdstrikes", "birdstrikes.csv", redshift.CSV{Header: true}, redshift.CopyOptions{EmptyAsNull: true}); n != 10000 {
		t.Errorf("%d birdstrikes", n)
	}
	var cost int64
	for _, r := range records(t, "birdstrikes.csv") {
		n, err := strconv.ParseInt(r[12], 10, 64)
		if err == nil {
			cost += n
		}
	}
	if got := value[int64](t, c, "SELECT sum(cost_total) FROM birdstrikes"); got != cost {
		t.Errorf("costs add up to %d, want %d", got, cost)
	}

	exec1(t, c, "CREATE TABLE quakes (doc SUPER)")
	if n := load("quakes", "earthquakes.json", redshift.JSON{Paths: "noshred"}, redshift.CopyOptions{}); n != 1 {
		t.Errorf("%d documents", n)
	}
	if got := value[string](t, c, "SELECT doc.metadata.title::varchar FROM quakes"); got != "USGS All Earthquakes, Past Week" {
		t.Errorf("title %q", got)
	}
	if got := value[int64](t, c, "SELECT count(*) FROM quakes q, q.doc.features f"); got != 1707 {
		t.Errorf("%d features", got)
	}
}
