package s3door

import (
	"encoding/xml"
	"net/http"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
)

type partElement struct {
	PartNumber   int
	LastModified string
	ETag         string
	Size         int64
	checksumElements
}

func (c *call) listParts() error {
	limit, err := c.number("max-parts", maxKeys, 0, maxKeys)
	if err != nil {
		return err
	}
	after, err := c.number("part-number-marker", 0, 0, 1<<31-1)
	if err != nil {
		return err
	}
	u, err := c.store.StatUpload(c.r.Context(), c.bucket, c.key, c.q.Get("uploadId"))
	if err != nil {
		return err
	}
	parts, more, err := c.store.ListParts(c.r.Context(), c.bucket, c.key, u.ID, after, limit)
	if err != nil {
		return err
	}
	var out struct {
		XMLName              xml.Name `xml:"ListPartsResult"`
		NS                   string   `xml:"xmlns,attr"`
		Bucket               string
		Key                  string
		UploadID             string `xml:"UploadId"`
		Initiator            owner
		Owner                owner
		StorageClass         string
		PartNumberMarker     int
		NextPartNumberMarker int
		MaxParts             int
		IsTruncated          bool
		ChecksumAlgorithm    string        `xml:",omitempty"`
		ChecksumType         string        `xml:",omitempty"`
		Part                 []partElement `xml:"Part"`
	}
	out.NS, out.Bucket, out.Key, out.UploadID = xmlns, c.bucket, c.key, u.ID
	out.Initiator, out.Owner = owner{c.Owner}, owner{c.Owner}
	out.StorageClass = storageClass(objstore.Object{Meta: u.Meta})
	out.PartNumberMarker, out.MaxParts, out.IsTruncated = after, limit, more
	out.ChecksumAlgorithm, out.ChecksumType = u.ChecksumAlgorithm, u.ChecksumType
	for _, p := range parts {
		out.NextPartNumberMarker = p.Number
		e := partElement{PartNumber: p.Number, LastModified: stamp(p.LastModified), ETag: quote(p.ETag), Size: p.Size}
		if u.ChecksumAlgorithm != "" {
			e.checksumElements = newChecksumElements(p.Checksum)
		}
		out.Part = append(out.Part, e)
	}
	return c.xml(http.StatusOK, out)
}

type uploadElement struct {
	Key               string
	UploadID          string `xml:"UploadId"`
	Initiator         owner
	Owner             owner
	StorageClass      string
	Initiated         string
	ChecksumAlgorithm string `xml:",omitempty"`
	ChecksumType      string `xml:",omitempty"`
}

type listUploadsResult struct {
	XMLName            xml.Name `xml:"ListMultipartUploadsResult"`
	NS                 string   `xml:"xmlns,attr"`
	Bucket             string
	KeyMarker          string
	UploadIDMarker     string `xml:"UploadIdMarker"`
	NextKeyMarker      string `xml:",omitempty"`
	NextUploadIDMarker string `xml:"NextUploadIdMarker,omitempty"`
	Prefix             string
	Delimiter          string `xml:",omitempty"`
	EncodingType       string `xml:",omitempty"`
	MaxUploads         int
	IsTruncated        bool
	Upload             []uploadElement `xml:"Upload"`
	CommonPrefixes     []prefixElement `xml:"CommonPrefixes"`
}

func (c *call) listUploads() error {
	encode, err := c.keyEncoding()
	if err != nil {
		return err
	}
	limit, err := c.number("max-uploads", maxKeys, 0, maxKeys)
	if err != nil {
		return err
	}
	prefix, delimiter := c.q.Get("prefix"), c.q.Get("delimiter")
	keyMarker, idMarker := c.q.Get("key-marker"), c.q.Get("upload-id-marker")
	all, err := c.store.ListUploads(c.r.Context(), c.bucket, prefix)
	if err != nil {
		return err
	}
	out := listUploadsResult{
		NS: xmlns, Bucket: c.bucket, KeyMarker: encode(keyMarker), UploadIDMarker: idMarker,
		Prefix: encode(prefix), Delimiter: encode(delimiter), EncodingType: c.q.Get("encoding-type"), MaxUploads: limit,
	}
	var lastKey, lastID, lastPrefix string
	for _, u := range all {
		// Without an upload marker the page begins behind all uploads of the key.
		if u.Key < keyMarker || u.Key == keyMarker && keyMarker != "" && (idMarker == "" || u.ID <= idMarker) {
			continue
		}
		rolled := ""
		if delimiter != "" {
			if i := strings.Index(u.Key[len(prefix):], delimiter); i >= 0 {
				rolled = u.Key[:len(prefix)+i+len(delimiter)]
			}
		}
		if rolled != "" && (rolled == lastPrefix || rolled == keyMarker) {
			continue
		}
		if len(out.Upload)+len(out.CommonPrefixes) == limit {
			out.IsTruncated = limit > 0
			break
		}
		if rolled != "" {
			lastPrefix, lastKey, lastID = rolled, rolled, ""
			out.CommonPrefixes = append(out.CommonPrefixes, prefixElement{encode(rolled)})
			continue
		}
		lastKey, lastID = u.Key, u.ID
		out.Upload = append(out.Upload, uploadElement{
			Key: encode(u.Key), UploadID: u.ID, Initiator: owner{c.Owner}, Owner: owner{c.Owner},
			StorageClass: storageClass(objstore.Object{Meta: u.Meta}), Initiated: stamp(u.Initiated),
			ChecksumAlgorithm: u.ChecksumAlgorithm, ChecksumType: u.ChecksumType,
		})
	}
	if out.IsTruncated {
		out.NextKeyMarker, out.NextUploadIDMarker = encode(lastKey), lastID
	}
	return c.xml(http.StatusOK, out)
}
