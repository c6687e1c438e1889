package e2e

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/bulk"
	"github.com/llm-dev-ops/redshift/emulator"
	"github.com/llm-dev-ops/redshift/redshiftarrow"
	"github.com/llm-dev-ops/redshift/s3stage"
)

var rewriteAPI = flag.Bool("api.rewrite", false, "write docs/transports.md anew")

// apiEnv is what the calls of the API are made with.
type apiEnv struct {
	*redshift.Client
	stage  *s3stage.Stage
	table  string // with rows 1, 2, 3 in the column n
	prefix string // in S3, the client's own
}

func (e apiEnv) ref() redshift.TableRef { return redshift.TableRef{Name: e.table} }

func (e apiEnv) copyCommand(folder string) redshift.CopyCommand {
	return redshift.CopyCommand{Table: e.ref(), Source: redshift.S3{Bucket: "emulator", Prefix: e.prefix + "/" + folder + "/"}}
}

func (e apiEnv) unloadCommand(folder string) redshift.UnloadCommand {
	return redshift.UnloadCommand{Query: "SELECT n FROM " + e.table, Destination: redshift.S3Destination{Bucket: "emulator", Prefix: e.prefix + "/" + folder + "/"}}
}

// want fails unless a value is what it should be.
func want[T comparable](got, want T, err error) error {
	if err == nil && got != want {
		err = fmt.Errorf("got %v, want %v", got, want)
	}
	return err
}

// api is every row of the API, by the headings of the specification.
var api = []struct {
	name string
	call func(ctx context.Context, e apiEnv) error
}{
	{"Execute", func(ctx context.Context, e apiEnv) error {
		r, err := e.Execute(ctx, redshift.SQL("UPDATE "+e.table+" SET n = n WHERE n > $1", 1))
		if err != nil {
			return err
		}
		return want(r.RowsAffected, 2, nil)
	}},
	{"QueryRow", func(ctx context.Context, e apiEnv) error {
		n := 0
		row, err := e.QueryRow(ctx, redshift.SQL("SELECT count(*) FROM "+e.table))
		if err == nil {
			err = row.Scan(&n)
		}
		return want(n, 3, err)
	}},
	{"Query, Rows.All", func(ctx context.Context, e apiEnv) error {
		rows, err := e.Query(ctx, redshift.SQL("SELECT n FROM "+e.table+" ORDER BY n"))
		if err != nil {
			return err
		}
		count := 0
		for _, err := range rows.All() {
			if err != nil {
				return err
			}
			count++
		}
		return want(count, 3, nil)
	}},
	{"Collect", func(ctx context.Context, e apiEnv) error {
		rows, err := e.Query(ctx, redshift.SQL("SELECT n FROM "+e.table+" ORDER BY n"))
		if err != nil {
			return err
		}
		all, err := redshift.Collect(rows, redshift.ByName[struct{ N int }])
		return want(len(all), 3, err)
	}},
	{"Rows.Batches", func(ctx context.Context, e apiEnv) error {
		rows, err := e.Query(ctx, redshift.SQL("SELECT n FROM "+e.table))
		if err != nil {
			return err
		}
		count := 0
		for b, err := range rows.Batches(2) {
			if err != nil {
				return err
			}
			count += b.Len()
		}
		return want(count, 3, nil)
	}},
	{"redshiftarrow.Reader", func(ctx context.Context, e apiEnv) error {
		rows, err := e.Query(ctx, redshift.SQL("SELECT n FROM "+e.table))
		if err != nil {
			return err
		}
		r, err := redshiftarrow.Reader(rows, redshiftarrow.Config{})
		if err != nil {
			return err
		}
		defer r.Release()
		count := int64(0)
		for r.Next() {
			count += r.RecordBatch().NumRows()
		}
		return want(count, 3, r.Err())
	}},
	{"Query.WantID", func(ctx context.Context, e apiEnv) error {
		r, err := e.Execute(ctx, redshift.Query{SQL: "SELECT 1", WantID: true})
		if err == nil && r.QueryID == 0 {
			err = errors.New("no query id")
		}
		return err
	}},
	{"Query.FetchSize", func(ctx context.Context, e apiEnv) error {
		r, err := e.Execute(ctx, redshift.Query{SQL: "SELECT n FROM " + e.table, FetchSize: 2})
		if err != nil {
			return err
		}
		return want(len(r.Rows), 3, nil)
	}},
	{"ExecuteScript", func(ctx context.Context, e apiEnv) error {
		rs, err := e.ExecuteScript(ctx, "SELECT 1; SELECT 2")
		return want(len(rs), 2, err)
	}},
	{"Explain", func(ctx context.Context, e apiEnv) error {
		p, err := e.Explain(ctx, redshift.SQL("SELECT n FROM "+e.table))
		if err == nil && !strings.Contains(p.String(), "Seq Scan") {
			err = errors.New(p.String())
		}
		return err
	}},
	{"Prepare, Prepared.Query", func(ctx context.Context, e apiEnv) error {
		p, err := e.Prepare(ctx, "SELECT n FROM "+e.table+" WHERE n = $1")
		if err != nil {
			return err
		}
		defer p.Close(ctx) // it has answered
		r, err := p.Execute(ctx, 2)
		if err != nil {
			return err
		}
		return want(len(r.Rows), 1, nil)
	}},
	{"Prepared.Batch", func(ctx context.Context, e apiEnv) error {
		p, err := e.Prepare(ctx, "UPDATE "+e.table+" SET n = n WHERE n = $1")
		if err != nil {
			return err
		}
		defer p.Close(ctx) // it has answered
		r, err := p.Batch(ctx, slices.Values([][]any{{1}, {2}}))
		if err != nil {
			return err
		}
		return want(r.RowsAffected, 2, r.Err())
	}},
	{"Begin, Commit", func(ctx context.Context, e apiEnv) error {
		tx, err := e.Begin(ctx, redshift.TxOptions{})
		if err != nil {
			return err
		}
		defer tx.Rollback(ctx) // after Commit it does nothing
		if _, err := tx.Execute(ctx, redshift.SQL("UPDATE "+e.table+" SET n = n")); err != nil {
			return err
		}
		return tx.Commit(ctx)
	}},
	{"InTx", func(ctx context.Context, e apiEnv) error {
		return e.InTx(ctx, redshift.TxOptions{}, func(tx *redshift.Tx) error {
			_, err := tx.Execute(ctx, redshift.SQL("UPDATE "+e.table+" SET n = n"))
			return err
		})
	}},
	{"ExecuteInTx", func(ctx context.Context, e apiEnv) error {
		results, err := e.ExecuteInTx(ctx, redshift.TxOptions{}, redshift.SQL("UPDATE "+e.table+" SET n = n"), redshift.SQL("SELECT 1"))
		if err == nil && len(results) != 2 {
			err = fmt.Errorf("%d results", len(results))
		}
		return err
	}},
	{"Tx.Info", func(ctx context.Context, e apiEnv) error {
		return e.InTx(ctx, redshift.TxOptions{}, func(tx *redshift.Tx) error {
			info, err := tx.Info(ctx)
			if err == nil && info.ID == 0 {
				err = errors.New("no id")
			}
			return err
		})
	}},
	{"Acquire, Conn.Info, Conn.LastQueryID", func(ctx context.Context, e apiEnv) error {
		conn, err := e.Acquire(ctx)
		if err != nil {
			return err
		}
		defer conn.Release()
		if _, err := conn.Execute(ctx, redshift.SQL("SELECT 1")); err != nil {
			return err
		}
		id, err := conn.LastQueryID(ctx)
		if err == nil && (id == 0 || conn.Info().Created.IsZero()) {
			err = fmt.Errorf("id %d, %+v", id, conn.Info())
		}
		return err
	}},
	{"Health", func(ctx context.Context, e apiEnv) error {
		h, err := e.Health(ctx)
		if err != nil {
			return err
		}
		return want(h.Database, "dev", nil)
	}},
	{"PoolStats", func(ctx context.Context, e apiEnv) error {
		_ = e.PoolStats()
		return nil
	}},
	{"Copy", func(ctx context.Context, e apiEnv) error {
		r, err := e.Copy(ctx, e.copyCommand("none"))
		if err != nil {
			return err
		}
		return want(r.RowsLoaded, 0, nil)
	}},
	{"SubmitCopy, CopyJob.Wait, CopyStatus", func(ctx context.Context, e apiEnv) error {
		job, err := e.SubmitCopy(ctx, e.copyCommand("none"))
		if err != nil {
			return err
		}
		if _, err := job.Wait(ctx); err != nil {
			return err
		}
		s, err := e.CopyStatus(ctx, job.ID())
		return want(s.State, redshift.JobCompleted, err)
	}},
	{"CopyOptions.Ledger", func(ctx context.Context, e apiEnv) error {
		ledger := redshift.TableRef{Name: e.table + "_ledger"}
		if err := e.CreateLedger(ctx, ledger); err != nil {
			return err
		}
		cmd := e.copyCommand("none")
		cmd.Options.Ledger, cmd.Options.ID = ledger, "load-1"
		if _, err := e.Copy(ctx, cmd); err != nil {
			return err
		}
		again, err := e.Copy(ctx, cmd)
		if err != nil {
			return err
		}
		return want(again.Repeated, true, nil)
	}},
	{"ValidateCopy", func(ctx context.Context, e apiEnv) error {
		_, err := e.ValidateCopy(ctx, e.copyCommand("none"), e.stage)
		return err
	}},
	{"LoadErrors", func(ctx context.Context, e apiEnv) error {
		_, err := e.LoadErrors(ctx, redshift.LoadErrorFilter{})
		return err
	}},
	{"Unload", func(ctx context.Context, e apiEnv) error {
		r, err := e.Unload(ctx, e.unloadCommand("one"))
		if err != nil {
			return err
		}
		return want(r.RowsUnloaded, 3, nil)
	}},
	{"SubmitUnload, UnloadJob.Wait, UnloadStatus", func(ctx context.Context, e apiEnv) error {
		job, err := e.SubmitUnload(ctx, e.unloadCommand("two"))
		if err != nil {
			return err
		}
		if _, err := job.Wait(ctx); err != nil {
			return err
		}
		s, err := e.UnloadStatus(ctx, job.ID())
		return want(s.State, redshift.JobCompleted, err)
	}},
	{"ValidateUnload", func(ctx context.Context, e apiEnv) error {
		_, err := e.ValidateUnload(ctx, e.unloadCommand("three"), e.stage)
		return err
	}},
	{"Submit, Job.Wait, Job.Rows", func(ctx context.Context, e apiEnv) error {
		job, err := e.Submit(ctx, redshift.Query{SQL: "SELECT n FROM " + e.table, Keep: true})
		if err != nil {
			return err
		}
		defer job.Release()
		if err := job.Wait(ctx); err != nil {
			return err
		}
		rows, err := job.Rows(ctx)
		if err != nil {
			return err
		}
		all, err := redshift.Collect(rows, redshift.ByPos[struct{ N int }])
		return want(len(all), 3, err)
	}},
	{"Job(id).Status, Jobs", func(ctx context.Context, e apiEnv) error {
		job, err := e.Submit(ctx, redshift.Query{SQL: "SELECT 1", Keep: true})
		if err != nil {
			return err
		}
		defer job.Release()
		if err := job.Wait(ctx); err != nil {
			return err
		}
		if s, err := e.Job(job.ID).Status(ctx); err != nil || s.State != redshift.JobCompleted {
			return want(s.State, redshift.JobCompleted, err)
		}
		list, err := e.Jobs(ctx, redshift.JobFilter{})
		if err == nil && !slices.ContainsFunc(list, func(s redshift.JobStatus) bool { return s.ID == job.ID }) {
			err = errors.New("the job is not listed")
		}
		return err
	}},
	{"Outcome", func(ctx context.Context, e apiEnv) error {
		id := redshift.NewID()
		if _, err := e.Execute(ctx, redshift.Query{SQL: "SELECT 1", ID: id}); err != nil {
			return err
		}
		o, err := e.Outcome(ctx, id)
		return want(o.State, redshift.JobCompleted, err)
	}},
	{"bulk.Load", func(ctx context.Context, e apiEnv) error {
		r, err := bulk.Load(ctx, e.Client, bulk.LoadPlan{
			Table: e.ref(), Source: bulk.Structs(each[struct{ N int }]()), Stage: e.stage, Prefix: "s3://emulator/" + e.prefix + "/bulk", IAMRole: "default",
		})
		if err != nil {
			return err
		}
		return want(r.Rows, 0, nil)
	}},
	{"bulk.Read", func(ctx context.Context, e apiEnv) error {
		rows, err := bulk.Read(ctx, e.Client, bulk.ReadPlan{
			Query: redshift.SQL("SELECT n FROM " + e.table), Via: bulk.ViaUnload, Stage: e.stage, Prefix: "s3://emulator/" + e.prefix + "/read", IAMRole: "default",
		})
		if err != nil {
			return err
		}
		all, err := redshift.Collect(rows, redshift.ByPos[struct{ N int }])
		return want(len(all), 3, err)
	}},
	{"errors", func(ctx context.Context, e apiEnv) error {
		_, err := e.Execute(ctx, redshift.SQL("SELECT * FROM nowhere"))
		var own *redshift.Error
		if !errors.Is(err, redshift.ErrTableNotFound) || !errors.As(err, &own) || own.SQLState != "42P01" {
			return fmt.Errorf("got %w", err)
		}
		return nil
	}},
	{"Query.Timeout", func(ctx context.Context, e apiEnv) error {
		_, err := e.Execute(ctx, redshift.Query{SQL: slow, Timeout: 50 * time.Millisecond})
		if !errors.Is(err, redshift.ErrQueryTimeout) {
			return fmt.Errorf("got %w", err)
		}
		return nil
	}},
}

// TestAPI makes every call of the API over both transports. What a transport
// cannot do says so with ErrUnsupported, and docs/transports.md tells what that is.
func TestAPI(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	st := stage(t, s)
	var doc strings.Builder
	doc.WriteString("# What works over which transport\n\nWritten by `go test ./internal/e2e -run TestAPI -args -api.rewrite`; the test fails when it is not true.\n\n| call | wire | Data API |\n|---|---|---|\n")
	clients := []struct {
		name string
		c    *redshift.Client
	}{{"wire", connect(t, s)}, {"dataapi", connectData(t, s)}}
	put(t, st, "s3://emulator/api-wire/none/a", "")
	put(t, st, "s3://emulator/api-dataapi/none/a", "")
	refused := 0
	for _, row := range api {
		doc.WriteString("| " + row.name)
		for _, with := range clients {
			e := apiEnv{Client: with.c, stage: st, table: "api_" + with.name, prefix: "api-" + with.name}
			if row.name == api[0].name {
				exec1(t, with.c, "CREATE TABLE "+e.table+" (n INT)")
				exec1(t, with.c, "INSERT INTO "+e.table+" VALUES (1), (2), (3)")
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			err := row.call(ctx, e)
			cancel()
			switch {
			case errors.Is(err, redshift.ErrUnsupported):
				refused++
				doc.WriteString(" | " + strings.TrimPrefix(err.Error(), "redshift: invalid use: "))
			case err != nil:
				t.Errorf("%s over %s: %v", row.name, with.name, err)
				doc.WriteString(" | fails")
			default:
				doc.WriteString(" | works")
			}
		}
		doc.WriteString(" |\n")
	}
	fmt.Fprintf(&doc, "\n%d calls, %d refused.\n", len(api)*len(clients), refused)
	const path = "../../docs/transports.md"
	if *rewriteAPI {
		if err := os.WriteFile(path, []byte(doc.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if now, err := os.ReadFile(path); err != nil || string(now) != doc.String() {
		t.Errorf("%s is not true, %v; it should be\n%s", path, err, doc.String())
	}
}
