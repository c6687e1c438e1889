package sample

import (
	"iter"
	"math"
	"math/rand/v2"
	"time"
)

// Config says which database. The zero value is the one of the demo.
type Config struct {
	// Seed. Defaults to 1.
	Seed uint64
	// Calls is the number of model calls. Defaults to 200,000.
	Calls int
}

func (c Config) withDefaults() Config {
	if c.Seed == 0 {
		c.Seed = 1
	}
	if c.Calls <= 0 {
		c.Calls = 200_000
	}
	return c
}

// Model is a row of the table models.
type Model struct {
	ID            int32
	Name          string
	Vendor        string
	ContextWindow int32
	// PriceIn and PriceOut are in millionths of a dollar for a thousand tokens.
	PriceIn, PriceOut int64
	Released          time.Time // a date
	Notes             *string
}

// Call is a row of the table calls.
type Call struct {
	ID               int64
	ModelID          int32
	At               time.Time
	Customer         string
	PromptTokens     int32
	CompletionTokens int32
	// Cost is in millionths of a dollar.
	Cost int64
	// LatencyMS is nil for a call that was never answered.
	LatencyMS *int32
	Status    string
	// Payload is a JSON object.
	Payload string
}

// Score is a row of the table scores: what a judge thought of a call.
type Score struct {
	CallID int64
	Metric string
	// Value is between 0 and 1, nil where the judge gave up.
	Value   *float64
	Judge   string
	At      time.Time
	Comment *string
}

// Database is the sample database. It is safe for concurrent use.
type Database struct {
	cfg    Config
	models []Model
}

// New makes the database that cfg describes.
func New(cfg Config) *Database {
	return &Database{cfg: cfg.withDefaults(), models: makeModels()}
}

// Models gives the models, which are not to be changed.
func (d *Database) Models() []Model { return d.models }

// start is the first moment of the sample's 30 days.
var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

const days = 30

// The streams of random numbers, one per table, so that a change of one table
// leaves the others as they are.
const (
	streamCalls = 1 + iota
	streamScores
)

// Calls gives the calls in the order of their ids and times.
func (d *Database) Calls() iter.Seq[Call] {
	return func(yield func(Call) bool) {
		r := rand.New(rand.NewPCG(d.cfg.Seed, streamCalls))
		step := float64(days*24*time.Hour) / float64(d.cfg.Calls)
		for i := range d.cfg.Calls {
			if !yield(d.call(r, int64(i+1), start.Add(time.Duration(step*float64(i))))) {
				return
			}
		}
	}
}

func (d *Database) call(r *rand.Rand, id int64, at time.Time) Call {
	// A few models and customers get most of the calls.
	m := d.models[skewed(r, len(d.models))]
	c := Call{
		ID:           id,
		ModelID:      m.ID,
		At:           at.Add(time.Duration(r.IntN(1000)) * time.Microsecond).Truncate(time.Microsecond),
		Customer:     customers[skewed(r, len(customers))],
		PromptTokens: int32(min(math.Exp(5.5+1.4*r.NormFloat64()), float64(m.ContextWindow))) + 1,
		Status:       "ok",
	}
	latency := int32(120 + math.Exp(6+0.8*r.NormFloat64()))
	switch p := r.Float64(); {
	case p < 0.93:
		c.CompletionTokens = int32(math.Exp(4.5+1.1*r.NormFloat64())) + 1
		c.LatencyMS = &latency
	case p < 0.96:
		c.Status = "rate_limited"
		c.LatencyMS = &latency
	case p < 0.985:
		c.Status = "error"
		c.LatencyMS = &latency
	default:
		c.Status = "timeout" // never answered
	}
	c.Cost = (int64(c.PromptTokens)*m.PriceIn + int64(c.CompletionTokens)*m.PriceOut) / 1000
	c.Payload = payload(r, c)
	return c
}

// Scores gives the scores in the order of their calls. About a tenth of the
// answered calls are judged; the scores of the second half drift downwards.
func (d *Database) Scores() iter.Seq[Score] {
	return func(yield func(Score) bool) {
		r := rand.New(rand.NewPCG(d.cfg.Seed, streamScores))
		for c := range d.Calls() {
			if c.Status != "ok" || r.IntN(10) != 0 {
				continue
			}
			for _, metric := range metrics {
				if r.IntN(4) == 0 {
					continue
				}
				if !yield(score(r, c, metric, float64(c.ID)/float64(d.cfg.Calls))) {
					return
				}
			}
		}
	}
}

func score(r *rand.Rand, c Call, metric string, age float64) Score {
	s := Score{
		CallID: c.ID,
		Metric: metric,
		Judge:  judges[r.IntN(len(judges))],
		At:     c.At.Add(time.Duration(r.IntN(3_600_000)) * time.Millisecond),
	}
	if r.IntN(40) != 0 {
		v := 0.86 + 0.08*r.NormFloat64()
		if age > 0.5 {
			v -= 0.1 * (age - 0.5)
		}
		v = math.Round(max(0, min(1, v))*1e6) / 1e6
		s.Value = &v
	}
	if n := r.IntN(12); n < len(comments) {
		s.Comment = &comments[n]
	}
	return s
}

// skewed picks from n things, the first most often.
func skewed(r *rand.Rand, n int) int {
	return int(float64(n) * math.Pow(r.Float64(), 3))
}
