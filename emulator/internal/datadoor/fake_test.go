package datadoor

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/emulator/internal/session"
)

// fakeCore opens sessions that know a few statements by heart.
type fakeCore struct {
	mu    sync.Mutex
	pids  int32
	open  int
	ran   []string
	users []string
	// terminated is the last session's.
	terminated func(*session.Error)
}

func (c *fakeCore) Open(_ context.Context, s session.Startup) (session.Session, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.Database != "dev" {
		return nil, &session.Error{Severity: "FATAL", State: "3D000", Message: fmt.Sprintf("database %q does not exist", s.Database)}
	}
	if s.User != "awsuser" && s.User != "analyst" {
		return nil, &session.Error{Severity: "FATAL", State: "28000", Message: fmt.Sprintf("password authentication failed for user %q", s.User)}
	}
	c.pids++
	c.open++
	c.users = append(c.users, s.User)
	c.terminated = s.Terminated
	return &fakeSession{core: c, pid: c.pids}, nil
}

func (c *fakeCore) statements() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.ran, "; ")
}

func (c *fakeCore) terminate() {
	c.mu.Lock()
	f := c.terminated
	c.mu.Unlock()
	f(&session.Error{Severity: "FATAL", State: "57P01", Message: "terminating connection due to administrator command"})
}

func (c *fakeCore) sessions() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open
}

type fakeSession struct {
	core   *fakeCore
	pid    int32
	closed bool
	rows   int64
}

func (s *fakeSession) PID() int32                      { return s.pid }
func (s *fakeSession) Parameters() []session.Parameter { return nil }
func (s *fakeSession) TxStatus() byte                  { return 'I' }
func (s *fakeSession) Cancel()                         {}
func (s *fakeSession) Last() (query, rows int64)       { return 42, s.rows }

func (s *fakeSession) log(sql string) {
	s.core.mu.Lock()
	defer s.core.mu.Unlock()
	s.core.ran = append(s.core.ran, sql)
}

func (s *fakeSession) Sync(context.Context) error { s.log("sync"); return nil }
func (s *fakeSession) Fail()                      { s.log("failed") }

func (s *fakeSession) Close() {
	s.core.mu.Lock()
	defer s.core.mu.Unlock()
	if !s.closed {
		s.closed = true
		s.core.open--
	}
}

func (s *fakeSession) Prepare(_ context.Context, sql string, _ []uint32) (session.Statement, error) {
	if s.closed {
		panic("a closed session is used")
	}
	s.log(sql)
	if strings.HasPrefix(sql, "selekt") {
		return nil, &session.Error{State: "42601", Message: `syntax error at or near "selekt"`, Position: 1}
	}
	return &fakeStatement{s: s, sql: sql}, nil
}

type fakeStatement struct {
	s   *fakeSession
	sql string
}

var dollars = regexp.MustCompile(`\$\d+`)

func (s *fakeStatement) Empty() bool { return strings.HasPrefix(s.sql, "--") }
func (s *fakeStatement) Close()      {}

func (s *fakeStatement) Params() []uint32 {
	seen := map[string]bool{}
	for _, d := range dollars.FindAllString(s.sql, -1) {
		seen[d] = true
	}
	return make([]uint32, len(seen))
}

func (s *fakeStatement) Columns() []session.Column {
	text := rstype.Type{Kind: rstype.Varchar, Len: 20}
	switch word, _, _ := strings.Cut(s.sql, " "); word {
	case "rows":
		return []session.Column{{Name: "n", Type: rstype.Type{Kind: rstype.Int8}}, {Name: "pad", Type: text}}
	case "echo":
		return []session.Column{{Name: "v", Type: text}}
	case "types":
		var cols []session.Column
		for _, k := range []rstype.Kind{rstype.Bool, rstype.Int4, rstype.Float8, rstype.Float8, rstype.Numeric, rstype.Varchar, rstype.Varchar, rstype.Varchar} {
			cols = append(cols, session.Column{Name: k.String(), Type: rstype.Type{Kind: k}})
		}
		cols[4].Type = rstype.Type{Kind: rstype.Numeric, Precision: 10, Scale: 2}
		cols[1].TableID, cols[1].Number = 7, 1
		return cols
	}
	return nil
}

func (s *fakeStatement) Start(ctx context.Context, call session.Call) (session.Portal, error) {
	p := &fakePortal{tag: "DONE"}
	word, rest, _ := strings.Cut(s.sql, " ")
	switch word {
	case "hang":
		<-ctx.Done()
		return nil, &session.Error{State: "57014", Message: "Query (42) cancelled on user's request", Cause: context.Cause(ctx)}
	case "fail":
		return nil, &session.Error{State: "22012", Message: "division by zero", Detail: "more", Hint: "less", Position: 6}
	case "die":
		return nil, &session.Error{Severity: "FATAL", State: "57P01", Message: "terminating connection"}
	case "insert":
		p.tag = "INSERT 0 3"
	case "copy":
		p.tag, s.s.rows = "COPY", 9
	case "rows":
		p.tag = "SELECT"
		n, _ := strconv.Atoi(rest)
		pad := strings.Repeat("x", 1000)
		for i := range n {
			p.rows = append(p.rows, dataRow(strconv.Itoa(i+1), pad))
		}
	case "echo":
		for _, a := range call.Args {
			p.rows = append(p.rows, dataRow(string(a.Value)))
		}
	case "types":
		p.rows = append(p.rows, dataRow("t", "-5", "1.5", "NaN", "12.30", "a\"\n", "", nil))
	}
	return p, nil
}

type fakePortal struct {
	tag  string
	rows [][]byte
}

func (p *fakePortal) AppendRows(_ context.Context, dst []byte, most int) ([]byte, int, bool, error) {
	n := min(len(p.rows), most)
	for _, r := range p.rows[:n] {
		dst = append(dst, r...)
	}
	p.rows = p.rows[n:]
	return dst, n, len(p.rows) == 0, nil
}

func (p *fakePortal) Tag() string  { return p.tag }
func (p *fakePortal) Close() error { return nil }

// dataRow makes a DataRow message of strings and nil.
func dataRow(values ...any) []byte {
	body := binary.BigEndian.AppendUint16(nil, uint16(len(values)))
	for _, v := range values {
		if v == nil {
			body = binary.BigEndian.AppendUint32(body, 1<<32-1)
			continue
		}
		text := v.(string)
		body = binary.BigEndian.AppendUint32(body, uint32(len(text)))
		body = append(body, text...)
	}
	return append(binary.BigEndian.AppendUint32([]byte{'D'}, uint32(len(body)+4)), body...)
}

// client calls a door as HTTP would, without a network.
type client struct {
	testing.TB
	door *Door
	core *fakeCore
}

func newClient(t testing.TB, limits Limits) *client {
	t.Helper()
	core := &fakeCore{}
	snapshot := catalog.NewSnapshot(
		catalog.Change{User: &catalog.User{ID: 1, Name: "awsuser"}},
		catalog.Change{Database: &catalog.Database{ID: 2, Name: "dev"}},
		catalog.Change{Database: &catalog.Database{ID: 3, Name: "prod"}},
		catalog.Change{Schema: &catalog.Schema{ID: 4, Database: "dev", Name: "public"}},
		catalog.Change{Schema: &catalog.Schema{ID: 5, Database: "dev", Name: "sales_2026"}},
		catalog.Change{Schema: &catalog.Schema{ID: 6, Database: "prod", Name: "other"}},
		catalog.Change{Relation: &catalog.Relation{ID: 7, Database: "dev", Schema: "public", Name: "calls", Kind: catalog.Table, Columns: []catalog.Column{
			{Name: "id", Type: rstype.Type{Kind: rstype.Int4}, NotNull: true, Default: "7"},
			{Name: "name", Type: rstype.Type{Kind: rstype.Varchar, Len: 20}},
		}}},
		catalog.Change{Relation: &catalog.Relation{ID: 8, Database: "dev", Schema: "sales_2026", Name: "orders", Kind: catalog.View, Columns: []catalog.Column{{Name: "n", Type: rstype.Type{Kind: rstype.Numeric, Precision: 12, Scale: 3}}}}},
		catalog.Change{Relation: &catalog.Relation{ID: 9, Database: "dev", Schema: "public", Name: "hidden", Kind: catalog.Table, Temp: true}},
	)
	d := New(Config{Open: core.Open, Catalog: func() *catalog.Snapshot { return snapshot }, Limits: limits})
	return &client{TB: t, door: d, core: core}
}

// close ends the door; what runs is cancelled.
func (c *client) close() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := c.door.Close(ctx); err != nil {
		c.Errorf("Close: %v", err)
	}
	if n := c.core.sessions(); n != 0 {
		c.Errorf("%d sessions are open after Close", n)
	}
}

type object = map[string]any

// try makes a call, and gives the code and the message of a failure.
func (c *client) try(op string, in object) (out object, code, message string) {
	c.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		c.Fatal(err)
	}
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/", bytes.NewReader(body))
	r.Header.Set("X-Amz-Target", "RedshiftData."+op)
	w := httptest.NewRecorder()
	c.door.ServeHTTP(w, r)
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		c.Fatalf("%s: %s: %v", op, w.Body, err)
	}
	if w.Code != http.StatusOK {
		code, _ = out["__type"].(string)
		message, _ = out["Message"].(string)
		if code == "" {
			c.Fatalf("%s: %d %s", op, w.Code, w.Body)
		}
	}
	return out, code, message
}

// call makes a call that must succeed.
func (c *client) call(op string, in object) object {
	c.Helper()
	out, code, message := c.try(op, in)
	if code != "" {
		c.Fatalf("%s %v: %s: %s", op, in, code, message)
	}
	return out
}

// refused makes a call that must fail.
func (c *client) refused(op string, in object, code, message string) {
	c.Helper()
	_, gotCode, gotMessage := c.try(op, in)
	if gotCode != code || !strings.Contains(gotMessage, message) {
		c.Errorf("%s %v: %q: %q, not %s: %s", op, in, gotCode, gotMessage, code, message)
	}
}

// on adds where a statement runs.
func on(in object) object {
	out := object{"ClusterIdentifier": "emulator", "Database": "dev"}
	maps.Copy(out, in)
	return out
}

// begin submits a statement and gives its id.
func (c *client) begin(sql string, more ...object) string {
	c.Helper()
	in := on(object{"Sql": sql})
	for _, m := range more {
		maps.Copy(in, m)
	}
	return c.call("ExecuteStatement", in)["Id"].(string)
}

// end waits for a statement and describes it.
func (c *client) end(id string) object {
	c.Helper()
	return c.call("DescribeStatement", object{"Id": id, "WaitTimeSeconds": 30})
}
