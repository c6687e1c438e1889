package s3door

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
)

// Error is an error as S3 answers it.
type Error struct {
	// Code is S3's, such as NoSuchKey; it decides about the HTTP status.
	Code string
	// Message is for people. When empty the code's usual message is sent.
	Message string
	// Status is the HTTP status. Defaults to the code's, or 400.
	Status int
}

// Error says code and message.
func (e *Error) Error() string { return e.Code + ": " + e.message() }

func (e *Error) message() string {
	if e.Message != "" {
		return e.Message
	}
	return codes[e.Code].message
}

func fail(code, message string) *Error { return &Error{Code: code, Message: message} }

// The codes in use, from "Error responses" in the S3 API Reference.
const (
	codeAccessDenied        = "AccessDenied"
	codeACLNotSupported     = "AccessControlListNotSupported"
	codeBadDigest           = "BadDigest"
	codeBucketOwned         = "BucketAlreadyOwnedByYou"
	codeBucketNotEmpty      = "BucketNotEmpty"
	codeEntityTooLarge      = "EntityTooLarge"
	codeEntityTooSmall      = "EntityTooSmall"
	codeIncompleteBody      = "IncompleteBody"
	codeInternalError       = "InternalError"
	codeInvalidArgument     = "InvalidArgument"
	codeInvalidBucketName   = "InvalidBucketName"
	codeInvalidDigest       = "InvalidDigest"
	codeInvalidPart         = "InvalidPart"
	codeInvalidPartNumber   = "InvalidPartNumber"
	codeInvalidPartOrder    = "InvalidPartOrder"
	codeInvalidRange        = "InvalidRange"
	codeInvalidRequest      = "InvalidRequest"
	codeInvalidURI          = "InvalidURI"
	codeKeyTooLong          = "KeyTooLongError"
	codeMalformedTrailer    = "MalformedTrailerError"
	codeMalformedXML        = "MalformedXML"
	codeMaxMessage          = "MaxMessageLengthExceeded"
	codeMetadataTooLarge    = "MetadataTooLarge"
	codeMethodNotAllowed    = "MethodNotAllowed"
	codeMissingLength       = "MissingContentLength"
	codeNoSuchBucket        = "NoSuchBucket"
	codeNoSuchKey           = "NoSuchKey"
	codeNoSuchUpload        = "NoSuchUpload"
	codeNoSuchVersion       = "NoSuchVersion"
	codeNotImplemented      = "NotImplemented"
	codeNotModified         = "NotModified"
	codePreconditionFailed  = "PreconditionFailed"
	codeRequestTimeout      = "RequestTimeout"
	codeServiceUnavailable  = "ServiceUnavailable"
	codeSlowDown            = "SlowDown"
	codeContentSHA256       = "XAmzContentSHA256Mismatch"
	codeSignatureMismatch   = "SignatureDoesNotMatch"
	codeInvalidAccessKey    = "InvalidAccessKeyId"
	codeUnresolvableRequest = "BadRequest"
)

var codes = map[string]struct {
	status  int
	message string
}{
	codeAccessDenied:        {403, "Access Denied"},
	codeACLNotSupported:     {400, "The bucket does not allow ACLs"},
	codeBadDigest:           {400, "The Content-MD5 you specified did not match what we received."},
	codeBucketOwned:         {409, "Your previous request to create the named bucket succeeded and you already own it."},
	codeBucketNotEmpty:      {409, "The bucket you tried to delete is not empty"},
	codeEntityTooLarge:      {400, "Your proposed upload exceeds the maximum allowed size"},
	codeEntityTooSmall:      {400, "Your proposed upload is smaller than the minimum allowed size"},
	codeIncompleteBody:      {400, "You did not provide the number of bytes specified by the Content-Length HTTP header"},
	codeInternalError:       {500, "We encountered an internal error. Please try again."},
	codeInvalidArgument:     {400, "Invalid Argument"},
	codeInvalidBucketName:   {400, "The specified bucket is not valid."},
	codeInvalidDigest:       {400, "The Content-MD5 you specified was invalid."},
	codeInvalidPart:         {400, "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag."},
	codeInvalidPartNumber:   {416, "The requested partnumber is not satisfiable"},
	codeInvalidPartOrder:    {400, "The list of parts was not in ascending order. Parts must be ordered by part number."},
	codeInvalidRange:        {416, "The requested range is not satisfiable"},
	codeInvalidRequest:      {400, "Invalid Request"},
	codeInvalidURI:          {400, "Couldn't parse the specified URI."},
	codeKeyTooLong:          {400, "Your key is too long"},
	codeMalformedTrailer:    {400, "The request contained trailing data that was not well-formed or did not conform to our published schema."},
	codeMalformedXML:        {400, "The XML you provided was not well-formed or did not validate against our published schema"},
	codeMaxMessage:          {400, "Your request was too big."},
	codeMetadataTooLarge:    {400, "Your metadata headers exceed the maximum allowed metadata size"},
	codeMethodNotAllowed:    {405, "The specified method is not allowed against this resource."},
	codeMissingLength:       {411, "You must provide the Content-Length HTTP header."},
	codeNoSuchBucket:        {404, "The specified bucket does not exist"},
	codeNoSuchKey:           {404, "The specified key does not exist."},
	codeNoSuchUpload:        {404, "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."},
	codeNoSuchVersion:       {404, "The specified version does not exist."},
	codeNotImplemented:      {501, "A header you provided implies functionality that is not implemented"},
	codeNotModified:         {304, ""},
	codePreconditionFailed:  {412, "At least one of the pre-conditions you specified did not hold"},
	codeRequestTimeout:      {400, "Your socket connection to the server was not read from or written to within the timeout period."},
	codeServiceUnavailable:  {503, "Reduce your request rate."},
	codeSlowDown:            {503, "Please reduce your request rate."},
	codeContentSHA256:       {400, "The provided 'x-amz-content-sha256' header does not match what was computed."},
	codeSignatureMismatch:   {403, "The request signature we calculated does not match the signature you provided. Check your key and signing method."},
	codeInvalidAccessKey:    {403, "The AWS Access Key Id you provided does not exist in our records."},
	codeUnresolvableRequest: {400, "Bad Request"},
}

// fromStore maps the store's codes to S3's.
var fromStore = []struct {
	err  objstore.Error
	code string
}{
	{objstore.ErrNoSuchBucket, codeNoSuchBucket},
	{objstore.ErrBucketExists, codeBucketOwned},
	{objstore.ErrBucketNotEmpty, codeBucketNotEmpty},
	{objstore.ErrInvalidBucketName, codeInvalidBucketName},
	{objstore.ErrNoSuchKey, codeNoSuchKey},
	{objstore.ErrInvalidKey, codeInvalidArgument},
	{objstore.ErrKeyTooLong, codeKeyTooLong},
	{objstore.ErrNoSuchUpload, codeNoSuchUpload},
	{objstore.ErrInvalidPart, codeInvalidPart},
	{objstore.ErrInvalidPartOrder, codeInvalidPartOrder},
	{objstore.ErrInvalidPartNumber, codeInvalidArgument},
	{objstore.ErrEntityTooSmall, codeEntityTooSmall},
	{objstore.ErrPreconditionFailed, codePreconditionFailed},
	{objstore.ErrClosed, codeServiceUnavailable},
}

// asError finds the answer for an error.
func asError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	for _, m := range fromStore {
		if errors.Is(err, m.err) {
			return fail(m.code, "")
		}
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fail(codeRequestTimeout, "")
	}
	return fail(codeInternalError, "")
}

type errorDocument struct {
	XMLName    xml.Name `xml:"Error"`
	Code       string
	Message    string
	BucketName string `xml:",omitempty"`
	Key        string `xml:",omitempty"`
	Resource   string
	RequestID  string `xml:"RequestId"`
	HostID     string `xml:"HostId"`
}

// fail answers with an error, unless the answer has begun: then the server cuts
// the connection, as the body is shorter than announced.
func (c *call) fail(err error) {
	e := asError(err)
	if e.Code == codeInternalError && c.r.Context().Err() == nil {
		c.Logger.Error("s3: internal error", "method", c.r.Method, "bucket", c.bucket, "key", c.key, "request_id", c.id, "err", err)
	}
	if c.wrote {
		return
	}
	c.drain()
	status := e.Status
	if status == 0 {
		status = codes[e.Code].status
	}
	if status == 0 {
		status = http.StatusBadRequest
	}
	h := c.w.Header()
	for _, name := range []string{"Content-Length", "Content-Range", "Content-Encoding", "Accept-Ranges"} {
		h.Del(name)
	}
	if c.r.Method == http.MethodHead || status == http.StatusNotModified {
		c.wrote = true
		c.w.WriteHeader(status)
		return
	}
	_ = c.xml(status, errorDocument{
		Code: e.Code, Message: e.message(), BucketName: c.bucket, Key: c.key,
		Resource: c.r.URL.Path, RequestID: c.id, HostID: c.id2,
	})
}

// maxDrain is how much of a body is read for nothing before an error is told.
const maxDrain = 16 << 20

// drain reads what the client is sending already: a client that does not ask
// before it sends would find the connection reset and never see the answer.
func (c *call) drain() {
	if c.r.Header.Get("Expect") == "" {
		_, _ = io.CopyN(io.Discard, c.r.Body, maxDrain)
	}
}

// xml answers with a document.
func (c *call) xml(status int, doc any) error {
	body, err := xml.Marshal(doc)
	if err != nil {
		return err
	}
	body = append([]byte(xml.Header), body...)
	c.w.Header().Set("Content-Type", "application/xml")
	c.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	c.wrote = true
	c.w.WriteHeader(status)
	_, err = c.w.Write(body)
	return err
}

// empty answers without a body.
func (c *call) empty(status int) error {
	c.wrote = true
	c.w.WriteHeader(status)
	return nil
}
