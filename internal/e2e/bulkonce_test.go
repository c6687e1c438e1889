package e2e

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/bulk"
	"github.com/llm-dev-ops/redshift/s3stage"
)

// TestBulkOnceCut cuts the connection at each message of a whole Load that appends,
// with a ledger, and at every third in the other modes: what it says is true, and a second one with the same
// id makes it whole and loads nothing twice.
func TestBulkOnceCut(t *testing.T) {
	t.Parallel()
	for _, mode := range []bulk.Mode{bulk.Append, bulk.Replace, bulk.Upsert} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			r := newOnceRoom(t)
			st := stage(t, r.s)
			plan := bulk.LoadPlan{
				Table: redshift.TableRef{Name: "once"}, Stage: st, Prefix: "s3://emulator/bulk", Mode: mode,
				Ledger: redshift.TableRef{Name: "loads"}, IAMRole: "default",
			}
			if mode == bulk.Upsert {
				plan.Keys = []string{"n"}
			}
			want, resolved, step := int64(0), 0, 3
			if mode == bulk.Append {
				step = 1
			}
			for cut := 0; ; cut += step {
				plan.ID = fmt.Sprintf("%s-%d", mode, cut)
				plan.Source = bulk.Rows(nil, each([]any{3 * cut}, []any{3*cut + 1}, []any{3*cut + 2}))
				r.p.arm(func(n int) bool { return n == cut })
				c := open(t, r.cfg)
				res, err := bulk.Load(t.Context(), c, plan)
				_ = c.Close(t.Context())
				messages, cuts := r.p.arm(func(int) bool { return false })
				if err != nil && !errors.Is(err, redshift.ErrConnectionFailed) && !errors.Is(err, redshift.ErrOutcomeUnknown) {
					t.Errorf("cut at message %d: %v", cut, err)
				}
				if err == nil && (res.Rows != 3 || res.ID != plan.ID) {
					t.Errorf("cut at message %d: %+v", cut, res)
				}
				if err == nil && res.Repeated {
					resolved++
				}
				again, againErr := bulk.Load(t.Context(), r.direct, plan)
				if againErr != nil || again.Rows != 3 || again.ID != plan.ID {
					t.Fatalf("cut at message %d: again: %+v, %v; first %v", cut, again, againErr, err)
				}
				switch known := !errors.Is(err, redshift.ErrOutcomeUnknown); {
				case err == nil && !again.Repeated:
					t.Errorf("cut at message %d: it was told to have loaded, and had not", cut)
				case err != nil && known && again.Repeated:
					t.Errorf("cut at message %d: it was told that nothing was loaded, and it was: %v", cut, err)
				}
				if want += 3; mode == bulk.Replace {
					want = 3
				}
				if n := value[int64](t, r.direct, "SELECT count(*) FROM once"); n != want {
					t.Fatalf("cut at message %d: %d rows, want %d", cut, n, want)
				}
				if cut > 0 && cuts == 0 {
					if messages < 40 || cut < 40 || resolved == 0 && step == 1 {
						t.Errorf("%d messages, %d COMMITs lost and found", messages, resolved)
					}
					break
				}
			}
			if n := staged(t, st); n != 0 {
				t.Errorf("%d objects are left", n)
			}
		})
	}
}

// A Load without rows is in the ledger too, an id of another kind is refused, and
// nothing of a source is read for what has happened.
func TestBulkLedger(t *testing.T) {
	t.Parallel()
	s, c := both(t)
	exec1(t, c, "CREATE TABLE l (n int)")
	plan := bulk.LoadPlan{
		Table: redshift.TableRef{Name: "l"}, Stage: stage(t, s), Prefix: "s3://emulator/bulk", Mode: bulk.Replace,
		Ledger: redshift.TableRef{Name: "loads"}, ID: "one", Source: bulk.Rows(nil, each[[]any]()),
	}
	if _, err := bulk.Load(t.Context(), c, plan); !errors.Is(err, redshift.ErrTableNotFound) || !strings.Contains(err.Error(), "CreateLedger") {
		t.Errorf("without a ledger: %v", err)
	}
	if err := c.CreateLedger(t.Context(), plan.Ledger); err != nil {
		t.Fatal(err)
	}
	exec1(t, c, "INSERT INTO l VALUES (1)")
	res, err := bulk.Load(t.Context(), c, plan)
	if err != nil || res.Deleted != 1 || res.Rows != 0 || res.Repeated {
		t.Fatalf("%+v, %v", res, err)
	}
	exec1(t, c, "INSERT INTO l VALUES (1)")
	plan.Source = bulk.Rows(nil, func(func([]any, error) bool) { t.Error("the source is read") })
	if res, err = bulk.Load(t.Context(), c, plan); err != nil || !res.Repeated || res.Deleted != -1 {
		t.Errorf("%+v, %v", res, err)
	}
	plan.Mode = bulk.Append
	if _, err = bulk.Load(t.Context(), c, plan); !errors.Is(err, redshift.ErrUsage) {
		t.Errorf("an id of another mode: %v", err)
	}
	err = c.InTx(t.Context(), redshift.TxOptions{}, func(tx *redshift.Tx) error {
		_, err := bulk.Load(t.Context(), tx, plan)
		return err
	})
	if !errors.Is(err, redshift.ErrUsage) {
		t.Errorf("in a transaction: %v", err)
	}
	if n := value[int64](t, c, "SELECT count(*) FROM l"); n != 1 {
		t.Errorf("%d rows", n)
	}
}

// failing is a stage whose n-th file does not go up; n below zero is none.
type failing struct {
	*s3stage.Stage
	n, puts atomic.Int64
}

func (f *failing) Put(ctx context.Context, uri string, r io.Reader) (s3stage.Object, error) {
	if f.puts.Add(1) == f.n.Load() {
		return s3stage.Object{}, errors.New("the network is down")
	}
	return f.Stage.Put(ctx, uri, r)
}

// A load that was interrupted sends only what is not there, in each format.
func TestBulkResume(t *testing.T) {
	t.Parallel()
	s, c := both(t)
	for _, format := range []bulk.Format{bulk.Parquet, bulk.CSVZstd} {
		t.Run(string(format), func(t *testing.T) {
			table := "r_" + strings.TrimSuffix(string(format), "+zstd")
			exec1(t, c, "CREATE TABLE "+table+" (id bigint, name varchar(20), weight float)")
			st := &failing{Stage: stage(t, s)}
			st.n.Store(3)
			plan := bulk.LoadPlan{
				Table: redshift.TableRef{Name: table}, Source: bulk.Structs(people(20000)), Stage: st, Format: format,
				Prefix: "s3://emulator/bulk/" + table, PartSize: 1000, ID: "people", Resume: true, Uploads: 1,
			}
			if _, err := bulk.Load(t.Context(), c, plan); err == nil || !strings.Contains(err.Error(), "the network is down") {
				t.Fatal(err)
			}
			kept := staged(t, st.Stage)
			if kept == 0 {
				t.Error("nothing is kept")
			}
			st.n.Store(-1)
			st.puts.Store(0)
			res, err := bulk.Load(t.Context(), c, plan)
			if err != nil || res.Inserted != 20000 || res.Resumed != kept || int(st.puts.Load()) != res.Files-kept {
				t.Errorf("%+v, %v; %d files were kept, %d sent", res, err, kept, st.puts.Load())
			}
			if n := value[int64](t, c, "SELECT count(distinct id) FROM "+table); n != 20000 {
				t.Errorf("%d rows", n)
			}
			if n := staged(t, st.Stage); n != 0 {
				t.Errorf("%d objects are left", n)
			}
			// What a repetition would meet again leaves nothing.
			plan.Source = bulk.Rows(nil, func(yield func([]any, error) bool) {
				for i := range 20000 {
					if !yield([]any{i, "x", 1}, nil) {
						return
					}
				}
				yield([]any{"no number", "x", 1}, nil)
			})
			if _, err := bulk.Load(t.Context(), c, plan); !errors.Is(err, redshift.ErrData) {
				t.Error(err)
			}
			if n := staged(t, st.Stage); n != 0 {
				t.Errorf("%d objects are left", n)
			}
		})
	}
}
