package redshift

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Severity says what a Finding means for the command.
type Severity string

// The severities.
const (
	// FindingError: the command would fail, or do what is not meant.
	FindingError Severity = "error"
	// FindingWarning: it would work, and not well.
	FindingWarning Severity = "warning"
	// FindingUnchecked: that could not be looked at.
	FindingUnchecked Severity = "unchecked"
)

// Finding is something that ValidateCopy or ValidateUnload has to say.
type Finding struct {
	Severity Severity
	// What is the matter, with the object's name where it is one's.
	What string
	// Do is what to do about it, "" where that is plain.
	Do string
	// Err is the error behind it, nil for none.
	Err error
}

// String is the finding in a line.
func (f Finding) String() string {
	s := string(f.Severity) + ": " + f.What
	if f.Do != "" {
		s += "; " + f.Do
	}
	return s
}

// Objects is what the checks need of S3; *s3stage.Stage has it. It uses the
// caller's rights, which may be others than those of the command's role.
type Objects interface {
	// ListObjects calls found with each object whose URI begins so, in the order of
	// their keys, until that returns false.
	ListObjects(ctx context.Context, prefix string, found func(uri string, size int64) bool) error
	// ReadObject reads an object of at most limit bytes.
	ReadObject(ctx context.Context, uri string, limit int64) ([]byte, error)
}

const (
	// The specification's limits (6): "Max COPY file size 1 GB (CSV), 128 MB (JSON)".
	maxTextFile = 1 << 30
	maxJSONFile = 128 << 20
	maxManifest = 16 << 20
	// maxChecked bounds the objects that are looked at, and the findings.
	maxChecked = 10_000
	maxFound   = 100
)

type findings []Finding

func (f *findings) add(s Severity, err error, do, format string, args ...any) {
	if len(*f) < maxFound {
		*f = append(*f, Finding{Severity: s, What: fmt.Sprintf(format, args...), Do: do, Err: err})
	}
}

// ValidateCopy looks whether a COPY would work and loads nothing: the command
// itself, the objects or the manifest and its entries with their lengths, sizes
// above the specification's limits, and then the server with NOLOAD, which reads
// the data with the role of the command. objects may be nil. The findings are
// bounded; none is a COPY with nothing to say against it. Columnar files are not
// for NOLOAD: where objects is a FooterReader too, the number of their columns and
// their types are compared with the table's. The error is that of ctx.
func (c *Client) ValidateCopy(ctx context.Context, cmd CopyCommand, objects Objects) ([]Finding, error) {
	var f findings
	cmd.Options.Ledger = TableRef{}
	if _, err := c.copyQuery(cmd); err != nil {
		f.add(FindingError, err, "", "%v", err)
		return f, nil
	}
	files, err := f.source(ctx, cmd, objects)
	if err == nil && columnar(cmd.Format) {
		err = f.footers(ctx, c, cmd, files, objects)
	}
	if err != nil {
		return f, err
	}
	if ctx.Err() != nil {
		return f, wrap(context.Cause(ctx))
	}
	if columnar(cmd.Format) {
		f.add(FindingUnchecked, nil, "", "NOLOAD is not for columnar files: the server did not read them")
		return f, nil
	}
	cmd.Options.NoLoad, cmd.Options.ID = true, ""
	res, err := c.Copy(ctx, cmd)
	var failed *CopyError
	switch {
	case ctx.Err() != nil:
		return f, wrap(context.Cause(ctx))
	case errors.As(err, &failed):
		f.add(FindingError, err, "", "the server refuses it: %v", failed.cause)
		f.rows(FindingError, failed.LoadErrors)
	case err != nil:
		f.add(FindingUnchecked, err, "", "the server could not be asked: %v", err)
	default:
		f.rows(FindingWarning, res.LoadErrors)
	}
	return f, nil
}

func (f *findings) rows(s Severity, rejected []LoadError) {
	for _, e := range rejected {
		f.add(s, nil, "mend the row, or allow for it with MaxErrors", "%v", e)
	}
}

// checkedFile is a file that is there.
type checkedFile struct {
	uri  string
	size int64
}

// source looks at what is to be read. The error is that of ctx.
func (f *findings) source(ctx context.Context, cmd CopyCommand, objects Objects) (files []checkedFile, err error) {
	switch s := cmd.Source.(type) {
	case S3:
		switch uri := "s3://" + s.Bucket + "/" + s.Prefix; {
		case objects == nil:
			f.add(FindingUnchecked, nil, "", "%s was not looked at: there is nothing to do it with", uri)
		case s.Manifest:
			files = f.manifest(ctx, cmd.Format, uri, objects)
		default:
			files = f.prefix(ctx, cmd.Format, uri, objects)
		}
	case S3Objects:
		if objects == nil && s.Store != nil {
			objects = s.Store
		}
		if objects == nil {
			f.add(FindingUnchecked, nil, "", "the %d objects were not looked at: there is nothing to do it with", len(s.Objects))
			break
		}
		entries := make([]manifestEntry, len(s.Objects))
		for i, o := range s.Objects {
			entries[i] = manifestEntry{URL: o.URI, Mandatory: !o.Optional, sized: true}
			if o.Size > 0 {
				entries[i].Meta = &manifestMeta{&o.Size}
			}
		}
		files = f.entries(ctx, cmd.Format, entries, objects)
	}
	if ctx.Err() != nil {
		return nil, wrap(context.Cause(ctx))
	}
	return files, nil
}

// prefix looks at the objects of a key prefix.
func (f *findings) prefix(ctx context.Context, format DataFormat, uri string, objects Objects) (files []checkedFile) {
	err := objects.ListObjects(ctx, uri, func(uri string, size int64) bool {
		files = append(files, checkedFile{uri, size})
		f.size(format, uri, size)
		return len(files) < maxChecked
	})
	switch n := len(files); {
	case err != nil:
		f.add(FindingError, err, "look at the bucket's name, region and rights", "%s cannot be listed: %v", uri, err)
	case n == 0:
		f.add(FindingError, nil, "look at the prefix: case counts", "no object begins with %s", uri)
	case n == maxChecked:
		f.add(FindingUnchecked, nil, "", "only the first %d objects were looked at", n)
	}
	return files
}

// size warns of a file above the specification's limit.
func (f *findings) size(format DataFormat, uri string, size int64) {
	limit, what := int64(0), ""
	switch format.(type) {
	case nil, Text, CSV, FixedWidth:
		limit, what = maxTextFile, "1 GB of text"
	case JSON:
		limit, what = maxJSONFile, "128 MB of JSON"
	}
	if limit > 0 && size > limit {
		f.add(FindingWarning, nil, "split it, so that slices load in parallel", "%s has %d bytes, more than %s", uri, size, what)
	}
}

// manifest looks at a manifest and what it lists.
func (f *findings) manifest(ctx context.Context, format DataFormat, uri string, objects Objects) []checkedFile {
	data, err := objects.ReadObject(ctx, uri, maxManifest)
	if err != nil {
		f.add(FindingError, err, "", "the manifest %s cannot be read: %v", uri, err)
		return nil
	}
	var m manifest
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&m); err != nil {
		f.add(FindingError, err, `write {"entries":[{"url":"s3://…"}]}`, "the manifest %s is no JSON: %v", uri, err)
		return nil
	}
	if len(m.Entries) == 0 {
		f.add(FindingError, nil, "", "the manifest %s lists nothing", uri)
		return nil
	}
	return f.entries(ctx, format, m.Entries, objects)
}

// entries looks at what a manifest lists.
func (f *findings) entries(ctx context.Context, format DataFormat, entries []manifestEntry, objects Objects) (files []checkedFile) {
	for i, e := range entries {
		if i == maxChecked {
			f.add(FindingUnchecked, nil, "", "only the first %d entries were looked at", i)
			return files
		}
		if _, key, _ := strings.Cut(strings.TrimPrefix(e.URL, "s3://"), "/"); key == "" || !strings.HasPrefix(e.URL, "s3://") {
			f.add(FindingError, nil, "write s3://bucket/key", "entry %d of the manifest names no object: %q", i+1, e.URL)
			continue
		}
		size, found, err := sizeOf(ctx, objects, e.URL)
		switch {
		case err != nil:
			f.add(FindingError, err, "", "%s cannot be looked at: %v", e.URL, err)
			continue
		case !found && e.Mandatory:
			f.add(FindingError, nil, "", "%s is mandatory and not there", e.URL)
			continue
		case !found:
			f.add(FindingWarning, nil, "mark it mandatory if it must not be left out", "%s is not there and would be left out", e.URL)
			continue
		}
		files = append(files, checkedFile{e.URL, size})
		length := e.Meta != nil && e.Meta.Length != nil
		switch {
		case !length && !e.sized && columnar(format):
			f.add(FindingError, nil, "write meta.content_length", "%s has no length in the manifest, which columnar files need", e.URL)
		case length && *e.Meta.Length != size:
			f.add(FindingError, nil, "write the manifest anew", "%s has %d bytes, the manifest says %d", e.URL, size, *e.Meta.Length)
		}
		f.size(format, e.URL, size)
	}
	if len(files) == 0 {
		f.add(FindingError, nil, "", "none of the manifest's files is there")
	}
	return files
}

// sizeOf is the size of an object: the first of those that begin so.
func sizeOf(ctx context.Context, objects Objects, uri string) (size int64, found bool, err error) {
	err = objects.ListObjects(ctx, uri, func(at string, n int64) bool {
		size, found = n, at == uri
		return false
	})
	return size, found, err
}

// ValidateUnload looks whether an UNLOAD would work and writes nothing: the
// command itself, what is in its way, and the plan of the query on the server.
// objects may be nil. The rights of the role are not tried. The error is that of
// ctx.
func (c *Client) ValidateUnload(ctx context.Context, cmd UnloadCommand, objects Objects) ([]Finding, error) {
	var f findings
	if _, err := c.unloadQuery(cmd); err != nil {
		f.add(FindingError, err, "", "%v", err)
		return f, nil
	}
	to := cmd.Destination.String()
	if objects == nil {
		f.add(FindingUnchecked, nil, "", "%s was not looked at: there is nothing to do it with", to)
	} else {
		first := ""
		err := objects.ListObjects(ctx, to, func(uri string, _ int64) bool { first = uri; return false })
		switch {
		case err != nil:
			f.add(FindingError, err, "look at the bucket's name, region and rights", "%s cannot be listed: %v", to, err)
		case first != "" && cmd.Options.CleanPath:
			f.add(FindingWarning, nil, "", "CLEANPATH would delete what begins with %s, as %s", to, first)
		case first != "" && !cmd.Options.AllowOverwrite:
			f.add(FindingError, nil, "choose another prefix, or AllowOverwrite or CleanPath", "%s is in the way", first)
		}
	}
	if _, err := c.Explain(ctx, SQL(cmd.Query)); err != nil {
		if ctx.Err() != nil {
			return f, wrap(context.Cause(ctx))
		}
		severity := FindingUnchecked
		if answered(err) {
			severity = FindingError
		}
		f.add(severity, err, "", "the query: %v", err)
	}
	return f, nil
}
