package redshift_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/llm-dev-ops/redshift"
)

func ExampleClient_Copy() {
	res, err := client.Copy(context.Background(), redshift.CopyCommand{
		Table:  redshift.TableRef{Schema: "public", Name: "sales"},
		Source: redshift.S3{Bucket: "bucket", Prefix: "sales/2026-01-"},
		Format: redshift.CSV{Header: true},
		Options: redshift.CopyOptions{
			IAMRole:     "arn:aws:iam::123456789012:role/Loader",
			Compression: redshift.Gzip,
			MaxErrors:   100,
		},
	})
	var failed *redshift.CopyError
	if errors.As(err, &failed) {
		for _, row := range failed.LoadErrors {
			fmt.Println(row) // s3://bucket/sales/2026-01-07.csv.gz:3: column qty (int4): Invalid digit, …
		}
		return
	} else if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.RowsLoaded, "loaded,", res.RowsRejected, "rejected")
}

// A load that may be repeated after any failure, also by another process.
func ExampleClient_CreateLedger() {
	ctx := context.Background()
	ledger := redshift.TableRef{Schema: "etl", Name: "sales_loads"}
	if err := client.CreateLedger(ctx, ledger); err != nil {
		fmt.Println(err)
		return
	}
	res, err := client.Copy(ctx, redshift.CopyCommand{
		Table: redshift.TableRef{Name: "sales"}, Source: redshift.S3{Bucket: "bucket", Prefix: "sales/2026-01-07/"},
		Format:  redshift.Parquet{},
		Options: redshift.CopyOptions{IAMRole: "default", ID: "sales-2026-01-07", Ledger: ledger},
	})
	if err != nil {
		fmt.Println(err) // ErrOutcomeUnknown only if the server cannot be reached: call again with this ID
		return
	}
	fmt.Println(res.RowsLoaded, "rows, loaded before:", res.Repeated)
}

func ExampleClient_ValidateCopy() {
	var stage redshift.Objects // s3stage.New(…)
	found, err := client.ValidateCopy(context.Background(), redshift.CopyCommand{
		Table: redshift.TableRef{Name: "sales"}, Source: redshift.S3{Bucket: "bucket", Prefix: "sales.manifest", Manifest: true},
		Format: redshift.CSV{}, Options: redshift.CopyOptions{IAMRole: "default"},
	}, stage)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range found {
		fmt.Println(f) // error: s3://bucket/sales/7.csv has 8 bytes, the manifest says 9; write the manifest anew
	}
}

func ExampleClient_ValidateUnload() {
	var stage redshift.Objects // s3stage.New(…)
	found, err := client.ValidateUnload(context.Background(), redshift.UnloadCommand{
		Query: "select * from sales", Destination: redshift.S3Destination{Bucket: "bucket", Prefix: "export/"},
		Options: redshift.UnloadOptions{IAMRole: "default"},
	}, stage)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range found {
		fmt.Println(f)
	}
}

func ExampleClient_SubmitCopy() {
	ctx := context.Background()
	job, err := client.SubmitCopy(ctx, redshift.CopyCommand{
		Table: redshift.TableRef{Name: "sales"}, Source: redshift.S3{Bucket: "bucket", Prefix: "sales/"}, Format: redshift.Parquet{},
		Options: redshift.CopyOptions{IAMRole: "default"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("to be found as", job.ID()) // client.CopyStatus tells any process
	res, err := job.Watch(ctx, 5*time.Second, func(st redshift.TransferStatus) {
		fmt.Println(st.State, st.Files, "of", st.TotalFiles, "files,", st.Rows, "rows")
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.RowsLoaded, "rows")
}

func ExampleClient_SubmitUnload() {
	ctx := context.Background()
	job, err := client.SubmitUnload(ctx, redshift.UnloadCommand{
		Query: "select * from sales", Destination: redshift.S3Destination{Bucket: "bucket", Prefix: "export/"},
		Format: redshift.Parquet{}, Options: redshift.UnloadOptions{IAMRole: "default"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	res, err := job.Wait(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.FilesCreated, "files")
}

func ExampleClient_CopyStatus() {
	st, err := client.CopyStatus(context.Background(), "sales-2026-01-07")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(st.State, st.Rows, "rows from", st.Files, "files")
}

func ExampleClient_Unload() {
	res, err := client.Unload(context.Background(), redshift.UnloadCommand{
		Query:       "select * from sales where day >= '2026-01-01'",
		Destination: redshift.S3Destination{Bucket: "bucket", Prefix: "export/"},
		Format:      redshift.Parquet{},
		Options:     redshift.UnloadOptions{IAMRole: "default", PartitionBy: []string{"day"}, Manifest: true},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.RowsUnloaded, "rows in", res.FilesCreated, "files, listed in", res.ManifestPath)
}

func ExampleTx_Copy() {
	ctx := context.Background()
	sales := redshift.TableRef{Name: "sales"}
	err := client.InTx(ctx, redshift.TxOptions{}, func(tx *redshift.Tx) error {
		if _, err := tx.Execute(ctx, redshift.SQL("delete from sales where day = $1", redshift.Date{Year: 2026, Month: 1, Day: 7})); err != nil {
			return err
		}
		_, err := tx.Copy(ctx, redshift.CopyCommand{
			Table: sales, Source: redshift.S3{Bucket: "bucket", Prefix: "sales/2026-01-07"}, Format: redshift.Parquet{},
			Options: redshift.CopyOptions{IAMRole: "default"},
		})
		return err
	})
	fmt.Println(err)
}

func ExampleParseCopy() {
	cmd, err := redshift.ParseCopy("copy sales from 's3://bucket/sales/' iam_role default csv")
	if err != nil {
		fmt.Println(err)
		return
	}
	cmd.Options.NoLoad = true
	fmt.Println(cmd.SQL())
	// Output: COPY "sales" FROM 's3://bucket/sales/' IAM_ROLE DEFAULT FORMAT AS CSV NOLOAD <nil>
}
