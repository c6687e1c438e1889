package main

import (
	"fmt"
	"iter"
	"time"

	"github.com/llm-dev-ops/redshift"
)

// call is the row of the suites of files: ten columns of the usual types. The tags
// are those of parquet-go, for which microseconds are an option.
type call struct {
	ID         int64     `parquet:"id"`
	ModelID    int32     `parquet:"model_id"`
	StartedAt  time.Time `parquet:"started_at,timestamp(microsecond)"`
	DurationMS int32     `parquet:"duration_ms"`
	Tokens     int64     `parquet:"tokens"`
	Cost       float64   `parquet:"cost"`
	Cached     bool      `parquet:"cached"`
	Status     string    `parquet:"status"`
	Region     *string   `parquet:"region,optional"`
	Prompt     string    `parquet:"prompt"`
}

var callColumns = []redshift.Column{
	{Name: "id", Type: redshift.TypeBigInt, TypeMod: -1},
	{Name: "model_id", Type: redshift.TypeInteger, TypeMod: -1},
	{Name: "started_at", Type: redshift.TypeTimestamp, TypeMod: -1},
	{Name: "duration_ms", Type: redshift.TypeInteger, TypeMod: -1},
	{Name: "tokens", Type: redshift.TypeBigInt, TypeMod: -1},
	{Name: "cost", Type: redshift.TypeDouble, TypeMod: -1},
	{Name: "cached", Type: redshift.TypeBoolean, TypeMod: -1},
	{Name: "status", Type: redshift.TypeVarchar, TypeMod: 4 + 16},
	{Name: "region", Type: redshift.TypeVarchar, TypeMod: 4 + 16},
	{Name: "prompt", Type: redshift.TypeVarchar, TypeMod: 4 + 200},
}

const callsDDL = `id BIGINT, model_id INT, started_at TIMESTAMP, duration_ms INT, tokens BIGINT, cost FLOAT,
	cached BOOLEAN, status VARCHAR(16), region VARCHAR(16), prompt VARCHAR(200)`

// calls makes rows, of which 100,000 differ: more than ZSTD looks back.
func calls(n int) iter.Seq2[call, error] {
	made := make([]call, 100_000)
	regions := []string{"eu-central-1", "us-east-1", "ap-south-1"}
	for i := range made {
		c := call{
			ID: int64(i), ModelID: int32(i % 17), StartedAt: time.Date(2026, 1, 1, 0, 0, i, i*1000, time.UTC),
			DurationMS: int32(i * 7919 % 30_000), Tokens: int64(i * 104729 % 8000), Cost: float64(i*31%100_000) / 997,
			Cached: i%3 == 0, Status: []string{"ok", "error", "timeout"}[i%7%3], Prompt: fmt.Sprintf("prompt %d of conversation %x", i, uint64(i)*0x9e3779b97f4a7c15),
		}
		if i%5 != 0 {
			c.Region = &regions[i%3]
		}
		made[i] = c
	}
	return func(yield func(call, error) bool) {
		for i := range n {
			if !yield(made[i%len(made)], nil) {
				return
			}
		}
	}
}
