package redshift

// Kind classifies errors. Every Kind is an error and the target of errors.Is;
// kinds nest, so that a table that is not found is also invalid SQL.
type Kind struct {
	name   string
	parent *Kind
	retry  Retryable
}

// Error gives the kind in words.
func (k *Kind) Error() string { return k.name }

// Unwrap gives the kind that this one belongs to, or nil.
func (k *Kind) Unwrap() error {
	if k.parent == nil {
		return nil
	}
	return k.parent
}

// Retryable says whether a repetition may succeed.
type Retryable uint8

// Whether a repetition may succeed.
const (
	// No: the same statement fails again.
	No Retryable = iota
	// Yes: the same statement may succeed later.
	Yes
	// Partial: a part of the work may succeed, or have been done.
	Partial
)

// String names the value.
func (r Retryable) String() string {
	switch r {
	case Yes:
		return "yes"
	case Partial:
		return "partial"
	default:
		return "no"
	}
}

// The kinds of errors.
var (
	// ErrConnectionFailed: no session could be made, or it broke (08xxx).
	ErrConnectionFailed = &Kind{name: "connection failed", retry: Yes}
	// ErrAuthenticationFailed: the login was refused (28xxx).
	ErrAuthenticationFailed = &Kind{name: "authentication failed"}
	// ErrQueryCancelled: the statement was cancelled (57014).
	ErrQueryCancelled = &Kind{name: "query cancelled"}
	// ErrWLMAborted: a rule or a queue's timeout of workload management stopped the
	// statement. It is also a cancelled one.
	ErrWLMAborted = &Kind{name: "aborted by workload management", parent: ErrQueryCancelled}
	// ErrQueryTimeout: the statement ran longer than it may (57xxx).
	ErrQueryTimeout = &Kind{name: "query timeout", retry: Yes}
	// ErrSerializationFailure: concurrent transactions conflict (40001, or
	// Redshift's error 1023). The whole transaction may be repeated.
	ErrSerializationFailure = &Kind{name: "serialization failure", retry: Yes}
	// ErrDiskFull: the cluster's storage is exhausted (53100).
	ErrDiskFull = &Kind{name: "disk full"}
	// ErrOutOfMemory: the statement needed more memory than it may have (53200).
	ErrOutOfMemory = &Kind{name: "out of memory", retry: Yes}
	// ErrResourceBusy: a queue or the number of connections is full (53300).
	ErrResourceBusy = &Kind{name: "resource busy", retry: Yes}
	// ErrInvalidSQL: a syntactic or semantic error (42xxx).
	ErrInvalidSQL = &Kind{name: "invalid SQL"}
	// ErrTableNotFound: the table does not exist (42P01).
	ErrTableNotFound = &Kind{name: "table not found", parent: ErrInvalidSQL}
	// ErrColumnNotFound: the column does not exist (42703).
	ErrColumnNotFound = &Kind{name: "column not found", parent: ErrInvalidSQL}
	// ErrPermissionDenied: the user may not do that (42501). It is not invalid
	// SQL, though the server files it there.
	ErrPermissionDenied = &Kind{name: "permission denied"}
	// ErrData: a value does not fit (22xxx), on the server or while scanning.
	ErrData = &Kind{name: "data error"}
	// ErrCopy: a COPY failed.
	ErrCopy = &Kind{name: "COPY failed", retry: Partial}
	// ErrUnload: an UNLOAD failed.
	ErrUnload = &Kind{name: "UNLOAD failed", retry: Partial}
	// ErrSpectrum: a query of external tables failed.
	ErrSpectrum = &Kind{name: "external query failed", retry: Yes}
	// ErrServer: the server failed in a way that has no kind of its own.
	ErrServer = &Kind{name: "server error"}
	// ErrTransaction: the transaction is not in a state that allows this, or
	// COMMIT was answered by a rollback (25xxx).
	ErrTransaction = &Kind{name: "transaction error"}
	// ErrUsage: the call is wrong; nothing was sent.
	ErrUsage = &Kind{name: "invalid use"}
	// ErrLimit: a limit of the client's or the server's would be exceeded.
	ErrLimit = &Kind{name: "limit exceeded", parent: ErrUsage}
	// ErrNoRows: QueryRow found no row.
	ErrNoRows = &Kind{name: "no rows"}
	// ErrJobNotFound: the server shows no statement with the id of a job; see
	// JobUnknown for what that means.
	ErrJobNotFound = &Kind{name: "job not found"}
	// ErrTooManyRows: QueryRow found more than one row.
	ErrTooManyRows = &Kind{name: "more than one row"}
	// ErrCommitted: ExecuteInTx has committed its transaction, and the rows of a
	// statement could not be read.
	ErrCommitted = &Kind{name: "committed, but rows are missing"}
	// ErrOutcomeUnknown: the connection broke after a statement or a COMMIT was
	// sent; whether it took effect is not known. It is also a failed connection,
	// but never retryable.
	ErrOutcomeUnknown = &Kind{name: "outcome unknown", parent: ErrConnectionFailed}
)

// kindOf classifies a SQLSTATE and Redshift's error number.
func kindOf(state string, code int) *Kind {
	// Redshift reports its own errors with SQLSTATE XX000 and the number in
	// the message: 1023 is "Serializable isolation violation on table".
	if code == 1023 {
		return ErrSerializationFailure
	}
	switch state {
	case "57014":
		return ErrQueryCancelled
	case "40001":
		return ErrSerializationFailure
	case "53100":
		return ErrDiskFull
	case "53200":
		return ErrOutOfMemory
	case "53300", "55006", "55P03":
		return ErrResourceBusy
	case "42P01":
		return ErrTableNotFound
	case "42703":
		return ErrColumnNotFound
	case "42501":
		return ErrPermissionDenied
	case "57P01", "57P02", "57P03": // shutdown, crash, starting up
		return ErrConnectionFailed
	}
	if len(state) == 5 {
		switch state[:2] {
		case "08":
			return ErrConnectionFailed
		case "28":
			return ErrAuthenticationFailed
		case "57":
			return ErrQueryTimeout
		case "42":
			return ErrInvalidSQL
		case "22":
			return ErrData
		case "25", "40":
			return ErrTransaction
		case "53":
			return ErrResourceBusy
		}
	}
	return ErrServer
}
