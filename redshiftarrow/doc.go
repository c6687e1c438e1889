// Package redshiftarrow gives results as streams of Apache Arrow's record batches, and
// loads such streams into tables.
//
//	rows, err := client.Query(ctx, redshift.SQL("SELECT * FROM calls"))
//	reader, err := redshiftarrow.Reader(rows, redshiftarrow.Config{})
//	defer reader.Release()
//	for reader.Next() {
//		use(reader.RecordBatch())
//	}
//	err = reader.Err()
//
// The rows of bulk.Read are read so too, whichever way they took; [Source] is the way back,
// through bulk.Load.
//
// Values go from the wire to Arrow's buffers without a copy between: the slices of a
// redshift.Batch are the arrays' memory. It is Go's: Release gives it to one of the next
// batches, and a batch that leaves the process by the C data interface has to be copied first.
package redshiftarrow
