package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
)

// Config says whom an emulator's catalog begins with.
type Config struct {
	// Database is there after Open; "" is "dev".
	Database string
	// User is a superuser after Open, whose password's digests are MD5, and SHA256
	// with Salt (as in User); "" is "awsuser".
	User, MD5, SHA256, Salt string
}

func (c Config) withDefaults() Config {
	if c.Database == "" {
		c.Database = "dev"
	}
	if c.User == "" {
		c.User = "awsuser"
	}
	return c
}

// Ids that Redshift's documents and PostgreSQL 8.0 know; everything else is
// numbered from firstID.
const (
	rdsdbID         = 1
	firstUserID     = 100
	pgCatalogID     = 11
	publicID        = 2200
	infoSchemaID    = 11000 // assumed
	firstID         = 100000
	idsPerOpen      = 10000
	formatVersion   = 2
	oldestFormat    = 1 // without groups, roles and privileges
	tempSchema      = "pg_temp_"
	emptyCatalogSQL = `CREATE SCHEMA rs;
CREATE TABLE rs.users (id INTEGER NOT NULL, body VARCHAR NOT NULL);
CREATE TABLE rs.databases (id INTEGER NOT NULL, body VARCHAR NOT NULL);
CREATE TABLE rs.schemas (id INTEGER NOT NULL, body VARCHAR NOT NULL);
CREATE TABLE rs.relations (id INTEGER NOT NULL, body VARCHAR NOT NULL);
CREATE TABLE rs.about (format INTEGER NOT NULL, next_id INTEGER NOT NULL);
` + routinesSQL + privilegesSQL
	// Data of before there were routines have no tables for them.
	routinesSQL = `CREATE TABLE IF NOT EXISTS rs.routines (id INTEGER NOT NULL, body VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS rs.languages (id INTEGER NOT NULL, body VARCHAR NOT NULL);
`
	privilegesSQL = `CREATE TABLE rs.groups (id INTEGER NOT NULL, body VARCHAR NOT NULL);
CREATE TABLE rs.roles (id INTEGER NOT NULL, body VARCHAR NOT NULL);
CREATE TABLE rs.default_acls (id INTEGER NOT NULL, body VARCHAR NOT NULL)`
)

// StoreSchema is the DuckDB schema of a Redshift schema.
func StoreSchema(database, schema string) string { return database + "/" + schema }

// TempSchema is the name of a session's schema of temporary tables.
func TempSchema(pid int32) string { return tempSchema + strconv.Itoa(int(pid)) }

// SchemasOf gives the changes and the DuckDB statements that a new database
// needs for the schemas that every database has. newID numbers them.
func SchemasOf(database string, newID func() int32) (changes []Change, sql []string) {
	for _, name := range []string{"pg_catalog", "information_schema", "public"} {
		s := &Schema{ID: newID(), Database: database, Name: name, Owner: rdsdbID}
		if name == "public" {
			s.Store = StoreSchema(database, name)
			sql = append(sql, "CREATE SCHEMA "+quote(s.Store))
		}
		changes = append(changes, Change{Schema: s})
	}
	return changes, sql
}

// Catalog is what is committed. It is safe for concurrent use, and needs no
// closing.
type Catalog struct {
	next      atomic.Int32
	committed atomic.Pointer[Snapshot]
	mu        sync.Mutex // held while committed is replaced
}

// Open reads the catalog that is kept in conn's database, or makes one in an
// empty database, and sees that the database and the user of cfg are there, the
// user with the password of cfg. Temporary schemas that an earlier process left
// behind are dropped. All of it is one transaction; the connection is not kept.
func Open(ctx context.Context, conn *engine.Conn, cfg Config) (*Catalog, error) {
	cfg = cfg.withDefaults()
	if _, err := conn.Exec(ctx, "BEGIN", nil); err != nil {
		return nil, fmt.Errorf("catalog: %w", err)
	}
	c, err := open(ctx, conn, cfg)
	if err == nil {
		_, err = conn.Exec(ctx, "COMMIT", nil)
	}
	if err != nil {
		_, back := conn.Exec(context.WithoutCancel(ctx), "ROLLBACK", nil)
		if _, gone := errors.AsType[*engine.Error](back); gone {
			back = nil // a COMMIT that failed leaves no transaction
		}
		return nil, errors.Join(fmt.Errorf("catalog: %w", err), back)
	}
	return c, nil
}

func open(ctx context.Context, conn *engine.Conn, cfg Config) (*Catalog, error) {
	c := new(Catalog)
	stored, err := load(ctx, conn)
	if err != nil {
		return nil, err
	}
	next := stored.next
	if !stored.found {
		for _, s := range strings.Split(emptyCatalogSQL, ";") {
			if _, err := conn.Exec(ctx, s, nil); err != nil {
				return nil, err
			}
		}
		next = firstID
	}
	for _, id := range stored.ids {
		if id >= next {
			next = id + 1
		}
	}
	if next > math.MaxInt32-2*idsPerOpen {
		return nil, errors.New("no object ids are left")
	}
	c.next.Store(next)
	snap := NewSnapshot(stored.changes...)
	changes, sql := c.sweep(snap)
	more, moreSQL := c.ensure(snap, cfg)
	changes, sql = append(changes, more...), append(sql, moreSQL...)
	for _, change := range changes {
		sql = append(sql, change.SQL()...)
	}
	// The next process begins behind what this one may number, so that an id of
	// a dropped table is not met again in the event record.
	sql = append(sql, "DELETE FROM rs.about", fmt.Sprintf("INSERT INTO rs.about VALUES (%d, %d)", formatVersion, c.next.Load()+idsPerOpen))
	for _, s := range sql {
		if _, err := conn.Exec(ctx, s, nil); err != nil {
			return nil, err
		}
	}
	c.committed.Store(snap.Apply(changes...))
	return c, nil
}

// sweep drops the temporary schemas: their sessions are no more.
func (c *Catalog) sweep(snap *Snapshot) (changes []Change, sql []string) {
	for _, r := range snap.Relations() {
		if r.Temp {
			changes = append(changes, Change{DropRelation: r})
		}
	}
	for _, s := range snap.Schemas() {
		if strings.HasPrefix(s.Name, tempSchema) {
			changes = append(changes, Change{DropSchema: s})
			sql = append(sql, "DROP SCHEMA IF EXISTS "+quote(s.Store)+" CASCADE")
		}
	}
	return changes, sql
}

// ensure sees that the database and the superuser are there.
func (c *Catalog) ensure(snap *Snapshot, cfg Config) (changes []Change, sql []string) {
	if _, ok := snap.UserByID(rdsdbID); !ok {
		changes = append(changes, Change{User: &User{ID: rdsdbID, Name: "rdsdb", Superuser: true, CreateDB: true}})
	}
	for _, r := range systemRoles() {
		if _, ok := snap.Role(r.Name); !ok {
			changes = append(changes, Change{Role: r})
		}
	}
	owner := int32(firstUserID)
	if u, ok := snap.User(cfg.User); ok {
		owner = u.ID
		// Another salt alone is no other password.
		if u.MD5 != cfg.MD5 || (u.SHA256 == "") != (cfg.SHA256 == "") || !u.Superuser {
			u = new(*u)
			u.MD5, u.SHA256, u.Salt, u.Superuser = cfg.MD5, cfg.SHA256, cfg.Salt, true
			changes = append(changes, Change{User: u})
		}
	} else {
		if _, taken := snap.UserByID(owner); taken {
			owner = c.NextID()
		}
		changes = append(changes, Change{User: &User{ID: owner, Name: cfg.User, MD5: cfg.MD5, SHA256: cfg.SHA256, Salt: cfg.Salt, Superuser: true, CreateDB: true}})
	}
	if _, ok := snap.Database(cfg.Database); !ok {
		newID := c.NextID
		if len(snap.Databases()) == 0 {
			ids := []int32{pgCatalogID, infoSchemaID, publicID}
			newID = func() int32 { id := ids[0]; ids = ids[1:]; return id }
		}
		changes = append(changes, Change{Database: &Database{ID: c.NextID(), Name: cfg.Database, Owner: owner}})
		more, moreSQL := SchemasOf(cfg.Database, newID)
		changes, sql = append(changes, more...), moreSQL
	}
	return changes, sql
}

// Committed is the snapshot of what is committed now.
func (c *Catalog) Committed() *Snapshot { return c.committed.Load() }

// Commit makes the changes of a transaction, in their order, to what is
// committed by now. It is called when DuckDB has committed the transaction,
// before its locks are given up.
func (c *Catalog) Commit(changes []Change) *Snapshot {
	c.mu.Lock()
	defer c.mu.Unlock()
	snap := c.committed.Load().Apply(changes...)
	c.committed.Store(snap)
	return snap
}

// NextID is an id that no object has or had.
func (c *Catalog) NextID() int32 { return c.next.Add(1) - 1 }

type stored struct {
	found   bool
	next    int32
	ids     []int32
	changes []Change
}

func load(ctx context.Context, conn *engine.Conn) (stored, error) {
	var s stored
	found, err := texts(ctx, conn, "SELECT count(*) FROM information_schema.schemata WHERE schema_name = 'rs'")
	if err != nil || found[0] == "0" {
		return s, err
	}
	s.found = true
	about, err := texts(ctx, conn, "SELECT format || ' ' || next_id FROM rs.about")
	if err != nil {
		return s, err
	}
	format := 0
	if len(about) != 1 {
		return s, fmt.Errorf("rs.about has %d rows, not 1", len(about))
	}
	if _, err := fmt.Sscan(about[0], &format, &s.next); err != nil || format < oldestFormat || format > formatVersion {
		return s, fmt.Errorf("the data was written in format %d, which this version cannot read", format)
	}
	missing := routinesSQL
	if format == oldestFormat {
		missing += privilegesSQL
	}
	for sql := range strings.SplitSeq(strings.TrimRight(missing, ";\n"), ";") {
		if _, err := conn.Exec(ctx, sql, nil); err != nil {
			return s, err
		}
	}
	read := func(table string, one func(body []byte) (int32, error)) {
		var rows []string
		if err == nil {
			rows, err = texts(ctx, conn, "SELECT body FROM rs."+table+" ORDER BY id")
		}
		for _, row := range rows {
			id, bad := one([]byte(row))
			if bad != nil {
				err = fmt.Errorf("rs.%s: %w", table, bad)
				return
			}
			s.ids = append(s.ids, id)
		}
	}
	read("users", func(body []byte) (int32, error) {
		v := new(User)
		err := json.Unmarshal(body, v)
		s.changes = append(s.changes, Change{User: v})
		return v.ID, err
	})
	read("databases", func(body []byte) (int32, error) {
		v := new(Database)
		err := json.Unmarshal(body, v)
		s.changes = append(s.changes, Change{Database: v})
		return v.ID, err
	})
	read("schemas", func(body []byte) (int32, error) {
		v := new(Schema)
		err := json.Unmarshal(body, v)
		s.changes = append(s.changes, Change{Schema: v})
		return v.ID, err
	})
	read("relations", func(body []byte) (int32, error) {
		v := new(Relation)
		err := json.Unmarshal(body, v)
		s.changes = append(s.changes, Change{Relation: v})
		return v.ID, err
	})
	read("groups", func(body []byte) (int32, error) {
		v := new(Group)
		err := json.Unmarshal(body, v)
		s.changes = append(s.changes, Change{Group: v})
		return v.ID, err
	})
	read("roles", func(body []byte) (int32, error) {
		v := new(Role)
		err := json.Unmarshal(body, v)
		s.changes = append(s.changes, Change{Role: v})
		return v.ID, err
	})
	read("default_acls", func(body []byte) (int32, error) {
		v := new(DefaultACL)
		err := json.Unmarshal(body, v)
		s.changes = append(s.changes, Change{DefaultACL: v})
		return v.ID, err
	})
	read("routines", func(body []byte) (int32, error) {
		v := new(Routine)
		err := json.Unmarshal(body, v)
		s.changes = append(s.changes, Change{Routine: v})
		return v.ID, err
	})
	read("languages", func(body []byte) (int32, error) {
		v := new(Language)
		err := json.Unmarshal(body, v)
		s.changes = append(s.changes, Change{Language: v})
		return v.ID, err
	})
	return s, err
}

// texts is the first column of a query's rows.
func texts(ctx context.Context, conn *engine.Conn, sql string) (rows []string, err error) {
	result, err := conn.Query(ctx, sql, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, result.Close()) }()
	for {
		chunk, err := result.Next(ctx)
		if err != nil || chunk == nil {
			return rows, err
		}
		for row := range chunk.Len() {
			rows = append(rows, string(chunk.AppendText(nil, 0, row)))
		}
	}
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
