package load

// Load error codes (r_Load_Error_Reference.md).
const (
	codeTooMany     = 1202
	codeTooFew      = 1203
	codeRange       = 1204
	codeDate        = 1205
	codeTimestamp   = 1206
	codeDigit       = 1207
	codeFloat       = 1208
	codeDecimal     = 1209
	codeBool        = 1210
	codeEmptyLine   = 1211
	codeNotNull     = 1213
	codeNoDelimiter = 1214
	codeLine        = 1216
	codeIdentity    = 1217
	codeNUL         = 1218
	codeHex         = 1219
	codeUTF8        = 1220
	codeEncoding    = 1221
	codeOverflow    = 1222
	codeJSON        = 1224
)

// refusal says why a record cannot be loaded; it becomes a row of STL_LOAD_ERRORS.
type refusal struct {
	code   int32
	reason string
	// column is the field's number from 0, -1 when it is about the whole record.
	column int
	// table is a column of the table, from 1, when no field is to blame.
	table int
}

func refuse(code int32, reason string) *refusal {
	return &refusal{code: code, reason: reason, column: -1}
}

// field is one value of a record, before its conversion.
type field struct {
	// data is the text, unescaped; of a SUPER in JSON the raw JSON.
	data []byte
	// raw is the text as it stands in the file, where that differs.
	raw []byte
	// offset is where the field begins in the record.
	offset int
	kind   fieldKind
}

type fieldKind uint8

const (
	fieldText   fieldKind = iota
	fieldNull             // JSON's null, or a key that is not there
	fieldAbsent           // filled in by FILLRECORD
	fieldString           // a string of JSON; its raw form is JSON text
	fieldJSON             // another value of JSON, as it stands
)

// record is one row of a file. Its slices are valid until the next is read.
type record struct {
	raw    []byte
	line   int64 // from 1
	fields []field
}

// recordReader takes a file apart.
type recordReader interface {
	// next reads the next record; false is the end. A refusal is about that record
	// alone. An error is of the file and ends the load.
	next(*record) (bool, *refusal, error)
	// lines is how many lines have been read.
	lines() int64
}
