package copycmd

// OptionError says that an option cannot be as it is, or not with another.
type OptionError struct {
	Option string // "CSV"
	Other  string // "FIXEDWIDTH", or "" where the fault is of Option alone
	Rule   string // "CSV cannot be used with FIXEDWIDTH"
	Doc    string // the page of Redshift's documentation: "copy-parameters-data-format"
}

// Error implements error. It never shows a value that may be secret.
func (e *OptionError) Error() string {
	s := e.Option
	if e.Other != "" {
		s += " with " + e.Other
	}
	return s + ": " + e.Rule + " (" + e.Doc + ")"
}

// Pages of Redshift's Database Developer Guide.
const (
	docCopy        = "r_COPY"
	docUnload      = "r_UNLOAD"
	docJob         = "r_COPY-JOB"
	docAuth        = "copy-parameters-authorization"
	docS3          = "copy-parameters-data-source-s3"
	docDynamoDB    = "copy-parameters-data-source-dynamodb"
	docEMR         = "copy-parameters-data-source-emr"
	docSSH         = "copy-parameters-data-source-ssh"
	docFormat      = "copy-parameters-data-format"
	docCompression = "copy-parameters-file-compression"
	docConversion  = "copy-parameters-data-conversion"
	docLoad        = "copy-parameters-data-load"
	docColumnar    = "copy-usage_notes-copy-from-columnar"
)
