package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/s3stage"
)

// progressForms are the values of --progress.
var progressForms = []string{"auto", "bar", "json", "none"}

// progress is how a command tells how far it is.
type progress struct {
	form  string
	quiet bool
}

func (p *progress) flags(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&p.form, "progress", "auto", "`form`: bar, json or none; auto is bars on a terminal, and elsewhere a line of JSON for each second after the first")
	fs.BoolVarP(&p.quiet, "quiet", "q", false, "short for --progress none")
	values(cmd, "progress", progressForms...)
}

// meter begins to tell of a phase of a command.
func (p *progress) meter(w io.Writer, phase string) (*meter, error) {
	m := &meter{w: w, began: time.Now(), state: transferred{Phase: phase, Rows: -1, Files: -1, TotalFiles: -1, Bytes: -1, TotalBytes: -1}}
	switch {
	case p.quiet || p.form == "none":
		return m, nil
	case p.form == "bar" || p.form == "auto" && isTerminal(w):
		width := []mpb.ContainerOption{mpb.WithOutput(w), mpb.WithAutoRefresh()}
		if !isTerminal(w) { // which has one
			width = append(width, mpb.WithWidth(120))
		}
		m.bars = mpb.New(width...)
		// A bar that knows its total ends by itself, and never before; this one ends
		// when it is told.
		m.bar = m.bars.AddBar(0, mpb.BarWidth(20),
			mpb.PrependDecorators(decor.Name(phase+" ")),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return " " + m.text() })),
		)
	case p.form == "json":
		m.lines, m.always = true, true
	case p.form == "auto":
		m.lines = true
	default:
		return nil, usagef("--progress must be one of %s", strings.Join(progressForms, ", "))
	}
	return m, nil
}

// transferred is how far a command is; -1 is what is not known. ETA is in seconds.
type transferred struct {
	Phase      string   `json:"phase"`
	Rows       int64    `json:"rows"`
	Files      int64    `json:"files"`
	TotalFiles int64    `json:"total_files"`
	Bytes      int64    `json:"bytes"`
	TotalBytes int64    `json:"total_bytes"`
	Seconds    float64  `json:"seconds"`
	ETA        *float64 `json:"eta_seconds,omitempty"`
	Done       bool     `json:"done"`
}

// meter shows one phase. Its methods may be used from several goroutines.
type meter struct {
	w      io.Writer
	bars   *mpb.Progress
	bar    *mpb.Bar
	lines  bool // of JSON
	always bool // a last one, however short it was
	began  time.Time

	mu    sync.Mutex
	state transferred
	shown time.Time
}

// update tells how far it is.
func (m *meter) update(change func(*transferred)) {
	m.mu.Lock()
	change(&m.state)
	if now := time.Now(); m.lines && now.Sub(m.began) >= time.Second && now.Sub(m.shown) >= time.Second {
		m.line(now)
	}
	total, current := max(m.state.TotalBytes, m.state.Bytes, 0), max(m.state.Bytes, 0)
	m.mu.Unlock()
	if m.bar == nil {
		return
	}
	// Without the lock: the bar waits for its own drawing, which asks text.
	m.bar.SetTotal(total, false)
	m.bar.SetCurrent(current)
}

// line prints the state as JSON.
func (m *meter) line(now time.Time) {
	m.shown = now
	m.state.Seconds = float64(now.Sub(m.began).Milliseconds()) / 1000
	m.state.ETA = nil
	if left, ok := m.left(now); ok {
		m.state.ETA = &left
	}
	text, _ := json.Marshal(m.state) // of strings and numbers
	_, _ = fmt.Fprintf(m.w, "%s\n", text)
}

// left is about how many seconds it will take still.
func (m *meter) left(now time.Time) (float64, bool) {
	s := &m.state
	if s.Done || s.Bytes <= 0 || s.TotalBytes <= 0 {
		return 0, false
	}
	passed := now.Sub(m.began).Seconds()
	left := passed * float64(max(s.TotalBytes-s.Bytes, 0)) / float64(s.Bytes)
	return float64(int64(left*10)) / 10, true
}

// text is what stands behind a bar.
func (m *meter) text() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, now := &m.state, time.Now()
	var parts []string
	switch {
	case s.Bytes >= 0 && s.TotalBytes > 0:
		parts = append(parts, size(s.Bytes)+" / "+size(s.TotalBytes))
	case s.Bytes >= 0:
		parts = append(parts, size(s.Bytes))
	}
	switch {
	case s.Files >= 0 && s.TotalFiles > 0:
		parts = append(parts, fmt.Sprintf("%d/%s", s.Files, count(s.TotalFiles, "file")))
	case s.Files >= 0:
		parts = append(parts, count(s.Files, "file"))
	}
	if s.Rows >= 0 {
		parts = append(parts, count(s.Rows, "row"))
	}
	if passed := now.Sub(m.began).Seconds(); s.Bytes > 0 && passed > 0 {
		parts = append(parts, size(int64(float64(s.Bytes)/passed))+"/s")
	}
	if left, ok := m.left(now); ok {
		parts = append(parts, "ETA "+(time.Duration(left)*time.Second).String())
	}
	if len(parts) == 0 {
		return now.Sub(m.began).Round(time.Second).String()
	}
	return strings.Join(parts, ", ")
}

// finish ends it, and takes a bar away after a failure.
func (m *meter) finish(done bool) {
	m.mu.Lock()
	m.state.Done = done
	if m.lines && done && (m.always || !m.shown.IsZero()) {
		m.line(time.Now())
	}
	m.mu.Unlock()
	if m.bar == nil {
		return
	}
	if done {
		m.bar.SetTotal(-1, true) // what was sent is all
	} else {
		m.bar.Abort(true)
	}
	m.bars.Wait()
}

// uploaded is a meter for s3stage.
func (m *meter) uploaded(p s3stage.Progress) {
	m.update(func(s *transferred) {
		s.Files, s.TotalFiles = int64(p.FilesDone), int64(p.Files)
		s.Bytes, s.TotalBytes = p.Sent, max(p.Total, p.Sent)
	})
}

// watched runs a command of an id, and asks the server once a second how far it
// is. What cannot be asked is not shown.
func watched[R any](ctx context.Context, m *meter, id string, status func(context.Context, string) (redshift.TransferStatus, error), run func() (R, error)) (R, error) {
	if m.bar == nil && !m.lines {
		return run()
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			st, err := status(ctx, id)
			if err != nil {
				continue
			}
			m.update(func(s *transferred) {
				s.Rows, s.Files, s.Bytes = max(s.Rows, st.Rows), max(s.Files, st.Files), max(s.Bytes, st.Bytes)
				s.TotalFiles, s.TotalBytes = max(s.TotalFiles, st.TotalFiles), max(s.TotalBytes, st.TotalBytes)
			})
		}
	}()
	res, err := run()
	cancel()
	<-ended
	return res, err
}

// watchedCopy runs a COPY with a meter.
func (p *progress) watchedCopy(ctx context.Context, client *redshift.Client, stderr io.Writer, command redshift.CopyCommand) (*redshift.CopyResult, error) {
	m, err := p.meter(stderr, "copy")
	if err != nil {
		return nil, err
	}
	if command.Options.ID == "" {
		command.Options.ID = redshift.NewID()
	}
	res, err := watched(ctx, m, command.Options.ID, client.CopyStatus, func() (*redshift.CopyResult, error) { return client.Copy(ctx, command) })
	if err == nil {
		m.update(func(s *transferred) {
			s.Rows, s.Files, s.Bytes = res.RowsLoaded, res.FilesScanned, res.BytesScanned
			s.TotalFiles, s.TotalBytes = s.Files, s.Bytes
		})
	}
	m.finish(err == nil)
	return res, err
}
