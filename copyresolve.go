package redshift

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"
)

// copyAlone is Client.Copy without a ledger: where the answer is lost, the server
// is asked what became of the id.
func (c *Client) copyAlone(ctx context.Context, cmd CopyCommand) (*CopyResult, error) {
	q, err := c.copyQuery(cmd)
	if err != nil {
		return nil, err
	}
	for attempt := 0; ; attempt++ {
		var res *CopyResult
		err := c.seated(ctx, q, func(st *seat, r *Result, err error) error {
			res, err = st.copied(ctx, cmd, q.ID, r, err)
			return err
		})
		if !errors.Is(err, ErrOutcomeUnknown) {
			return res, err
		}
		res, again, err := c.resolveCopy(ctx, cmd, q.ID, err)
		if !again || attempt >= c.cfg.MaxRetries || ctx.Err() != nil {
			return res, err
		}
	}
}

// resolveCopy finds out what became of the COPY of an id. again says that it has
// certainly not happened, for no fault of its own. A server that runs it still is
// waited for; one that does not show it is asked MaxRetries times more, since the
// views are written late, and then the outcome stays unknown.
func (c *Client) resolveCopy(ctx context.Context, cmd CopyCommand, id string, lost error) (res *CopyResult, again bool, err error) {
	if ctx.Err() != nil {
		var cancel context.CancelFunc
		ctx, cancel = closingContext(ctx)
		defer cancel()
	}
	pause := c.cfg.RetryBackoff
	var o Outcome
	var asked error
	for unseen := 0; ; {
		o, asked = c.Outcome(ctx, id)
		if asked == nil && o.State == JobCompleted {
			o.State, asked = c.committed(ctx, o)
		}
		switch {
		case asked == nil && o.State == JobCompleted:
			return c.copyHistory(ctx, id, o), false, nil
		case asked == nil && o.State.Ended():
			err, again = c.copyFailure(ctx, cmd, o)
			return nil, again, err
		case asked != nil || o.State == JobUnknown:
			unseen++
		default:
			unseen = 0
		}
		if unseen > c.cfg.MaxRetries+1 {
			break
		}
		t := time.NewTimer(pause)
		pause = min(2*pause, closing)
		select {
		case <-t.C:
			continue
		case <-ctx.Done():
			t.Stop()
		}
		break
	}
	what := "the server does not show it"
	switch {
	case asked != nil:
		what = "the server cannot be asked"
	case o.State != JobUnknown:
		what = "it was " + string(o.State) + " still, as query " + strconv.FormatInt(o.QueryID, 10) + " of session " + strconv.Itoa(o.PID)
	}
	return nil, false, &Error{
		Kind: ErrOutcomeUnknown, QueryID: o.QueryID, Message: "the COPY " + id + " had no answer, and " + what,
		Hint:  "ask Client.Outcome for this id later, or use a ledger",
		cause: errors.Join(lost, asked),
	}
}

// committed says of a COPY that has succeeded whether its transaction has, where
// the user may see that. That a statement of a transaction of its own succeeds
// with its COMMIT is assumed where it is not shown.
func (c *Client) committed(ctx context.Context, o Outcome) (JobState, error) {
	if o.XID == 0 {
		return o.State, nil
	}
	res, err := c.Execute(ctx, SQL("select status from sys_transaction_history where transaction_id = "+strconv.FormatInt(o.XID, 10)))
	if err != nil && refused(err) {
		return o.State, nil
	}
	if err != nil {
		return "", err
	}
	var status *string
	if len(res.Rows) != 1 || res.Rows[0].Scan(&status) != nil {
		return o.State, nil
	}
	switch s := strings.ToLower(zero(status)); {
	case strings.HasPrefix(s, "roll"):
		return JobCancelled, nil
	case strings.Contains(s, "progress") || strings.Contains(s, "running"):
		return JobRunning, nil
	}
	return o.State, nil
}

// copyHistory is the result of a COPY whose answer was lost. What the history
// does not show is -1.
func (c *Client) copyHistory(ctx context.Context, id string, o Outcome) *CopyResult {
	res := &CopyResult{ID: id, RowsLoaded: -1, FilesScanned: -1, BytesScanned: -1, Duration: o.Ended.Sub(o.Started)}
	r, err := c.Execute(ctx, SQL("select loaded_rows, file_count_scanned, file_bytes_scanned, error_count from sys_load_history where query_id = "+
		strconv.FormatInt(o.QueryID, 10)))
	if err != nil || len(r.Rows) != 1 {
		return res
	}
	var rows, files, bytes, rejected *int64
	if r.Rows[0].Scan(&rows, &files, &bytes, &rejected) != nil || rows == nil || files == nil || bytes == nil {
		return res
	}
	res.RowsLoaded, res.FilesScanned, res.BytesScanned, res.RowsRejected = *rows, *files, *bytes, zero(rejected)
	if res.RowsRejected > 0 {
		res.LoadErrors, _ = c.LoadErrors(ctx, LoadErrorFilter{QueryID: o.QueryID})
	}
	return res
}

// copyFailure is the error of a COPY that has certainly not happened. One that
// ended with its connection may be sent again.
func (c *Client) copyFailure(ctx context.Context, cmd CopyCommand, o Outcome) (err error, again bool) {
	e := &Error{Kind: ErrServer, Message: o.Message, QueryID: o.QueryID}
	refine(e)
	if e.Kind == ErrCopy {
		failed := &CopyError{Table: cmd.Table, cause: e}
		failed.LoadErrors, _ = c.LoadErrors(ctx, LoadErrorFilter{QueryID: o.QueryID})
		return failed, false
	}
	if o.State == JobFailed && o.Message != "" && e.Kind != ErrQueryCancelled {
		return &CopyError{Table: cmd.Table, cause: e}, false
	}
	e.Kind, e.Retryable = ErrConnectionFailed, Yes
	e.Message = "nothing was loaded: the connection was lost, and the server gave up the COPY"
	return e, true
}
