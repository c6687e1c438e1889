package main

import "context"

// smallRatios is what the suite small prints as JSON.
type smallRatios struct {
	Suite string `json:"suite"`
	// QPS is our calls per second to pgx's, the greater the better for us; Allocs our
	// allocations a call to pgx's, the smaller the better.
	QPS    float64 `json:"qps_vs_pgx"`
	Allocs float64 `json:"allocs_vs_pgx"`
}

// smalls compares small queries, one after another: with a session of the pool for each,
// with statements that were prepared, and on pgx's one connection with its cached ones.
func smalls(ctx context.Context, o options) (printer, error) {
	r, err := compare(ctx, "small", o, "redshift small", "redshift small prepared", "pgx small")
	if err != nil {
		return r, err
	}
	r.calls = true
	r.ratios = smallRatios{
		Suite: "small", QPS: r.ratio("redshift small", "pgx small"),
		Allocs: hundredths(r.Lines[0].AllocsPerRow / r.Lines[2].AllocsPerRow),
	}
	return r, nil
}
