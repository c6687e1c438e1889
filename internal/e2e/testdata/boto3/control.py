r = client("redshift")
mine = dict(ClusterIdentifier="second")
c = r.create_cluster(NodeType="ra3.large", MasterUsername="admin", MasterUserPassword="Secret123", NumberOfNodes=2, **mine)["Cluster"]
assert c["ClusterStatus"] == "creating", c
fails("ClusterAlreadyExists", r.create_cluster, NodeType="ra3.large", MasterUsername="admin", MasterUserPassword="Secret123", **mine)
assert [c["ClusterIdentifier"] for c in r.describe_clusters()["Clusters"]] == ["emulator", "second"]
r.get_waiter("cluster_available").wait(**mine)
assert r.modify_cluster(NodeType="ra3.4xlarge", NumberOfNodes=4, **mine)["Cluster"]["ClusterStatus"] == "modifying"
assert r.describe_clusters(**mine)["Clusters"][0]["NumberOfNodes"] == 4
assert r.reboot_cluster(**mine)["Cluster"]["ClusterStatus"] == "rebooting"
assert r.pause_cluster(**mine)["Cluster"]["ClusterStatus"] == "pausing"
assert r.describe_clusters(**mine)["Clusters"][0]["ClusterStatus"] == "paused"
fails("InvalidClusterState", r.pause_cluster, **mine)
assert r.resume_cluster(**mine)["Cluster"]["ClusterStatus"] == "resuming"

assert not r.describe_logging_status(**mine)["LoggingEnabled"]
fails("BucketNotFoundFault", r.enable_logging, BucketName="nowhere", **mine)
assert r.enable_logging(BucketName="emulator", S3KeyPrefix="log/", LogExports=["userlog"], LogDestinationType="s3", **mine)["LogExports"] == ["userlog"]
assert r.describe_logging_status(**mine)["BucketName"] == "emulator"
assert not r.disable_logging(**mine)["LoggingEnabled"]

certificate = "arn:aws:acm:us-east-1:123456789012:certificate/1"
domain = dict(CustomDomainName="db.example.com")
assert r.create_custom_domain_association(CustomDomainCertificateArn=certificate, **domain, **mine)["ClusterIdentifier"] == "second"
assert r.describe_clusters(**mine)["Clusters"][0]["CustomDomainName"] == "db.example.com"
assert r.modify_custom_domain_association(CustomDomainCertificateArn=certificate + "2", **domain, **mine)["CustomDomainCertificateArn"].endswith("2")
assert r.describe_custom_domain_associations()["Associations"][0]["CertificateAssociations"] == [{"CustomDomainName": "db.example.com", "ClusterIdentifier": "second"}]
assert r.get_cluster_credentials(DbUser="x", AutoCreate=True, **domain)["DbUser"] == "IAMA:x"
assert r.get_cluster_credentials_with_iam(**mine)["DbUser"] == "IAM:test"
r.delete_custom_domain_association(**domain, **mine)
fails("CustomDomainAssociationNotFoundFault", r.get_cluster_credentials, DbUser="x", **domain)

fails("InvalidParameterCombination", r.delete_cluster, **mine)
assert r.delete_cluster(SkipFinalClusterSnapshot=True, **mine)["Cluster"]["ClusterStatus"] == "deleting"
fails("ClusterNotFound", r.describe_clusters, **mine)
r.get_waiter("cluster_deleted").wait(**mine)

s = client("redshift-serverless")
assert s.create_namespace(namespaceName="second", dbName="dev")["namespace"]["status"] == "AVAILABLE"
fails("ConflictException", s.create_namespace, namespaceName="second")
assert s.create_workgroup(workgroupName="second", namespaceName="second", baseCapacity=16)["workgroup"]["status"] == "CREATING"
assert s.get_workgroup(workgroupName="second")["workgroup"]["status"] == "AVAILABLE"
assert [w["workgroupName"] for w in s.list_workgroups()["workgroups"]] == ["emulator", "second"]
first = s.list_namespaces(maxResults=1)
assert s.list_namespaces(nextToken=first["nextToken"])["namespaces"][0]["namespaceName"] == "second"
assert s.update_workgroup(workgroupName="second", baseCapacity=32)["workgroup"]["status"] == "MODIFYING"
assert s.get_workgroup(workgroupName="second")["workgroup"]["baseCapacity"] == 32
fails("ValidationException", s.update_workgroup, workgroupName="second", baseCapacity=33)
assert s.update_namespace(namespaceName="second", defaultIamRoleArn="arn:aws:iam::123456789012:role/r")["namespace"]["status"] == "MODIFYING"
assert s.get_namespace(namespaceName="second")["namespace"]["defaultIamRoleArn"].endswith("/r")
domain = dict(workgroupName="second", customDomainName="wg.example.com")
assert s.create_custom_domain_association(customDomainCertificateArn=certificate, **domain)["workgroupName"] == "second"
assert s.update_custom_domain_association(customDomainCertificateArn=certificate + "2", **domain)["customDomainCertificateArn"].endswith("2")
assert s.get_custom_domain_association(**domain)["customDomainCertificateArn"].endswith("2")
assert len(s.list_custom_domain_associations()["associations"]) == 1
assert s.get_credentials(customDomainName="wg.example.com")["dbUser"] == "IAM:test"
s.delete_custom_domain_association(**domain)
fails("ResourceNotFoundException", s.get_credentials, customDomainName="wg.example.com")
fails("ConflictException", s.delete_namespace, namespaceName="second")
assert s.delete_workgroup(workgroupName="second")["workgroup"]["status"] == "DELETING"
assert s.delete_namespace(namespaceName="second")["namespace"]["status"] == "DELETING"

k = client("secretsmanager")
arn = k.create_secret(Name="mine", SecretString="v1")["ARN"]
k.put_secret_value(SecretId="mine", SecretString="v2")
assert k.get_secret_value(SecretId=arn, VersionStage="AWSPREVIOUS")["SecretString"] == "v1"
k.update_secret(SecretId="mine", SecretString="v3", Description="third")
assert k.describe_secret(SecretId="mine")["Description"] == "third"
assert len(k.list_secrets()["SecretList"]) == 2
k.delete_secret(SecretId="mine")
k.restore_secret(SecretId="mine")
k.delete_secret(SecretId="mine", ForceDeleteWithoutRecovery=True)
fails("ResourceNotFoundException", k.get_secret_value, SecretId="mine")

t = client("sts")
assert t.get_caller_identity()["Account"] == "123456789012"
assert t.assume_role(RoleArn="arn:aws:iam::123456789012:role/r", RoleSessionName="me")["AssumedRoleUser"]["Arn"].endswith("r/me")
done()
