package datadoor

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/session"
)

// csvChunks is how many chunks a page of a CSV result has at most ("15 MB").
const csvChunks = 15

// outcome asks the session what the statement that was run last has done. A
// number of rows is told of what counts them.
func outcome(s session.Session, tag string) (query, count int64) {
	query, count = -1, -1
	if i := strings.LastIndexByte(tag, ' '); i >= 0 {
		if n, err := strconv.ParseInt(tag[i+1:], 10, 64); err == nil {
			count = n
		}
	}
	r, ok := s.(session.Reporter)
	if !ok {
		return query, count
	}
	id, rows := r.Last()
	if id > 0 {
		query = id
	}
	if tag == "COPY" || tag == "UNLOAD" {
		count = rows
	}
	return query, count
}

type resultInput struct {
	Id              string
	NextToken       string
	WaitTimeSeconds *int
}

type resultOutput struct {
	ColumnMetadata []columnMetadata
	Records        json.RawMessage
	TotalNumRows   int64
	ResultFormat   string `json:",omitempty"`
	NextToken      string `json:",omitempty"`
}

// getResult is GetStatementResult: rows as JSON.
func (d *Door) getResult(ctx context.Context, in *resultInput) (*resultOutput, error) {
	p, set, at, err := d.result(ctx, in, false)
	if err != nil {
		return nil, err
	}
	out := &resultOutput{ColumnMetadata: p.columns, TotalNumRows: set.count, Records: json.RawMessage("[]")}
	if at < len(set.pages) {
		if out.Records, err = appendRecords(nil, set.pages[at], p.columns); err != nil {
			return nil, err
		}
	}
	if at+1 < len(set.pages) {
		out.NextToken = token(in.Id, at+1)
	}
	return out, nil
}

// getResultV2 is GetStatementResultV2: rows as CSV.
func (d *Door) getResultV2(ctx context.Context, in *resultInput) (*resultOutput, error) {
	p, set, at, err := d.result(ctx, in, true)
	if err != nil {
		return nil, err
	}
	out := &resultOutput{ColumnMetadata: p.columns, TotalNumRows: set.count, ResultFormat: formatCSV}
	type chunk struct{ CSVRecords string }
	chunks := []chunk{}
	for i := at; i < len(set.pages) && i < at+csvChunks || i == 0; i++ {
		var text []byte
		if i == 0 {
			// The command line's reference shows a line of names; that it comes
			// once, at the top, is assumed.
			text = appendHeader(text, p.columns)
		}
		if i < len(set.pages) {
			if text, err = appendCSV(text, set.pages[i], p.columns); err != nil {
				return nil, err
			}
		}
		chunks = append(chunks, chunk{string(text)})
	}
	if out.Records, err = json.Marshal(chunks); err != nil {
		return nil, err
	}
	if at+csvChunks < len(set.pages) {
		out.NextToken = token(in.Id, at+csvChunks)
	}
	return out, nil
}

// result finds the rows that a request is for, and the page that it is to begin
// with.
func (d *Door) result(ctx context.Context, in *resultInput, csv bool) (*part, *rowset, int, error) {
	if err := checkWait(in.WaitTimeSeconds); err != nil {
		return nil, nil, 0, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	st, p, err := d.find(in.Id)
	if err != nil {
		return nil, nil, 0, err
	}
	done := st.done
	if p != nil {
		done = p.done
	} else if !st.batch {
		p = st.parts[0]
	}
	d.mu.Unlock()
	d.wait(ctx, done, in.WaitTimeSeconds)
	d.mu.Lock()
	if p == nil || p.state != finishedState || p.rows == nil {
		return nil, nil, 0, notFound(textNoResult, in.Id)
	}
	if csv != st.csv {
		return nil, nil, 0, invalid("The result format of the statement is %s: use %s.", st.format(), map[bool]string{true: "GetStatementResultV2", false: "GetStatementResult"}[st.csv])
	}
	at := 0
	if in.NextToken != "" {
		var ok bool
		if at, ok = readToken(in.NextToken, in.Id); !ok || at > len(p.rows.pages) {
			return nil, nil, 0, invalid("NextToken is invalid.")
		}
	}
	return p, p.rows, at, nil
}

// token is where a list or a result goes on; what it belongs to is part of it.
func token(of string, at int) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s/%d", of, at))
}

func readToken(text, of string) (at int, ok bool) {
	raw, ok := decode(text)
	if !ok {
		return 0, false
	}
	number, ok := strings.CutPrefix(raw, of+"/")
	if !ok {
		return 0, false
	}
	at, err := strconv.Atoi(number)
	return at, err == nil && at >= 0
}

func decode(text string) (string, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	return string(raw), err == nil
}
