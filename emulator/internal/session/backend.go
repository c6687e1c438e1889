package session

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/bind"
	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/event"
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
)

// backend is one session.
type backend struct {
	core     *Core
	startup  Startup
	pid      int32
	user     *catalog.User // who logged in, as of then
	other    *catalog.User // SET SESSION AUTHORIZATION's, nil for none
	database string
	conn     *engine.Conn
	opened   time.Time
	settings settings
	known    knownText
	zone     *time.Location // the last of the settings' that was read
	tx       transaction
	portal   *rowPortal    // has the engine's result
	calls    []*activation // the procedures that are running, outermost first
	acting   *catalog.User // the owner of a SECURITY DEFINER procedure, nil outside of one
	closed   bool
	// tempSchema is the session's own schema, empty until it has made a
	// temporary table.
	tempSchema string
	// planned is the version of the catalog that the engine's kept plans are for.
	planned int64
	// automatic: it refreshes a view that nobody asked for.
	automatic bool
	// prepared are the statements of PREPARE by name.
	prepared map[string]*preparedText

	lastCopyID, lastCopyCount, lastUnloadID, lastUnloadCount, lastQueryID int64

	last lastRun

	mu      sync.Mutex // guards what follows against other goroutines
	running context.CancelCauseFunc
	facts   viewFacts
	asked   requests
	ended   bool // by pg_terminate_backend
}

var (
	_ Session  = (*backend)(nil)
	_ Failer   = (*backend)(nil)
	_ Reporter = (*backend)(nil)
)

// PID implements Session.
func (b *backend) PID() int32 { return b.pid }

// Parameters implements Session.
func (b *backend) Parameters() []Parameter {
	// wire-protocol.md 2.5; the values that AWS's drivers need.
	return []Parameter{
		{"server_version", "8.0.2"},
		{"padb_version", b.core.cfg.Version},
		{"server_protocol_version", strconv.Itoa(int(b.startup.ProtocolVersion))},
		{"client_encoding", b.get("client_encoding")},
		{"DateStyle", b.get("datestyle")},
		{"TimeZone", b.get("timezone")},
		{"integer_datetimes", "on"},
		{"datashare_enabled", "off"},
		{"external_database", "off"},
		{"is_superuser", b.get("is_superuser")},
		{"session_authorization", b.get("session_authorization")},
		{"application_name", b.get("application_name")},
	}
}

// who is the session as the record names it.
func (b *backend) who() event.Session {
	u := b.current(b.snapshot())
	return event.Session{PID: b.pid, UserID: u.ID, User: u.Name, Database: b.database}
}

func (b *backend) notice(n Notice) {
	if b.startup.Notice != nil {
		b.startup.Notice(n)
	}
}

// Prepare implements Session.
func (b *backend) Prepare(ctx context.Context, sql string, params []uint32) (Statement, error) {
	if b.closed {
		return nil, &Error{Severity: "FATAL", State: "57P01", Message: "the session is closed"}
	}
	if err := b.over(); err != nil {
		return nil, err
	}
	began := time.Now()
	stmt, err := parseStatement(sql)
	if errors.Is(err, parse.ErrEmpty) {
		return &statement{backend: b}, nil
	}
	if err != nil {
		b.fail(ctx)
		return nil, asError(ctx, err, sql, 0)
	}
	s := &statement{backend: b, text: sql, ast: stmt}
	for _, oid := range params {
		s.given = append(s.given, rstype.FromOID(oid, -1))
	}
	if b.tx.failed && !endsTransaction(stmt) {
		return nil, errFailedTransaction
	}
	if err := s.bind(); err != nil {
		err = s.unseen(err)
		b.fail(ctx)
		return nil, asError(ctx, err, sql, 0)
	}
	s.planning = time.Since(began)
	return s, nil
}

// maxStatement is the longest text of a statement (c_redshift-sql.md).
const maxStatement = 16 << 20

// parseStatement is parse.Statement for a text that is not too long.
func parseStatement(sql string) (ast.Stmt, error) {
	if len(sql) > maxStatement {
		// The text is from public reports, the SQLSTATE is assumed.
		return nil, &Error{State: "54000", Message: fmt.Sprintf("Statement is too large. Statement Size: %d bytes. Maximum Allowed: %d bytes", len(sql), maxStatement), Hint: "COPY loads many rows."}
	}
	return parse.Statement(sql)
}

// Check implements Checker.
func (b *backend) Check(sql string) error {
	if _, err := parseStatement(sql); err != nil && !errors.Is(err, parse.ErrEmpty) {
		ctx := context.Background()
		b.fail(ctx)
		return asError(ctx, err, sql, 0)
	}
	return nil
}

// env is what the meaning of a statement depends on now.
func (b *backend) env(text string, given []rstype.Type, snapshot *catalog.Snapshot) bind.Env {
	u := b.current(snapshot)
	return bind.Env{
		Text: text, Catalog: snapshot, Database: b.database,
		SearchPath: searchPath(b.get("search_path"), u.Name), TempSchema: b.tempSchema,
		UserID: u.ID, User: u.Name, Superuser: u.Superuser, PID: b.pid,
		TimeZone: b.get("timezone"), DateOrder: dateOrder(b.get("datestyle")), CaseSensitive: b.get("enable_case_sensitive_identifier") == "true",
		Super: bind.SuperMode{
			Strict: b.get("navigate_super_null_on_error") == "off", StrictCast: b.get("cast_super_null_on_error") == "off",
			NullParse: b.get("parse_super_null_on_error") == "on", CaseSensitive: b.get("enable_case_sensitive_super_attribute") == "true",
		},
		Account: b.core.cfg.Account, Namespace: namespace, DefaultRole: b.core.cfg.DefaultRole, SessionARN: b.arn(),
		Facts: strconv.Itoa(int(b.pid)), Version: b.core.cfg.Version, Serverless: b.core.cfg.Serverless, Params: given,
		LastCopyID: b.lastCopyID, LastCopyCount: b.lastCopyCount,
		LastUnloadID: b.lastUnloadID, LastUnloadCount: b.lastUnloadCount, LastQueryID: b.lastQueryID,
		NewID: b.core.cfg.Catalog.NextID, Setting: userSetting, Limits: b.core.cfg.Limits,
	}
}

// location is the session's time zone; nil is UTC.
func (b *backend) location() *time.Location {
	zone := b.get("timezone")
	if strings.EqualFold(zone, "utc") {
		return nil
	}
	if b.zone == nil || b.zone.String() != zone { // reading one takes a file
		loc, err := time.LoadLocation(zone)
		if err != nil {
			return nil
		}
		b.zone = loc
	}
	return b.zone
}

// Cancel implements Session.
func (b *backend) Cancel() { b.stop(errCancelled) }

func (b *backend) stop(cause error) {
	b.mu.Lock()
	cancel := b.running
	b.mu.Unlock()
	if cancel != nil {
		cancel(cause)
	}
}

// begun gives a statement its context, which Cancel and statement_timeout end.
func (b *backend) begun(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := func() { cancel(nil) }
	if ms, _ := strconv.Atoi(b.get("statement_timeout")); ms > 0 {
		timed, off := context.WithTimeoutCause(ctx, time.Duration(ms)*time.Millisecond, errTimeout)
		ctx, stop = timed, func() { off(); cancel(nil) }
	}
	b.mu.Lock()
	b.running = cancel
	if b.ended {
		cancel(errTerminated)
	}
	b.mu.Unlock()
	return ctx, func() {
		b.mu.Lock()
		b.running = nil
		b.mu.Unlock()
		stop()
	}
}

// Close implements Session.
func (b *backend) Close() {
	if b.closed {
		return
	}
	b.closed = true
	ctx := context.Background()
	if b.portal != nil {
		_ = b.portal.Close()
	}
	b.rollback(ctx)
	b.dropTemp(ctx)
	_ = b.conn.Close()
	b.core.forget(b)
}

// dropTemp drops the session's temporary tables.
func (b *backend) dropTemp(ctx context.Context) {
	if b.tempSchema == "" {
		return
	}
	snapshot := b.core.cfg.Catalog.Committed()
	schema, ok := snapshot.Schema(b.database, b.tempSchema)
	if !ok {
		return
	}
	var changes []catalog.Change
	for _, r := range snapshot.Relations() {
		if r.Database == b.database && r.Schema == b.tempSchema {
			changes = append(changes, catalog.Change{DropRelation: r})
		}
	}
	changes = append(changes, catalog.Change{DropSchema: schema})
	if err := b.begin(ctx); err != nil {
		return
	}
	sql := []string{`DROP SCHEMA "` + strings.ReplaceAll(schema.Store, `"`, `""`) + `" CASCADE`}
	for _, c := range changes {
		sql = append(sql, c.SQL()...)
	}
	for _, q := range sql {
		if _, err := b.conn.Exec(ctx, q, nil); err != nil {
			b.rollback(ctx)
			return
		}
	}
	b.tx.changes = changes
	_ = b.commit(ctx)
}
