package dataapi

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

// TestExercise runs the suite of the seam over HTTP on the loopback.
func TestExercise(t *testing.T) {
	s := newFakeAWS()
	s.polls = 1
	server := httptest.NewServer(s)
	defer server.Close()
	transporttest.Exercise(t, func(t *testing.T) transport.Transport {
		tr, err := Open(Config{
			Cluster: "c", Database: "dev", Region: "eu-west-1", Endpoint: server.URL,
			AWS:     aws.Config{Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", ""), HTTPClient: server.Client()},
			PollMin: time.Millisecond, PollMax: 5 * time.Millisecond,
			Rates: Rates{Execute: -1, Batch: -1, Describe: -1, Result: -1, Cancel: -1, List: -1},
		})
		if err != nil {
			t.Fatal(err)
		}
		return tr
	}, transporttest.Options{
		Rows: func(n int) string { return fmt.Sprintf("rows %d", n) },
		Slow: slow,
	})
}
