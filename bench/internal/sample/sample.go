// Package sample is what the processes that run the clients tell the one that compares
// them.
package sample

// Sample is what a client's process measured of itself.
type Sample struct {
	// Rows were read; or calls made.
	Rows int `json:"rows"`
	// Seconds passed, CPU of the processor's.
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu_seconds"`
	// Allocs is the number of allocations a row.
	Allocs float64 `json:"allocs_per_row"`
	// RSS is the most memory that the process had, in bytes.
	RSS int64 `json:"peak_rss_bytes"`
}
