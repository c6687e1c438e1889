package datadoor

import (
	"context"
	"slices"
	"strings"
)

type listStatementsInput struct {
	target
	MaxResults    *int
	NextToken     string
	RoleLevel     *bool // all callers are one role
	StatementName string
	Status        string
}

type statementData struct {
	Id               string
	Status           string
	CreatedAt        float64
	UpdatedAt        float64
	IsBatchStatement bool
	QueryString      string      `json:",omitempty"`
	QueryStrings     []string    `json:",omitempty"`
	QueryParameters  []parameter `json:",omitempty"`
	ResultFormat     string
	SecretArn        string `json:",omitempty"`
	SessionId        string `json:",omitempty"`
	StatementName    string `json:",omitempty"`
}

type listStatementsOutput struct {
	Statements []statementData
	NextToken  string `json:",omitempty"`
}

// listStatements gives the statements of the last 24 hours, the newest first
// (assumed), only finished ones unless Status asks for others.
func (d *Door) listStatements(_ context.Context, in *listStatementsInput) (*listStatementsOutput, error) {
	states := []string{submittedState, pickedState, startedState, finishedState, failedState, abortedState, allStates}
	switch {
	case in.Status != "" && !slices.Contains(states, in.Status):
		return nil, constraint(in.Status, "status", "satisfy enum value set: [SUBMITTED, PICKED, STARTED, FINISHED, ABORTED, FAILED, ALL]")
	case in.ClusterIdentifier != "" && in.WorkgroupName != "":
		return nil, invalid("ClusterIdentifier and WorkgroupName can't both be specified.")
	case len(in.StatementName) > maxName:
		return nil, constraint(in.StatementName, "statementName", "have length less than or equal to 2048")
	}
	size, err := pageLength(in.MaxResults, 100)
	if err != nil {
		return nil, err
	}
	status := in.Status
	if status == "" {
		status = finishedState
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	// The token names the statement that was last: new ones come in front of it.
	begin := len(d.order)
	if in.NextToken != "" {
		id, ok := readCursor(in.NextToken)
		if !ok {
			return nil, invalid("NextToken is invalid.")
		}
		begin = max(slices.IndexFunc(d.order, func(s *statement) bool { return s.id == id }), 0)
	}
	out := &listStatementsOutput{Statements: []statementData{}}
	for _, st := range slices.Backward(d.order[:begin]) {
		if status != allStates && st.state != status || !strings.HasPrefix(st.name, in.StatementName) ||
			!matches(in.target, st.to) {
			continue
		}
		if len(out.Statements) == size {
			out.NextToken = token(out.Statements[size-1].Id, 0)
			break
		}
		out.Statements = append(out.Statements, listed(st))
	}
	return out, nil
}

// readCursor is the id in a token.
func readCursor(text string) (id string, ok bool) {
	if len(text) > 100 {
		return "", false
	}
	raw, ok := decode(text)
	if !ok {
		return "", false
	}
	id, ok = strings.CutSuffix(raw, "/0")
	return id, ok && idPattern.MatchString(id)
}

// matches tells whether something of to is asked for with want.
func matches(want, to target) bool {
	return (want.ClusterIdentifier == "" || want.ClusterIdentifier == to.ClusterIdentifier) &&
		(want.WorkgroupName == "" || want.WorkgroupName == to.WorkgroupName) &&
		(want.Database == "" || want.Database == to.Database)
}

func listed(st *statement) statementData {
	s := statementData{
		Id: st.id, Status: st.state, CreatedAt: epoch(st.created), UpdatedAt: epoch(st.updated),
		IsBatchStatement: st.batch, QueryParameters: st.params, ResultFormat: st.format(),
		SecretArn: st.to.SecretArn, SessionId: st.sessionID, StatementName: st.name,
	}
	if !st.batch {
		s.QueryString = st.parts[0].sql
		return s
	}
	for _, p := range st.parts {
		s.QueryStrings = append(s.QueryStrings, p.sql)
	}
	return s
}

// pageLength is MaxResults as a number; 0 and none are the most.
func pageLength(n *int, most int) (int, error) {
	switch {
	case n == nil || *n == 0:
		return most, nil
	case *n < 0 || *n > most:
		return 0, constraint(*n, "maxResults", "have a value in the range of the operation")
	}
	return *n, nil
}

type listSessionsOutput struct {
	Sessions  []sessionData
	NextToken string `json:",omitempty"`
}

// listSessions gives the sessions of the last 24 hours by their beginning;
// closed ones only if they are asked for.
func (d *Door) listSessions(_ context.Context, in *listSessionsInput) (*listSessionsOutput, error) {
	switch {
	case in.Status != "" && !slices.Contains([]string{"AVAILABLE", "BUSY", "CLOSED"}, in.Status):
		return nil, constraint(in.Status, "status", "satisfy enum value set: [AVAILABLE, BUSY, CLOSED]")
	case in.SessionId != "" && (in.Status != "" || in.target != target{}):
		return nil, invalid("SessionId can't be specified with Status, ClusterIdentifier, WorkgroupName or Database.")
	case in.ClusterIdentifier != "" && in.WorkgroupName != "":
		return nil, invalid("ClusterIdentifier and WorkgroupName can't both be specified.")
	}
	size, err := pageLength(in.MaxResults, 100)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	out := &listSessionsOutput{Sessions: []sessionData{}}
	if in.SessionId != "" {
		k, ok := d.sessions[in.SessionId]
		if !ok {
			return nil, notFound("Session does not exist.", in.SessionId)
		}
		out.Sessions = append(out.Sessions, d.data(k))
		return out, nil
	}
	var all []sessionData
	for _, k := range d.sessions {
		if s := d.data(k); matches(in.target, k.to) && (s.Status == in.Status || in.Status == "" && !k.closed) {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b sessionData) int {
		if a.CreatedAt != b.CreatedAt {
			if a.CreatedAt < b.CreatedAt {
				return -1
			}
			return 1
		}
		return strings.Compare(a.SessionId, b.SessionId)
	})
	page, next, err := paged(all, in.NextToken, "sessions", size)
	out.Sessions, out.NextToken = append(out.Sessions, page...), next
	return out, err
}

// paged is a page of a list.
func paged[T any](all []T, nextToken, of string, size int) (page []T, next string, err error) {
	at := 0
	if nextToken != "" {
		var ok bool
		if at, ok = readToken(nextToken, of); !ok {
			return nil, "", invalid("NextToken is invalid.")
		}
	}
	at = min(at, len(all))
	end := min(at+size, len(all))
	if end < len(all) {
		next = token(of, end)
	}
	return all[at:end], next, nil
}
