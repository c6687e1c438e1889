package bulk

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/s3stage"
)

// lister is what a Stage must have for LoadPlan.Resume; *s3stage.Stage has it.
type lister interface {
	ListObjects(ctx context.Context, prefix string, found func(uri string, size int64) bool) error
}

// prefix is the folder of the load. One that may be resumed is named by the ID.
func (l *load) prefix() (string, error) {
	if l.plan.Resume {
		return s3stage.NamedPrefix(l.plan.Prefix, l.plan.ID)
	}
	return s3stage.UniquePrefix(l.plan.Prefix)
}

// marker is the text of NULL in CSV. A file that is to be found again must have
// the same as before.
func (l *load) marker() string {
	if !l.plan.Resume {
		return newMarker()
	}
	sum := sha256.Sum256([]byte("NULL of " + l.plan.ID))
	return "~" + base32.StdEncoding.EncodeToString(sum[:])[:16]
}

// there are the files of an earlier load of the ID, with their sizes.
func (l *load) there(ctx context.Context, prefix string) (map[string]int64, error) {
	if !l.plan.Resume {
		return nil, nil
	}
	sizes := map[string]int64{}
	err := l.plan.Stage.(lister).ListObjects(ctx, prefix, func(uri string, size int64) bool {
		sizes[uri] = size
		return true
	})
	return sizes, err
}

// mayResume reports whether a repetition can go better.
func mayResume(err error) bool {
	return err != nil && !errors.Is(err, redshift.ErrData) && !errors.Is(err, redshift.ErrUsage) && !errors.Is(err, redshift.ErrCopy)
}
