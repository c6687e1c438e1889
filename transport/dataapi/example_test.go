package dataapi_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/llm-dev-ops/redshift/transport/dataapi"
)

// A transport is made without a call; redshift.New makes a client of it.
func ExampleOpen() {
	t, err := dataapi.Open(dataapi.Config{
		Workgroup: "analytics",
		Database:  "dev",
		AWS: aws.Config{ // usually from config.LoadDefaultConfig
			Region:      "eu-central-1",
			Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = t.Close(context.Background()) }()
	caps := t.Caps()
	fmt.Println(caps.Name, "attach:", caps.Attach, "stream:", caps.Stream)
	// Output: data-api attach: true stream: false
}
