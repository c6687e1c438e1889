package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/klauspost/compress/gzip"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/bulk"
)

// ownFile is a file of the user's in the demo.
type ownFile struct {
	localFile
	format  string // csv, tsv, json or parquet
	header  bool   // of CSV
	table   string
	columns []*guesses
	rows    int64
}

// ownResult is what demo --json prints of a file.
type ownResult struct {
	File     string `json:"file"`
	Table    string `json:"table"`
	DDL      string `json:"ddl"`
	Copied   int64  `json:"copied"`
	ReadBack int64  `json:"read_back_rows"`
}

// runFiles is the demo with the user's own files.
func (d *demo) runFiles(ctx context.Context, paths []string) (err error) {
	began := time.Now()
	files := make([]*ownFile, len(paths))
	tables := map[string]bool{}
	for i, p := range paths {
		if files[i], err = lookAt(p); err != nil {
			return usageError{fmt.Errorf("%s: %w", p, err)}
		}
		if tables[files[i].table] {
			files[i].table = fmt.Sprintf("%s_%d", files[i].table, i+1)
		}
		tables[files[i].table] = true
	}
	defer func() { err = errors.Join(err, d.stop(context.WithoutCancel(ctx))) }()
	if err := d.step("start", func() (string, error) { return d.start(ctx) }); err != nil {
		return err
	}
	for _, f := range files {
		if err := d.own(ctx, f); err != nil {
			return fmt.Errorf("%s: %w", f.path, err)
		}
	}
	d.result.Seconds = time.Since(began).Seconds()
	d.say("\nDone in %.1f s. Try it yourself: redshiftctl emulator start\n", d.result.Seconds)
	return nil
}

// own takes one file through all of it.
func (d *demo) own(ctx context.Context, f *ownFile) error {
	r := ownResult{File: f.path, Table: f.table, DDL: f.ddl()}
	for _, step := range []struct {
		name string
		f    func() (string, error)
	}{
		{"create", func() (string, error) {
			d.later("%s\n\n", r.DDL)
			_, err := d.client.Execute(ctx, redshift.SQL(r.DDL))
			return fmt.Sprintf("%s, from %s of %s", f.table, count(f.rows, "row"), filepath.Base(f.path)), err
		}},
		{"copy", func() (what string, err error) {
			what, r.Copied, err = d.copyOwn(ctx, f)
			return what, err
		}},
		{"query", func() (string, error) { return d.profile(ctx, f) }},
		{"bad file", func() (string, error) { return d.spoil(ctx, f) }},
		{"unload", func() (what string, err error) {
			what, r.ReadBack, err = d.roundTrip(ctx, f)
			return what, err
		}},
	} {
		if err := d.step(step.name, step.f); err != nil {
			return err
		}
	}
	d.result.Files = append(d.result.Files, r)
	return nil
}

// lookAt reads a file once and infers its columns.
func lookAt(path string) (*ownFile, error) {
	format, compression := guess(path)
	f := &ownFile{localFile: localFile{path: path, compression: compression}, format: format}
	base, _, _ := strings.Cut(filepath.Base(path), ".")
	f.table = columnName(base, 1)
	var err error
	switch format {
	case "csv", "tsv":
		err = f.lookAtCSV()
	case "json":
		err = f.lookAtJSON()
	case "parquet":
		err = f.lookAtParquet()
	default:
		return nil, errors.New("the demo takes CSV (.csv, .tsv), JSON (.json, .jsonl, .ndjson) and Parquet files")
	}
	if err == nil && (len(f.columns) == 0 || f.rows == 0) {
		err = errors.New("it has no rows")
	}
	seen := map[string]bool{}
	for i, c := range f.columns {
		c.column = columnName(c.name, i+1)
		if f.format == "json" {
			c.column = strings.ToLower(c.name) // by which COPY finds the key
		}
		for n := 2; seen[c.column]; n++ {
			if f.format == "json" {
				return nil, fmt.Errorf("two keys are %q but for their case", c.column)
			}
			c.column = fmt.Sprintf("%s_%d", columnName(c.name, i+1), n)
		}
		seen[c.column] = true
	}
	return f, err
}

func (f *ownFile) comma() rune {
	if f.format == "tsv" {
		return '\t'
	}
	return ','
}

// lookAtCSV takes the first record for names if it looks like none of the others:
// no field of it is empty, twice, or a number or time.
func (f *ownFile) lookAtCSV() error {
	in, err := f.open()
	if err != nil {
		return err
	}
	defer in.Close()
	buffered := bufio.NewReader(in)
	if bom, _ := buffered.Peek(3); string(bom) == "\xef\xbb\xbf" {
		_, _ = buffered.Discard(3)
	}
	r := csv.NewReader(buffered)
	r.Comma, r.ReuseRecord = f.comma(), true
	for n := 0; ; n++ {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if n == 0 {
			f.header = areNames(record)
			for i, name := range record {
				if !f.header {
					name = fmt.Sprintf("c%d", i+1)
				}
				f.columns = append(f.columns, &guesses{name: strings.Clone(name)})
			}
			if f.header {
				continue
			}
		}
		f.rows++
		for i, s := range record {
			if s == "" {
				f.columns[i].null()
			} else {
				f.columns[i].text(s)
			}
		}
	}
}

func areNames(record []string) bool {
	seen := map[string]bool{}
	for _, s := range record {
		if s == "" || seen[s] || isFloat.MatchString(s) || parsesAs(s, dateForms) || parsesAs(s, stampForms) || parsesAs(s, stampZForms) {
			return false
		}
		seen[s] = true
	}
	return true
}

func (f *ownFile) lookAtJSON() error {
	byName := map[string]*guesses{}
	return f.objects(func(keys []string, values map[string]json.RawMessage) error {
		for _, k := range keys {
			c, ok := byName[k]
			if !ok {
				c = &guesses{name: k, values: int(f.rows), nulls: int(f.rows)}
				byName[k] = c
				f.columns = append(f.columns, c)
			}
			c.json(values[k])
		}
		f.rows++
		return nil
	})
}

// objects gives the rows of a JSON file: the elements of an array, objects one
// after another, or, of one object alone, the objects of the only array in it, such
// as the features of GeoJSON.
func (f *ownFile) objects(each func(keys []string, values map[string]json.RawMessage) error) error {
	in, err := f.open()
	if err != nil {
		return err
	}
	defer in.Close()
	buffered := bufio.NewReader(in)
	first, err := firstOf(buffered)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(buffered)
	if first == '[' {
		if _, err := dec.Token(); err != nil {
			return err
		}
	}
	var held []json.RawMessage // an object that may be alone
	for n := 1; dec.More(); n++ {
		var row json.RawMessage
		if err := dec.Decode(&row); err != nil {
			return fmt.Errorf("row %d: %w", n, err)
		}
		if n == 1 && first != '[' {
			held = append(held, row)
			continue
		}
		for _, row := range append(held, row) {
			if err := eachObject(row, each); err != nil {
				return fmt.Errorf("row %d: %w", n, err)
			}
		}
		held = nil
	}
	if len(held) == 0 {
		return nil
	}
	for _, row := range features(held[0]) {
		if err := eachObject(row, each); err != nil {
			return err
		}
	}
	return nil
}

// features are the objects of the only array of objects in an object, or the object.
func features(object json.RawMessage) []json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(object, &fields) != nil {
		return []json.RawMessage{object}
	}
	var found []json.RawMessage
	for _, v := range fields {
		var rows []json.RawMessage
		if v[0] != '[' || json.Unmarshal(v, &rows) != nil || len(rows) == 0 || rows[0][0] != '{' {
			continue
		}
		if found != nil {
			return []json.RawMessage{object}
		}
		found = rows
	}
	if found == nil {
		return []json.RawMessage{object}
	}
	return found
}

func eachObject(row json.RawMessage, each func([]string, map[string]json.RawMessage) error) error {
	dec := json.NewDecoder(strings.NewReader(string(row)))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return errors.New("it is no object")
	}
	var keys []string
	values := map[string]json.RawMessage{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		var v json.RawMessage
		if err := dec.Decode(&v); err != nil {
			return err
		}
		name := key.(string)
		if _, twice := values[name]; twice {
			return fmt.Errorf("the key %q is there twice", name)
		}
		keys, values[name] = append(keys, name), v
	}
	return each(keys, values)
}

// lookAtParquet takes the types of the file's own schema.
func (f *ownFile) lookAtParquet() error {
	if f.compression != "" {
		return errors.New("a Parquet file is compressed within")
	}
	in, err := f.open()
	if err != nil {
		return err
	}
	defer in.Close()
	file, ok := in.(interface {
		io.ReaderAt
		io.Seeker
	})
	if !ok {
		return errors.New("it cannot be read at any place")
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	columns, rows, err := bulk.ParquetColumns(file, size)
	if err != nil {
		return err
	}
	f.rows = rows
	for _, c := range columns {
		f.columns = append(f.columns, &guesses{name: c.Name, known: c.DDL})
	}
	return nil
}

// ddl is the CREATE TABLE.
func (f *ownFile) ddl() string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE %s (", f.quoted())
	for i, c := range f.columns {
		name, _ := redshift.Ident(c.column)
		fmt.Fprintf(&b, "%s\n  %s %s", []string{",", ""}[max(1-i, 0)], name, c.sql())
	}
	return b.String() + "\n)"
}

func (f *ownFile) quoted() string {
	name, err := redshift.Ident(f.table)
	if err != nil {
		return f.table
	}
	return name
}

// command is the COPY of an object of the file's form.
func (f *ownFile) command(bucket, key string) redshift.CopyCommand {
	c := redshift.CopyCommand{Table: redshift.TableRef{Name: f.table}, Source: redshift.S3{Bucket: bucket, Prefix: key}}
	null := ""
	switch f.format {
	case "csv", "tsv":
		c.Format = redshift.CSV{Header: f.header, Delimiter: string(f.comma())}
		c.Options = redshift.CopyOptions{Compression: redshift.Gzip, DateFormat: "auto", TimeFormat: "auto", NullAs: &null}
	case "json":
		c.Format = redshift.JSON{Paths: "auto ignorecase"}
		c.Options = redshift.CopyOptions{Compression: redshift.Gzip, DateFormat: "auto", TimeFormat: "auto"}
	default:
		c.Format = redshift.Parquet{}
	}
	return c
}

// put uploads what write writes, in gzip but for Parquet.
func (d *demo) putOwn(ctx context.Context, f *ownFile, key string, write func(io.Writer) error) error {
	pr, pw := io.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if f.format == "parquet" {
			_ = pw.CloseWithError(write(pw))
			return
		}
		z, _ := gzip.NewWriterLevel(pw, gzip.BestSpeed) // a known level cannot fail
		err := write(z)
		if err == nil {
			err = z.Close()
		}
		_ = pw.CloseWithError(err)
	}()
	_, err := d.stage.Put(ctx, "s3://"+d.server.Config().Bucket+"/"+key, pr)
	_ = pr.Close() // ends the goroutine's writing
	<-ended
	return err
}

// content is the file as COPY takes it.
func (f *ownFile) content(w io.Writer) error {
	if f.format == "json" {
		return f.objects(func(keys []string, values map[string]json.RawMessage) error {
			for i, k := range keys {
				name, _ := json.Marshal(k) // a string cannot fail
				if _, err := fmt.Fprintf(w, "%s%s:%s", []string{",", "{"}[max(1-i, 0)], name, values[k]); err != nil {
					return err
				}
			}
			end := "}\n"
			if len(keys) == 0 {
				end = "{}\n"
			}
			_, err := io.WriteString(w, end)
			return err
		})
	}
	in, err := f.open()
	if err != nil {
		return err
	}
	defer in.Close()
	_, err = io.Copy(w, in)
	return err
}

func (d *demo) copyOwn(ctx context.Context, f *ownFile) (string, int64, error) {
	key := "demo/own/" + f.table
	if err := d.putOwn(ctx, f, key, f.content); err != nil {
		return "", 0, err
	}
	res, err := d.client.Copy(ctx, f.command(d.server.Config().Bucket, key))
	if err != nil {
		return "", 0, err
	}
	if res.RowsLoaded != f.rows {
		return "", 0, fmt.Errorf("%d of %d rows were loaded", res.RowsLoaded, f.rows)
	}
	return fmt.Sprintf("%s into %s", count(res.RowsLoaded, "row"), f.table), res.RowsLoaded, nil
}

// profile shows what is in the columns.
func (d *demo) profile(ctx context.Context, f *ownFile) (string, error) {
	var rows []table.Row
	for _, c := range f.columns {
		name, err := redshift.Ident(c.column)
		if err != nil {
			return "", err
		}
		extremes := "min(" + name + ")::varchar, max(" + name + ")::varchar, count(distinct " + name + ")"
		if kind := c.sql(); kind == "SUPER" || kind == "BOOLEAN" || strings.HasPrefix(kind, "VARBYTE") {
			extremes = "null::varchar, null::varchar, null::bigint"
		}
		row, err := d.client.QueryRow(ctx, redshift.SQL("SELECT count(*) - count("+name+"), "+extremes+" FROM "+f.quoted()))
		if err != nil {
			return "", err
		}
		var nulls int64
		var low, top *string
		var distinct *int64
		if err := row.Scan(&nulls, &low, &top, &distinct); err != nil {
			return "", err
		}
		rows = append(rows, table.Row{c.column, strings.ToLower(c.sql()), nulls, brief(distinct), brief(low), brief(top)})
	}
	d.show(table.Row{"column", "type", "nulls", "distinct", "least", "greatest"}, rows)
	return fmt.Sprintf("what is in the %s of %s", count(int64(len(rows)), "column"), f.table), nil
}

// brief is a value for a cell.
func brief[T any](v *T) string {
	if v == nil {
		return ""
	}
	s := []rune(printable(fmt.Sprint(*v)))
	if len(s) > 24 {
		return string(s[:23]) + "…"
	}
	return string(s)
}

// spoil copies a row whose number or time is none, and shows what COPY says.
func (d *demo) spoil(ctx context.Context, f *ownFile) (string, error) {
	at := slices.IndexFunc(f.columns, func(c *guesses) bool {
		return c.sql() != "SUPER" && c.sql() != "BOOLEAN" && !strings.HasPrefix(c.sql(), "VAR")
	})
	if at < 0 || f.format == "parquet" {
		return "none: no text of this file could be a wrong number or time", nil
	}
	key := "demo/bad/" + f.table
	err := d.putOwn(ctx, f, key, func(w io.Writer) error {
		if f.format == "json" {
			return json.NewEncoder(w).Encode(map[string]string{f.columns[at].name: "no such value"})
		}
		out := csv.NewWriter(w)
		out.Comma = f.comma()
		fields := make([]string, len(f.columns))
		if f.header {
			_ = out.Write(fields) // the writer keeps its error
		}
		fields[at] = "no such value"
		_ = out.Write(fields)
		out.Flush()
		return out.Error()
	})
	if err != nil {
		return "", err
	}
	_, err = d.client.Copy(ctx, f.command(d.server.Config().Bucket, key))
	var failure *redshift.CopyError
	if !errors.As(err, &failure) || len(failure.LoadErrors) == 0 {
		return "", fmt.Errorf("a wrong value should have been refused: %w", err)
	}
	for _, e := range failure.LoadErrors {
		d.later("  %s\n\n", e)
	}
	d.result.LoadErrors += len(failure.LoadErrors)
	return "refused, " + count(int64(len(failure.LoadErrors)), "load error") + ", nothing loaded", nil
}

// roundTrip unloads the table, reads the files, and compares the rows with those of
// the wire, in any order.
func (d *demo) roundTrip(ctx context.Context, f *ownFile) (string, int64, error) {
	query := redshift.SQL("SELECT * FROM " + f.quoted())
	sum := func(via bulk.Via) (n int64, sum uint64, err error) {
		rows, err := bulk.Read(ctx, d.client, bulk.ReadPlan{Query: query, Via: via, Stage: d.stage, Prefix: "s3://" + d.server.Config().Bucket + "/demo/unloaded"})
		if err != nil {
			return 0, 0, err
		}
		for row, err := range rows.All() {
			if err != nil {
				return n, sum, err
			}
			values, err := row.Values()
			if err != nil {
				return n, sum, err
			}
			h := fnv.New64a()
			fmt.Fprintf(h, "%q", fmt.Sprint(values))
			sum += h.Sum64()
			n++
		}
		return n, sum, rows.Close()
	}
	n, want, err := sum(bulk.ViaWire)
	if err != nil {
		return "", 0, err
	}
	back, got, err := sum(bulk.ViaUnload)
	if err != nil {
		return "", 0, err
	}
	if n != back || want != got {
		return "", 0, fmt.Errorf("%d rows were unloaded and %d other ones came back", n, back)
	}
	return fmt.Sprintf("%s read back through UNLOAD, equal to those of the wire", count(back, "row")), back, nil
}
