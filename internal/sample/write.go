package sample

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/parquet-go/parquet-go"
)

// The forms in which Redshift reads DATE and TIMESTAMP by default.
const (
	dateForm      = "2006-01-02"
	timestampForm = "2006-01-02 15:04:05.999999"
)

// NullMarker stands for NULL in the CSV of the calls. No text of the sample
// equals it, while some equal COPY's own default, \N.
const NullMarker = "@NULL@"

// WriteModels writes the models as JSON lines, a missing value as null. It
// gives the number of rows.
func (d *Database) WriteModels(w io.Writer) (int64, error) {
	enc := json.NewEncoder(w)
	for _, m := range d.models {
		err := enc.Encode(struct {
			ID       int32       `json:"model_id"`
			Name     string      `json:"name"`
			Vendor   string      `json:"vendor"`
			Window   int32       `json:"context_window"`
			PriceIn  json.Number `json:"price_in"`
			PriceOut json.Number `json:"price_out"`
			Released string      `json:"released"`
			Notes    *string     `json:"notes"`
		}{m.ID, m.Name, m.Vendor, m.ContextWindow, json.Number(Dollars(m.PriceIn)), json.Number(Dollars(m.PriceOut)), m.Released.Format(dateForm), m.Notes})
		if err != nil {
			return 0, err
		}
	}
	return int64(len(d.models)), nil
}

// CallsHeader is the first line of each file of calls: the table's columns.
var CallsHeader = []string{"call_id", "model_id", "called_at", "customer", "prompt_tokens", "completion_tokens", "cost", "latency_ms", "status", "payload"}

// WriteCalls writes the calls as CSV with a header, dealt in turn to the given
// files, as COPY likes them for its slices. NULL is NullMarker. It gives the
// number of rows.
func (d *Database) WriteCalls(files ...io.Writer) (int64, error) {
	if len(files) == 0 {
		return 0, fmt.Errorf("no file to write the calls to")
	}
	writers := make([]*csv.Writer, len(files))
	for i, f := range files {
		writers[i] = csv.NewWriter(f)
		if err := writers[i].Write(CallsHeader); err != nil {
			return 0, err
		}
	}
	var n int64
	record := make([]string, len(CallsHeader))
	for c := range d.Calls() {
		latency := NullMarker
		if c.LatencyMS != nil {
			latency = strconv.Itoa(int(*c.LatencyMS))
		}
		record = append(record[:0],
			strconv.FormatInt(c.ID, 10), strconv.Itoa(int(c.ModelID)), c.At.Format(timestampForm), c.Customer,
			strconv.Itoa(int(c.PromptTokens)), strconv.Itoa(int(c.CompletionTokens)), Dollars(c.Cost), latency, c.Status, c.Payload)
		if err := writers[n%int64(len(writers))].Write(record); err != nil {
			return n, err
		}
		n++
	}
	for _, w := range writers {
		w.Flush()
		if err := w.Error(); err != nil {
			return n, err
		}
	}
	return n, nil
}

// scoreRow is a Score as Parquet holds it.
type scoreRow struct {
	CallID  int64    `parquet:"call_id"`
	Metric  string   `parquet:"metric,dict"`
	Value   *float64 `parquet:"value,optional"`
	Judge   string   `parquet:"judge,dict"`
	At      int64    `parquet:"judged_at,timestamp(microsecond:local)"`
	Comment *string  `parquet:"comment,optional"`
}

// WriteScores writes the scores as Parquet with Snappy. It gives the number of
// rows.
func (d *Database) WriteScores(w io.Writer) (int64, error) {
	buffered := bufio.NewWriterSize(w, 1<<16)
	pw := parquet.NewGenericWriter[scoreRow](buffered, parquet.Compression(&parquet.Snappy))
	var n int64
	batch := make([]scoreRow, 0, 1024)
	write := func() error {
		_, err := pw.Write(batch)
		n += int64(len(batch))
		batch = batch[:0]
		return err
	}
	for s := range d.Scores() {
		batch = append(batch, scoreRow{s.CallID, s.Metric, s.Value, s.Judge, s.At.UnixMicro(), s.Comment})
		if len(batch) == cap(batch) {
			if err := write(); err != nil {
				return n, err
			}
		}
	}
	if err := write(); err != nil {
		return n, err
	}
	if err := pw.Close(); err != nil {
		return n, err
	}
	return n, buffered.Flush()
}

// Dollars writes millionths of a dollar as an exact decimal with six places.
func Dollars(micros int64) string {
	sign := ""
	if micros < 0 {
		sign, micros = "-", -micros
	}
	return fmt.Sprintf("%s%d.%06d", sign, micros/1_000_000, micros%1_000_000)
}

// Days is the range of days that the calls fall into: from, and the first day
// after.
func Days() (from, to time.Time) { return start, start.AddDate(0, 0, days) }
