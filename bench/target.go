package main

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/emulator"
)

// The servers that clients are measured on.
const (
	onReplay   = "replay"   // sends from memory, so that the client is the limit
	onEmulator = "emulator" // in this process, so that it is about whole systems
)

// server starts the target; stop ends it.
func (o options) server(ctx context.Context, exe string) (addr string, stop func(), err error) {
	if o.target == onReplay {
		return startServer(ctx, exe)
	}
	s, err := emulator.Start(ctx, emulator.Config{})
	if err != nil {
		return "", nil, err
	}
	stop = func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
		defer cancel()
		_ = s.Close(ctx)
	}
	if err := fill(ctx, s.URL(), o.rows); err != nil {
		stop()
		return "", nil, err
	}
	u, err := url.Parse(s.URL())
	if err != nil {
		stop()
		return "", nil, err
	}
	return u.Host, stop, nil
}

// fill makes the tables that the clients read.
func fill(ctx context.Context, at string, rows int) error {
	cfg, err := redshift.ParseURL(at)
	if err != nil {
		return err
	}
	c, err := redshift.Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(ctx) }()
	script := []string{
		"CREATE TABLE small (id bigint, name varchar(20))",
	}
	for i := range 100 {
		script = append(script, fmt.Sprintf("INSERT INTO small VALUES (%d, 'name %d')", i, i))
	}
	script = append(script, lineitemScript(rows)...)
	for _, q := range script {
		if _, err := c.Execute(ctx, redshift.SQL(q)); err != nil {
			return fmt.Errorf("%.40s …: %w", q, err)
		}
	}
	return nil
}
