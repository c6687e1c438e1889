package dataapi

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"

	"github.com/llm-dev-ops/redshift/transport"
)

var _ transport.Finder = (*service)(nil)

// Find implements transport.Finder. The service lists what it keeps, 24 hours, of
// all who have the same IAM role.
func (s *service) Find(ctx context.Context, prefix string, limit int) ([]transport.Found, error) {
	var found []transport.Found
	in := &redshiftdata.ListStatementsInput{StatementName: optional(prefix), Status: types.StatusStringAll}
	for {
		out, err := retrying(ctx, s, s.api.ListStatements, in)
		if err != nil {
			return nil, err
		}
		for _, st := range out.Statements {
			if len(found) >= limit {
				return found, nil
			}
			label := aws.ToString(st.StatementName)
			if !strings.HasPrefix(label, prefix) {
				continue
			}
			found = append(found, transport.Found{
				ID: aws.ToString(st.Id), Label: label, Phase: phases[st.Status],
				Created: aws.ToTime(st.CreatedAt), Updated: aws.ToTime(st.UpdatedAt),
			})
		}
		if aws.ToString(out.NextToken) == "" {
			return found, nil
		}
		in.NextToken = out.NextToken
	}
}
