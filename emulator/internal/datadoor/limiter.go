package datadoor

import (
	"sync"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsjson"
)

// limiter is a token bucket for each operation, which holds a second's calls.
type limiter struct {
	rates map[string]float64

	mu      sync.Mutex
	buckets map[string]bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

// admit takes a call, or is the error that throttles it.
func (l *limiter) admit(operation string, now time.Time) error {
	rate, ok := l.rates[operation]
	if !ok {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.buckets == nil {
		l.buckets = map[string]bucket{}
	}
	full := max(rate, 1)
	b, ok := l.buckets[operation]
	if !ok {
		b = bucket{tokens: full, at: now}
	}
	b.tokens = min(full, b.tokens+rate*now.Sub(b.at).Seconds())
	b.at = now
	defer func() { l.buckets[operation] = b }()
	if b.tokens < 1 {
		return awsjson.Errorf("ThrottlingException", "Rate exceeded")
	}
	b.tokens--
	return nil
}
