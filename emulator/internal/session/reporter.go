package session

// Reporter is what a Session should be too, for doors that tell more of a
// statement than its tag.
type Reporter interface {
	// Last is of the statement that was run last and has ended: its number in
	// STL_QUERY, 0 for one that is not there, and how many rows it returned,
	// changed, loaded or unloaded. After a failure both are 0.
	Last() (query, rows int64)
}

// lastRun is what Last tells.
type lastRun struct{ query, rows int64 }

// Last implements Reporter.
func (b *backend) Last() (query, rows int64) { return b.last.query, b.last.rows }
