package datadoor

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsjson"
)

// submitted is what a client token stands for.
type submitted struct {
	statement *statement
	request   [sha256.Size]byte
	at        time.Time
}

// accepted is the output of ExecuteStatement and BatchExecuteStatement. The
// last three come with WaitTimeSeconds only: assumed.
type accepted struct {
	target
	Id           string
	CreatedAt    float64
	SessionId    string `json:",omitempty"`
	HasResultSet *bool  `json:",omitempty"`
	RedshiftPid  int32  `json:",omitempty"`
	Status       string `json:",omitempty"`
}

func (d *Door) execute(ctx context.Context, in *submission) (*accepted, error) {
	if err := in.check(d.cfg.Limits.Statement, false); err != nil {
		return nil, err
	}
	return d.submit(ctx, in, []string{*in.Sql}, false)
}

func (d *Door) batch(ctx context.Context, in *submission) (*accepted, error) {
	if err := in.check(d.cfg.Limits.Statement, true); err != nil {
		return nil, err
	}
	return d.submit(ctx, in, in.Sqls, true)
}

func (d *Door) submit(ctx context.Context, in *submission, sqls []string, batch bool) (*accepted, error) {
	texts := make([]numbered, len(sqls))
	for i, sql := range sqls {
		texts[i] = number(sql, in.Parameters)
	}
	if names := unused(in.Parameters, texts); len(names) > 0 {
		return nil, invalid(textUnused, strings.Join(names, ", "))
	}
	inSession := in.SessionId != nil && *in.SessionId != ""
	var as login
	if !inSession {
		err := d.reach(in.target, in.Database)
		if err == nil {
			as, err = d.login(in.target)
		}
		if err != nil {
			return nil, err
		}
	} else if in.target != (target{}) {
		return nil, invalid("SessionId can't be specified with ClusterIdentifier, WorkgroupName, Database, DbUser or SecretArn.")
	}
	now := time.Now()
	st := &statement{
		id: awsjson.RequestID(), to: in.target, as: as, batch: batch, autoCommit: in.ExecutionMode == modeAutoCommit,
		csv: in.ResultFormat == formatCSV, params: in.Parameters, created: now, updated: now,
		state: submittedState, done: make(chan struct{}),
	}
	if in.StatementName != nil {
		st.name = *in.StatementName
	}
	for i, sql := range sqls {
		p := &part{sql: sql, text: texts[i], done: make(chan struct{}), state: submittedState, created: now, updated: now, query: -1, count: -1, size: -1, id: st.id}
		if batch {
			p.id = fmt.Sprintf("%s:%d", st.id, i+1)
		}
		st.parts = append(st.parts, p)
	}
	st, err := d.enter(st, in, batch)
	if err != nil {
		return nil, err
	}
	d.wait(ctx, st.done, in.WaitTimeSeconds)
	d.mu.Lock()
	defer d.mu.Unlock()
	out := &accepted{target: st.to, Id: st.id, CreatedAt: epoch(st.created), SessionId: st.sessionID}
	if in.WaitTimeSeconds != nil {
		w := describeWhole(st)
		out.Status, out.HasResultSet, out.RedshiftPid = w.Status, &w.HasResultSet, w.RedshiftPid
	}
	return out, nil
}

// enter takes a statement in and begins it, or gives the one that its client
// token stands for.
func (d *Door) enter(st *statement, in *submission, batch bool) (*statement, error) {
	var request [sha256.Size]byte
	if in.ClientToken != nil {
		request = fingerprint(in, batch)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, errDown
	}
	if in.ClientToken != nil {
		if s, ok := d.tokens[*in.ClientToken]; ok && st.created.Before(s.at.Add(d.cfg.Limits.TokenRetention)) {
			if s.request != request {
				return nil, invalid("ClientToken was used before with other parameters.")
			}
			return s.statement, nil
		}
	}
	if d.active >= d.cfg.Limits.ActiveStatements {
		return nil, awsjson.Errorf("ActiveStatementsExceededException", "Active statements exceeded the allowed quota (%d).", d.cfg.Limits.ActiveStatements)
	}
	k, err := d.seat(st, in)
	if err != nil {
		return nil, err
	}
	if in.ClientToken != nil {
		d.tokens[*in.ClientToken] = submitted{statement: st, request: request, at: st.created}
	}
	ctx, cancel := context.WithCancelCause(d.work)
	st.cancel = cancel
	d.active++
	d.statements[st.id] = st
	d.order = append(d.order, st)
	d.wake(st.created.Add(d.cfg.Limits.Retention))
	d.running.Go(func() {
		defer cancel(nil)
		d.run(ctx, st, k)
	})
	return st, nil
}

// seat finds or makes the session that a statement runs in; nil is one of its
// own. d.mu is held.
func (d *Door) seat(st *statement, in *submission) (k *kept, err error) {
	var keepAlive time.Duration
	if in.SessionKeepAliveSeconds != nil {
		keepAlive = time.Duration(*in.SessionKeepAliveSeconds) * time.Second
	}
	switch {
	case in.SessionId != nil && *in.SessionId != "":
		if k, err = d.free(*in.SessionId, st.created); err != nil {
			return nil, err
		}
		if in.SessionKeepAliveSeconds != nil {
			k.keepAlive = keepAlive
		}
	case keepAlive > 0:
		if k, err = d.newSession(in.target, st.as, keepAlive, st.created); err != nil {
			return nil, err
		}
	default:
		return nil, nil
	}
	k.busy, k.updated = st, st.created
	st.sessionID, st.to, st.as = k.id, k.to, k.as
	return k, nil
}

// fingerprint tells whether two requests with one token are the same.
func fingerprint(in *submission, batch bool) [sha256.Size]byte {
	same := *in
	same.WaitTimeSeconds = nil
	text, err := json.Marshal(struct {
		Batch bool
		submission
	}{batch, same})
	if err != nil {
		return [sha256.Size]byte{}
	}
	return sha256.Sum256(text)
}
