package main

import (
	"io"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/llm-dev-ops/redshift/s3stage"
)

// bar shows how far an upload is, on a terminal.
type bar struct {
	all *mpb.Progress
	one *mpb.Bar
}

func newBar(w io.Writer, total int64) bar {
	all := mpb.New(mpb.WithOutput(w), mpb.WithWidth(40), mpb.WithAutoRefresh())
	// A bar that knows its total ends by itself, and never before; this one ends
	// when it is told.
	one := all.AddBar(0,
		mpb.PrependDecorators(decor.Name("uploading ")),
		mpb.AppendDecorators(decor.CountersKibiByte("% .1f / % .1f "), decor.AverageSpeed(decor.SizeB1024(0), "% .1f")),
	)
	one.SetTotal(total, false)
	return bar{all, one}
}

func (b bar) update(p s3stage.Progress) {
	b.one.SetTotal(max(p.Total, p.Sent), false)
	b.one.SetCurrent(p.Sent)
}

// finish ends the bar, and takes it away after a failure.
func (b bar) finish(done bool) {
	if done {
		b.one.SetTotal(-1, true) // what was sent is all
	} else {
		b.one.Abort(true)
	}
	b.all.Wait()
}
