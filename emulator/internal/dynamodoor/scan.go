package dynamodoor

import (
	"context"
	"slices"
)

type scanInput struct {
	TableName, IndexName   string
	ExclusiveStartKey      Item
	Limit                  *int
	Segment, TotalSegments *int
	Select                 string
	ConsistentRead         bool
	ScanIndexForward       *bool
	expressions
}

// maxSegments bounds TotalSegments (API_Scan).
const maxSegments = 1_000_000

// pager makes one page of a scan or query.
type pager struct {
	in      *scanInput
	c       compiled
	items   []Item
	count   int
	scanned int
	size    int
	last    Item
}

func (in *scanInput) pager() (*pager, error) {
	if in.IndexName != "" {
		return nil, invalid("The table does not have the specified index: %s", in.IndexName)
	}
	if in.Limit != nil && *in.Limit < 1 {
		return nil, invalid("1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1", *in.Limit)
	}
	switch in.Select {
	case "", "ALL_ATTRIBUTES", "COUNT", "SPECIFIC_ATTRIBUTES":
	default:
		return nil, invalid("not supported by the emulator: Select %s", in.Select)
	}
	if in.Select == "SPECIFIC_ATTRIBUTES" && in.ProjectionExpression == nil {
		return nil, invalid("Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
	}
	if in.Select != "" && in.Select != "SPECIFIC_ATTRIBUTES" && in.ProjectionExpression != nil {
		return nil, invalid("Cannot specify the ProjectionExpression when choosing to get %s", in.Select)
	}
	c, err := in.compile()
	return &pager{in: in, c: c, items: []Item{}}, err
}

// visit takes an item into the page and tells whether there is room for more: the
// limits are of what is looked at, before the filter.
func (p *pager) visit(t *table, e entry) bool {
	p.scanned++
	p.size += e.size
	if p.c.filter == nil || p.c.filter.holds(e.item) {
		p.count++
		if p.in.Select != "COUNT" {
			p.items = append(p.items, p.c.shown(e.item))
		}
	}
	if p.in.Limit != nil && p.scanned >= *p.in.Limit || p.size >= maxPage {
		p.last = t.keyOf(e.item)
		return false
	}
	return true
}

func (p *pager) answer(t *table) document {
	out := document{"Count": p.count, "ScannedCount": p.scanned}
	if p.in.Select != "COUNT" {
		out["Items"] = p.items
	}
	if p.last != nil {
		out["LastEvaluatedKey"] = p.last
	}
	return p.in.capacity(out, t, readUnits(p.size, p.in.ConsistentRead))
}

func (d *Door) scan(_ context.Context, in *scanInput) (document, error) {
	t, err := d.table(in.TableName)
	if err != nil {
		return nil, err
	}
	p, err := in.pager()
	if err != nil {
		return nil, err
	}
	first, last, err := in.segment()
	if err != nil {
		return nil, err
	}
	var after *place
	if in.ExclusiveStartKey != nil {
		at, err := t.placeOf(in.ExclusiveStartKey, true)
		if err != nil {
			return nil, invalid("The provided starting key is invalid: %s", err.Error())
		}
		if at.hash < first || at.hash > last {
			return nil, invalid("The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: %d Segment: %d", *in.TotalSegments, *in.Segment)
		}
		after = &at
	}
	t.page(first, last, after, func(e entry) bool { return p.visit(t, e) })
	return p.answer(t), nil
}

// segment gives the bounds of the request's segment.
func (in *scanInput) segment() (first, last uint64, err error) {
	switch {
	case in.Segment == nil && in.TotalSegments == nil:
		return firstHash, lastHash, nil
	case in.Segment == nil:
		return 0, 0, invalid("The Segment parameter is required but was not present in the request when parameter TotalSegments is present")
	case in.TotalSegments == nil:
		return 0, 0, invalid("The TotalSegments parameter is required but was not present in the request when Segment parameter is present")
	case *in.TotalSegments < 1 || *in.TotalSegments > maxSegments:
		return 0, 0, invalid("1 validation error detected: Value '%d' at 'totalSegments' failed to satisfy constraint: Member must have value between 1 and %d", *in.TotalSegments, maxSegments)
	case *in.Segment < 0 || *in.Segment >= *in.TotalSegments:
		return 0, 0, invalid("The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: %d is not less than TotalSegments: %d", *in.Segment, *in.TotalSegments)
	}
	first, last = segment(*in.Segment, *in.TotalSegments)
	return first, last, nil
}

func (d *Door) query(_ context.Context, in *scanInput) (document, error) {
	t, err := d.table(in.TableName)
	if err != nil {
		return nil, err
	}
	p, err := in.pager()
	if err != nil {
		return nil, err
	}
	if p.c.key == nil {
		return nil, invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	key, ranges, err := t.keyCondition(p.c.key)
	if err != nil {
		return nil, err
	}
	if p.c.filter.uses(t.Key) {
		return nil, invalid("Filter Expression can only contain non-primary key attributes: Primary key attribute: %s", t.Key[0].Name)
	}
	found := t.partition(key)
	backward := in.ScanIndexForward != nil && !*in.ScanIndexForward
	if backward {
		slices.Reverse(found)
	}
	var after *place
	if in.ExclusiveStartKey != nil {
		at, err := t.placeOf(in.ExclusiveStartKey, true)
		if err != nil || at.partition != key {
			return nil, invalid("The provided starting key is invalid")
		}
		after = &at
	}
	for _, e := range found {
		if after != nil {
			if c := e.compare(*after); !backward && c <= 0 || backward && c >= 0 {
				continue
			}
		}
		if ranges != nil && !ranges.holds(e.item) {
			continue
		}
		if !p.visit(t, e) {
			break
		}
	}
	return p.answer(t), nil
}

// keyCondition takes a KeyConditionExpression apart: the partition key's value and
// a condition of the sort key, or nil.
func (t *table) keyCondition(n *node) (key string, ranges *node, err error) {
	parts := []*node{n}
	if n.op == "AND" {
		parts = n.args
	}
	for _, part := range parts {
		if len(part.args) < 2 || part.args[0].op != "path" || len(part.args[0].path) != 1 {
			return "", nil, invalid("Invalid KeyConditionExpression: Invalid operator used in KeyConditionExpression: %s", part.op)
		}
		for _, v := range part.args[1:] {
			if v.op != "value" {
				return "", nil, invalid("Invalid KeyConditionExpression: a key is compared with values alone")
			}
		}
		name := part.args[0].path[0].name
		i := slices.IndexFunc(t.Key, func(k keyAttribute) bool { return k.Name == name })
		switch {
		case i < 0:
			return "", nil, invalid("Query condition missed key schema element: %s", t.Key[0].Name)
		case part.op != "begins_with" && part.args[1].value.Type != t.Key[i].Type:
			return "", nil, invalid("One or more parameter values were invalid: Condition parameter type does not match schema type")
		case i == 0 && part.op != "=", slices.Contains([]string{"<>", "IN", "contains", "attribute_type"}, part.op):
			return "", nil, invalid("Query key condition not supported")
		case i == 0:
			key = part.args[1].value.Text
		case ranges != nil:
			return "", nil, invalid("Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key")
		default:
			ranges = part
		}
	}
	if key == "" {
		return "", nil, invalid("Query condition missed key schema element: %s", t.Key[0].Name)
	}
	return key, ranges, nil
}

// uses tells whether a condition looks at one of the key's attributes.
func (n *node) uses(key []keyAttribute) bool {
	if n == nil {
		return false
	}
	if n.op == "path" {
		return slices.ContainsFunc(key, func(k keyAttribute) bool { return k.Name == n.path[0].name })
	}
	return slices.ContainsFunc(n.args, func(a *node) bool { return a.uses(key) })
}
