// Package redshift is a client for Amazon Redshift over Redshift's own wire
// protocol, or over any other [transport.Transport].
//
// # Opening
//
// [Open] connects to a cluster or a workgroup with a [Config], which [ParseURL]
// and [ConfigFromEnv] also give, and [New] puts a [Client] on another
// transport. A Client owns a pool of sessions, is safe for concurrent use, and
// ends with [Client.Close].
//
//	client, err := redshift.Open(ctx, redshift.Config{
//		Host:        "my-cluster.abc.eu-central-1.redshift.amazonaws.com",
//		Credentials: credentials.Static("etl", password),
//	})
//
// # Statements
//
// A [Query] is a text with $1, $2, … and its arguments; [SQL] makes one.
// [Client.Execute] reads the whole result, within the bounds of the Config;
// [Client.Query] streams it; [Client.QueryRow] wants one row. [Rows.All] and
// [Collect] are the short ways through a stream:
//
//	rows, err := client.Query(ctx, redshift.SQL("select id, name from users where age > $1", 30))
//	if err != nil {
//		return err
//	}
//	users, err := redshift.Collect(rows, redshift.ByName[User])
//
// [Rows.Batches] gives the rows column by column, which is the fastest.
//
// A script of several statements is [Client.ExecuteScript]'s; [SplitScript] gives them
// one by one. Statements that take no parameters on Redshift, as CREATE and COPY, have
// their arguments written into them as literals: see [Query.Args].
//
// Values are exact. NUMERIC is [Numeric] and never a float; a conversion that
// would lose something is an error that names the column.
//
// # Transactions and prepared statements
//
// [Client.Begin] gives a [Tx]; [Client.InTx] runs a function in one and runs it
// again after a serialization failure. [Client.Prepare] makes a [Prepared],
// of which [Prepared.Batch] runs many sets of arguments in few exchanges.
//
// # Loading and unloading
//
// [Client.Copy] and [Client.Unload] run COPY and UNLOAD from structs, whose
// Validate finds offline what does not go together. A COPY that fails is a
// [*CopyError] with the rejected rows; [Client.LoadErrors] asks for them later.
// Package bulk stands above: it brings rows from anywhere into S3 and a table.
//
// [Client.Explain] gives the plan of a statement as a tree.
//
// # Jobs
//
// [Client.Submit] starts a statement that goes on without its caller, and
// [Client.Job] finds it again by its id, in another process too. [Client.SubmitCopy]
// and [Client.SubmitUnload] do so with COPY and UNLOAD, and CopyOptions.Ledger makes
// a load happen once. [Client.Outcome] asks what became of a statement that carried
// an id.
//
// # Sessions
//
// Statements of a Client may run on any session of its pool. [Client.Acquire]
// gives a [Conn], a session of one's own, in which SET and temporary tables last
// until [Conn.Release]. [Client.Health] asks whether the server answers, and
// [Client.PoolStats] counts.
//
// # Errors
//
// A failure is an [*Error] with a Kind, the SQLSTATE, Redshift's error number
// and, for common mistakes, a hint. errors.Is(err, redshift.ErrTableNotFound)
// tests a kind, errors.Is(err, redshift.State("42P01")) a state and
// [SafeToRetry] asks whether a repetition is harmless. Errors never hold the
// text of a statement, its arguments or credentials.
//
// # Time
//
// When the context of Execute or Query ends, also while rows are read, the
// statement is cancelled on the server and the session stays usable.
package redshift
