// Package sqldriver makes Redshift a driver of database/sql, named "redshift",
// over the client of package redshift.
//
//	import _ "github.com/llm-dev-ops/redshift/sqldriver"
//
//	db, err := sql.Open("redshift", "redshift://user:password@host:5439/dev")
//
// The URL is that of [redshift.ParseURL]; an empty one stands for the
// environment ([redshift.ConfigFromEnv]). What no URL can say, such as a
// provider of credentials, is said by a Config: sql.OpenDB of [NewConnector].
// [OpenDB] puts a sql.DB beside a Client that is there already.
//
// # Pools
//
// database/sql has a pool of its own. A sql.DB of sql.Open or NewConnector is
// therefore the only pool: each of its connections is one session, which is
// closed when database/sql closes the connection. Bound it with
// SetMaxOpenConns and its kin. The number of sessions is unbounded without,
// but for Redshift's own limit ([MaxSessions]); pool_size in the URL bounds it
// too, and who then asks for more waits within his context.
//
// A sql.DB of OpenDB is no pool at all: the Client has one, and database/sql
// takes a session out of it for each use.
//
// A connection goes back to database/sql only as it was: outside a transaction
// and with nothing left in the session (SET, temporary tables), since Redshift
// cannot take that back. Otherwise its session is closed. What shall last from
// statement to statement therefore belongs on a sql.Conn or in a sql.Tx. A
// session that has died or is too old is replaced before its next use.
//
// # Statements
//
// Placeholders are $1, $2, …, with sqlx after
// sqlx.BindDriver("redshift", sqlx.DOLLAR). Redshift itself has no named
// parameters: where arguments are sql.Named("day", …), every :day of the
// statement is replaced by a $n. All arguments are named then, each is used,
// and the statement has no $n of its own. A prepared statement with :names
// takes sql.Named arguments alone.
//
// A text of several statements, with a semicolon between them, runs one
// statement after the other and stops at the first that fails, which the error
// names. It is no transaction. Such a text has no $n, but may have :names. Exec
// adds up the rows affected. Query gives the statements' rows as result sets in
// order, passing over statements without columns; a statement runs when its
// result set is asked for, so that what stands behind the last one that was
// asked for, by NextResultSet, does not run.
//
// # Values
//
// Arguments are what [redshift.Query] takes: basic types, time.Time, []byte as
// a VARBYTE, package redshift's types, *big.Int, and besides *big.Rat and
// *big.Float where they are exact decimals, driver.Valuer, and pointers to all
// of these. A time.Time is cut to the microseconds that Redshift has; a string
// is sent without a type. nil is an untyped NULL, redshift.Null(t) one with a
// type.
//
// Results are, exactly:
//
//	BOOLEAN                             bool
//	SMALLINT, INTEGER, BIGINT, OID      int64
//	REAL, DOUBLE PRECISION              float64
//	NUMERIC                             string, which decimal libraries scan
//	CHAR, VARCHAR, TEXT, HLLSKETCH      string; CHAR with its blanks
//	DATE, TIMESTAMP, TIMESTAMPTZ        time.Time in UTC; string for an infinity
//	TIME, TIMETZ, INTERVAL              string
//	SUPER                               []byte, JSON: a json.RawMessage scans it
//	VARBYTE, GEOMETRY, GEOGRAPHY        []byte
//
// [Into] and [IntoNull] scan into package redshift's own types.
//
// # Transactions
//
// Redshift takes the four isolation levels of the SQL standard, all of which
// give the database's own (serializable or snapshot), and no other. Whether a
// transaction may be read only is for the server to say. Prepared statements of
// a transaction that was rolled back are made again when they are used.
//
// # Errors
//
// Errors are *redshift.Error. An error is driver.ErrBadConn, on which
// database/sql tries another connection, only where nothing has reached the
// server. A broken connection on which a statement was sent is a
// [redshift.ErrOutcomeUnknown].
//
// When a context ends, also between rows, the statement is cancelled on the
// server and the connection stays usable. Without a deadline of the context the
// timeout in the URL bounds a statement until its first row or its end: five
// minutes, if it is not given.
package sqldriver
