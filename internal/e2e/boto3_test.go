package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llm-dev-ops/redshift/emulator"
)

// boto3 drives every operation of these services; the scripts say what they are to
// answer. The emulator wants the signatures right.
func TestBoto3(t *testing.T) {
	t.Parallel()
	python := pythonWith(t, "boto3")
	for script, services := range map[string]string{
		"control.py": `redshift CreateCluster CreateCustomDomainAssociation DeleteCluster DeleteCustomDomainAssociation DescribeClusters
			DescribeCustomDomainAssociations DescribeLoggingStatus DisableLogging EnableLogging GetClusterCredentials GetClusterCredentialsWithIAM
			ModifyCluster ModifyCustomDomainAssociation PauseCluster RebootCluster ResumeCluster;
			redshift-serverless CreateCustomDomainAssociation CreateNamespace CreateWorkgroup DeleteCustomDomainAssociation DeleteNamespace
			DeleteWorkgroup GetCredentials GetCustomDomainAssociation GetNamespace GetWorkgroup ListCustomDomainAssociations ListNamespaces
			ListWorkgroups UpdateCustomDomainAssociation UpdateNamespace UpdateWorkgroup;
			secretsmanager CreateSecret DeleteSecret DescribeSecret GetSecretValue ListSecrets PutSecretValue RestoreSecret UpdateSecret;
			sts AssumeRole GetCallerIdentity`,
		"tables.py": `dynamodb BatchGetItem BatchWriteItem CreateTable DeleteItem DeleteTable DescribeTable GetItem ListTables PutItem Query Scan UpdateItem;
			glue BatchCreatePartition BatchDeletePartition BatchDeleteTable BatchDeleteTableVersion BatchGetPartition BatchUpdatePartition
			CreateDatabase CreatePartition CreateTable DeleteDatabase DeletePartition DeleteTable DeleteTableVersion GetDatabase GetDatabases
			GetPartition GetPartitions GetTable GetTableVersion GetTableVersions GetTables SearchTables UpdateDatabase UpdatePartition UpdateTable`,
	} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			s := start(t, emulator.Config{IAM: []byte(`{"users":[{"name":"test","access_key":"test","secret_key":"test"}],"roles":[{"arn":"arn:aws:iam::123456789012:role/r"}]}`)})
			var text strings.Builder
			for _, file := range []string{"common.py", script} {
				b, err := os.ReadFile(filepath.Join("testdata", "boto3", file))
				if err != nil {
					t.Fatal(err)
				}
				text.Write(b)
			}
			out, err := run(t, s, text.String(), python, "-")
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			var want []string
			for service := range strings.SplitSeq(services, ";") {
				fields := strings.Fields(service)
				for _, operation := range fields[1:] {
					want = append(want, fields[0]+" "+operation)
				}
			}
			if got := strings.TrimSpace(out); got != strings.Join(want, "\n") {
				t.Errorf("driven were\n%s", got)
			}
		})
	}
}
