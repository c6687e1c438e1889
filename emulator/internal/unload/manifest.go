package unload

import (
	"strconv"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

// manifest is the file that lists the others, laid out as r_UNLOAD_command_examples.md
// has it.
func manifest(u *copycmd.Unload, p *plan, files []*file) []byte {
	b := []byte("{\n  \"entries\": [")
	var bytes, records int64
	for i, f := range files {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, "\n    {\"url\":"...)
		b = appendJSON(b, "s3://"+p.bucket+"/"+f.key)
		switch {
		case u.ManifestVerbose:
			b = append(b, ", \"meta\": "...)
			b = appendCounts(b, "{ ", " }", f.size, f.lines)
		case u.Format == copycmd.FormatParquet:
			// COPY demands the length for Parquet, and takes UNLOAD's manifests.
			b = append(b, ", \"meta\": { \"content_length\": "...)
			b = append(strconv.AppendInt(b, f.size, 10), " }"...)
		}
		b = append(b, '}')
		bytes, records = bytes+f.size, records+f.lines
	}
	b = append(b, "\n  ]"...)
	if u.ManifestVerbose {
		b = append(b, ",\n  \"schema\": {\n    \"elements\": ["...)
		for i, c := range p.columns { // those of PARTITION BY too, as seen on a cluster
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, "\n      {\"name\": "...)
			b = appendJSON(b, c.Name)
			b = append(b, ", \"type\": { "...)
			b = append(appendType(b, c.Type), " }}"...)
		}
		b = append(b, "\n    ]\n  },\n  \"meta\": "...)
		b = appendCounts(b, "{\n    ", "\n  }", bytes, records)
		b = append(b, ",\n  \"author\": {\n    \"name\": \"Amazon Redshift\",\n    \"version\": \"1.0.0\"\n  }"...)
	}
	return append(b, "\n}\n"...)
}

func appendCounts(b []byte, open, end string, bytes, records int64) []byte {
	between := ", "
	if open != "{ " {
		between = ",\n    "
	}
	b = append(append(b, open...), "\"content_length\": "...)
	b = append(strconv.AppendInt(b, bytes, 10), between...)
	b = append(b, "\"record_count\": "...)
	return append(strconv.AppendInt(b, records, 10), end...)
}

// appendType has the dimensions of r_UNLOAD.md; the documents print no valid JSON for
// a length, a cluster writes max_length. The names of the other two are assumed.
func appendType(b []byte, t rstype.Type) []byte {
	b = appendJSON(append(b, "\"base\": "...), t.Kind.String())
	switch {
	case (t.Kind == rstype.Char || t.Kind == rstype.Varchar) && t.Len > 0:
		b = append(b, ", \"max_length\": "...)
		b = strconv.AppendInt(b, int64(t.Len), 10)
	case t.Kind == rstype.Numeric && t.Precision > 0:
		b = append(b, ", \"precision\": "...)
		b = strconv.AppendInt(b, int64(t.Precision), 10)
		b = append(b, ", \"scale\": "...)
		b = strconv.AppendInt(b, int64(t.Scale), 10)
	}
	return b
}
