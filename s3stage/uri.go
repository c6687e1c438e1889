package s3stage

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// URI names an object, or with an open end a prefix.
type URI struct {
	// Bucket is never empty in what ParseURI returns.
	Bucket string
	// Key is taken as it is, without unescaping; it may be empty.
	Key string
}

// String is s3://bucket/key.
func (u URI) String() string { return "s3://" + u.Bucket + "/" + u.Key }

const maxKey = 1024

// ParseURI parses s3://bucket/key. The key may be missing; whoever needs one says
// so. Nothing is unescaped, as Redshift does not unescape either.
func ParseURI(s string) (URI, error) {
	bad := func(why string) (URI, error) {
		return URI{}, fmt.Errorf("s3stage: %q is not an S3 location: %s", shorten(s), why)
	}
	rest, ok := strings.CutPrefix(s, "s3://")
	if !ok {
		if len(s) >= 5 && strings.EqualFold(s[:5], "s3://") {
			return bad("the scheme must be written s3:// in lower case")
		}
		return bad("it must begin with s3://")
	}
	bucket, key, _ := strings.Cut(rest, "/")
	if bucket == "" {
		return bad("the bucket's name is missing")
	}
	if len(bucket) < 3 || len(bucket) > 255 {
		return bad("a bucket's name has 3 to 63 characters")
	}
	for i := range len(bucket) {
		c := bucket[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_' {
			continue
		}
		return bad("a bucket's name has only letters, digits, dots, hyphens and underscores")
	}
	if len(key) > maxKey {
		return bad("a key has at most 1024 bytes")
	}
	if !utf8.ValidString(key) {
		return bad("a key is UTF-8")
	}
	return URI{Bucket: bucket, Key: key}, nil
}

func shorten(s string) string {
	if len(s) > 200 {
		return s[:200] + "…"
	}
	return s
}

// parseObject is ParseURI for what must be an object.
func parseObject(s string) (URI, error) {
	u, err := ParseURI(s)
	if err == nil && u.Key == "" {
		err = fmt.Errorf("s3stage: %q is not an S3 object: the key is missing", s)
	}
	return u, err
}

// stagingMark is in every prefix that UniquePrefix and NamedPrefix make and CleanUp removes.
const stagingMark = "redshift-stage-"

// UniquePrefix makes a prefix below base (a bucket or a prefix in it) that nobody
// else uses: base/redshift-stage-TIME-RANDOM/. The time is in UTC, for those who
// look for what was left behind.
func UniquePrefix(base string) (string, error) {
	return staging(base, time.Now().UTC().Format("20060102T150405Z")+"-"+strings.ToLower(rand.Text()))
}

// NamedPrefix makes the same prefix below base for the same name, whatever is in
// it, for who comes back to what was staged. CleanUp removes it too.
func NamedPrefix(base, name string) (string, error) {
	sum := sha256.Sum256([]byte(name))
	return staging(base, "named-"+hex.EncodeToString(sum[:16]))
}

func staging(base, name string) (string, error) {
	u, err := ParseURI(base)
	if err != nil {
		return "", err
	}
	if u.Key != "" && !strings.HasSuffix(u.Key, "/") {
		u.Key += "/"
	}
	u.Key += stagingMark + name + "/"
	if len(u.Key) > maxKey-256 {
		return "", fmt.Errorf("s3stage: %q leaves too little room for keys", shorten(base))
	}
	return u.String(), nil
}

// isUnique says whether UniquePrefix or NamedPrefix made a prefix.
func isUnique(u URI) bool {
	key, ok := strings.CutSuffix(u.Key, "/")
	last := key[strings.LastIndexByte(key, '/')+1:]
	rest, marked := strings.CutPrefix(last, stagingMark)
	return ok && marked && len(rest) > 26
}
