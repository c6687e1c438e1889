package dynamodoor

import (
	"context"
	"encoding/json"
	"math"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsjson"
)

// The most items of a batch (API_BatchWriteItem, API_BatchGetItem).
const (
	maxWrites = 25
	maxGets   = 100
)

// legacy are the parameters from before expressions.
type legacy struct {
	AttributesToGet, Expected, AttributeUpdates, ScanFilter, QueryFilter, KeyConditions json.RawMessage
	ConditionalOperator                                                                 string
}

func (l legacy) refuse() error {
	for _, given := range []struct {
		name  string
		value json.RawMessage
	}{
		{"AttributesToGet", l.AttributesToGet},
		{"Expected", l.Expected},
		{"AttributeUpdates", l.AttributeUpdates},
		{"ScanFilter", l.ScanFilter},
		{"QueryFilter", l.QueryFilter},
		{"KeyConditions", l.KeyConditions},
	} {
		if len(given.value) > 0 && string(given.value) != "null" {
			return invalid("not supported by the emulator: the legacy parameter %s; an expression says the same", given.name)
		}
	}
	return nil
}

// expressions are the members that requests share.
type expressions struct {
	legacy
	ExpressionAttributeNames            map[string]string
	ExpressionAttributeValues           map[string]Value
	ConditionExpression                 *string
	ProjectionExpression                *string
	FilterExpression                    *string
	KeyConditionExpression              *string
	UpdateExpression                    *string
	ReturnValues                        string
	ReturnValuesOnConditionCheckFailure string
	ReturnConsumedCapacity              string
}

// compiled are a request's expressions; what is nil was not given.
type compiled struct {
	condition, filter, key *node
	projection             []path
	update                 *update
}

func (e *expressions) compile() (c compiled, err error) {
	if err := e.refuse(); err != nil {
		return c, err
	}
	n := newNames(e.ExpressionAttributeNames, e.ExpressionAttributeValues)
	for _, x := range []struct {
		kind string
		text *string
		into **node
	}{
		{"ConditionExpression", e.ConditionExpression, &c.condition},
		{"FilterExpression", e.FilterExpression, &c.filter},
		{"KeyConditionExpression", e.KeyConditionExpression, &c.key},
	} {
		if x.text == nil {
			continue
		}
		p, err := newParser(x.kind, *x.text, n)
		if err != nil {
			return c, err
		}
		if *x.into, err = p.condition(); err != nil {
			return c, err
		}
	}
	if e.ProjectionExpression != nil {
		p, err := newParser("ProjectionExpression", *e.ProjectionExpression, n)
		if err != nil {
			return c, err
		}
		if c.projection, err = p.paths(); err != nil {
			return c, err
		}
	}
	if e.UpdateExpression != nil {
		p, err := newParser("UpdateExpression", *e.UpdateExpression, n)
		if err != nil {
			return c, err
		}
		if c.update, err = p.update(); err != nil {
			return c, err
		}
	}
	return c, n.finish()
}

// check makes the check of a write from a condition.
func (e *expressions) check(condition *node) func(Item) error {
	if condition == nil {
		return nil
	}
	return func(old Item) error {
		if condition.holds(old) {
			return nil
		}
		fault := awsjson.Errorf("ConditionalCheckFailedException", "The conditional request failed")
		if e.ReturnValuesOnConditionCheckFailure == "ALL_OLD" && old != nil {
			fault.Fields = document{"Item": old}
		}
		return fault
	}
}

// only is the decision to do one write if a condition holds.
func (e *expressions) only(condition *node, w write) func(Item) ([]write, error) {
	check := e.check(condition)
	return func(old Item) ([]write, error) {
		if check != nil {
			if err := check(old); err != nil {
				return nil, err
			}
		}
		return []write{w}, nil
	}
}

// capacity adds what a request took: units of 4 KB read, half of them when they
// may be behind, of 1 KB written (ProvisionedThroughput).
func (e *expressions) capacity(out document, t *table, units float64) document {
	if e.ReturnConsumedCapacity == "TOTAL" || e.ReturnConsumedCapacity == "INDEXES" {
		used := document{"TableName": t.Name, "CapacityUnits": units}
		if e.ReturnConsumedCapacity == "INDEXES" {
			used["Table"] = document{"CapacityUnits": units}
		}
		out["ConsumedCapacity"] = used
	}
	return out
}

func readUnits(size int, consistent bool) float64 {
	units := math.Max(1, math.Ceil(float64(size)/(4<<10)))
	if !consistent {
		units /= 2
	}
	return units
}

func writeUnits(size int) float64 { return math.Max(1, math.Ceil(float64(size)/(1<<10))) }

type itemInput struct {
	TableName string
	Item, Key Item
	expressions
	ConsistentRead bool
}

// returned adds the item that was there before, when it is asked for.
func (in *itemInput) returned(out document, old Item) (document, error) {
	switch in.ReturnValues {
	case "", "NONE":
	case "ALL_OLD":
		if old != nil {
			out["Attributes"] = old
		}
	default:
		return nil, invalid("Return values set to invalid value")
	}
	return out, nil
}

// putting checks an item and finds its place.
func (t *table) putting(item Item) (write, error) {
	p, err := t.placeOf(item, false)
	if err != nil {
		return write{}, err
	}
	if item.size() > maxItem {
		return write{}, invalid("Item size has exceeded the maximum allowed size")
	}
	return write{place: p, item: item}, nil
}

// opened is what a request about one item begins with.
func (d *Door) opened(in *itemInput) (*table, compiled, error) {
	t, err := d.table(in.TableName)
	if err != nil {
		return nil, compiled{}, err
	}
	c, err := in.compile()
	return t, c, err
}

func (d *Door) putItem(_ context.Context, in *itemInput) (document, error) {
	return d.write(in, func(t *table) (write, error) { return t.putting(in.Item) })
}

func (d *Door) deleteItem(_ context.Context, in *itemInput) (document, error) {
	return d.write(in, func(t *table) (write, error) {
		p, err := t.placeOf(in.Key, true)
		return write{place: p, key: in.Key}, err
	})
}

// write does the one write of a request, if its condition holds.
func (d *Door) write(in *itemInput, prepare func(*table) (write, error)) (document, error) {
	t, c, err := d.opened(in)
	if err != nil {
		return nil, err
	}
	if _, err := in.returned(document{}, nil); err != nil {
		return nil, err
	}
	w, err := prepare(t)
	if err != nil {
		return nil, err
	}
	old, err := t.apply(in.only(c.condition, w), w.place)
	if err != nil {
		return nil, err
	}
	out, err := in.returned(document{}, old)
	if err != nil {
		return nil, err
	}
	return in.capacity(out, t, writeUnits(max(w.item.size(), old.size()))), nil
}

func (d *Door) getItem(_ context.Context, in *itemInput) (document, error) {
	t, c, err := d.opened(in)
	if err != nil {
		return nil, err
	}
	p, err := t.placeOf(in.Key, true)
	if err != nil {
		return nil, err
	}
	out := document{}
	item, ok := t.get(p)
	if ok {
		out["Item"] = c.shown(item)
	}
	return in.capacity(out, t, readUnits(item.size(), in.ConsistentRead)), nil
}

// shown is an item as the projection has it.
func (c compiled) shown(item Item) Item {
	if c.projection == nil {
		return item
	}
	return project(item, c.projection)
}

type batchWriteInput struct {
	RequestItems map[string][]struct {
		PutRequest    *struct{ Item Item }
		DeleteRequest *struct{ Key Item }
	}
	ReturnConsumedCapacity string
}

// batchWrite puts and deletes up to 25 items. All are checked before the first is
// written; each table's are written at once.
func (d *Door) batchWrite(_ context.Context, in *batchWriteInput) (document, error) {
	total := 0
	writes := map[*table][]write{}
	for name, requests := range in.RequestItems {
		if total += len(requests); total > maxWrites {
			return nil, invalid("Too many items requested for the BatchWriteItem call")
		}
		t, err := d.table(name)
		if err != nil {
			return nil, err
		}
		for _, r := range requests {
			var w write
			switch {
			case (r.PutRequest == nil) == (r.DeleteRequest == nil):
				return nil, invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
			case r.PutRequest != nil:
				w, err = t.putting(r.PutRequest.Item)
			default:
				w.key = r.DeleteRequest.Key
				w.place, err = t.placeOf(w.key, true)
			}
			if err != nil {
				return nil, err
			}
			for _, other := range writes[t] {
				if other.place.compare(w.place) == 0 {
					return nil, invalid("Provided list of item keys contains duplicates")
				}
			}
			writes[t] = append(writes[t], w)
		}
	}
	if total == 0 {
		return nil, constraint("{}", "requestItems", "Member must have length greater than or equal to 1")
	}
	out := document{"UnprocessedItems": document{}}
	var used []any
	for t, ws := range writes {
		if _, err := t.apply(func(Item) ([]write, error) { return ws, nil }, ws[0].place); err != nil {
			return nil, err
		}
		units := 0.0
		for _, w := range ws {
			units += writeUnits(w.item.size())
		}
		e := expressions{ReturnConsumedCapacity: in.ReturnConsumedCapacity}
		if c, ok := e.capacity(document{}, t, units)["ConsumedCapacity"]; ok {
			used = append(used, c)
		}
	}
	if used != nil {
		out["ConsumedCapacity"] = used
	}
	return out, nil
}

type batchGetInput struct {
	RequestItems map[string]struct {
		Keys           []Item
		ConsistentRead bool
		expressions
	}
	ReturnConsumedCapacity string
}

// maxAnswer is how many bytes of items BatchGetItem gives at once; what is beyond
// comes back as UnprocessedKeys.
const maxAnswer = 16 << 20

func (d *Door) batchGet(_ context.Context, in *batchGetInput) (document, error) {
	total, size := 0, 0
	responses, unprocessed := map[string][]Item{}, map[string]document{}
	var used []any
	for name, request := range in.RequestItems {
		if total += len(request.Keys); total > maxGets {
			return nil, invalid("Too many items requested for the BatchGetItem call")
		}
		t, err := d.table(name)
		if err != nil {
			return nil, err
		}
		c, err := request.compile()
		if err != nil {
			return nil, err
		}
		places := map[string]bool{}
		items, left, units := []Item{}, []Item(nil), 0.0
		for _, key := range request.Keys {
			p, err := t.placeOf(key, true)
			if err != nil {
				return nil, err
			}
			if id := p.partition + "\x00" + p.sort.Text; places[id] {
				return nil, invalid("Provided list of item keys contains duplicates")
			} else {
				places[id] = true
			}
			if size >= maxAnswer {
				left = append(left, key)
				continue
			}
			item, ok := t.get(p)
			units += readUnits(item.size(), request.ConsistentRead)
			if ok {
				size += item.size()
				items = append(items, c.shown(item))
			}
		}
		responses[name] = items
		if left != nil {
			rest := document{"Keys": left, "ConsistentRead": request.ConsistentRead}
			if request.ProjectionExpression != nil {
				rest["ProjectionExpression"], rest["ExpressionAttributeNames"] = request.ProjectionExpression, request.ExpressionAttributeNames
			}
			unprocessed[name] = rest
		}
		e := expressions{ReturnConsumedCapacity: in.ReturnConsumedCapacity}
		if c, ok := e.capacity(document{}, t, units)["ConsumedCapacity"]; ok {
			used = append(used, c)
		}
	}
	if total == 0 {
		return nil, constraint("{}", "requestItems", "Member must have length greater than or equal to 1")
	}
	out := document{"Responses": responses, "UnprocessedKeys": unprocessed}
	if used != nil {
		out["ConsumedCapacity"] = used
	}
	return out, nil
}
