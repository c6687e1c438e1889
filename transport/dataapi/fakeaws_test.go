package dataapi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

// fakeAWS is a server of the Data API's JSON 1.1 protocol that refuses what the
// service refuses. A statement moves on by one state each time it is described.
type fakeAWS struct {
	mu         sync.Mutex
	statements map[string]*fakeStatement
	tokens     map[string]string // to statement ids
	sessions   map[string]*fakeSession
	faults     map[string][]fault // by operation, used up in order
	answers    map[string]answer  // beside the suite's
	calls      []string           // "ExecuteStatement select 1"
	inputs     []input
	polls      int // how often a statement is described before it is over
	pageSize   int
	holds      time.Duration // how long an answer that may wait is held back, by which time the statement has ended
	noMode     bool          // it does not know ExecutionMode
	stops      bool          // a failure ends a batch in AUTO_COMMIT too
}

type fault struct {
	code    string // "" breaks the connection after the call was done
	message string
	status  int
	do      func() // runs in place of the answer's way back
}

type answer struct {
	err     string
	columns []map[string]any
	records [][]any
	rows    int // -1: none were changed
	none    bool
	hang    bool
}

type fakeStatement struct {
	id, sql, status string
	name            string
	event           bool
	answer          answer
	subs            []*fakeStatement // of a batch
	mode            string
	at              *fakeSession
	session         string
	left            int
}

type fakeSession struct {
	running *fakeStatement
	tx      string // "", "in", "failed"
	count   int    // rows of tt_suite
	before  int
	gone    bool
}

type input struct {
	op string

	Sql, ClientToken, ClusterIdentifier, WorkgroupName, Database, DbUser, SecretArn string
	StatementName, SessionId, Id, NextToken, ExecutionMode                          string
	Sqls                                                                            []string
	Status                                                                          string
	WithEvent                                                                       bool
	SessionKeepAliveSeconds                                                         *int
	WaitTimeSeconds                                                                 int
	Parameters                                                                      []struct{ Name, Value string }
}

func newFakeAWS() *fakeAWS {
	return &fakeAWS{
		statements: map[string]*fakeStatement{}, tokens: map[string]string{}, sessions: map[string]*fakeSession{},
		faults: map[string][]fault{}, answers: map[string]answer{}, pageSize: 1000,
	}
}

// RoundTrip serves without a network, for tests in a bubble of their own time.
func (s *fakeAWS) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	func() {
		defer func() {
			if v := recover(); v != nil {
				w = nil
			}
		}()
		s.ServeHTTP(w, req)
	}()
	if w == nil {
		return nil, io.ErrUnexpectedEOF
	}
	return w.Result(), nil
}

func (s *fakeAWS) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	var in input
	body, _ := io.ReadAll(req.Body)
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(&in); err != nil {
		s.refuse(w, fault{code: "SerializationException", message: err.Error()})
		return
	}
	target, ok := strings.CutPrefix(req.Header.Get("X-Amz-Target"), "RedshiftData.")
	if !ok || req.Header.Get("Content-Type") != "application/x-amz-json-1.1" || !strings.HasPrefix(req.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ") {
		s.refuse(w, fault{code: "UnknownOperationException", message: "not the Data API"})
		return
	}
	in.op = target
	out, f := s.serve(in)
	if f.do != nil {
		f.do()
	}
	switch {
	case f.code != "":
		s.refuse(w, f)
	case f.message != "":
		panic(http.ErrAbortHandler)
	default:
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_ = json.NewEncoder(w).Encode(out)
	}
}

func (s *fakeAWS) refuse(w http.ResponseWriter, f fault) {
	if f.status == 0 {
		f.status = 400
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(f.status)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": f.code, "message": f.message})
}

func invalid(format string, args ...any) (any, fault) {
	return nil, fault{code: "ValidationException", message: fmt.Sprintf(format, args...)}
}

func (s *fakeAWS) serve(in input) (any, fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inputs = append(s.inputs, in)
	s.calls = append(s.calls, strings.TrimSpace(in.op+" "+normal(in.Sql)))
	var broken fault
	if fs := s.faults[in.op]; len(fs) > 0 {
		s.faults[in.op] = fs[1:]
		if fs[0].code != "" {
			return nil, fs[0]
		}
		broken = fs[0]
	}
	if st := s.statements[in.Id]; s.holds > 0 && in.WaitTimeSeconds > 0 && st != nil {
		st.left = 0
		broken.do = func() { time.Sleep(s.holds) }
	}
	out, f := s.operate(in)
	if f.code == "" {
		f = broken
	}
	return out, f
}

func (s *fakeAWS) operate(in input) (any, fault) {
	if in.op == "ExecuteStatement" {
		return s.execute(in)
	}
	if in.op == "BatchExecuteStatement" {
		return s.batch(in)
	}
	if in.op == "ListStatements" {
		return s.list(in)
	}
	st := s.statements[in.Id]
	if parent, n, ok := strings.Cut(in.Id, ":"); ok && s.statements[parent] != nil {
		i, _ := strconv.Atoi(n)
		st = s.statements[parent].subs[i-1]
	}
	if st == nil {
		return nil, fault{code: "ResourceNotFoundException", message: "Query does not exist."}
	}
	switch in.op {
	case "DescribeStatement":
		s.advance(st)
		out := map[string]any{
			"Id": st.id, "Status": st.status, "QueryString": st.sql, "CreatedAt": 1.7e9, "Duration": 5, "RedshiftPid": 4711,
			"RedshiftQueryId": -1, "ResultRows": -1, "ResultSize": -1, "HasResultSet": false,
		}
		if st.subs != nil {
			out["SubStatements"], out["ExecutionMode"] = st.told(), st.mode
		}
		switch st.status {
		case "FINISHED":
			out["RedshiftQueryId"], out["ResultRows"], out["HasResultSet"] = 99, st.answer.rows, !st.answer.none
		case "FAILED":
			out["Error"] = "ERROR: " + st.answer.err
			if st.subs != nil {
				out["Error"] = st.answer.err
			}
		}
		return out, fault{}
	case "CancelStatement":
		switch st.status {
		case "SUBMITTED", "PICKED":
			s.advance(st)
			return map[string]any{"Status": false}, fault{}
		case "STARTED":
			st.status = "ABORTED"
			s.free(st)
			return map[string]any{"Status": true}, fault{}
		}
		return invalid("Could not cancel a query that is already in %s state with ID: %s.", st.status, st.id)
	case "GetStatementResult":
		if st.status != "FINISHED" || st.answer.none {
			return nil, fault{code: "ResourceNotFoundException", message: "Query does not have result. Please check query status with DescribeStatement."}
		}
		at, _ := strconv.Atoi(in.NextToken)
		end := min(at+s.pageSize, len(st.answer.records))
		out := map[string]any{"ColumnMetadata": st.answer.columns, "Records": st.answer.records[at:end], "TotalNumRows": len(st.answer.records)}
		if end < len(st.answer.records) {
			out["NextToken"] = strconv.Itoa(end)
		}
		return out, fault{}
	}
	return nil, fault{code: "UnknownOperationException", message: in.op}
}

// list gives two statements a page, as ids go down; without a status finished ones
// alone, as the service does.
func (s *fakeAWS) list(in input) (any, fault) {
	ids := slices.Sorted(maps.Keys(s.statements))
	slices.Reverse(ids)
	page := []map[string]any{}
	for _, id := range ids {
		st := s.statements[id]
		if in.NextToken != "" && id >= in.NextToken || !strings.HasPrefix(st.name, in.StatementName) ||
			in.Status != "ALL" && st.status != cmp.Or(in.Status, "FINISHED") {
			continue
		}
		if len(page) == 2 {
			return map[string]any{"Statements": page, "NextToken": page[1]["Id"]}, fault{}
		}
		page = append(page, map[string]any{"Id": id, "Status": st.status, "StatementName": st.name, "CreatedAt": 1.7e9})
	}
	return map[string]any{"Statements": page}, fault{}
}

// told are the sub-statements as DescribeStatement shows them.
func (st *fakeStatement) told() []map[string]any {
	var all []map[string]any
	for _, sub := range st.subs {
		m := map[string]any{"Id": sub.id, "Status": sub.status, "HasResultSet": sub.status == "FINISHED" && !sub.answer.none, "ResultRows": sub.answer.rows}
		if st.status == "SUBMITTED" || st.status == "PICKED" {
			m["Status"] = "SUBMITTED"
		}
		if sub.status == "FAILED" {
			m["Error"] = "ERROR: " + sub.answer.err
		}
		all = append(all, m)
	}
	return all
}

// batch runs a batch: its statements one by one, or as a transaction.
func (s *fakeAWS) batch(in input) (any, fault) {
	if len(in.Sqls) == 0 || len(in.Sqls) > 40 {
		return invalid("%d statements", len(in.Sqls))
	}
	in.Sql = strings.Join(in.Sqls, "; ")
	out, f := s.execute(in)
	if f.code != "" {
		return out, f
	}
	st := s.statements[out.(map[string]any)["Id"].(string)]
	if st.subs != nil {
		return out, f // by its token
	}
	st.sql, st.mode, st.answer = "", cmp.Or(in.ExecutionMode, "TRANSACTION"), changed(-1)
	if s.noMode {
		st.mode = ""
	}
	x := st.at
	before, failed := x.count, ""
	for i, sql := range in.Sqls {
		sub := &fakeStatement{id: fmt.Sprintf("%s:%d", st.id, i+1), sql: sql, status: "ABORTED"}
		st.subs = append(st.subs, sub)
		if failed != "" && (s.stops || st.mode != "AUTO_COMMIT") {
			continue
		}
		one := in
		one.Sql = sql
		sub.answer = s.answer(x, one)
		switch {
		case sub.answer.hang:
			st.answer.hang = true
		case sub.answer.err != "":
			sub.status = "FAILED"
			failed = cmp.Or(failed, fmt.Sprintf("Query #%d failed with ERROR: %s", i+1, sub.answer.err))
		default:
			sub.status = "FINISHED"
		}
	}
	if failed != "" {
		st.answer.err = failed
		if st.mode != "AUTO_COMMIT" {
			x.count = before
		}
	}
	return out, f
}

func (s *fakeAWS) execute(in input) (any, fault) {
	if in.ClientToken == "" || len(in.ClientToken) > 64 {
		return invalid("ClientToken has %d characters", len(in.ClientToken))
	}
	if id := s.tokens[in.ClientToken]; id != "" {
		return map[string]any{"Id": id, "SessionId": s.statements[id].session}, fault{}
	}
	for _, p := range in.Parameters {
		if p.Value == "" {
			return invalid("Parameter %s has an empty value", p.Name)
		}
		if !strings.Contains(in.Sql, ":"+p.Name) {
			return invalid("Parameters are missing in the sql")
		}
	}
	session := in.SessionId
	x := s.sessions[session]
	switch {
	case session == "" && (in.ClusterIdentifier == "") == (in.WorkgroupName == ""):
		return invalid("Either ClusterIdentifier or WorkgroupName")
	case session == "" && in.Database == "":
		return invalid("Database must be given")
	case session != "" && in.ClusterIdentifier+in.WorkgroupName+in.Database+in.DbUser+in.SecretArn != "":
		return invalid("SessionId excludes the parameters of a connection")
	case session != "" && (x == nil || x.gone):
		return invalid("Session is not available.")
	case x != nil && x.running != nil:
		return invalid("Session is busy.")
	}
	if session == "" {
		x = &fakeSession{count: -1}
		if in.SessionKeepAliveSeconds != nil {
			session = fmt.Sprintf("5a254dc6-4fc2-4203-87a8-%012d", len(s.sessions))
			s.sessions[session] = x
		}
	}
	st := &fakeStatement{id: fmt.Sprintf("d9b6c0c9-0747-4bf4-b142-%012d", len(s.statements)), sql: in.Sql, name: in.StatementName, event: in.WithEvent, status: "SUBMITTED", session: session, left: s.polls}
	st.at = x
	if in.op == "ExecuteStatement" {
		st.answer = s.answer(x, in)
	}
	s.statements[st.id] = st
	s.tokens[in.ClientToken] = st.id
	x.running = st
	out := map[string]any{"Id": st.id, "CreatedAt": 1.7e9, "Database": in.Database}
	if session != "" {
		out["SessionId"] = session
	}
	return out, fault{}
}

func (s *fakeAWS) advance(st *fakeStatement) {
	switch {
	case st.status == "FINISHED" || st.status == "FAILED" || st.status == "ABORTED":
		return
	case st.left > 0:
		st.left--
		st.status = "PICKED"
	case st.answer.hang:
		st.status = "STARTED"
	case st.answer.err != "":
		st.status = "FAILED"
		s.free(st)
	default:
		st.status = "FINISHED"
		s.free(st)
	}
}

func (s *fakeAWS) free(st *fakeStatement) {
	for _, x := range s.sessions {
		if x.running == st {
			x.running = nil
		}
	}
}

func normal(sql string) string { return strings.Join(strings.Fields(sql), " ") }

func col(name, typeName string, more ...any) map[string]any {
	m := map[string]any{"label": name, "name": name, "typeName": typeName, "nullable": 1, "precision": 0, "scale": 0, "length": 0}
	for i := 0; i < len(more); i += 2 {
		m[more[i].(string)] = more[i+1]
	}
	return m
}

func str(v string) any { return map[string]any{"stringValue": v} }
func long(v int) any   { return map[string]any{"longValue": v} }
func isNull() any      { return map[string]any{"isNull": true} }
func changed(n int) answer {
	return answer{none: true, rows: n}
}

func table(columns []map[string]any, records ...[]any) answer {
	return answer{columns: columns, records: slices.Clip(records), rows: len(records)}
}

var (
	selectText = regexp.MustCompile(`^select (.+) ::varchar\(20\) as v$`)
	selectSum  = regexp.MustCompile(`^select (.+) ::integer \+ (.+) ::integer as v$`)
	selectRows = regexp.MustCompile(`^rows (\d+)$`)
)

const slow = "select slow"

// answer runs the statements of the suite.
func (s *fakeAWS) answer(x *fakeSession, in input) answer {
	sql := normal(in.Sql)
	if x.tx == "failed" && sql != "ROLLBACK" && sql != "COMMIT" {
		return answer{err: "current transaction is aborted, commands ignored until end of transaction block"}
	}
	a := s.evaluate(x, sql, in)
	if a.err != "" && x.tx == "in" {
		x.tx = "failed"
	}
	return a
}

func (s *fakeAWS) evaluate(x *fakeSession, sql string, in input) answer {
	param := func(text string) any {
		switch {
		case strings.Contains(text, "NULL"):
			return isNull()
		case strings.Contains(text, "''"):
			return str("")
		}
		for _, p := range in.Parameters {
			if strings.Contains(text, ":"+p.Name) {
				return str(p.Value)
			}
		}
		return nil
	}
	n := []map[string]any{col("n", "int8")}
	if a, ok := s.answers[sql]; ok {
		return a
	}
	switch sql {
	case "BEGIN":
		x.tx, x.before = "in", x.count
		return changed(-1)
	case "COMMIT":
		if x.tx == "failed" {
			x.count = x.before
		}
		x.tx = ""
		return changed(-1)
	case "ROLLBACK":
		x.tx, x.count = "", x.before
		return changed(-1)
	case transporttest.SelectConstants:
		return table([]map[string]any{col("a", "int4"), col("b", "varchar"), col("c", "unknown"), col("d", "varchar")},
			[]any{long(1), str("x"), isNull(), str("")})
	case transporttest.SelectNone:
		return table([]map[string]any{col("a", "int4")})
	case transporttest.SelectOne:
		return table([]map[string]any{col("one", "int4")}, []any{long(1)})
	case transporttest.SelectDivision:
		return answer{err: "division by zero"}
	case transporttest.SelectMissing:
		return answer{err: `relation "tt_missing" does not exist`}
	case transporttest.SelectSyntax:
		return answer{err: "syntax error at or near \"selekt\"\n  Position: 1"}
	case transporttest.CreateTable:
		x.count = 0
		return changed(-1)
	case transporttest.InsertTwo, transporttest.InsertThird:
		k := strings.Count(sql, "(")
		x.count += k
		return changed(k)
	case transporttest.CountRows:
		return table(n, []any{long(x.count)})
	case slow:
		return answer{hang: true}
	}
	if m := selectRows.FindStringSubmatch(sql); m != nil {
		k, _ := strconv.Atoi(m[1])
		rows := make([][]any, k)
		for i := range rows {
			rows[i] = []any{long(i + 1)}
		}
		return table(n, rows...)
	}
	if m := selectSum.FindStringSubmatch(sql); m != nil {
		a, _ := param(m[1]).(map[string]any)
		b, _ := param(m[2]).(map[string]any)
		if a["isNull"] != nil || b["isNull"] != nil {
			return table([]map[string]any{col("v", "int4")}, []any{isNull()})
		}
		v, _ := strconv.Atoi(fmt.Sprint(a["stringValue"]))
		w, _ := strconv.Atoi(fmt.Sprint(b["stringValue"]))
		return table([]map[string]any{col("v", "int4")}, []any{long(v + w)})
	}
	if m := selectText.FindStringSubmatch(sql); m != nil {
		return table([]map[string]any{col("v", "varchar", "precision", 20)}, []any{param(m[1])})
	}
	if strings.HasPrefix(sql, "SET ") || strings.HasPrefix(sql, "RESET ") {
		return changed(-1)
	}
	return answer{err: "the fakeAWS does not know: " + sql}
}

// expire ends every session of the server's.
func (s *fakeAWS) expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.sessions {
		x.gone = true
	}
}

// fail makes the next calls of an operation fail.
func (s *fakeAWS) fail(op string, fs ...fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[op] = append(s.faults[op], fs...)
}

// done gives the calls of an operation so far.
func (s *fakeAWS) done(op string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var calls []string
	for _, c := range s.calls {
		if rest, ok := strings.CutPrefix(c, op); ok {
			calls = append(calls, strings.TrimSpace(rest))
		}
	}
	return calls
}

func (s *fakeAWS) last(op string) input {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, in := range slices.Backward(s.inputs) {
		if in.op == op {
			return in
		}
	}
	return input{}
}

var (
	throttle = fault{code: "ThrottlingException", message: "Rate exceeded"}
	internal = fault{code: "InternalServerException", message: "internal", status: 500}
	vanished = fault{message: "the connection breaks after the call was done"}
)

func many(f fault, n int) []fault { return slices.Repeat([]fault{f}, n) }
