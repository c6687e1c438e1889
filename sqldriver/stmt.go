package sqldriver

import (
	"context"
	"database/sql/driver"

	"github.com/llm-dev-ops/redshift"
)

// stmt is a prepared statement of one connection.
type stmt struct {
	p     *redshift.Prepared
	named named
}

var (
	_ driver.StmtExecContext  = (*stmt)(nil)
	_ driver.StmtQueryContext = (*stmt)(nil)
)

// NumInput is the number of parameters.
func (s *stmt) NumInput() int { return len(s.p.Params()) }

// ExecContext implements driver.StmtExecContext.
func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	values, err := s.arguments(args)
	if err != nil {
		return nil, err
	}
	n, err := affected(s.p.Query(ctx, values...))
	if err != nil {
		return nil, retryable(s.named.moved(err))
	}
	return result(n), nil
}

// QueryContext implements driver.StmtQueryContext.
func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	values, err := s.arguments(args)
	if err != nil {
		return nil, err
	}
	r, err := s.p.Query(ctx, values...)
	if err != nil {
		return nil, retryable(s.named.moved(err))
	}
	rs := &rows{}
	rs.stand(r)
	return rs, nil
}

// arguments are in the order of the parameters. Bytes are sent as what the
// parameter is: the server has fixed its type, and reads a VARBYTE's text as a
// VARCHAR's without a word.
func (s *stmt) arguments(args []driver.NamedValue) ([]any, error) {
	values, used, err := s.named.arguments(args)
	if err != nil {
		return nil, err
	}
	if err := allUsed(args, used); err != nil {
		return nil, err
	}
	types := s.p.Params()
	for i, v := range values {
		b, ok := v.([]byte)
		if !ok || i >= len(types) || b == nil {
			continue
		}
		switch types[i] {
		case 0, redshift.TypeVarbyte, redshift.TypeGeometry, redshift.TypeGeography, bytea:
		default:
			values[i] = string(b)
		}
	}
	return values, nil
}

// Exec implements driver.Stmt.
func (s *stmt) Exec(args []driver.Value) (driver.Result, error) {
	return s.ExecContext(context.Background(), numbered(args))
}

// Query implements driver.Stmt.
func (s *stmt) Query(args []driver.Value) (driver.Rows, error) {
	return s.QueryContext(context.Background(), numbered(args))
}

func numbered(args []driver.Value) []driver.NamedValue {
	nvs := make([]driver.NamedValue, len(args))
	for i, v := range args {
		nvs[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return nvs
}

// Close implements driver.Stmt.
func (s *stmt) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	return s.p.Close(ctx)
}
