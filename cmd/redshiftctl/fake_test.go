package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/bulk"
	"github.com/llm-dev-ops/redshift/s3stage"
	"github.com/llm-dev-ops/redshift/transport"
)

// reply is what the fake server gives to a statement.
type reply struct {
	cols []transport.Column
	rows [][]string // "\x00" is NULL
	tag  string
	says string // a notice
	err  error
}

// server answers statements by what they hold; the first that matches counts.
type server struct {
	replies []struct {
		holds string
		reply reply
	}
	openErr error

	mu     sync.Mutex
	log    []string
	params [][]transport.Param
	cfg    redshift.Config
}

func (s *server) on(holds string, r reply) *server {
	s.replies = append(s.replies, struct {
		holds string
		reply reply
	}{holds, r})
	return s
}

func (s *server) open(_ context.Context, cfg redshift.Config) (*redshift.Client, error) {
	s.cfg = cfg
	if s.openErr != nil {
		return nil, s.openErr
	}
	return redshift.New(s, cfg)
}

func (s *server) Open(context.Context, transport.OpenOptions) (transport.Session, error) {
	return session{s}, nil
}

func (s *server) Attach(context.Context, string) (transport.Run, error) {
	return nil, transport.ErrUnsupported
}

func (s *server) Caps() transport.Caps {
	return transport.Caps{Name: "fake", Session: true, MaxParams: 100, MaxStatement: 1 << 24}
}
func (s *server) Stats() transport.Stats { return transport.Stats{} }

func (s *server) Close(context.Context) error { return nil }

// session is one of the server's, which are all alike.
type session struct{ *server }

func (s session) Prepare(context.Context, string, []transport.OID) (transport.Prepared, error) {
	return nil, transport.ErrUnsupported
}

func (s session) Batch(context.Context, []transport.Statement) (transport.Batch, error) {
	return nil, transport.ErrUnsupported
}
func (s session) State() transport.SessionState                { return transport.StateIdle }
func (s session) Info() transport.SessionInfo                  { return transport.SessionInfo{PID: 7} }
func (s session) Close(context.Context, transport.Reuse) error { return nil }
func (s session) Start(ctx context.Context, stmt transport.Statement) (transport.Run, error) {
	s.mu.Lock()
	s.log = append(s.log, stmt.SQL)
	s.params = append(s.params, stmt.Params)
	s.mu.Unlock()
	for _, r := range s.replies {
		if strings.Contains(stmt.SQL, r.holds) {
			return &running{reply: r.reply, at: -1}, nil
		}
	}
	return &running{reply: reply{err: &transport.ServerError{SQLState: "XX000", Message: "the fake has no reply"}}}, nil
}

// running is a run and its result.
type running struct {
	reply
	at int
}

func (r *running) ID() string                                       { return "" }
func (r *running) Status(context.Context) (transport.Status, error) { return transport.Status{}, nil }

func (r *running) Wait(ctx context.Context) error {
	if r.err != nil {
		return r.err
	}
	return ctx.Err()
}
func (r *running) Cancel(context.Context) error { return nil }
func (r *running) Result(ctx context.Context) (transport.Result, error) {
	return &result{r}, r.Wait(ctx)
}

type result struct{ *running }

func (r *result) Columns() []transport.Column { return r.cols }
func (r *result) Next() bool                  { r.at++; return r.at < len(r.rows) }
func (r *result) Raw() [][]byte {
	raw := make([][]byte, len(r.cols))
	for i, v := range r.rows[r.at] {
		if v != "\x00" {
			raw[i] = []byte(v)
		}
	}
	return raw
}
func (r *result) Format(int) transport.Format { return transport.Text }
func (r *result) Tag() string                 { return r.tag }
func (r *result) Notices() []transport.Notice {
	if r.says == "" {
		return nil
	}
	return []transport.Notice{{Severity: "INFO", Message: r.says}}
}
func (r *result) Err() error   { return nil }
func (r *result) Close() error { return nil }

// store is an S3 in memory.
type store struct {
	bulk.Stage // nil: what read alone needs

	cfg     s3stage.Config
	objects map[string]string
	cleaned []string
	err     error
}

func (s *store) Upload(ctx context.Context, files []s3stage.File, progress func(s3stage.Progress)) ([]s3stage.Object, error) {
	for _, f := range files {
		if s.err != nil {
			return nil, s.err
		}
		var text []byte
		if f.Open != nil {
			r, err := f.Open()
			if err != nil {
				return nil, err
			}
			text, err = io.ReadAll(r)
			_ = r.Close()
			if err != nil {
				return nil, err
			}
		} else {
			text = []byte("file " + f.Path)
		}
		s.objects[f.URI] = string(text)
		if progress != nil {
			progress(s3stage.Progress{Sent: 1, Total: 1, Files: len(files)})
		}
	}
	return nil, ctx.Err()
}

func (s *store) CleanUp(_ context.Context, prefix string) error {
	s.cleaned = append(s.cleaned, prefix)
	return nil
}

// ran is what a command line has done.
type ran struct {
	code           int
	stdout, stderr string
}

// ctl runs a command line against s, with what is on the standard input.
func ctl(t *testing.T, s *server, st *store, stdin string, args ...string) ran {
	t.Helper()
	var stdout, stderr bytes.Buffer
	p := program{
		open:  s.open,
		stage: func(_ context.Context, cfg s3stage.Config) (stager, error) { st.cfg = cfg; return st, nil },
		stdin: strings.NewReader(stdin),
	}
	switch args[0] {
	case "query", "copy", "unload", "load", "ping":
		args = append([]string{args[0], "--url", "redshift://ann@127.0.0.1/dev"}, args[1:]...)
	}
	code := p.run(t.Context(), args, &stdout, &stderr)
	return ran{code, stdout.String(), stderr.String()}
}
