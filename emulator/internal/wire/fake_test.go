package wire_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/emulator/internal/session"
)

// fake is a session with a language of its own:
//
//	rows N            N rows (i, t)
//	rows N wide       the same of about 150 bytes each
//	rows N fail M     the same, and an error after M rows
//	rows N notice     the same, with a notice while rows are appended
//	echo $1 …         one row of the parameters
//	insert N          no rows, tag "INSERT 0 N"
//	begin, commit, rollback
//	fail [FATAL]      Start fails
//	broken            Prepare fails at character 5
//	secret            an error that no client may see
//	notice, set       tells the client something
//	wait              runs until it is stopped
//	panic             Start panics; "panic rows" in the middle of a row
type fake struct {
	who session.Startup
	pid int32

	waiting chan struct{} // one value for every wait that has begun
	stopped chan error    // why it ended

	mu     sync.Mutex
	log    []string
	cancel context.CancelCauseFunc

	block, failed, work, closed bool
	syncFails                   bool
}

var errStop = &session.Error{State: "57014", Message: "Query (7) cancelled on user's request"}

func newFake(who session.Startup) *fake {
	return &fake{who: who, pid: 42, waiting: make(chan struct{}, 16), stopped: make(chan error, 16)}
}

func (f *fake) note(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = append(f.log, fmt.Sprintf(format, args...))
}

// taken gives what has been noted and forgets it.
func (f *fake) taken() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	l := f.log
	f.log = nil
	return l
}

func (f *fake) PID() int32 { return f.pid }

func (f *fake) Parameters() []session.Parameter {
	return []session.Parameter{
		{Name: "server_version", Value: "8.0.2"},
		{Name: "padb_version", Value: "1.0.12345"},
		{Name: "client_encoding", Value: "UTF8"},
		{Name: "server_protocol_version", Value: strconv.Itoa(int(f.who.ProtocolVersion))},
	}
}

func (f *fake) TxStatus() byte {
	switch {
	case !f.block:
		return 'I'
	case f.failed:
		return 'E'
	}
	return 'T'
}

func (f *fake) Sync(context.Context) error {
	if f.syncFails {
		f.syncFails, f.failed, f.work = false, false, false
		return &session.Error{State: "XX000", Message: "1023", Detail: "Serializable isolation violation on table"}
	}
	if f.block {
		return nil
	}
	switch {
	case f.work && f.failed:
		f.note("rollback")
	case f.work:
		f.note("commit")
	}
	f.work, f.failed = false, false
	return nil
}

func (f *fake) Fail() {
	if f.work || f.block {
		f.failed = true
	}
}

func (f *fake) Cancel() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.cancel != nil {
		f.cancel(errStop)
	}
}

func (f *fake) Close() {
	if !f.closed {
		f.closed = true
		f.note("close")
	}
}

func (f *fake) Prepare(_ context.Context, sql string, params []uint32) (session.Statement, error) {
	words := strings.Fields(sql)
	s := &fakeStatement{f: f, words: words}
	if len(words) == 0 {
		return s, nil
	}
	if f.block && f.failed && words[0] != "rollback" {
		return nil, &session.Error{State: "25P02", Message: "current transaction is aborted, commands ignored until end of transaction block"}
	}
	switch words[0] {
	case "rows":
		s.columns = []session.Column{
			{Name: "i", Type: rstype.Type{Kind: rstype.Int4}, TableID: 100001, Number: 1, Origin: session.Origin{Database: "dev", Schema: "public", Table: "t\x00able", Column: "id", NotNull: true, Identity: true}},
			{Name: "t", Type: rstype.Type{Kind: rstype.Varchar, Len: 20}},
		}
	case "echo":
		for i := range words[1:] {
			oid := uint32(1043)
			if i < len(params) && params[i] != 0 {
				oid = params[i]
			}
			s.params = append(s.params, oid)
			s.columns = append(s.columns, session.Column{Name: "c" + strconv.Itoa(i+1), Type: rstype.FromOID(oid, -1)})
		}
	case "broken":
		f.failed = true
		return nil, &session.Error{State: "42601", Message: `syntax error at or near "x"`, Position: 5}
	}
	return s, nil
}

type fakeStatement struct {
	f       *fake
	words   []string
	params  []uint32
	columns []session.Column
	closed  bool
}

func (s *fakeStatement) Empty() bool               { return len(s.words) == 0 }
func (s *fakeStatement) Params() []uint32          { return s.params }
func (s *fakeStatement) Columns() []session.Column { return s.columns }

// Formats has VARBYTE as text from version 2 on.
func (s *fakeStatement) Formats(asked []int16) []int16 {
	if s.f.who.ProtocolVersion < 2 || len(asked) == 0 {
		return asked
	}
	formats := make([]int16, len(s.columns))
	for i, c := range s.columns {
		formats[i] = asked[min(i, len(asked)-1)]
		if c.Type.Kind == rstype.Varbyte {
			formats[i] = 0
		}
	}
	return formats
}

func (s *fakeStatement) Close() {
	if !s.closed && !s.Empty() {
		s.f.note("close statement %s", strings.Join(s.words, " "))
	}
	s.closed = true
}

func (s *fakeStatement) number(i int) int {
	if i >= len(s.words) {
		return 0
	}
	n, _ := strconv.Atoi(s.words[i])
	return n
}

func (s *fakeStatement) has(word string) (int, bool) {
	for i, w := range s.words {
		if w == word {
			return s.number(i + 1), true
		}
	}
	return 0, false
}

func (s *fakeStatement) Start(ctx context.Context, call session.Call) (session.Portal, error) {
	f := s.f
	if s.closed {
		panic("a closed statement is started")
	}
	last := ""
	if call.Last {
		last = ", last"
	}
	f.note("start %s%s", strings.Join(s.words, " "), last)
	if f.who.ProtocolVersion > 0 && len(call.Formats) > 0 {
		f.note("formats %v", call.Formats)
	}
	f.work = true
	p := &fakePortal{s: s, call: call, failAt: -1, tag: strings.ToUpper(s.words[0])}
	fail := func(err error) (session.Portal, error) {
		f.failed = true
		return nil, err
	}
	switch s.words[0] {
	case "rows":
		p.rows, p.tag = s.number(1), "SELECT"
		if n, ok := s.has("fail"); ok {
			p.failAt = n
		}
		_, p.notice = s.has("notice")
		p.text = "row "
		if _, wide := s.has("wide"); wide {
			p.text = strings.Repeat("a wide row ", 12)
		}
	case "echo":
		p.rows, p.tag = 1, "SELECT"
	case "insert":
		p.tag = "INSERT 0 " + strings.Join(s.words[1:], " ")
	case "begin":
		f.block = true
	case "commit", "rollback":
		f.block, f.failed, f.work = false, false, false
	case "fail":
		severity := ""
		if len(s.words) > 1 {
			severity = s.words[1]
		}
		return fail(fmt.Errorf("wrapped: %w", &session.Error{Severity: severity, State: "42P01", Message: `relation "x" does not exist`, Detail: "d\x00etail", Hint: "hint", Position: 3, Cause: errors.New("cause")}))
	case "secret":
		return fail(errors.New("open /var/lib/secret: no such file"))
	case "notice":
		f.who.Notice(session.Notice{Severity: "INFO", State: "00000", Message: "told"})
	case "set":
		if len(s.words) == 3 {
			f.who.Report(session.Parameter{Name: s.words[1], Value: s.words[2]})
		}
	case "serialize":
		f.syncFails = true
	case "panic":
		if len(s.words) == 1 {
			panic("a fake's")
		}
		p.rows, p.failAt, p.panics = 1, 0, true
	case "wait":
		return p.wait(ctx)
	}
	return p, nil
}

func (p *fakePortal) wait(ctx context.Context) (session.Portal, error) {
	f := p.s.f
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	f.mu.Lock()
	f.cancel = cancel
	f.mu.Unlock()
	f.waiting <- struct{}{}
	<-ctx.Done()
	f.mu.Lock()
	f.cancel = nil
	f.mu.Unlock()
	f.failed = true
	err := context.Cause(ctx)
	f.stopped <- err
	return nil, err
}

type fakePortal struct {
	s      *fakeStatement
	call   session.Call
	rows   int
	at     int
	failAt int
	notice bool
	panics bool
	text   string
	tag    string
	closed bool
}

const fakeBatch = 1000

func (p *fakePortal) AppendRows(_ context.Context, dst []byte, most int) ([]byte, int, bool, error) {
	if p.closed {
		panic("a closed portal is read")
	}
	if most <= 0 {
		most = fakeBatch
	}
	if p.notice {
		p.s.f.who.Notice(session.Notice{Severity: "NOTICE", State: "00000", Message: "in the rows"})
	}
	n := 0
	for ; n < most && p.at < p.rows; n++ {
		if p.at == p.failAt {
			if p.panics {
				panic("in a row " + string(append(dst, "half a row"...)[len(dst):]))
			}
			p.s.f.failed = true
			return dst, n, true, &session.Error{State: "22012", Message: "divide by zero"}
		}
		if p.s.words[0] == "echo" {
			dst = p.echo(dst)
		} else {
			dst = appendRow(dst, p.at+1, p.text)
		}
		p.at++
	}
	return dst, n, p.at == p.rows, nil
}

func (p *fakePortal) echo(dst []byte) []byte {
	start := len(dst)
	dst = append(dst, 'D', 0, 0, 0, 0)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(p.call.Args)))
	for _, a := range p.call.Args {
		if a.Value == nil {
			dst = binary.BigEndian.AppendUint32(dst, ^uint32(0))
			continue
		}
		value := fmt.Sprintf("%d:%s", a.Format, a.Value)
		dst = binary.BigEndian.AppendUint32(dst, uint32(len(value)))
		dst = append(dst, value...)
	}
	binary.BigEndian.PutUint32(dst[start+1:], uint32(len(dst)-start-1))
	return dst
}

// appendRow appends the DataRow (i, text followed by i).
func appendRow(dst []byte, i int, text string) []byte {
	start := len(dst)
	dst = append(dst, 'D', 0, 0, 0, 0, 0, 2)
	for _, prefix := range []string{"", text} {
		at := len(dst)
		dst = append(dst, 0, 0, 0, 0)
		dst = append(dst, prefix...)
		dst = strconv.AppendInt(dst, int64(i), 10)
		binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	}
	binary.BigEndian.PutUint32(dst[start+1:], uint32(len(dst)-start-1))
	return dst
}

func (p *fakePortal) Tag() string { return p.tag }

func (p *fakePortal) Close() error {
	if !p.closed && p.at < p.rows {
		p.s.f.note("give up %s at %d", strings.Join(p.s.words, " "), p.at)
	}
	p.closed = true
	return nil
}
