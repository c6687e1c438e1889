package event

import "time"

// Load is one COPY: SYS_LOAD_HISTORY.
type Load struct {
	Session
	Query      int64
	XID        int64
	Table      string
	TableID    int32
	Source     string // the FROM string
	Format     string
	Status     Status
	Start, End time.Time
	Rows       int64 // loaded
	Bytes      int64 // of what was loaded, uncompressed
	Files      int32 // of the source
	FileBytes  int64
	Scanned    int32 // files that were read
	ScanBytes  int64
	Errors     int64 // rows that were refused
	Compressed bool
	Current    string // the file that is being read
}

// LoadFile is one file of a COPY: STL_LOAD_COMMITS, STL_FILE_SCAN, STL_S3CLIENT,
// SYS_LOAD_DETAIL.
type LoadFile struct {
	Session
	Query  int64
	Slice  int32
	File   string
	Format string
	Lines  int32 // scanned
	Errors int32
	Bytes  int64 // of the object
	Data   int64 // of it, uncompressed
	// ETag and Modified are the object's, the ETag without quotes.
	ETag     string
	Modified time.Time
	// Start and At are when its reading began and ended.
	Start time.Time
	At    time.Time
	// Committed: the file's rows were loaded.
	Committed bool
}

// LoadError is one refused row: STL_LOAD_ERRORS, STL_LOADERROR_DETAIL,
// SYS_LOAD_ERROR_DETAIL.
type LoadError struct {
	Session
	Query   int64
	XID     int64
	TableID int32
	Slice   int32
	At      time.Time // when the load began
	File    string
	Line    int64 // from 1
	Column  string
	Type    string // as the views write it: int4, varchar
	Length  string // of the column, empty where it has none
	// Position is the offset of the field in the line, in bytes.
	Position int32
	Raw      string // the line, as far as the view holds it
	Field    string
	Code     int32 // r_Load_Error_Reference.md
	Reason   string
	// Fields are those of the line up to the one that is wrong, if they are kept.
	Fields []LoadField
}

// LoadField is one field of a refused row: STL_LOADERROR_DETAIL.
type LoadField struct {
	Number             int32 // from 0
	Column             string
	Value              string // as far as the view holds it
	Null               bool
	Type, ColumnLength string
}

// Replacement is one row in which ACCEPTINVCHARS replaced something:
// STL_REPLACEMENTS.
type Replacement struct {
	Session
	Query   int64
	TableID int32
	Slice   int32
	At      time.Time // when the load began
	File    string
	Line    int64  // from 1
	Column  string // the first with a replacement
	Raw     string // the line, as far as the view holds it
}

// Unload is one UNLOAD: SYS_UNLOAD_HISTORY.
type Unload struct {
	Session
	Query       int64
	XID         int64
	Destination string
	Format      string
	Compression string
	Status      Status
	Start, End  time.Time
	Rows        int64
	Files       int64
	Bytes       int64
	Message     string
}

// UnloadFile is one file of an UNLOAD: STL_UNLOAD_LOG.
type UnloadFile struct {
	Session
	Query      int64
	XID        int64
	Slice      int32
	Path       string
	Format     string
	Start, End time.Time
	Rows       int64
	Bytes      int64
}
