package redshift

import (
	"context"
	"time"
)

// TxInfo tells of a transaction.
type TxInfo struct {
	// ID is the transaction's number (xid) in the system views, 0 where the server was
	// not asked or does not tell.
	ID int64
	// Isolation is the database's, empty where the server was not asked or does not
	// tell.
	Isolation Isolation
	State     TxState
	StartedAt time.Time
}

const (
	isolationSQL = "SELECT database_isolation_level FROM svv_redshift_databases WHERE database_name = current_database()"
	// Every transaction holds a lock on its own number (r_SVV_TRANSACTIONS.md).
	xidSQL = "SELECT max(xid) FROM svv_transactions WHERE pid = pg_backend_pid()"
)

// Info asks the server for the transaction's number and isolation. Of one that has
// ended or failed it tells what the client knows, and asks nothing.
func (tx *Tx) Info(ctx context.Context) (TxInfo, error) {
	info := TxInfo{State: tx.State(), StartedAt: tx.began}
	if info.State != TxActive {
		return info, nil
	}
	var err error
	if info.Isolation, err = tx.isolation(ctx); err != nil {
		return info, err
	}
	row, err := tx.QueryRow(ctx, SQL(xidSQL))
	if err != nil {
		return info, err
	}
	var id *int64
	if err = row.Scan(&id); err == nil && id != nil {
		info.ID = *id
	}
	return info, err
}

// isolation is that of the session's database.
func (tx *Tx) isolation(ctx context.Context) (Isolation, error) {
	row, err := tx.QueryRow(ctx, SQL(isolationSQL))
	if err != nil {
		return "", err
	}
	var level *string
	if err := row.Scan(&level); err != nil || level == nil {
		return "", err
	}
	if *level == "Snapshot Isolation" {
		return Snapshot, nil
	}
	return Isolation(*level), nil
}

// require refuses a database of another isolation.
func (tx *Tx) require(ctx context.Context, want Isolation) error {
	is, err := tx.isolation(ctx)
	if err != nil || is == want {
		return err
	}
	return &Error{
		Kind: ErrTransaction, Message: "the database's isolation is " + string(is) + ", not " + string(want),
		Hint: "ALTER DATABASE … ISOLATION LEVEL changes it, while nobody is connected to it",
	}
}
