package main

import (
	"context"
	"math"
)

// ratios are what the suite scan prints as JSON. Those of clients are of rows per
// second, the greater the better for us.
type ratios struct {
	Suite         string   `json:"suite"`
	Rows          int      `json:"rows"`
	TypedPq       float64  `json:"typed_vs_libpq"`
	TypedPgx      float64  `json:"typed_vs_pgx_text"`
	TypedByStruct float64  `json:"typed_vs_bystruct"`
	ColumnsPgx    float64  `json:"columns_vs_pgx_text"`
	ArrowPgx      float64  `json:"arrow_vs_pgx_text"`
	CPU           float64  `json:"cpu_s_per_mrow"`  // of typed rows, as are the next but one
	TwoDecoders   *float64 `json:"par2_vs_columns"` // null: one goroutine decodes
	Allocs        float64  `json:"allocs_per_row"`
	RSS           float64  `json:"rss_mb"`
}

// scans compares what the targets speak of.
func scans(ctx context.Context, o options) (printer, error) {
	r, err := compare(ctx, "scan", o, "redshift", "redshift Batches", "redshift Arrow", "pgx", "pgx ByName", "lib/pq")
	if err != nil {
		return r, err
	}
	typed := r.Lines[0]
	r.ratios = ratios{
		Suite: "scan", Rows: o.rows,
		TypedPq: r.ratio("redshift", "lib/pq"), TypedPgx: r.ratio("redshift", "pgx"), TypedByStruct: r.ratio("redshift", "pgx ByName"),
		ColumnsPgx: r.ratio("redshift Batches", "pgx"), ArrowPgx: r.ratio("redshift Arrow", "pgx"),
		CPU: hundredths(typed.CPUPerMillion), Allocs: hundredths(typed.AllocsPerRow), RSS: hundredths(float64(typed.PeakRSS) / (1 << 20)),
	}
	return r, nil
}

func columns(ctx context.Context, o options) (printer, error) {
	return compare(ctx, "columns", o, "redshift Batches", "redshift", "pgx")
}

func arrows(ctx context.Context, o options) (printer, error) {
	return compare(ctx, "arrow", o, "redshift Arrow", "redshift Arrow ReuseText", "redshift Batches", "pgx")
}

// ratio is how many times as fast one client is as another; 0 if either did not run.
func (r report) ratio(one, other string) float64 {
	speed := map[string]float64{}
	for _, e := range r.Lines {
		speed[e.Client] = e.RowsPerSec
	}
	if speed[other] == 0 {
		return 0
	}
	return hundredths(speed[one] / speed[other])
}

func hundredths(f float64) float64 { return math.Round(f*100) / 100 }
