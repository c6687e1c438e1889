package e2e

import (
	"errors"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/emulator"
)

// A COPY that waits for a lock is seen, cancelled, and runs when it may; on a
// workgroup, which has the SYS views alone, just as on a cluster.
func TestCopyJob(t *testing.T) {
	t.Parallel()
	for name, serverless := range map[string]bool{"cluster": false, "workgroup": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, emulator.Config{Serverless: serverless})
			c := connect(t, s)
			st := stage(t, s)
			put(t, st, "s3://emulator/job/a", "1\n2\n")
			put(t, st, "s3://emulator/job/b", "3\nx\n")
			exec1(t, c, "CREATE TABLE job (n INT)")
			load := redshift.CopyCommand{
				Table: redshift.TableRef{Name: "job"}, Source: redshift.S3{Bucket: "emulator", Prefix: "job/"},
				Options: redshift.CopyOptions{MaxErrors: 5},
			}
			tx, err := c.Begin(t.Context(), redshift.TxOptions{})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tx.Rollback(t.Context()) }()
			exec1(t, tx, "LOCK job")
			first, err := c.SubmitCopy(t.Context(), load)
			if err != nil {
				t.Fatal(err)
			}
			seen := redshift.TransferStatus{State: redshift.JobSubmitted}
			for seen.State == redshift.JobSubmitted || seen.QueryID == 0 { // what runs has a number a moment later
				if seen, err = first.Status(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if seen.State != redshift.JobRunning && seen.State != redshift.JobQueued || seen.QueryID == 0 || seen.PID == 0 {
				t.Errorf("waiting: %+v", seen)
			}
			if err := first.Cancel(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := first.Wait(t.Context()); !errors.Is(err, redshift.ErrQueryCancelled) {
				t.Errorf("cancelled: %v", err)
			}
			if seen, err = first.Status(t.Context()); err != nil || seen.State != redshift.JobCancelled {
				t.Errorf("cancelled: %+v, %v", seen, err)
			}

			second, err := c.SubmitCopy(t.Context(), load)
			if err != nil {
				t.Fatal(err)
			}
			calls := 0
			res, err := second.Watch(t.Context(), time.Millisecond, func(st redshift.TransferStatus) {
				if calls++; calls == 2 {
					if err := tx.Rollback(t.Context()); err != nil {
						t.Error(err)
					}
				}
				seen = st
			})
			if err != nil || res.RowsLoaded != 3 || res.RowsRejected != 1 || res.ID != second.ID() || calls < 3 {
				t.Fatalf("%+v, %v, after %d calls", res, err, calls)
			}
			if len(res.LoadErrors) != 1 || res.LoadErrors[0].Code != 1207 || res.LoadErrors[0].Line != 2 || res.LoadErrors[0].Column != "n" ||
				(res.LoadErrors[0].RawValue == "") != serverless {
				t.Errorf("%+v", res.LoadErrors)
			}
			if seen.State != redshift.JobCompleted || seen.Rows != 3 || seen.Files != 2 || seen.Bytes != 8 || seen.TotalFiles != 2 {
				t.Errorf("ended: %+v", seen)
			}
			if got := value[int64](t, c, "SELECT count(*) FROM job"); got != 3 {
				t.Errorf("%d rows", got)
			}

			out, err := c.SubmitUnload(t.Context(), redshift.UnloadCommand{
				Query: "SELECT n FROM job", Destination: redshift.S3Destination{Bucket: "emulator", Prefix: "out/"}, Format: redshift.CSV{},
			})
			if err != nil {
				t.Fatal(err)
			}
			written, err := out.Watch(t.Context(), 0, func(st redshift.TransferStatus) { seen = st })
			if err != nil || written.RowsUnloaded != 3 {
				t.Fatalf("%+v, %v", written, err)
			}
			if seen.State != redshift.JobCompleted || seen.Rows != 3 || seen.Files != written.FilesCreated || seen.Bytes != written.BytesWritten {
				t.Errorf("unloaded: %+v, the result %+v", seen, written)
			}
		})
	}
}
