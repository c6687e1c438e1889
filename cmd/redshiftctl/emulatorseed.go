package main

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/internal/sample/tpch"
)

// seedData reads --seed: llmops, tpch or tpch:SCALE. The database is nil for
// llmops.
func seedData(seed string) (*tpch.Database, error) {
	name, scale, scaled := strings.Cut(seed, ":")
	switch {
	case name == "llmops" && !scaled:
		return nil, nil
	case name != "tpch":
		return nil, usageError{fmt.Errorf("--seed is %q; it takes llmops, tpch or tpch:SCALE", seed)}
	}
	var cfg tpch.Config
	if scaled {
		var err error
		if cfg.Scale, err = strconv.ParseFloat(scale, 64); err != nil || cfg.Scale == 0 {
			return nil, usageError{fmt.Errorf("--seed: %q is no scale factor", scale)}
		}
	}
	d, err := tpch.New(cfg)
	if err != nil {
		return nil, usageError{fmt.Errorf("--seed: %w", err)}
	}
	return d, nil
}

// loadTPCH makes the tables and loads them by COPY, from files that are written
// while they are uploaded and removed when they have been read.
func (d *demo) loadTPCH(ctx context.Context, data *tpch.Database) error {
	for _, t := range tpch.Tables() {
		if err := d.loadTable(ctx, data, t); err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
	}
	return nil
}

func (d *demo) loadTable(ctx context.Context, data *tpch.Database, t tpch.Table) error {
	if _, err := d.client.Execute(ctx, redshift.SQL(t.Create())); err != nil {
		return err
	}
	key := "demo/" + t.Name + "/" + t.Name + ".tbl.gz"
	uri := "s3://" + d.server.Config().Bucket + "/" + key
	read, write := io.Pipe()
	written := make(chan int64)
	go func() {
		zip := gzip.NewWriter(write)
		n, err := data.Write(t.Name, zip)
		write.CloseWithError(errors.Join(err, zip.Close()))
		written <- n
	}()
	_, err := d.stage.Put(ctx, uri, read)
	_ = read.Close() // which ends the writer, should the upload have failed
	rows := <-written
	if err != nil {
		return err
	}
	var loaded int64
	_, err = d.copyTable(ctx, t.Name, redshift.Text{}, redshift.CopyOptions{Compression: redshift.Gzip}, &loaded)
	if err == nil && loaded != rows {
		err = fmt.Errorf("%d rows of %d were loaded", loaded, rows)
	}
	_, gone := d.stage.DeleteAll(ctx, uri)
	return errors.Join(err, gone)
}
