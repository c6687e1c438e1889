package dynamodoor

import (
	"context"
	"regexp"
	"slices"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsjson"
)

type tag struct{ Key, Value string }

type attributeDefinition struct{ AttributeName, AttributeType string }

type keySchema struct{ AttributeName, KeyType string }

type throughput struct{ ReadCapacityUnits, WriteCapacityUnits int64 }

type createTableInput struct {
	TableName                                     string
	AttributeDefinitions                          []attributeDefinition
	KeySchema                                     []keySchema
	BillingMode                                   string
	ProvisionedThroughput                         *throughput
	DeletionProtectionEnabled                     bool
	TableClass                                    string
	Tags                                          []tag
	LocalSecondaryIndexes, GlobalSecondaryIndexes []struct{ IndexName string }
	StreamSpecification                           struct{ StreamEnabled bool }
}

var tableName = regexp.MustCompile(`^[a-zA-Z0-9_.-]{3,255}$`)

// constraint is AWS's message for one member of the wrong form.
func constraint(value, member, must string) error {
	return invalid("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: %s", value, member, must)
}

// definition checks what a table is to be like.
func (in *createTableInput) definition() (definition, error) {
	def := definition{Name: in.TableName, ID: awsjson.RequestID(), Created: time.Now(), Protected: in.DeletionProtectionEnabled, Class: in.TableClass, Tags: in.Tags}
	if !tableName.MatchString(in.TableName) {
		return def, constraint(in.TableName, "tableName", "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+, and have a length of 3 to 255")
	}
	if len(in.LocalSecondaryIndexes)+len(in.GlobalSecondaryIndexes) > 0 {
		return def, invalid("not supported by the emulator: secondary indexes")
	}
	if in.StreamSpecification.StreamEnabled {
		return def, invalid("not supported by the emulator: streams")
	}
	types := map[string]Type{}
	for _, a := range in.AttributeDefinitions {
		if t := Type(a.AttributeType); !t.ordered() {
			return def, constraint(a.AttributeType, "attributeDefinitions.1.member.attributeType", "Member must satisfy enum value set: [B, N, S]")
		}
		types[a.AttributeName] = Type(a.AttributeType)
	}
	if n := len(in.KeySchema); n < 1 || n > 2 {
		return def, constraint("null", "keySchema", "Member must have length less than or equal to 2 and greater than or equal to 1")
	}
	for i, k := range in.KeySchema {
		want := []string{"HASH", "RANGE"}[i]
		switch t, ok := types[k.AttributeName]; {
		case k.KeyType != want && i == 0:
			return def, invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
		case k.KeyType != want:
			return def, invalid("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
		case i == 1 && k.AttributeName == in.KeySchema[0].AttributeName:
			return def, invalid("Both the Hash Key and the Range Key element in the KeySchema have the same name")
		case !ok:
			return def, invalid("One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [%s]", k.AttributeName)
		default:
			def.Key = append(def.Key, keyAttribute{k.AttributeName, t})
		}
	}
	if len(types) != len(def.Key) {
		return def, invalid("One or more parameter values were invalid: Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions")
	}
	return def, in.billing(&def)
}

func (in *createTableInput) billing(def *definition) error {
	switch {
	case in.BillingMode == "PAY_PER_REQUEST" && in.ProvisionedThroughput != nil:
		return invalid("One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
	case in.BillingMode == "PAY_PER_REQUEST":
		def.OnDemand = true
	case in.BillingMode != "" && in.BillingMode != "PROVISIONED":
		return constraint(in.BillingMode, "billingMode", "Member must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]")
	case in.ProvisionedThroughput == nil:
		return invalid("One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
	case in.ProvisionedThroughput.ReadCapacityUnits < 1 || in.ProvisionedThroughput.WriteCapacityUnits < 1:
		return constraint("0", "provisionedThroughput", "Member must have value greater than or equal to 1")
	default:
		def.Read, def.Write = in.ProvisionedThroughput.ReadCapacityUnits, in.ProvisionedThroughput.WriteCapacityUnits
	}
	return nil
}

// document is an answer, or a part of one.
type document map[string]any

// describe is a table as DescribeTable has it.
func (d *Door) describe(t *table, status string) document {
	t.mu.RLock()
	defer t.mu.RUnlock()
	out := document{
		"TableName": t.Name, "TableId": t.ID, "TableStatus": status, "TableArn": "arn:aws:dynamodb:" + d.cfg.Region + ":" + d.cfg.Account + ":table/" + t.Name,
		"CreationDateTime": float64(t.Created.UnixMilli()) / 1000, "ItemCount": t.count, "TableSizeBytes": t.bytes, "DeletionProtectionEnabled": t.Protected,
		"ProvisionedThroughput": document{"ReadCapacityUnits": t.Read, "WriteCapacityUnits": t.Write, "NumberOfDecreasesToday": 0},
	}
	var schema []keySchema
	var attributes []attributeDefinition
	for i, k := range t.Key {
		schema = append(schema, keySchema{k.Name, []string{"HASH", "RANGE"}[i]})
		attributes = append(attributes, attributeDefinition{k.Name, string(k.Type)})
	}
	out["KeySchema"], out["AttributeDefinitions"] = schema, attributes
	if t.OnDemand {
		out["BillingModeSummary"] = document{"BillingMode": "PAY_PER_REQUEST", "LastUpdateToPayPerRequestDateTime": float64(t.Created.Unix())}
	}
	if t.Class != "" {
		out["TableClassSummary"] = document{"TableClass": t.Class}
	}
	return out
}

func (d *Door) createTable(_ context.Context, in *createTableInput) (document, error) {
	def, err := in.definition()
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.tables[def.Name] != nil {
		return nil, awsjson.Errorf("ResourceInUseException", "Table already exists: %s", def.Name)
	}
	t := &table{definition: def}
	if d.cfg.Dir != "" {
		if t.log, err = newJournal(d.cfg.Dir, t); err != nil {
			return nil, err
		}
	}
	d.tables[def.Name] = t
	return document{"TableDescription": d.describe(t, "ACTIVE")}, nil
}

type tableInput struct{ TableName string }

// tableNamed is table with the message of the operations on tables.
func (d *Door) tableNamed(name string) (*table, error) {
	t, err := d.table(name)
	if err != nil {
		return nil, awsjson.Errorf("ResourceNotFoundException", "Requested resource not found: Table: %s not found", name)
	}
	return t, nil
}

func (d *Door) describeTable(_ context.Context, in *tableInput) (document, error) {
	t, err := d.tableNamed(in.TableName)
	if err != nil {
		return nil, err
	}
	return document{"Table": d.describe(t, "ACTIVE")}, nil
}

func (d *Door) deleteTable(_ context.Context, in *tableInput) (document, error) {
	t, err := d.tableNamed(in.TableName)
	if err != nil {
		return nil, err
	}
	out := document{"TableDescription": d.describe(t, "DELETING")}
	d.mu.Lock()
	defer d.mu.Unlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.gone {
		return nil, awsjson.Errorf("ResourceNotFoundException", "Requested resource not found: Table: %s not found", in.TableName)
	}
	if t.Protected {
		return nil, invalid("Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
	}
	if t.log != nil {
		if err := t.log.remove(); err != nil {
			return nil, err
		}
	}
	t.gone = true
	delete(d.tables, t.Name)
	return out, nil
}

type listTablesInput struct {
	ExclusiveStartTableName string
	Limit                   *int
}

func (d *Door) listTables(_ context.Context, in *listTablesInput) (document, error) {
	limit := 100
	if in.Limit != nil {
		if limit = *in.Limit; limit < 1 || limit > 100 {
			return nil, invalid("1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must have value between 1 and 100", limit)
		}
	}
	names := d.names()
	from, found := slices.BinarySearch(names, in.ExclusiveStartTableName)
	if found {
		from++
	}
	names = names[from:]
	out := document{"TableNames": names}
	if len(names) > limit {
		out["TableNames"], out["LastEvaluatedTableName"] = names[:limit], names[limit-1]
	}
	return out, nil
}
