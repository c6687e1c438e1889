package e2e

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/llm-dev-ops/redshift/emulator"
	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/dataapi"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

func dataConfig(s *emulator.Server) dataapi.Config {
	return dataapi.Config{
		Cluster: "emulator", Database: "dev", DbUser: "awsuser", Region: "us-east-1", Endpoint: s.AWSEndpoint(),
		AWS:     aws.Config{Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")},
		PollMin: time.Millisecond, PollMax: 20 * time.Millisecond,
	}
}

// The suite of the seam, over HTTP against the emulator.
func TestDataAPIConformance(t *testing.T) {
	t.Parallel()
	s := start(t, emulator.Config{})
	transporttest.Exercise(t, func(t *testing.T) transport.Transport {
		t.Helper()
		tr, err := dataapi.Open(dataConfig(s))
		if err != nil {
			t.Fatal(err)
		}
		return tr
	}, transporttest.Options{Slow: slow})
}
