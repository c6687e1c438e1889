package wire_test

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/llm-dev-ops/redshift/emulator/internal/login"
	"github.com/llm-dev-ops/redshift/emulator/internal/session"
	"github.com/llm-dev-ops/redshift/emulator/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const password = "Emulator1"

// patience is how long a test waits for what must happen. It is never waited for
// in full unless something is broken.
const patience = 20 * time.Second

// lookup knows awsuser by two passwords, temporary by a password in clear beside a
// digest under another salt, old by MD5 alone and strong by SHA-256 alone.
func lookup(user string) []login.Password {
	kept := login.NewPassword(user, password)
	switch user {
	case "awsuser":
		return []login.Password{{MD5: strings.Repeat("0", 32)}, kept}
	case "temporary":
		return []login.Password{login.NewPassword(user, "another"), {Text: password}}
	case "old":
		return []login.Password{{MD5: kept.MD5}}
	case "strong":
		return []login.Password{{SHA256: kept.SHA256, Salt: kept.Salt}}
	}
	return nil
}

// bed is a server with what it did.
type bed struct {
	t       testing.TB
	srv     *wire.Server
	address string

	mu     sync.Mutex
	events []wire.ConnectionEvent
	opened chan *fake
	left   chan struct{} // one value for every client that has left
	next   int32
}

// start runs a server until the test's end. change may change its Config.
func start(t testing.TB, change func(*wire.Config)) *bed {
	t.Helper()
	b := &bed{t: t, opened: make(chan *fake, 64), left: make(chan struct{}, 64), next: 41}
	cfg := wire.Config{
		Open: b.open, Lookup: lookup, Watch: time.Hour,
		OnConnection: func(e wire.ConnectionEvent) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.events = append(b.events, e)
			if e.Kind == wire.Disconnecting {
				select {
				case b.left <- struct{}{}:
				default:
				}
			}
		},
		Logger: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&cfg)
	}
	b.srv = wire.New(cfg)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.address = l.Addr().String()
	served := make(chan error, 1)
	go func() { served <- b.srv.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := b.srv.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return b
}

func (b *bed) open(_ context.Context, who session.Startup) (session.Session, error) {
	if who.Database != "dev" {
		return nil, &session.Error{State: "3D000", Message: `database "` + who.Database + `" does not exist`}
	}
	f := newFake(who)
	b.mu.Lock()
	b.next++
	f.pid = b.next
	b.mu.Unlock()
	select {
	case b.opened <- f:
	default: // nobody asks for it
	}
	return f, nil
}

// session waits for the session that has been opened.
func (b *bed) session() *fake {
	b.t.Helper()
	return await(b.t, b.opened)
}

func (b *bed) recorded() []wire.ConnectionEvent {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]wire.ConnectionEvent(nil), b.events...)
}

// await receives what must come.
func await[T any](t testing.TB, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatal("nothing happened")
		panic("unreachable")
	}
}
