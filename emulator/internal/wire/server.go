package wire

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net"
	"sync"
	"syscall"
	"time"
)

// Server serves sessions to the clients of its listeners. Its methods are safe
// for concurrent use.
type Server struct {
	cfg     Config
	invalid error
	decoy   string // stands in for the password of a user who is not there

	mu        sync.Mutex
	listeners map[net.Listener]struct{}
	conns     map[*conn]struct{}
	byPID     map[int32]*conn
	clients   int // past their startup message
	down      bool
	stop      chan struct{} // closed by Shutdown
	running   sync.WaitGroup
}

// New makes a Server. What is wrong with the configuration (Config.Validate) is
// what Serve returns.
func New(cfg Config) *Server {
	var decoy [16]byte
	_, _ = rand.Read(decoy[:]) // never fails (crypto/rand)
	return &Server{
		cfg: cfg.withDefaults(), invalid: cfg.Validate(), decoy: hex.EncodeToString(decoy[:]),
		listeners: make(map[net.Listener]struct{}), conns: make(map[*conn]struct{}), byPID: make(map[int32]*conn),
		stop: make(chan struct{}),
	}
}

// Serve accepts clients until Shutdown, when it returns nil, or until the
// listener fails. It closes the listener in either case. Clients that it has
// accepted outlive it; Shutdown ends them.
func (s *Server) Serve(l net.Listener) error {
	defer l.Close()
	if s.invalid != nil {
		return s.invalid
	}
	if !s.enter(l) {
		return nil
	}
	defer s.leave(l)
	wait := 5 * time.Millisecond
	for {
		nc, err := l.Accept()
		if err == nil {
			wait = 5 * time.Millisecond
			s.serveConn(nc)
			continue
		}
		if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
			s.cfg.Logger.Warn("cannot accept a connection for want of file descriptors", "error", err)
			select {
			case <-time.After(wait):
				wait = min(2*wait, time.Second)
				continue
			case <-s.stop:
			}
		}
		select {
		case <-s.stop:
			return nil
		default:
			return err
		}
	}
}

func (s *Server) enter(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return false
	}
	s.listeners[l] = struct{}{}
	return true
}

func (s *Server) leave(l net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.listeners, l)
}

// serveConn serves one client on a goroutine of its own.
func (s *Server) serveConn(nc net.Conn) {
	ctx, cancel := context.WithCancel(context.Background())
	c := newConn(s, nc, cancel)
	s.mu.Lock()
	if s.down {
		s.mu.Unlock()
		cancel()
		_ = nc.Close()
		return
	}
	s.conns[c] = struct{}{}
	s.running.Add(1)
	s.mu.Unlock()
	go func() {
		defer s.running.Done()
		defer func() {
			s.mu.Lock()
			delete(s.conns, c)
			s.mu.Unlock()
		}()
		defer cancel()
		c.serve(ctx)
	}()
}

// Shutdown closes the listeners and the idle connections at once and waits for
// the others to finish what they are at, up to Sync. When ctx ends first it
// cancels the statements that are running, waits for the connections to close
// and returns the context's error. After it no goroutine of the server is left,
// if sessions heed their contexts. A second call waits like the first one.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	if !s.down {
		s.down = true
		close(s.stop)
	}
	for l := range s.listeners {
		_ = l.Close()
	}
	conns := make([]*conn, 0, len(s.conns))
	for c := range s.conns {
		conns = append(conns, c)
	}
	s.mu.Unlock()
	for _, c := range conns {
		c.drain()
	}
	idle := make(chan struct{})
	go func() {
		s.running.Wait()
		close(idle)
	}()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
	}
	for _, c := range conns {
		c.kill()
	}
	<-idle
	return ctx.Err()
}

// admit counts a client in, unless there are too many.
func (s *Server) admit() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.clients >= s.cfg.MaxConns {
		return false
	}
	s.clients++
	return true
}

func (s *Server) dismiss() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients--
}

// register makes a connection known to cancel requests, forget unknown.
func (s *Server) register(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byPID[c.pid] = c
}

func (s *Server) forget(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byPID[c.pid] == c {
		delete(s.byPID, c.pid)
	}
}

// cancel serves a cancel request. Nobody is told whether it was a right one.
func (s *Server) cancel(pid uint32, secret []byte) {
	s.mu.Lock()
	c := s.byPID[int32(pid)]
	s.mu.Unlock()
	var none [4]byte
	expected := none[:]
	if c != nil {
		expected = c.secret[:]
	}
	if subtle.ConstantTimeCompare(expected, secret) == 1 && c != nil {
		c.cancelStatement()
	}
}
