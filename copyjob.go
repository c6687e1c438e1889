package redshift

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"time"
)

// TransferStatus is how far a COPY or an UNLOAD is.
type TransferStatus struct {
	// ID is that of the command's options.
	ID    string
	State JobState
	// QueryID is the server's number of the statement and PID that of its session,
	// 0 where not known.
	QueryID int64
	PID     int
	// Rows, Files and Bytes are what was loaded, or written, so far; -1 where the
	// server does not tell. The bytes are those of the files.
	Rows, Files, Bytes int64
	// TotalFiles and TotalBytes are what a COPY has to read, -1 where the server
	// does not tell, as of an UNLOAD.
	TotalFiles, TotalBytes int64
	// Message is that of a failure.
	Message string
	// Started and Ended are the server's times, in UTC; zero where not known.
	Started, Ended time.Time
}

// CopyStatus asks how far the COPY of an id is, from any process of the same user:
// SYS_LOAD_HISTORY, and on clusters STV_LOAD_STATE and STL_LOAD_COMMITS. That it is
// JobCompleted does not say that a transaction around it was committed.
func (c *Client) CopyStatus(ctx context.Context, id string) (TransferStatus, error) {
	return c.transferStatus(ctx, id, func(query string) []string {
		return []string{
			"select sum(lines), sum(num_files_complete), sum(bytes_loaded_compressed), sum(num_files), sum(bytes_to_load_compressed) from stv_load_state where query = " + query,
			"select loaded_rows, file_count_scanned, file_bytes_scanned, source_file_count, source_file_bytes from sys_load_history where query_id = " + query,
			"select sum(lines_scanned), count(*), null::bigint, null::bigint, null::bigint from stl_load_commits where query = " + query,
		}
	})
}

// UnloadStatus asks how far the UNLOAD of an id is: SYS_UNLOAD_HISTORY, the files
// of SYS_UNLOAD_DETAIL, and on clusters STL_UNLOAD_LOG.
func (c *Client) UnloadStatus(ctx context.Context, id string) (TransferStatus, error) {
	const none = ", null::bigint, null::bigint from "
	return c.transferStatus(ctx, id, func(query string) []string {
		return []string{
			"select unloaded_rows, unloaded_files_count, unloaded_files_size" + none + "sys_unload_history where query_id = " + query,
			"select sum(line_count), count(*), sum(transfer_size)" + none + "sys_unload_detail where query_id = " + query,
			"select sum(line_count), count(*), sum(transfer_size)" + none + "stl_unload_log where query = " + query,
		}
	})
}

// transferStatus asks the views in turn until one has rows of the statement.
func (c *Client) transferStatus(ctx context.Context, id string, views func(query string) []string) (TransferStatus, error) {
	o, err := c.Outcome(ctx, id)
	st := TransferStatus{
		ID: id, State: o.State, QueryID: o.QueryID, PID: o.PID, Message: o.Message, Started: o.Started, Ended: o.Ended,
		Rows: -1, Files: -1, Bytes: -1, TotalFiles: -1, TotalBytes: -1,
	}
	if err != nil || o.QueryID == 0 {
		return st, err
	}
	for _, sql := range views(strconv.FormatInt(o.QueryID, 10)) {
		r, err := c.Execute(ctx, SQL(sql))
		if err != nil && refused(err) {
			continue
		}
		if err != nil {
			return st, err
		}
		var n [5]*int64
		if len(r.Rows) == 0 {
			continue
		}
		if err := r.Rows[0].Scan(&n[0], &n[1], &n[2], &n[3], &n[4]); err != nil {
			return st, err
		}
		if n[0] == nil {
			continue // a sum of nothing
		}
		for i, to := range []*int64{&st.Rows, &st.Files, &st.Bytes, &st.TotalFiles, &st.TotalBytes} {
			if n[i] != nil {
				*to = *n[i]
			}
		}
		break
	}
	return st, nil
}

// transfer is a command that runs in a goroutine of its own.
type transfer[R any] struct {
	c      *Client
	id     string
	cancel context.CancelFunc
	done   chan struct{}
	res    R
	err    error
	status func(context.Context, string) (TransferStatus, error)
}

func submit[R any](ctx context.Context, c *Client, id string, status func(context.Context, string) (TransferStatus, error), run func(context.Context) (R, error)) *transfer[R] {
	t := &transfer[R]{c: c, id: id, done: make(chan struct{}), status: status}
	ctx, t.cancel = context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		defer close(t.done)
		defer t.cancel()
		t.res, t.err = run(ctx)
	}()
	return t
}

// ended reports whether the job's end is known here.
func (t *transfer[R]) ended() bool {
	select {
	case <-t.done:
		return true
	default:
		return false
	}
}

// ask is the server's status, which cannot be ahead of what is known here: a COPY
// that is done may still have its COMMIT before it.
func (t *transfer[R]) ask(ctx context.Context) (TransferStatus, error) {
	ended := t.ended()
	st, err := t.status(ctx, t.id)
	if err != nil {
		return st, err
	}
	switch {
	case !ended && st.State.Ended():
		st.State = JobRunning
	case !ended && st.State == JobUnknown:
		st.State = JobSubmitted
	case ended && t.err == nil:
		st.State = JobCompleted
	case ended && errors.Is(t.err, ErrOutcomeUnknown):
	case ended && errors.Is(t.err, ErrQueryCancelled):
		st.State, st.Message = JobCancelled, t.err.Error()
	case ended:
		st.State, st.Message = JobFailed, t.err.Error()
	}
	return st, nil
}

func (t *transfer[R]) wait(ctx context.Context) (R, error) {
	select {
	case <-t.done:
		return t.res, t.err
	case <-ctx.Done():
		var none R
		return none, wrap(context.Cause(ctx))
	}
}

func (t *transfer[R]) watch(ctx context.Context, every time.Duration, progress func(TransferStatus)) (R, error) {
	tick := time.NewTicker(cmp.Or(max(every, 0), time.Second))
	defer tick.Stop()
	for {
		ended := t.ended()
		if st, err := t.ask(ctx); err == nil {
			progress(st)
		}
		if ended {
			return t.wait(ctx)
		}
		select {
		case <-t.done:
		case <-tick.C:
		case <-ctx.Done():
			return t.wait(ctx)
		}
	}
}

func (t *transfer[R]) stop(ctx context.Context) error {
	t.cancel()
	select {
	case <-t.done:
		return nil
	case <-ctx.Done():
		return wrap(context.Cause(ctx))
	}
}

// CopyJob is a COPY that runs without its caller. It ends with the COPY, with
// Cancel, or when the Client is closed; its methods may be called from any
// goroutine.
type CopyJob struct{ t *transfer[*CopyResult] }

// SubmitCopy starts a COPY and returns at once: ctx's end does not end it. It is
// bounded by Config.MaxQueryTimeout, and is otherwise Client.Copy, with a Ledger
// too. What is wrong with the command is an ErrUsage here. After the process has
// died, CopyStatus tells of the id.
func (c *Client) SubmitCopy(ctx context.Context, cmd CopyCommand) (*CopyJob, error) {
	if err := ctx.Err(); err != nil {
		return nil, wrap(err)
	}
	cmd.Options.ID = cmp.Or(cmd.Options.ID, NewID())
	check := cmd
	check.Options.Ledger = TableRef{}
	if _, err := c.copyQuery(check); err != nil {
		return nil, err
	}
	return &CopyJob{submit(ctx, c, cmd.Options.ID, c.CopyStatus, func(ctx context.Context) (*CopyResult, error) { return c.Copy(ctx, cmd) })}, nil
}

// ID is that of the command's options, or the one that was made for it.
func (j *CopyJob) ID() string { return j.t.id }

// Status asks how far the COPY is. The error is of the asking.
func (j *CopyJob) Status(ctx context.Context) (TransferStatus, error) { return j.t.ask(ctx) }

// Wait waits for the end and gives what Client.Copy gives. The end of ctx ends the
// waiting alone.
func (j *CopyJob) Wait(ctx context.Context) (*CopyResult, error) { return j.t.wait(ctx) }

// Watch is Wait that calls progress on the caller's goroutine, at once, every so
// often (a second for 0) and with the final status. A status that cannot be asked
// for is left out.
func (j *CopyJob) Watch(ctx context.Context, every time.Duration, progress func(TransferStatus)) (*CopyResult, error) {
	return j.t.watch(ctx, every, progress)
}

// Cancel ends the COPY on the server and waits until that is done; Wait then tells
// what became of it. After the end it does nothing.
func (j *CopyJob) Cancel(ctx context.Context) error { return j.t.stop(ctx) }

// UnloadJob is an UNLOAD that runs without its caller, as a CopyJob does.
type UnloadJob struct{ t *transfer[*UnloadResult] }

// SubmitUnload starts an UNLOAD as SubmitCopy does a COPY.
func (c *Client) SubmitUnload(ctx context.Context, cmd UnloadCommand) (*UnloadJob, error) {
	if err := ctx.Err(); err != nil {
		return nil, wrap(err)
	}
	cmd.Options.ID = cmp.Or(cmd.Options.ID, NewID())
	if _, err := c.unloadQuery(cmd); err != nil {
		return nil, err
	}
	return &UnloadJob{submit(ctx, c, cmd.Options.ID, c.UnloadStatus, func(ctx context.Context) (*UnloadResult, error) { return c.Unload(ctx, cmd) })}, nil
}

// ID is that of the command's options, or the one that was made for it.
func (j *UnloadJob) ID() string { return j.t.id }

// Status asks how far the UNLOAD is. The error is of the asking.
func (j *UnloadJob) Status(ctx context.Context) (TransferStatus, error) { return j.t.ask(ctx) }

// Wait is as CopyJob.Wait.
func (j *UnloadJob) Wait(ctx context.Context) (*UnloadResult, error) { return j.t.wait(ctx) }

// Watch is as CopyJob.Watch.
func (j *UnloadJob) Watch(ctx context.Context, every time.Duration, progress func(TransferStatus)) (*UnloadResult, error) {
	return j.t.watch(ctx, every, progress)
}

// Cancel is as CopyJob.Cancel. Files that were written stay.
func (j *UnloadJob) Cancel(ctx context.Context) error { return j.t.stop(ctx) }
