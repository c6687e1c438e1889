// Package bulk brings many rows into a table and back, through files in S3.
//
// [Load] takes rows from a Go iterator, a reader of CSV or JSON lines, local
// files or any other [BatchSource], checks them against the table's columns,
// writes them as Parquet or compressed CSV below a prefix of its own in S3,
// copies them with COPY, and removes the files, also after a failure.
//
//	res, err := bulk.Load(ctx, client, bulk.LoadPlan{
//		Table:  redshift.TableRef{Name: "calls"},
//		Source: bulk.Structs(calls), // iter.Seq2[Call, error]
//		Stage:  stage, Prefix: "s3://bucket/staging", IAMRole: role,
//	})
//
// [Read] gives the rows of a query, over the wire or, if they are many, through
// the files of an UNLOAD: as the same redshift.Rows either way.
//
// See decision 0007.
package bulk
