// Package objstore is the emulator's object store: buckets of immutable objects
// in memory or in a directory, shared by COPY and UNLOAD (in process) and by the
// S3 door (over HTTP).
//
// A write becomes visible and durable at once, at Commit: before it nothing can
// be seen, and a store kept in a directory has the object on disk before Commit
// returns, also after kill -9. A reader keeps the object it opened: when the key
// is overwritten or deleted meanwhile it goes on reading the old bytes, never a
// mix.
package objstore
