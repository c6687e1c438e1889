package s3door

import (
	"encoding/xml"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
)

// xmlns is the name space of S3's documents.
const xmlns = "http://s3.amazonaws.com/doc/2006-03-01/"

const maxBucketDocument = 64 << 10

// stamp is how S3 writes times in documents.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

type owner struct {
	ID string
}

type bucketElement struct {
	Name         string
	CreationDate string
	BucketRegion string
}

type listBucketsResult struct {
	XMLName           xml.Name        `xml:"ListAllMyBucketsResult"`
	NS                string          `xml:"xmlns,attr"`
	Owner             owner           `xml:"Owner"`
	Buckets           []bucketElement `xml:"Buckets>Bucket"`
	ContinuationToken string          `xml:",omitempty"`
	Prefix            string          `xml:",omitempty"`
}

func (c *call) region(b objstore.Bucket) string {
	if b.Region != "" {
		return b.Region
	}
	return c.Region
}

func (c *call) listBuckets() error {
	limit, err := c.number("max-buckets", 10_000, 1, 10_000)
	if err != nil {
		return err
	}
	after, err := decodeToken(c.q.Get("continuation-token"))
	if err != nil {
		return err
	}
	all, err := c.store.ListBuckets(c.r.Context())
	if err != nil {
		return err
	}
	prefix, region := c.q.Get("prefix"), c.q.Get("bucket-region")
	out := listBucketsResult{NS: xmlns, Owner: owner{c.Owner}, Prefix: prefix}
	for _, b := range all {
		if b.Name <= after || !strings.HasPrefix(b.Name, prefix) || region != "" && region != c.region(b) {
			continue
		}
		if len(out.Buckets) == limit {
			out.ContinuationToken = encodeToken(out.Buckets[limit-1].Name)
			break
		}
		out.Buckets = append(out.Buckets, bucketElement{b.Name, stamp(b.Created), c.region(b)})
	}
	return c.xml(http.StatusOK, out)
}

// createBucket answers 409 to a bucket that is there, as every region but
// us-east-1 does; there an old exception answers 200.
func (c *call) createBucket() error {
	var doc struct {
		XMLName            xml.Name `xml:"CreateBucketConfiguration"`
		LocationConstraint string
	}
	if _, _, err := c.document(&doc, maxBucketDocument); err != nil {
		return err
	}
	region := doc.LocationConstraint
	if region == c.Region {
		region = ""
	}
	if len(region) > 64 {
		return fail("InvalidLocationConstraint", "The specified location-constraint is not valid")
	}
	if err := c.store.CreateBucketIn(c.r.Context(), c.bucket, region); err != nil {
		return err
	}
	c.w.Header().Set("Location", "/"+c.bucket)
	return c.empty(http.StatusOK)
}

func (c *call) deleteBucket() error {
	if err := c.store.DeleteBucket(c.r.Context(), c.bucket); err != nil {
		return err
	}
	return c.empty(http.StatusNoContent)
}

func (c *call) headBucket() error {
	b, err := c.store.HeadBucket(c.r.Context(), c.bucket)
	if err != nil {
		return err
	}
	c.w.Header().Set("X-Amz-Bucket-Region", c.region(b))
	return c.empty(http.StatusOK)
}

func (c *call) bucketLocation() error {
	b, err := c.store.HeadBucket(c.r.Context(), c.bucket)
	if err != nil {
		return err
	}
	region := c.region(b)
	if region == "us-east-1" {
		region = "" // as documented: a bucket there has a null location
	}
	return c.xml(http.StatusOK, struct {
		XMLName xml.Name `xml:"LocationConstraint"`
		NS      string   `xml:"xmlns,attr"`
		Region  string   `xml:",chardata"`
	}{NS: xmlns, Region: region})
}

// bucketVersioning says the truth: no bucket is versioned.
func (c *call) bucketVersioning() error {
	if _, err := c.store.HeadBucket(c.r.Context(), c.bucket); err != nil {
		return err
	}
	return c.xml(http.StatusOK, struct {
		XMLName xml.Name `xml:"VersioningConfiguration"`
		NS      string   `xml:"xmlns,attr"`
	}{NS: xmlns})
}

// number reads a whole number from the query.
func (c *call) number(name string, missing, least, most int) (int, error) {
	v := c.q.Get(name)
	if v == "" {
		return missing, nil
	}
	n, err := strconv.Atoi(v)
	var bounds *strconv.NumError
	switch {
	case errors.As(err, &bounds), n < least:
		return 0, fail(codeInvalidArgument, "Argument "+name+" must be an integer between "+strconv.Itoa(least)+" and 2147483647")
	case n > most:
		return most, nil
	}
	return n, nil
}
