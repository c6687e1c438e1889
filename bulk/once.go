package bulk

import (
	"context"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/s3stage"
)

// entry is the load in its ledger. Its source says how the table is changed, so
// that an ID is not taken for a load of another kind.
func (l *load) entry() redshift.LedgerEntry {
	return redshift.LedgerEntry{Ledger: l.plan.Ledger, ID: l.plan.ID, Table: l.plan.Table, Source: "bulk " + string(l.plan.Mode)}
}

// before looks whether the ledger has the load already. The load itself looks
// again, behind the ledger's lock: this only saves the work.
func (l *load) before(ctx context.Context) (done bool, err error) {
	if l.plan.Ledger == (redshift.TableRef{}) {
		return false, nil
	}
	c, ok := l.client.(*redshift.Client)
	if !ok {
		return false, usage("bulk: LoadPlan.Ledger needs a redshift.Client, as it is a transaction of its own")
	}
	res, err := c.LedgerResult(ctx, l.entry())
	if res != nil {
		l.repeated(res)
	}
	return res != nil, err
}

// once changes the table with a row of the ledger.
func (l *load) once(ctx context.Context, manifest s3stage.URI) error {
	res, err := l.client.(*redshift.Client).LoadOnce(ctx, l.entry(), func(ctx context.Context, tx *redshift.Tx) (*redshift.CopyResult, error) {
		l.result.Copy = nil
		if err := l.within(ctx, tx, manifest); err != nil {
			return nil, err
		}
		if l.result.Copy == nil { // there were no rows
			return &redshift.CopyResult{ID: l.plan.ID}, nil
		}
		return l.result.Copy, nil
	})
	if err == nil && res.Repeated {
		l.repeated(res)
	}
	return err
}

// repeated takes over what the ledger keeps.
func (l *load) repeated(res *redshift.CopyResult) {
	r := &l.result
	r.Repeated, r.Copy, r.Rows = true, res, res.RowsLoaded
	r.Deleted, r.Inserted = -1, res.RowsLoaded
	r.Files, r.Bytes = int(res.FilesScanned), res.BytesScanned
	if l.plan.Mode == Upsert {
		r.Inserted = -1
	}
	if l.plan.Mode == Append {
		r.Deleted = 0
	}
}
