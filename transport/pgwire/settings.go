package pgwire

import (
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
	"github.com/llm-dev-ops/redshift/transport"
)

// settings are the session parameters that the transport sets itself, so that
// it can undo them. The zero value is the server's own.
type settings struct {
	group   string
	timeout int64 // milliseconds
}

// wanted gives the settings for a statement. A query group stays for the
// lease, a timeout is of its statement alone.
func (c *conn) wanted(cfg *Config, group string, timeout time.Duration) settings {
	if group != "" {
		c.group = group
	}
	w := settings{group: c.group}
	if timeout <= 0 {
		if c.ownTimeout { // the caller's SET stays
			w.timeout = c.set.timeout
			return w
		}
		timeout = cfg.StatementTimeout
	}
	if timeout > 0 {
		w.timeout = max(1, int64((timeout+time.Millisecond-1)/time.Millisecond))
	}
	return w
}

// sendSettings appends what changes one setting into the other; everything,
// if all is true. It reports whether there was something.
func (c *conn) sendSettings(have, want settings, all bool) bool {
	changed := false
	if all || have.group != want.group {
		changed = true
		if want.group == "" {
			c.sendCommand("RESET query_group")
		} else {
			c.sendCommand("SET query_group TO " + string(lex.AppendLiteral(nil, want.group)))
		}
	}
	if all || have.timeout != want.timeout {
		changed = true
		if want.timeout == 0 {
			c.sendCommand("RESET statement_timeout")
		} else {
			c.sendCommand("SET statement_timeout TO " + strconv.FormatInt(want.timeout, 10))
		}
	}
	return changed
}

func (c *conn) sendCommand(sql string) {
	c.send(&pgproto3.Parse{Query: sql})
	c.send(&pgproto3.Bind{})
	c.send(msgExecute)
}

// lead appends what goes before a statement: the exchange that takes a late
// cancel, statements to close, and settings. It gives the number of
// ReadyForQuery that answer it; the last is that of the settings if set is
// true. Each has a Sync of its own, so that neither is part of the statement's
// transaction.
func (c *conn) lead(have, want settings, all bool) (n int, set bool) {
	if c.absorb || len(c.closes) > 0 {
		for _, o := range c.closes {
			c.send(&pgproto3.Close{ObjectType: o.kind, Name: o.name})
		}
		c.closes, c.absorb = c.closes[:0], false
		c.send(msgSync)
		n++
	}
	// A failed transaction refuses everything but its end.
	if c.tx != 'E' && c.sendSettings(have, want, all) {
		c.send(msgSync)
		return n + 1, true
	}
	return n, false
}

// ready takes in the transaction state after a statement. What was set within
// a transaction is undone with it.
func (c *conn) ready(status byte, tag string) {
	switch {
	case c.tx == 'I' && status != 'I':
		c.saved = c.set
	case c.tx != 'I' && status == 'I' && tag != "COMMIT":
		c.set = c.saved
	}
	if c.tx != 'I' && status == 'I' && c.setLocal {
		c.setLocal = false
		c.generation++
	}
	c.tx = status
}

// done takes in what a statement of the caller's has left in the session.
func (c *conn) done(sql, tag string) {
	word, _, _ := strings.Cut(tag, " ")
	switch word {
	case "ALTER", "CREATE", "DROP", "ROLLBACK":
		// The server forgets prepared statements then (redshift_connector
		// core.py closes all of them).
		c.generation++
	case "SET", "RESET":
		// Names may mean something else from now on (search_path).
		c.generation++
		if setsLocally(sql) {
			c.setLocal = true
			break
		}
		c.dirty = true
		if containsFold(sql, "query_group") {
			c.set.group, c.group = "", ""
		}
		if containsFold(sql, "statement_timeout") {
			c.set.timeout, c.ownTimeout = 0, true
		}
	case "PREPARE", "LISTEN", "LOAD", "USE":
		c.dirty = true
	}
	switch word {
	case "CREATE", "SELECT", "":
		c.dirty = c.dirty || maybeTemporary(sql)
	}
}

// maybeTemporary reports what looks like the making of a temporary table,
// which only the end of the session drops.
func maybeTemporary(sql string) bool {
	if !strings.Contains(sql, "#") && !containsFold(sql, "temp") {
		return false
	}
	return lex.FirstKeyword(sql) == "create" || containsFold(sql, "into")
}

// setsLocally reports SET LOCAL, which ends with its transaction.
func setsLocally(sql string) bool {
	l := lex.New(sql)
	return strings.EqualFold(l.Next().Text(sql), "set") && strings.EqualFold(l.Next().Text(sql), "local")
}

// containsFold looks for a lower-case ASCII word in any case.
func containsFold(s, word string) bool {
	for i := 0; i+len(word) <= len(s); i++ {
		if s[i]|0x20 == word[0] && strings.EqualFold(s[i:i+len(word)], word) {
			return true
		}
	}
	return false
}

// caps are the transport's. Redshift allows 32,767 parameters, half of
// PostgreSQL's (redshift_connector core.py), and statements of 16 MB.
var caps = transport.Caps{
	Name: "wire", Session: true, Transactions: true, Prepare: true, Describe: true, Batch: true, Stream: true,
	Cancel: true, QueryID: true, FetchSize: true, BinaryParams: true, MaxParams: 32767, MaxStatement: 16 << 20,
}
