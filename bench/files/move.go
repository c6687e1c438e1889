package main

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/bench/internal/sample"
	"github.com/llm-dev-ops/redshift/bulk"
	"github.com/llm-dev-ops/redshift/s3stage"
)

// move is a child's part.
func move(ctx context.Context, what, url, aws string, rows int) (s sample.Sample, err error) {
	cfg, err := redshift.ParseURL(url)
	if err != nil {
		return s, err
	}
	cfg.DefaultCopyIAMRole, cfg.DefaultUnloadIAMRole = "default", "default"
	c, err := redshift.Open(ctx, cfg)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, c.Close(ctx)) }()
	st, err := s3stage.New(ctx, s3stage.Config{Endpoint: aws, Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")})
	if err != nil {
		return s, err
	}
	var w watch
	w.reset()
	if what == "load" {
		if _, err := c.Execute(ctx, redshift.SQL("CREATE TABLE calls ("+callsDDL+")")); err != nil {
			return s, err
		}
		res, err := bulk.Load(ctx, c, bulk.LoadPlan{
			Table: redshift.TableRef{Name: "calls"}, Source: bulk.Structs(calls(rows)), Stage: st, Prefix: "s3://emulator/bulk",
		})
		if err != nil {
			return s, err
		}
		s.Rows = int(res.Inserted)
	} else {
		found, err := bulk.Read(ctx, c, bulk.ReadPlan{Query: redshift.SQL("SELECT * FROM calls"), Via: bulk.ViaUnload, Stage: st, Prefix: "s3://emulator/bulk"})
		if err != nil {
			return s, err
		}
		for found.Next() {
			s.Rows++
		}
		if err := found.Close(); err != nil {
			return s, err
		}
	}
	s.Seconds, s.CPU, s.RSS = w.seconds(), w.processor(), sample.PeakRSS()
	return s, nil
}
