package pgwire

import (
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/transport"
)

// named is a prepared statement of a connection.
type named struct {
	name, sql  string
	types      []transport.OID // as asked for
	params     []transport.OID // as described
	cols       []transport.Column
	formats    []transport.Format // that are asked for
	generation int                // the connection's when it was parsed, or unparsed
	parsed     bool               // once at least
	holders    int                // sessions' holds; at most one session's
	used       int64              // the connection's turn of its last use
}

// unparsed is the generation of a statement that the server does not have, or has
// in a state that nobody knows.
const unparsed = -1

// current reports a statement that the server has as it is.
func (n *named) current(c *conn) bool { return n.generation == c.generation }

// statements are those that the server keeps for a connection.
type statements struct {
	all  []*named
	turn int64
}

func (s *statements) find(sql string, types []transport.OID) *named {
	for _, n := range s.all {
		if n.sql == sql && slices.Equal(n.types, types) {
			return n
		}
	}
	return nil
}

// keep counts a use of the statement, and closes those that were used least lately
// where there are more than most, a negative number being none but those in use.
// One that is held is parsed again when it is used again.
func (c *conn) keep(n *named, most int) {
	s := &c.statements
	s.turn++
	n.used = s.turn
	if !slices.Contains(s.all, n) {
		s.all = append(s.all, n)
	}
	for len(s.all) > max(most, 1) && most > 0 {
		oldest := slices.MinFunc(s.all, func(a, b *named) int { return int(a.used - b.used) })
		c.forget(oldest)
	}
}

// letGo ends a hold.
func (c *conn) letGo(n *named, most int) {
	n.holders--
	if n.holders == 0 && most < 0 && slices.Contains(c.statements.all, n) {
		c.forget(n)
	}
}

// forget closes a statement on the server, with the next exchange.
func (c *conn) forget(n *named) {
	c.statements.all = slices.DeleteFunc(c.statements.all, func(o *named) bool { return o == n })
	c.closes = append(c.closes, closing{'S', n.name})
	n.generation = unparsed
}

// parse appends what makes the server have the statement. Its name may be taken,
// by what it was before.
func (c *conn) parse(n *named) {
	n.generation = c.generation
	if n.parsed {
		c.send(&pgproto3.Close{ObjectType: 'S', Name: n.name})
	}
	n.parsed = true
	c.sendParse(n.name, n.sql, len(n.types), func(i int) transport.OID { return n.types[i] })
}

// outdated reports a failure that a statement has because it was parsed before
// something of it changed, in this session or in another one: nothing of it has
// happened, and it is worth parsing it again.
func outdated(err error) bool {
	var server *transport.ServerError
	if !errors.As(err, &server) {
		return false
	}
	switch {
	case server.SQLState == "26000": // invalid_sql_statement_name: the server has forgotten it
		return true
	case strings.HasPrefix(server.Message, "cached plan must not change result type"):
		return true
	case strings.HasPrefix(server.Message, "could not open relation with OID"): // it was dropped and made again
		return true
	}
	return false
}
