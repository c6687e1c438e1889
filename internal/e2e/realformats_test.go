package e2e

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/dsnet/compress/bzip2"
	"github.com/hamba/avro/v2/ocf"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"

	"github.com/llm-dev-ops/redshift"
)

// realTable is a file of real data as rows, for the formats in which it did not come.
type realTable struct {
	name    string
	columns []realColumn
	rows    [][]string
	options string // of COPY
}

type realColumn struct {
	name, header string
	typ          string // VARCHAR, BIGINT, DOUBLE PRECISION, DATE or TIMESTAMP
}

// instant is what a value of DATE or TIMESTAMP means.
func instant(t *testing.T, s string) time.Time {
	t.Helper()
	for _, layout := range []string{"2006-01-02", "2006/01/02 15:04"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at
		}
	}
	t.Fatalf("no time: %q", s)
	return time.Time{}
}

func realTables(t *testing.T) []realTable {
	t.Helper()
	text := func(names ...string) (all []realColumn) {
		for _, n := range names {
			name, typ, _ := strings.Cut(n, ":")
			if typ == "" {
				typ = "VARCHAR"
			}
			all = append(all, realColumn{name, name, typ})
		}
		return all
	}
	airports := realTable{name: "airports", columns: text("iata", "name", "city", "state", "country", "latitude:DOUBLE PRECISION", "longitude:DOUBLE PRECISION")}
	birds := realTable{name: "birdstrikes", columns: text("airport", "aircraft", "damage", "flight_date:DATE", "operator", "state", "phase", "wildlife_size", "species", "time_of_day",
		"cost_other:BIGINT", "cost_repair:BIGINT", "cost_total:BIGINT", "speed:BIGINT")}
	for _, table := range []*realTable{&airports, &birds} {
		all, err := csv.NewReader(bytes.NewReader(realInput(t, table.name+".csv"))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		table.rows = all[1:]
		for i := range table.columns {
			table.columns[i].header = all[0][i]
		}
	}
	flights := realTable{name: "flights", columns: text("at:TIMESTAMP", "delay:BIGINT", "distance:BIGINT", "origin", "destination"), options: " TIMEFORMAT 'YYYY/MM/DD HH:MI'"}
	flights.columns[0].header = "date"
	var list []map[string]any
	if err := json.Unmarshal(realInput(t, "flights-20k.json"), &list); err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		row := make([]string, len(flights.columns))
		for i, c := range flights.columns {
			row[i] = fmt.Sprint(f[c.header])
		}
		flights.rows = append(flights.rows, row)
	}
	return []realTable{airports, birds, flights}
}

// typed is a value as JSON, Avro and Parquet hold it; nil is NULL.
func (c realColumn) typed(t *testing.T, s string) any {
	t.Helper()
	if s == "" {
		return nil
	}
	switch c.typ {
	case "BIGINT":
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	case "DOUBLE PRECISION":
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	return s
}

func (r *realTable) delimited(t *testing.T, delimiter rune) []byte {
	t.Helper()
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.Comma = delimiter
	headers := make([]string, len(r.columns))
	for i, c := range r.columns {
		headers[i] = c.header
	}
	if err := w.WriteAll(append([][]string{headers}, r.rows...)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func (r *realTable) escaped() []byte {
	var out bytes.Buffer
	e := strings.NewReplacer(`\`, `\\`, "|", `\|`, "\n", "\\\n")
	for _, row := range r.rows {
		for i, v := range row {
			if i > 0 {
				out.WriteByte('|')
			}
			out.WriteString(e.Replace(v))
		}
		out.WriteByte('\n')
	}
	return out.Bytes()
}

// fixed is the file and its FIXEDWIDTH, in characters.
func (r *realTable) fixed() (data []byte, spec string) {
	widths := make([]int, len(r.columns))
	for _, row := range r.rows {
		for i, v := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(v), 1)
		}
	}
	var out bytes.Buffer
	for _, row := range r.rows {
		for i, v := range row {
			out.WriteString(v + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(v)))
		}
		out.WriteByte('\n')
	}
	for i, n := range widths {
		spec += fmt.Sprintf(",%s:%d", r.columns[i].name, n)
	}
	return out.Bytes(), spec[1:]
}

// jsonLines has the headers for names, and the jsonpaths for them.
func (r *realTable) jsonLines(t *testing.T, names func(realColumn) string) (data []byte, paths string) {
	t.Helper()
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	for _, row := range r.rows {
		object := map[string]any{}
		for i, c := range r.columns {
			object[names(c)] = c.typed(t, row[i])
		}
		if err := e.Encode(object); err != nil {
			t.Fatal(err)
		}
	}
	var list []string
	for _, c := range r.columns {
		list = append(list, "$['"+c.header+"']")
	}
	text, err := json.Marshal(map[string]any{"jsonpaths": list})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), string(text)
}

func (r *realTable) avro(t *testing.T, codec ocf.CodecName) []byte {
	t.Helper()
	var fields []string
	for _, c := range r.columns {
		typ := map[string]string{"BIGINT": "long", "DOUBLE PRECISION": "double"}[c.typ]
		if typ == "" {
			typ = "string"
		}
		fields = append(fields, fmt.Sprintf(`{"name":%q,"type":["null",%q]}`, c.name, typ))
	}
	var out bytes.Buffer
	e, err := ocf.NewEncoder(`{"type":"record","name":"r","fields":[`+strings.Join(fields, ",")+`]}`, &out, ocf.WithCodec(codec))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range r.rows {
		record := map[string]any{}
		for i, c := range r.columns {
			record[c.name] = nil
			switch v := c.typed(t, row[i]).(type) {
			case int64:
				record[c.name] = map[string]any{"long": v}
			case float64:
				record[c.name] = map[string]any{"double": v}
			case string:
				record[c.name] = map[string]any{"string": v}
			}
		}
		if err := e.Encode(record); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// parquet is a file and its columns' order, which is that of their names.
func (r *realTable) parquet(t *testing.T) (data []byte, order []string) {
	t.Helper()
	group, at := parquet.Group{}, map[string]int{}
	for i, c := range r.columns {
		node := parquet.String()
		switch c.typ {
		case "BIGINT":
			node = parquet.Int(64)
		case "DOUBLE PRECISION":
			node = parquet.Leaf(parquet.DoubleType)
		case "DATE":
			node = parquet.Date()
		case "TIMESTAMP":
			node = parquet.Timestamp(parquet.Microsecond)
		}
		group[c.name], at[c.name], order = parquet.Optional(node), i, append(order, c.name)
	}
	slices.Sort(order)
	var out bytes.Buffer
	w := parquet.NewGenericWriter[any](&out, parquet.NewSchema("r", group), parquet.Compression(&parquet.Snappy))
	for _, row := range r.rows {
		var values parquet.Row
		for k, name := range order {
			c := r.columns[at[name]]
			v := c.typed(t, row[at[name]])
			if s, ok := v.(string); ok && c.typ == "DATE" {
				v = int32(instant(t, s).Unix() / 86400)
			} else if ok && c.typ == "TIMESTAMP" {
				v = instant(t, s).UnixMicro()
			}
			if v == nil {
				values = append(values, parquet.NullValue().Level(0, 0, k))
			} else {
				values = append(values, parquet.ValueOf(v).Level(0, 1, k))
			}
		}
		if _, err := w.WriteRows([]parquet.Row{values}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), order
}

// totals are what the server and this test add up: bytes of texts, numbers, days or
// minutes, and how many there are of each.
func (r *realTable) totals(t *testing.T, trimmed bool) (sql string, want []string) {
	t.Helper()
	sums := []string{"count(*)::varchar"}
	want = []string{strconv.Itoa(len(r.rows))}
	for i, c := range r.columns {
		expression := map[string]string{
			"VARCHAR": "octet_length(%s)", "BIGINT": "%s", "DOUBLE PRECISION": "round(%s * 1000000)::bigint",
			"DATE": "datediff(day, '1970-01-01', %s)", "TIMESTAMP": "datediff(minute, '1970-01-01', %s)",
		}[c.typ]
		sums = append(sums, "nvl(sum("+fmt.Sprintf(expression, c.name)+"), 0)::varchar", "count("+c.name+")::varchar")
		var sum, count int64
		for _, row := range r.rows {
			v := row[i]
			if trimmed && c.typ == "VARCHAR" {
				v = strings.TrimRight(v, " ")
			}
			if v == "" {
				continue
			}
			count++
			switch v := c.typed(t, v).(type) {
			case int64:
				sum += v
			case float64:
				sum += int64(roundHalfAway(v * 1e6))
			case string:
				switch c.typ {
				case "DATE":
					sum += instant(t, v).Unix() / 86400
				case "TIMESTAMP":
					sum += instant(t, v).Unix() / 60
				default:
					sum += int64(len(v))
				}
			}
		}
		want = append(want, strconv.FormatInt(sum, 10), strconv.FormatInt(count, 10))
	}
	return "SELECT " + strings.Join(sums, " || ' ' || ") + " FROM real_" + r.name, want
}

func roundHalfAway(v float64) float64 {
	if v < 0 {
		return float64(int64(v - 0.5))
	}
	return float64(int64(v + 0.5))
}

func packed(t *testing.T, how string, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	var w io.WriteCloser
	var err error
	switch how {
	case "":
		return data
	case "GZIP":
		w = gzip.NewWriter(&out)
	case "BZIP2":
		w, err = bzip2.NewWriter(&out, nil)
	case "ZSTD":
		w, err = zstd.NewWriter(&out)
	}
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// The rows of the real files load by every format, as other libraries write it, and what
// is UNLOADed of them comes back: the totals are those of the file.
func TestRealInputFormats(t *testing.T) {
	t.Parallel()
	tables := realTables(t)
	s, c := both(t)
	st := stage(t, s)
	for _, table := range tables {
		var definition []string
		for _, col := range table.columns {
			typ := col.typ
			if typ == "VARCHAR" {
				typ = "VARCHAR(200)"
			}
			definition = append(definition, col.name+" "+typ)
		}
		name, prefix := "real_"+table.name, "s3://emulator/"+table.name
		exec1(t, c, "CREATE TABLE "+name+" ("+strings.Join(definition, ", ")+")")
		check := func(what, columns, from, options string, trimmed bool) {
			t.Helper()
			exec1(t, c, "DELETE FROM "+name)
			if _, err := c.Execute(t.Context(), redshift.SQL("COPY "+name+columns+" FROM '"+from+"' IAM_ROLE default "+options)); err != nil {
				why := value[string](t, c, "SELECT nvl(max(trim(colname) || ': ' || trim(err_reason) || ': ' || trim(raw_field_value)), '') FROM stl_load_errors")
				t.Errorf("%s: %s: %v %.300s", table.name, what, err, why)
				return
			}
			sql, want := table.totals(t, trimmed)
			if got := value[string](t, c, sql); got != strings.Join(want, " ") {
				t.Errorf("%s: %s:\ngot  %s\nwant %s", table.name, what, got, strings.Join(want, " "))
			}
		}
		file := func(what, how, columns, options string, data []byte, trimmed bool) {
			t.Helper()
			key := prefix + "/" + strings.ReplaceAll(what, " ", "_") + "/f"
			put(t, st, key, string(packed(t, how, data)))
			check(what, columns, key, options+" "+how, trimmed)
		}
		file("csv", "GZIP", "", "CSV IGNOREHEADER 1 EMPTYASNULL"+table.options, table.delimited(t, ','), false)
		file("tab", "", "", "CSV DELIMITER '\\t' IGNOREHEADER 1 EMPTYASNULL"+table.options, table.delimited(t, '\t'), false)
		file("text", "ZSTD", "", "ESCAPE EMPTYASNULL"+table.options, table.escaped(), false)
		fixed, spec := table.fixed()
		file("fixed", "BZIP2", "", "FIXEDWIDTH '"+spec+"' TRIMBLANKS BLANKSASNULL EMPTYASNULL"+table.options, fixed, true)
		lines, _ := table.jsonLines(t, func(c realColumn) string { return c.name })
		file("json", "", "", "JSON 'auto'"+table.options, lines, false)
		lines, paths := table.jsonLines(t, func(c realColumn) string { return c.header })
		put(t, st, prefix+".jsonpaths", paths)
		file("json by paths", "GZIP", "", "JSON '"+prefix+".jsonpaths'"+table.options, lines, false)
		file("avro", "", "", "AVRO 'auto'"+table.options, table.avro(t, ocf.Deflate), false)
		columnar, order := table.parquet(t)
		file("parquet", "", " ("+strings.Join(order, ", ")+")", "PARQUET", columnar, false)

		// The table holds Parquet's rows now; out and in again.
		for _, k := range [][2]string{
			{"CSV HEADER NULL AS '@'", "CSV IGNOREHEADER 1 NULL AS '@'"},
			{"ESCAPE GZIP NULL AS '@'", "ESCAPE GZIP NULL AS '@'"},
			{"JSON ZSTD", "JSON 'auto' ZSTD"},
			{"PARQUET", "PARQUET"},
		} {
			out := prefix + "/" + k[0][:3] + "/out_"
			if _, err := c.Execute(t.Context(), redshift.SQL("UNLOAD ('SELECT * FROM "+name+"') TO '"+out+"' IAM_ROLE default "+k[0])); err != nil {
				t.Error(err)
				continue
			}
			check("unloaded "+k[0], "", out, k[1], false)
		}
	}
}

// The earthquakes are a document and, one by one, rows: nested values by navigation and
// unnesting, filtered, with the file's totals.
func TestRealInputEarthquakes(t *testing.T) {
	t.Parallel()
	var doc struct {
		Features []json.RawMessage `json:"features"`
	}
	if err := json.Unmarshal(realInput(t, "earthquakes.json"), &doc); err != nil {
		t.Fatal(err)
	}
	var sig, strong, depths, nowhere int64
	var lines, table bytes.Buffer
	cells := csv.NewWriter(&table)
	for _, f := range doc.Features {
		var q struct {
			ID         string
			Properties struct {
				Mag   *float64
				Sig   int64
				Felt  *int64
				Place string
			}
			Geometry struct{ Coordinates []float64 }
		}
		if err := json.Unmarshal(f, &q); err != nil {
			t.Fatal(err)
		}
		sig += q.Properties.Sig
		if q.Properties.Mag != nil && *q.Properties.Mag >= 4.5 {
			strong++
		}
		if q.Properties.Felt == nil {
			nowhere++
		}
		if q.Geometry.Coordinates[2] > 100 {
			depths++
		}
		lines.Write(append(slices.Clip(f), '\n'))
		if err := cells.Write([]string{q.ID, string(f)}); err != nil {
			t.Fatal(err)
		}
	}
	cells.Flush()
	s, c := both(t)
	st := stage(t, s)
	put(t, st, "s3://emulator/quakes/doc", string(realInput(t, "earthquakes.json")))
	put(t, st, "s3://emulator/quakes/lines", lines.String())
	put(t, st, "s3://emulator/quakes/csv", string(packed(t, "GZIP", table.Bytes())))
	put(t, st, "s3://emulator/quakes.paths", `{"jsonpaths":["$.id","$.properties.mag","$.properties.sig","$.geometry.coordinates[2]","$.properties"]}`)
	check := func(what, from, sig1, strong1, depth1, felt1 string) {
		t.Helper()
		for _, k := range []struct {
			sql  string
			want int64
		}{
			{"SELECT count(*) FROM " + from, 1707},
			{"SELECT sum(" + sig1 + ")::bigint FROM " + from, sig},
			{"SELECT count(*) FROM " + from + " WHERE " + strong1 + " >= 4.5", strong},
			{"SELECT count(*) FROM " + from + " WHERE " + depth1 + " > 100", depths},
			{"SELECT count(*) FROM " + from + " WHERE is_integer(" + felt1 + ") IS NOT TRUE", nowhere},
		} {
			if got := value[int64](t, c, k.sql); got != k.want {
				t.Errorf("%s: %s: %d, want %d", what, k.sql, got, k.want)
			}
		}
	}
	exec1(t, c, "CREATE TABLE doc (d SUPER)")
	exec1(t, c, "COPY doc FROM 's3://emulator/quakes/doc' IAM_ROLE default JSON 'noshred'")
	check("a document", "doc, doc.d.features f", "f.properties.sig::bigint", "f.properties.mag", "f.geometry.coordinates[2]", "f.properties.felt")
	if n := value[int64](t, c, "SELECT count(*) FROM doc, doc.d.features f, f.geometry.coordinates x"); n != 3*1707 {
		t.Errorf("%d coordinates", n)
	}

	exec1(t, c, "CREATE TABLE lines (f SUPER)")
	exec1(t, c, "COPY lines FROM 's3://emulator/quakes/lines' IAM_ROLE default JSON 'noshred'")
	check("noshred", "lines", "f.properties.sig::bigint", "f.properties.mag", "f.geometry.coordinates[2]", "f.properties.felt")

	exec1(t, c, "CREATE TABLE parts (id VARCHAR(20), type VARCHAR(10), properties SUPER, geometry SUPER)")
	exec1(t, c, "COPY parts FROM 's3://emulator/quakes/lines' IAM_ROLE default JSON 'auto'")
	check("auto", "parts", "properties.sig::bigint", "properties.mag", "geometry.coordinates[2]", "properties.felt")

	exec1(t, c, "CREATE TABLE cells (id VARCHAR(20), f SUPER)")
	exec1(t, c, "COPY cells FROM 's3://emulator/quakes/csv' IAM_ROLE default CSV GZIP")
	check("csv", "cells", "f.properties.sig::bigint", "f.properties.mag", "f.geometry.coordinates[2]", "f.properties.felt")

	exec1(t, c, "CREATE TABLE typed (id VARCHAR(20), mag NUMERIC(4,2), sig INT, depth FLOAT, p SUPER)")
	exec1(t, c, "COPY typed FROM 's3://emulator/quakes/lines' IAM_ROLE default JSON 's3://emulator/quakes.paths'")
	check("paths", "typed", "sig", "mag", "depth", "p.felt")

	for _, k := range [][2]string{{"CSV GZIP", "CSV GZIP"}, {"ESCAPE", "ESCAPE"}, {"JSON", "JSON 'auto'"}} {
		prefix := "s3://emulator/quakes_out/" + k[0][:3] + "/"
		exec1(t, c, "UNLOAD ('SELECT * FROM parts') TO '"+prefix+"' IAM_ROLE default "+k[0])
		exec1(t, c, "DELETE FROM parts")
		exec1(t, c, "COPY parts FROM '"+prefix+"' IAM_ROLE default "+k[1])
		check("unloaded "+k[0], "parts", "properties.sig::bigint", "properties.mag", "geometry.coordinates[2]", "properties.felt")
	}
}
