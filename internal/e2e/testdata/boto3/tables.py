from boto3.dynamodb.types import TypeSerializer, TypeDeserializer
from decimal import Decimal

d = client("dynamodb")
key = dict(AttributeDefinitions=[dict(AttributeName="k", AttributeType="S"), dict(AttributeName="n", AttributeType="N")], KeySchema=[dict(AttributeName="k", KeyType="HASH"), dict(AttributeName="n", KeyType="RANGE")])
d.create_table(TableName="calls", BillingMode="PAY_PER_REQUEST", **key)
d.get_waiter("table_exists").wait(TableName="calls")
assert d.list_tables()["TableNames"] == ["calls"]
value = {"k": "a", "n": Decimal("1"), "exact": Decimal("12345678901234567890.123456789012345678"), "b": b"\x00\xff", "no": None, "yes": True, "l": [Decimal(1), "x", {"m": []}], "ss": {"a", "b"}, "ns": {Decimal("1.5")}, "bs": {b"1"}}
write, read = TypeSerializer().serialize, TypeDeserializer().deserialize
item = {k: write(v) for k, v in value.items()}
d.put_item(TableName="calls", Item=item)
got = {k: read(v) for k, v in d.get_item(TableName="calls", Key=dict(k=item["k"], n=item["n"]))["Item"].items()}
got["b"], got["bs"] = bytes(got["b"]), {bytes(b) for b in got["bs"]}
assert got == value, got
fails("ConditionalCheckFailedException", d.put_item, TableName="calls", Item=item, ConditionExpression="attribute_not_exists(k)")
for i in range(0, 1000, 25):
    r = d.batch_write_item(RequestItems=dict(calls=[dict(PutRequest=dict(Item=dict(k=dict(S=str(j % 50)), n=dict(N=str(j)), text=dict(S="x" * 4000)))) for j in range(i, i + 25)]))
    assert not r["UnprocessedItems"]
seen, pages = set(), 0
for segment in range(3):
    for page in d.get_paginator("scan").paginate(TableName="calls", Segment=segment, TotalSegments=3, FilterExpression="attribute_exists(#t)", ExpressionAttributeNames={"#t": "text"}, ProjectionExpression="n"):
        pages += 1
        for i in page["Items"]:
            assert i["n"]["N"] not in seen
            seen.add(i["n"]["N"])
assert len(seen) == 1000 and pages > 3  # of 1 MB
assert d.describe_table(TableName="calls")["Table"]["ItemCount"] == 1001
assert d.query(TableName="calls", KeyConditionExpression="k = :k AND n > :n", ExpressionAttributeValues={":k": dict(S="7"), ":n": dict(N="500")}, ScanIndexForward=False)["Items"][0]["n"]["N"] == "957"
assert d.update_item(TableName="calls", Key=dict(k=dict(S="7"), n=dict(N="7")), UpdateExpression="ADD c :one", ExpressionAttributeValues={":one": dict(N="1")}, ReturnValues="ALL_NEW")["Attributes"]["c"]["N"] == "1"
assert len(d.batch_get_item(RequestItems=dict(calls=dict(Keys=[dict(k=dict(S="7"), n=dict(N="7"))])))["Responses"]["calls"]) == 1
d.delete_item(TableName="calls", Key=dict(k=dict(S="7"), n=dict(N="7")))
d.delete_table(TableName="calls")
d.get_waiter("table_not_exists").wait(TableName="calls")

g = client("glue")
g.create_database(DatabaseInput=dict(Name="lake"))
fails("AlreadyExistsException", g.create_database, DatabaseInput=dict(Name="lake"))
g.update_database(Name="lake", DatabaseInput=dict(Name="lake", Description="all of it"))
assert g.get_database(Name="lake")["Database"]["Description"] == "all of it"
assert len(g.get_databases()["DatabaseList"]) == 1
t = dict(Name="calls", TableType="EXTERNAL_TABLE", Parameters=dict(classification="parquet"), PartitionKeys=[dict(Name="day", Type="date"), dict(Name="n", Type="int")],
         StorageDescriptor=dict(Location="s3://emulator/calls/", Columns=[dict(Name="id", Type="bigint")], SerdeInfo=dict(SerializationLibrary="org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe")))
g.create_table(DatabaseName="lake", TableInput=t)
g.create_table(DatabaseName="lake", TableInput=dict(Name="other"))
g.update_table(DatabaseName="lake", TableInput=dict(t, Description="second"))
assert g.get_table(DatabaseName="lake", Name="calls")["Table"]["VersionId"] == "1"
assert [t["Name"] for t in g.get_tables(DatabaseName="lake", Expression="c.*")["TableList"]] == ["calls"]
assert [t["Name"] for t in g.search_tables(Filters=[dict(Key="DatabaseName", Value="lake")], SearchText="second")["TableList"]] == ["calls"]
assert [v["VersionId"] for v in g.get_table_versions(DatabaseName="lake", TableName="calls")["TableVersions"]] == ["1", "0"]
assert "Description" not in g.get_table_version(DatabaseName="lake", TableName="calls", VersionId="0")["TableVersion"]["Table"]
g.delete_table_version(DatabaseName="lake", TableName="calls", VersionId="0")
assert len(g.batch_delete_table_version(DatabaseName="lake", TableName="calls", VersionIds=["0"])["Errors"]) == 1
of = dict(DatabaseName="lake", TableName="calls")
g.create_partition(PartitionInput=dict(Values=["2026-01-01", "0"], StorageDescriptor=t["StorageDescriptor"]), **of)
assert not g.batch_create_partition(PartitionInputList=[dict(Values=["2026-01-%02d" % (1 + i // 30), str(i + 1)]) for i in range(90)], **of)["Errors"]
assert g.get_partition(PartitionValues=["2026-01-01", "0"], **of)["Partition"]["StorageDescriptor"]["Location"] == "s3://emulator/calls/"
found = [p["Values"] for page in g.get_paginator("get_partitions").paginate(Expression="day >= '2026-01-02' AND n BETWEEN 40 AND 70", PaginationConfig=dict(PageSize=7), **of) for p in page["Partitions"]]
assert len(found) == 31, found
assert len(g.batch_get_partition(PartitionsToGet=[dict(Values=["2026-01-01", "1"])], **of)["Partitions"]) == 1
g.update_partition(PartitionValueList=["2026-01-01", "0"], PartitionInput=dict(Values=["2026-01-01", "100"]), **of)
assert not g.batch_update_partition(Entries=[dict(PartitionValueList=["2026-01-01", "100"], PartitionInput=dict(Values=["2026-01-01", "101"]))], **of)["Errors"]
g.delete_partition(PartitionValues=["2026-01-01", "101"], **of)
assert len(g.batch_delete_partition(PartitionsToDelete=[dict(Values=["2026-01-01", "1"]), dict(Values=["2026-01-01", "1"])], **of)["Errors"]) == 1
g.delete_table(DatabaseName="lake", Name="other")
assert not g.batch_delete_table(DatabaseName="lake", TablesToDelete=["calls"])["Errors"]
fails("EntityNotFoundException", g.get_table, DatabaseName="lake", Name="calls")
g.delete_database(Name="lake")
done()
