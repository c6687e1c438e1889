package s3door

import (
	"encoding/xml"
	"net/http"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
)

// checksumElements are a checksum in a document: at most one is set.
type checksumElements struct {
	ChecksumCRC32     string `xml:",omitempty"`
	ChecksumCRC32C    string `xml:",omitempty"`
	ChecksumCRC64NVME string `xml:",omitempty"`
	ChecksumSHA1      string `xml:",omitempty"`
	ChecksumSHA256    string `xml:",omitempty"`
}

func newChecksumElements(c objstore.Checksum) checksumElements {
	var e checksumElements
	if p := e.field(c.Algorithm); p != nil {
		*p = c.Value
	}
	return e
}

func (e *checksumElements) field(algorithm string) *string {
	switch algorithm {
	case "CRC32":
		return &e.ChecksumCRC32
	case "CRC32C":
		return &e.ChecksumCRC32C
	case "CRC64NVME":
		return &e.ChecksumCRC64NVME
	case "SHA1":
		return &e.ChecksumSHA1
	case "SHA256":
		return &e.ChecksumSHA256
	}
	return nil
}

// objectAttributes answers GetObjectAttributes: the parts that were asked for.
func (c *call) objectAttributes() error {
	wanted := strings.Join(c.r.Header.Values("X-Amz-Object-Attributes"), ",")
	if wanted == "" {
		return fail(codeInvalidArgument, "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty")
	}
	o, err := c.store.Stat(c.r.Context(), c.bucket, c.key)
	if err != nil {
		return err
	}
	type checksum struct {
		checksumElements
		ChecksumType string
	}
	type part struct {
		PartNumber int
		Size       int64
		checksumElements
	}
	type parts struct {
		TotalPartsCount int    `xml:"PartsCount"`
		Part            []part `xml:"Part"`
	}
	var out struct {
		XMLName      xml.Name  `xml:"GetObjectAttributesResponse"`
		NS           string    `xml:"xmlns,attr"`
		ETag         string    `xml:",omitempty"`
		Checksum     *checksum `xml:",omitempty"`
		ObjectParts  *parts    `xml:",omitempty"`
		StorageClass string    `xml:",omitempty"`
		ObjectSize   *int64    `xml:",omitempty"`
	}
	out.NS = xmlns
	if hasToken(wanted, "ETag") {
		out.ETag = o.ETag
	}
	if hasToken(wanted, "Checksum") && o.Checksum.Algorithm != "" {
		out.Checksum = &checksum{newChecksumElements(o.Checksum), o.Checksum.Type}
	}
	if hasToken(wanted, "ObjectParts") && len(o.Parts) > 0 {
		out.ObjectParts = &parts{TotalPartsCount: len(o.Parts)}
		for _, p := range o.Parts {
			out.ObjectParts.Part = append(out.ObjectParts.Part, part{p.Number, p.Size, newChecksumElements(p.Checksum)})
		}
	}
	if hasToken(wanted, "StorageClass") {
		out.StorageClass = storageClass(o)
	}
	if hasToken(wanted, "ObjectSize") {
		out.ObjectSize = &o.Size
	}
	c.w.Header().Set("Last-Modified", o.LastModified.UTC().Format(http.TimeFormat))
	return c.xml(http.StatusOK, out)
}
