package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/emulator"
	"github.com/llm-dev-ops/redshift/internal/sample"
	"github.com/llm-dev-ops/redshift/s3stage"
)

// demo is one run of the demo.
type demo struct {
	out     io.Writer
	pending []string
	result  demoResult

	server *emulator.Server
	client *redshift.Client
	stage  *s3stage.Stage
	data   *sample.Database
	files  map[string][]byte // by key
}

// demoTables are as a Redshift user would make them: joins by model_id stay on
// their slice, time filters skip blocks.
var demoTables = []string{
	`CREATE TABLE models (
		model_id       INTEGER NOT NULL ENCODE az64,
		name           VARCHAR(64) NOT NULL ENCODE zstd,
		vendor         VARCHAR(64) NOT NULL ENCODE bytedict,
		context_window INTEGER NOT NULL ENCODE az64,
		price_in       NUMERIC(12,6) NOT NULL,
		price_out      NUMERIC(12,6) NOT NULL,
		released       DATE,
		notes          VARCHAR(256),
		PRIMARY KEY (model_id)
	) DISTSTYLE ALL SORTKEY (model_id)`,
	`CREATE TABLE calls (
		call_id           BIGINT NOT NULL ENCODE az64,
		model_id          INTEGER NOT NULL DISTKEY ENCODE az64,
		called_at         TIMESTAMP NOT NULL SORTKEY ENCODE raw,
		customer          VARCHAR(128) NOT NULL ENCODE zstd,
		prompt_tokens     INTEGER NOT NULL ENCODE az64,
		completion_tokens INTEGER NOT NULL ENCODE az64,
		cost              NUMERIC(14,6) NOT NULL ENCODE az64,
		latency_ms        INTEGER ENCODE az64,
		status            VARCHAR(16) NOT NULL ENCODE bytedict,
		payload           SUPER
	)`,
	`CREATE TABLE scores (
		call_id   BIGINT NOT NULL ENCODE az64,
		metric    VARCHAR(32) NOT NULL ENCODE bytedict,
		value     DOUBLE PRECISION,
		judge     VARCHAR(64) NOT NULL,
		judged_at TIMESTAMP NOT NULL ENCODE az64,
		comment   VARCHAR(1024)
	) DISTKEY (call_id) COMPOUND SORTKEY (metric, judged_at)`,
}

func (d *demo) run(ctx context.Context) (err error) {
	began := time.Now()
	d.data = sample.New(sample.Config{})
	defer func() { err = errors.Join(err, d.stop(context.WithoutCancel(ctx))) }()
	for _, step := range []struct {
		name string
		f    func(context.Context) (string, error)
	}{
		{"start", d.start},
		{"generate", d.generate},
		{"upload", d.upload},
		{"create", d.create},
		{"copy", d.copyModels},
		{"copy", d.copyCalls},
		{"copy", d.copyScores},
	} {
		if err := d.step(step.name, func() (string, error) { return step.f(ctx) }); err != nil {
			return err
		}
	}
	if err := d.queries(ctx); err != nil {
		return err
	}
	if err := d.step("bad file", func() (string, error) { return d.badFile(ctx) }); err != nil {
		return err
	}
	if err := d.step("unload", func() (string, error) { return d.unload(ctx) }); err != nil {
		return err
	}
	if err := d.step("read back", func() (string, error) { return d.readBack(ctx) }); err != nil {
		return err
	}
	d.result.Seconds = time.Since(began).Seconds()
	d.say("\nDone in %.1f s. Try it yourself: redshiftctl emulator start\n", d.result.Seconds)
	return nil
}

func (d *demo) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, drainTime)
	defer cancel()
	var errs []error
	if d.client != nil {
		errs = append(errs, d.client.Close(ctx))
	}
	if d.server != nil {
		errs = append(errs, d.server.Close(ctx))
	}
	return errors.Join(errs...)
}

func (d *demo) start(ctx context.Context) (string, error) {
	var err error
	if d.server, err = emulator.Start(ctx, emulator.Config{}); err != nil {
		return "", err
	}
	return "an emulator on " + d.server.WireAddr() + ", its S3 on " + d.server.AWSEndpoint(), d.connect(ctx)
}

// connect opens the clients of the server.
func (d *demo) connect(ctx context.Context) error {
	cfg, err := redshift.ParseURL(d.server.URL())
	if err != nil {
		return err
	}
	cfg.DefaultCopyIAMRole, cfg.DefaultUnloadIAMRole = "default", "default"
	if d.client, err = redshift.Open(ctx, cfg); err != nil {
		return err
	}
	key, secret := clientKeys(d.server.Config())
	d.stage, err = s3stage.New(ctx, s3stage.Config{
		Endpoint: d.server.AWSEndpoint(), Region: d.server.Config().Region,
		Credentials: credentials.NewStaticCredentialsProvider(key, secret, ""),
	})
	return err
}

// load makes the sample database.
func (d *demo) load(ctx context.Context) error {
	for _, step := range []demoStep{
		{"generate", d.generate},
		{"upload", d.upload},
		{"create", d.create},
		{"copy", d.copyModels},
		{"copy", d.copyCalls},
		{"copy", d.copyScores},
	} {
		if err := d.step(step.name, func() (string, error) { return step.f(ctx) }); err != nil {
			return err
		}
	}
	return nil
}

// demoStep is a step with the word that its line begins with.
type demoStep struct {
	name string
	f    func(context.Context) (string, error)
}

// generate makes the files: JSON lines, four gzip CSVs and a Parquet.
func (d *demo) generate(context.Context) (string, error) {
	d.files = map[string][]byte{}
	var models, scores bytes.Buffer
	if _, err := d.data.WriteModels(&models); err != nil {
		return "", err
	}
	d.files["models/models.json"] = models.Bytes()
	const parts = 4
	buffers, zips, writers := make([]bytes.Buffer, parts), make([]*gzip.Writer, parts), make([]io.Writer, parts)
	for i := range buffers {
		zips[i] = gzip.NewWriter(&buffers[i])
		writers[i] = zips[i]
	}
	if _, err := d.data.WriteCalls(writers...); err != nil {
		return "", err
	}
	for i, z := range zips {
		if err := z.Close(); err != nil {
			return "", err
		}
		d.files[fmt.Sprintf("calls/part-%d.csv.gz", i)] = buffers[i].Bytes()
	}
	if _, err := d.data.WriteScores(&scores); err != nil {
		return "", err
	}
	d.files["scores/scores.parquet"] = scores.Bytes()
	size := 0
	for _, f := range d.files {
		size += len(f)
	}
	return fmt.Sprintf("%d files, %.1f MB: JSON lines, gzip CSV, Parquet", len(d.files), float64(size)/1e6), nil
}

func (d *demo) uri(key string) string { return "s3://" + d.server.Config().Bucket + "/demo/" + key }

func (d *demo) upload(ctx context.Context) (string, error) {
	var files []s3stage.File
	for key, data := range d.files {
		files = append(files, s3stage.File{
			URI: d.uri(key), Size: int64(len(data)),
			Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil },
		})
	}
	objects, err := d.stage.Upload(ctx, files, nil)
	d.files = nil
	return fmt.Sprintf("%d objects to %s", len(objects), d.uri("")), err
}

func (d *demo) create(ctx context.Context) (string, error) {
	err := d.client.InTx(ctx, redshift.TxOptions{}, func(tx *redshift.Tx) error {
		for _, sql := range demoTables {
			if _, err := tx.Execute(ctx, redshift.SQL(sql)); err != nil {
				return err
			}
		}
		return nil
	})
	return "tables models, calls, scores with DISTKEY, SORTKEY and ENCODE", err
}

// copyTable loads one table from its files.
func (d *demo) copyTable(ctx context.Context, name string, format redshift.DataFormat, options redshift.CopyOptions, into *int64) (string, error) {
	r, err := d.client.Copy(ctx, redshift.CopyCommand{
		Table: redshift.TableRef{Name: name}, Source: redshift.S3{Bucket: d.server.Config().Bucket, Prefix: "demo/" + name + "/"},
		Format: format, Options: options,
	})
	if err != nil {
		return "", err
	}
	*into = r.RowsLoaded
	return fmt.Sprintf("%d rows into %s from %s", r.RowsLoaded, name, count(r.FilesScanned, "file")), nil
}

func (d *demo) copyModels(ctx context.Context) (string, error) {
	return d.copyTable(ctx, "models", redshift.JSON{}, redshift.CopyOptions{}, &d.result.Copied.Models)
}

func (d *demo) copyCalls(ctx context.Context) (string, error) {
	null := sample.NullMarker
	return d.copyTable(ctx, "calls", redshift.CSV{Header: true}, redshift.CopyOptions{Compression: redshift.Gzip, NullAs: &null}, &d.result.Copied.Calls)
}

func (d *demo) copyScores(ctx context.Context) (string, error) {
	return d.copyTable(ctx, "scores", redshift.Parquet{}, redshift.CopyOptions{}, &d.result.Copied.Scores)
}

// badFile loads a file with one wrong number, which must leave nothing.
func (d *demo) badFile(ctx context.Context) (string, error) {
	good := "900001,1,2026-01-01 10:00:00,acme,10,20,0.001,35,ok,{}\n"
	bad := "900002,1,2026-01-01 10:00:01,acme,ten,20,0.001,35,ok,{}\n"
	if _, err := d.stage.Put(ctx, d.uri("bad/calls.csv"), strings.NewReader(good+bad)); err != nil {
		return "", err
	}
	rows := func() (n int64, err error) {
		row, err := d.client.QueryRow(ctx, redshift.SQL("SELECT count(*) FROM calls"))
		if err != nil {
			return 0, err
		}
		return n, row.Scan(&n)
	}
	before, err := rows()
	if err != nil {
		return "", err
	}
	_, err = d.client.Copy(ctx, redshift.CopyCommand{
		Table:  redshift.TableRef{Name: "calls"},
		Source: redshift.S3{Bucket: d.server.Config().Bucket, Prefix: "demo/bad/"}, Format: redshift.CSV{},
	})
	var failure *redshift.CopyError
	if !errors.As(err, &failure) {
		return "", fmt.Errorf("a file with a wrong number should have been refused: %w", err)
	}
	d.result.LoadErrors = len(failure.LoadErrors)
	for _, e := range failure.LoadErrors {
		d.later("  %s\n", e)
	}
	d.later("\n")
	after, err := rows()
	if err != nil {
		return "", err
	}
	if before != after {
		return "", fmt.Errorf("the table had %d rows and has %d", before, after)
	}
	return fmt.Sprintf("refused, %s, nothing loaded", count(int64(len(failure.LoadErrors)), "load error")), nil
}

// daily is a row of the query that is unloaded and read back.
type daily struct {
	Day   redshift.Date
	Model string
	Calls int64
	Cost  redshift.Numeric
}

const dailySQL = `SELECT called_at::date AS day, m.name AS model, count(*) AS calls, sum(c.cost) AS cost
	FROM calls c JOIN models m USING (model_id) GROUP BY 1, 2`

func (d *demo) unload(ctx context.Context) (string, error) {
	r, err := d.client.Unload(ctx, redshift.UnloadCommand{
		Query:       dailySQL,
		Destination: redshift.S3Destination{Bucket: d.server.Config().Bucket, Prefix: "demo/daily/"},
		Format:      redshift.Parquet{}, Options: redshift.UnloadOptions{Manifest: true},
	})
	if err != nil {
		return "", err
	}
	d.result.UnloadedRows = r.RowsUnloaded
	return fmt.Sprintf("%d rows in %s of Parquet, listed in %s", r.RowsUnloaded, count(r.FilesCreated, "file"), r.ManifestPath), nil
}

// readBack copies the files by their manifest and compares row by row.
func (d *demo) readBack(ctx context.Context) (string, error) {
	if _, err := d.client.Execute(ctx, redshift.SQL("CREATE TABLE daily (day DATE, model VARCHAR(64), calls BIGINT, cost NUMERIC(38,6))")); err != nil {
		return "", err
	}
	r, err := d.client.Copy(ctx, redshift.CopyCommand{
		Table:  redshift.TableRef{Name: "daily"},
		Source: redshift.S3{Bucket: d.server.Config().Bucket, Prefix: "demo/daily/manifest", Manifest: true}, Format: redshift.Parquet{},
	})
	if err != nil {
		return "", err
	}
	d.result.ReadBackRows = r.RowsLoaded
	want, err := collectDemo[daily](ctx, d.client, dailySQL+" ORDER BY 1, 2")
	if err != nil {
		return "", err
	}
	got, err := collectDemo[daily](ctx, d.client, "SELECT day, model, calls, cost FROM daily ORDER BY 1, 2")
	if err != nil {
		return "", err
	}
	same := slices.EqualFunc(want, got, func(a, b daily) bool {
		return a.Day == b.Day && a.Model == b.Model && a.Calls == b.Calls && a.Cost.Cmp(b.Cost) == 0
	})
	if !same {
		return "", fmt.Errorf("%d rows were unloaded and %d other ones came back", len(want), len(got))
	}
	return fmt.Sprintf("%d rows by the manifest, equal to what the query gives", len(got)), nil
}

func collectDemo[T any](ctx context.Context, c *redshift.Client, sql string, args ...any) ([]T, error) {
	rows, err := c.Query(ctx, redshift.SQL(sql, args...))
	if err != nil {
		return nil, err
	}
	return redshift.Collect(rows, redshift.ByName[T])
}

func (d *demo) queries(ctx context.Context) error {
	for _, q := range []struct {
		name, what string
		f          func(context.Context) (int, error)
	}{
		{"cost per model and day", "the dearest model days", d.cost},
		{"p95 latency", "95th percentile of latency by model", d.latency},
		{"drift of scores", "mean score by metric, and its change", d.drift},
	} {
		if err := d.query(ctx, q.name, q.what, q.f); err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) cost(ctx context.Context) (int, error) {
	found, err := collectDemo[daily](ctx, d.client, dailySQL+" ORDER BY cost DESC LIMIT 5")
	var rows []table.Row
	for _, r := range found {
		rows = append(rows, table.Row{r.Day, r.Model, r.Calls, "$ " + r.Cost.String()})
	}
	d.show(table.Row{"day", "model", "calls", "cost"}, rows)
	return len(found), err
}

func (d *demo) latency(ctx context.Context) (int, error) {
	type latency struct {
		Model  string
		Calls  int64
		P95    float64
		Failed float64
	}
	found, err := collectDemo[latency](ctx, d.client, `
		SELECT m.name AS model, count(*) AS calls,
		       (percentile_cont(0.95) WITHIN GROUP (ORDER BY c.latency_ms))::float8 AS p95,
		       100.0 * sum(CASE WHEN c.status <> 'ok' THEN 1 ELSE 0 END)::float8 / count(*) AS failed
		FROM calls c JOIN models m ON m.model_id = c.model_id
		WHERE c.called_at >= $1
		GROUP BY m.name ORDER BY p95 DESC NULLS LAST LIMIT 5`, redshift.TimestampOf(demoSince()))
	var rows []table.Row
	for _, r := range found {
		rows = append(rows, table.Row{r.Model, r.Calls, fmt.Sprintf("%.0f ms", r.P95), fmt.Sprintf("%.1f %%", r.Failed)})
	}
	d.show(table.Row{"model", "calls", "p95", "failed"}, rows)
	return len(found), err
}

// demoSince is the second half of the sample's days.
func demoSince() time.Time {
	from, to := sample.Days()
	return from.Add(to.Sub(from) / 2)
}

func (d *demo) drift(ctx context.Context) (int, error) {
	type drift struct {
		Metric        string
		Before, After float64
		Change        float64
	}
	found, err := collectDemo[drift](ctx, d.client, `
		WITH halves AS (
			SELECT metric, judged_at < $1 AS early, avg(value) AS mean
			FROM scores WHERE value IS NOT NULL GROUP BY 1, 2
		)
		SELECT a.metric, a.mean AS before, b.mean AS after, b.mean - a.mean AS change
		FROM halves a JOIN halves b ON a.metric = b.metric AND a.early AND NOT b.early
		ORDER BY change`, redshift.TimestampOf(demoSince()))
	var rows []table.Row
	for _, r := range found {
		rows = append(rows, table.Row{r.Metric, fmt.Sprintf("%.3f", r.Before), fmt.Sprintf("%.3f", r.After), fmt.Sprintf("%+.3f", r.Change)})
	}
	d.show(table.Row{"metric", "before", "after", "change"}, rows)
	return len(found), err
}
