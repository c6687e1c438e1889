package transport

import "context"

// TxBatcher is a Session whose service takes a whole transaction in one call.
// Sessions of a transport with Caps.BatchTx are such.
type TxBatcher interface {
	// BatchTx runs the statements as one transaction, which begins with them and is
	// committed behind them: all of them take effect or, when one fails, none. Their
	// results come in order; those of a transaction that was rolled back have no
	// rows, and those behind the statement that failed have failed with 25P02. The
	// session must be outside a transaction, and none of the statements may begin or
	// end one. The Token of the first statement is the transaction's. What the
	// service cannot take as one transaction is refused with ErrUnsupported, and
	// nothing is sent.
	//
	// When ctx ends before the outcome is known, Batch.Close cancels what is under
	// way; if that was too late, Batch.Err is a LostError.
	BatchTx(ctx context.Context, stmts []Statement) (Batch, error)
}
