package pgwire

import (
	"strconv"

	"github.com/jackc/pgx/v5/pgproto3"
)

// Rows in pieces are those of a portal that Execute reads with a limit, as Redshift's
// JDBC driver reads them, and not of DECLARE and FETCH, for which the leader node holds
// the whole result first, within a limit for all cursors (decision 0010).

// more goes on after a piece of the rows: it asks for the next one, or closes the
// portal when no more are wanted. It is called when who reads has read the piece.
func (r *run) more(status byte) event {
	c := r.c
	r.paused = false
	c.tx = status
	if r.closing || r.asked.Load() {
		c.send(&pgproto3.Close{ObjectType: 'P', Name: r.portal.name})
		c.send(msgSync)
		r.portal = portal{}
	} else {
		c.execute(r.portal)
	}
	if _, err := c.flush(); err != nil {
		_ = r.lose(err)
		return gotEnd
	}
	return nothing
}

// sendIDQuery asks for the number of the query before, in a transaction of its own.
func (c *conn) sendIDQuery() {
	c.sendCommand("SELECT pg_last_query_id()")
	c.send(msgSync)
}

// askID asks when the statement has ended, because nothing may be asked before.
func (r *run) askID() bool {
	if r.asked.Load() {
		return false
	}
	r.c.sendIDQuery()
	if _, err := r.c.flush(); err != nil {
		r.c.lose(err)
		return false
	}
	r.idAsked = true
	return true
}

// idMessage takes in an answer to that. What goes wrong with it does not matter to the
// statement. It is not ok for messages that mean the same everywhere.
func (r *run) idMessage(typ byte, body []byte) (ev event, ok bool) {
	switch typ {
	case '1', '2', 'T', 'n', 'C', 'I':
	case 'D':
		value := [1][]byte{}
		if dataRow(value[:], body) == nil {
			if n, err := strconv.ParseInt(string(value[0]), 10, 64); err == nil && n > 0 {
				r.queryID = n
			}
		}
	case 'E':
		if e, err := serverError(body); err != nil || fatal(e) {
			r.c.lose(errDead)
			r.finish()
			return gotEnd, true
		}
	case 'Z':
		if len(body) == 1 {
			r.c.tx = body[0]
		}
		r.finish()
		return gotEnd, true
	default:
		return nothing, false
	}
	return nothing, true
}
