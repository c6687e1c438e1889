package bulk_test

import (
	"context"
	"fmt"
	"iter"
	"log"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/bulk"
	"github.com/llm-dev-ops/redshift/s3stage"
)

func ExampleLoad() {
	type Reading struct {
		SensorID int32
		At       redshift.TimestampTZ
		Celsius  *float64 // nil is NULL
	}
	load := func(ctx context.Context, client *redshift.Client, readings iter.Seq2[Reading, error]) error {
		stage, err := s3stage.New(ctx, s3stage.Config{Region: "eu-central-1"})
		if err != nil {
			return err
		}
		res, err := bulk.Load(ctx, client, bulk.LoadPlan{
			Table:  redshift.TableRef{Schema: "plant", Name: "readings"},
			Source: bulk.Structs(readings),
			Mode:   bulk.Upsert, Keys: []string{"sensor_id", "at"},
			Stage: stage, Prefix: "s3://bucket/staging", IAMRole: "default",
		})
		if err != nil {
			return err
		}
		fmt.Printf("%d rows, %d of them replaced\n", res.Inserted, res.Deleted)
		return nil
	}
	_ = load
}

func ExampleRead() {
	read := func(ctx context.Context, client *redshift.Client, stage *s3stage.Stage) error {
		rows, err := bulk.Read(ctx, client, bulk.ReadPlan{
			Query: redshift.SQL("SELECT sensor_id, at, celsius FROM plant.readings"),
			Stage: stage, Prefix: "s3://bucket/staging",
		})
		if err != nil {
			return err
		}
		for row, err := range rows.All() { // which also closes them
			if err != nil {
				return err
			}
			values, err := row.Values()
			if err != nil {
				return err
			}
			log.Println(values...)
		}
		return nil
	}
	_ = read
}
