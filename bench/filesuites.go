package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/bench/internal/sample"
	"github.com/llm-dev-ops/redshift/emulator"
)

// fileReport is a report with the ratios that are to be reached, which are of
// processor time: rates are those of one core.
type fileReport struct {
	report
	ratios map[string]any
}

func (r fileReport) print(w io.Writer) { r.report.print(w) }

// MarshalJSON gives the ratios.
func (r fileReport) MarshalJSON() ([]byte, error) { return json.Marshal(r.ratios) }

// core is a competitor's millions of rows a second of processor time.
func (r report) core(name string) float64 {
	for _, e := range r.Lines {
		if e.Client == name && e.CPUPerMillion > 0 {
			return 1 / e.CPUPerMillion
		}
	}
	return 0
}

func (r report) rss(name string) int64 {
	for _, e := range r.Lines {
		if e.Client == name {
			return e.PeakRSS
		}
	}
	return 0
}

// stage measures rows to files, which are thrown away.
func stage(ctx context.Context, o options) (printer, error) {
	r, err := inTurnOfFiles(ctx, "stage", o,
		"load parquet", "load csv.zst", "arrow-go parquet", "naive csv.gz", "rows alone")
	if err != nil {
		return r, err
	}
	own := r.core("load parquet")
	return fileReport{r, map[string]any{
		"suite":                  "stage",
		"parquet_vs_naive_csvgz": hundredths(own / r.core("naive csv.gz")),
		"parquet_vs_arrowgo":     hundredths(own / r.core("arrow-go parquet")),
		"parquet_mrows_s":        hundredths(own),
		"csvzstd_mrows_s":        hundredths(r.core("load csv.zst")),
		"extra_rss_mb":           (max(r.rss("load parquet"), r.rss("load csv.zst")) - r.rss("rows alone")) >> 20,
	}}, nil
}

// readback measures files to structs. The making of the files is taken off.
func readback(ctx context.Context, o options) (printer, error) {
	r, err := inTurnOfFiles(ctx, "readback", o,
		"read parquet", "parquet-go structs", "read csv.zst", "read csv.gz", "read naive csv.gz")
	if err != nil {
		return r, err
	}
	return fileReport{r, map[string]any{
		"suite":                "readback",
		"structs_vs_parquetgo": hundredths(r.core("read parquet") / r.core("parquet-go structs")),
		"csvgz_vs_naive":       hundredths(r.core("read csv.gz") / r.core("read naive csv.gz")),
		"csvzstd_mrows_s":      hundredths(r.core("read csv.zst")),
		"structs_mrows_s":      hundredths(r.core("read parquet")),
	}}, nil
}

// bulkReport is what moved through a process, and the most memory that took.
type bulkReport struct {
	Suite       string  `json:"suite"`
	Rows        int     `json:"rows"`
	Bytes       int64   `json:"bytes"` // of the rows as CSV
	LoadSeconds float64 `json:"load_seconds"`
	LoadCPU     float64 `json:"load_cpu_seconds"`
	LoadRSS     int64   `json:"load_rss_mb"`
	ReadSeconds float64 `json:"read_seconds"`
	ReadCPU     float64 `json:"read_cpu_seconds"`
	ReadRSS     int64   `json:"read_rss_mb"`
}

func (r bulkReport) print(w io.Writer) {
	fmt.Fprintf(w, "%d rows, %.2f GB as CSV\n", r.Rows, float64(r.Bytes)/1e9)
	fmt.Fprintf(w, "bulk.Load  %7.1f s, %7.1f s of CPU, %4d MB at most\n", r.LoadSeconds, r.LoadCPU, r.LoadRSS)
	fmt.Fprintf(w, "bulk.Read  %7.1f s, %7.1f s of CPU, %4d MB at most\n", r.ReadSeconds, r.ReadCPU, r.ReadRSS)
}

// rowBytes is the mean size of a row of bench/files as CSV.
const rowBytes = 129

// bulk10gb loads rows of a size into an emulator and reads them back, each in a
// process of its own, so that the memory is the client's alone.
func bulk10gb(ctx context.Context, o options) (printer, error) {
	want, err := parseBytes(o.bytes)
	if err != nil {
		return nil, err
	}
	rows := int(want / rowBytes)
	exe, remove, err := program(ctx, "files")
	if err != nil {
		return nil, err
	}
	defer remove()
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	s, err := emulator.Start(ctx, emulator.Config{DataDir: dir})
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close(context.WithoutCancel(ctx)) }()
	r := bulkReport{Suite: "bulk10gb", Rows: rows, Bytes: int64(rows) * rowBytes}
	for _, step := range []struct {
		name         string
		seconds, cpu *float64
		rss          *int64
	}{{"load", &r.LoadSeconds, &r.LoadCPU, &r.LoadRSS}, {"read", &r.ReadSeconds, &r.ReadCPU, &r.ReadRSS}} {
		got, err := job(ctx, exe, "move", step.name, s.URL(), s.AWSEndpoint(), strconv.Itoa(rows))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", step.name, err)
		}
		if got.Rows != rows {
			return nil, fmt.Errorf("%s moved %d rows of %d", step.name, got.Rows, rows)
		}
		*step.seconds, *step.cpu, *step.rss = hundredths(got.Seconds), hundredths(got.CPU), got.RSS>>20
		fmt.Fprintf(o.progress, "%s: %.1f s, %d MB\n", step.name, got.Seconds, got.RSS>>20)
	}
	return r, nil
}

// parseBytes reads a size such as 500MB.
func parseBytes(s string) (int64, error) {
	for suffix, unit := range map[string]float64{"KB": 1e3, "MB": 1e6, "GB": 1e9} {
		if n, ok := strings.CutSuffix(strings.ToUpper(s), suffix); ok {
			f, err := strconv.ParseFloat(n, 64)
			if err != nil || f <= 0 {
				break
			}
			return int64(f * unit), nil
		}
	}
	return 0, fmt.Errorf("-bytes %q is no size such as 500MB or 10GB", s)
}

// inTurnOfFiles runs jobs of bench/files in turn.
func inTurnOfFiles(ctx context.Context, suite string, o options, names ...string) (report, error) {
	exe, remove, err := program(ctx, "files")
	if err != nil {
		return report{}, err
	}
	defer remove()
	return inTurn(suite, o, func(name string) (sample.Sample, error) { return job(ctx, exe, "file", name, strconv.Itoa(o.rows)) }, names...)
}
