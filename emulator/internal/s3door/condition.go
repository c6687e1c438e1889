package s3door

import (
	"net/http"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
)

// checkRead applies the conditions of a GET or HEAD, or with the prefix
// "X-Amz-Copy-Source-" those of a copy's source, in the order of RFC 9110,
// section 13.2.2, which S3's documentation repeats.
func checkRead(h http.Header, prefix string, o objstore.Object) error {
	failed := fail(codePreconditionFailed, "")
	unchanged := fail(codeNotModified, "")
	if prefix != "" {
		unchanged = failed
	}
	if v := h.Get(prefix + "If-Match"); v != "" {
		if !matches(v, o.ETag) {
			return failed
		}
	} else if t, ok := httpTime(h.Get(prefix + "If-Unmodified-Since")); ok && o.LastModified.After(t) {
		return failed
	}
	if v := h.Get(prefix + "If-None-Match"); v != "" {
		if matches(v, o.ETag) {
			return unchanged
		}
	} else if t, ok := httpTime(h.Get(prefix + "If-Modified-Since")); ok && !o.LastModified.After(t) {
		return unchanged
	}
	return nil
}

func httpTime(v string) (time.Time, bool) {
	if v == "" {
		return time.Time{}, false
	}
	t, err := http.ParseTime(v)
	return t, err == nil
}

// matches says whether a list of entity tags has the one.
func matches(list, etag string) bool {
	for t := range strings.SplitSeq(list, ",") {
		t = strings.TrimSpace(t)
		if t == "*" || strings.Trim(strings.TrimPrefix(t, "W/"), `"`) == etag {
			return true
		}
	}
	return false
}

// writeCondition reads the conditions of a write; S3 knows If-None-Match there
// only with "*".
func writeCondition(h http.Header) (objstore.Precondition, error) {
	p := objstore.Precondition{IfMatch: strings.Trim(h.Get("If-Match"), `"`), IfNoneMatch: h.Get("If-None-Match")}
	if p.IfNoneMatch != "" && p.IfNoneMatch != "*" {
		return p, notImplemented("If-None-Match with an entity tag")
	}
	if p.IfMatch != "" && p.IfNoneMatch != "" {
		return p, notImplemented("If-Match together with If-None-Match")
	}
	return p, nil
}
