package dynamodoor

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// call makes one call and gives the answer's status and text.
func call(t *testing.T, d *Door, operation, body string) (int, string) {
	t.Helper()
	r := httptest.NewRequest("POST", "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func must(t *testing.T, d *Door, operation, body string) map[string]any {
	t.Helper()
	status, text := call(t, d, operation, body)
	var out map[string]any
	if err := json.Unmarshal([]byte(text), &out); err != nil || status != 200 {
		t.Fatalf("%s %s: %d %s", operation, body, status, text)
	}
	return out
}

func newDoor(t *testing.T, cfg Config) *Door {
	t.Helper()
	d, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

const (
	simple = `{"TableName":"one","AttributeDefinitions":[{"AttributeName":"k","AttributeType":"S"}],"KeySchema":[{"AttributeName":"k","KeyType":"HASH"}],"BillingMode":"PAY_PER_REQUEST"}`
	sorted = `{"TableName":"two","AttributeDefinitions":[{"AttributeName":"k","AttributeType":"S"},{"AttributeName":"n","AttributeType":"N"}],"KeySchema":[{"AttributeName":"k","KeyType":"HASH"},{"AttributeName":"n","KeyType":"RANGE"}],"ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":6}}`
)

// testdata/calls.txt has a call a line: operation, document, what the answer has
// in it ("!" before what makes it a refusal).
func TestCalls(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/calls.txt")
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", maxItem)
	for dir, cfg := range map[string]Config{"memory": {Region: "us-east-1"}, "folder": {Region: "us-east-1", Dir: t.TempDir()}} {
		d := newDoor(t, cfg)
		n := 0
		for i, line := range strings.Split(string(text), "\n") {
			if strings.HasPrefix(line, "#") || line == "" {
				continue
			}
			n++
			parts := strings.SplitN(line, "\t", 3)
			if len(parts) != 3 {
				t.Fatalf("calls.txt:%d has no three fields", i+1)
			}
			want, refused := strings.CutPrefix(parts[2], "!")
			body := strings.NewReplacer("$SIMPLE", simple, "$SORTED", sorted, "$LONG", long).Replace(parts[1])
			status, got := call(t, d, parts[0], body)
			if !strings.Contains(got, want) || (status == 400) != refused || status != 200 && status != 400 {
				t.Errorf("%s: calls.txt:%d: %s: %d %.300s", dir, i+1, parts[0], status, got)
			}
		}
		if n < 50 {
			t.Errorf("%d calls", n)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}

// batch is a BatchWriteItem of n items of table one from the i-th on.
func batch(i, n, size int) string {
	var items []string
	for ; n > 0; i, n = i+1, n-1 {
		items = append(items, fmt.Sprintf(`{"PutRequest":{"Item":{"k":{"S":"key-%d"},"i":{"N":"%d"},"v":{"S":%q}}}}`, i, i, strings.Repeat("v", size)))
	}
	return `{"RequestItems":{"one":[` + strings.Join(items, ",") + `]}}`
}

// Pages of every size and any number of segments together have each item once, as
// Items does.
func TestPagesAndSegments(t *testing.T) {
	t.Parallel()
	d := newDoor(t, Config{})
	must(t, d, "CreateTable", simple)
	const items = 500
	for i := 0; i < items; i += 25 {
		must(t, d, "BatchWriteItem", batch(i, 25, 6000)) // three pages of 1 MB
	}
	if info, ok := d.Table("one"); !ok || info.Items != items || info.Bytes < 6000*items || len(info.Keys) != 1 {
		t.Error(info, ok)
	}
	for _, segments := range []int{1, 2, 3, 7, 1000} {
		for _, limit := range []string{"", `"Limit":1,`, `"Limit":13,`} {
			if segments == 1000 && limit == "" || segments == 7 && limit != "" {
				continue
			}
			seen, pages := map[string]int{}, 0
			for s := range segments {
				for start := ""; ; pages++ {
					out := must(t, d, "Scan", fmt.Sprintf(`{%s"TableName":"one","Segment":%d,"TotalSegments":%d,"ProjectionExpression":"k"%s}`, limit, s, segments, start))
					for _, i := range out["Items"].([]any) {
						seen[i.(map[string]any)["k"].(map[string]any)["S"].(string)]++
					}
					last, ok := out["LastEvaluatedKey"]
					if !ok {
						break
					}
					key, err := json.Marshal(last)
					if err != nil {
						t.Fatal(err)
					}
					start = `,"ExclusiveStartKey":` + string(key)
				}
			}
			if len(seen) != items {
				t.Errorf("%d segments, %s: %d items", segments, limit, len(seen))
			}
			for k, n := range seen {
				if n != 1 {
					t.Errorf("%d segments, %s: %s came %d times", segments, limit, k, n)
				}
			}
			if segments == 1 && limit == "" && pages != 2 {
				t.Errorf("%d pages before the last", pages)
			}
		}
		n := 0
		for s := range segments {
			for item, err := range d.Items(t.Context(), "one", s, segments) {
				if err != nil || item["i"].Type != Number {
					t.Fatal(item, err)
				}
				n++
			}
		}
		if n != items {
			t.Errorf("Items in %d segments: %d", segments, n)
		}
	}
	for _, err := range d.Items(t.Context(), "none", 0, 1) {
		if err == nil || !strings.Contains(err.Error(), "ResourceNotFoundException") {
			t.Error(err)
		}
	}
}

// What was answered is there after a kill at any moment, and what is half written
// is not.
func TestKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := newDoor(t, Config{Dir: dir})
	must(t, d, "CreateTable", simple)
	must(t, d, "BatchWriteItem", batch(0, 3, 1))
	must(t, d, "DeleteItem", `{"TableName":"one","Key":{"k":{"S":"key-1"}}}`)
	must(t, d, "BatchWriteItem", batch(5, 2, 1))
	var path string
	for _, tab := range d.tables {
		path = tab.log.path
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	counts := map[int64]bool{}
	for n := strings.Index(string(whole), "\n") + 1; n <= len(whole); n++ {
		if err := os.WriteFile(path, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		d := newDoor(t, Config{Dir: dir})
		info, _ := d.Table("one")
		counts[info.Items] = true
		want := []int64{0, 3, 2, 4}[strings.Count(string(whole[:n]), "\n")-1]
		if info.Items != want {
			t.Errorf("%d bytes: %d items", n, info.Items)
		}
		if n == len(whole) {
			must(t, d, "PutItem", `{"TableName":"one","Item":{"k":{"S":"last"},"b":{"B":"AAE="}}}`)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(counts) != 4 {
		t.Error(counts)
	}
	d = newDoor(t, Config{Dir: dir})
	if _, got := call(t, d, "GetItem", `{"TableName":"one","Key":{"k":{"S":"last"}}}`); !strings.Contains(got, `"b":{"B":"AAE="}`) {
		t.Error(got)
	}
	must(t, d, "DeleteTable", `{"TableName":"one"}`)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Error(left, err)
	}
	if err := os.WriteFile(path, []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Config{Dir: dir}); err == nil {
		t.Error("a damaged file was taken")
	}
}

func FuzzExpression(f *testing.F) {
	for _, text := range []string{"a = :v AND NOT (b.c[1] < :v OR contains(#n, :v))", "a BETWEEN :v AND :v", "a IN (:v, b)", "SET a = if_not_exists(a, :v) + :v REMOVE b[1] ADD c :v", "a.b[0], #n", "size(a) > :v"} {
		f.Add(text, `{"M":{"c":{"L":[{"N":"1"},{"S":"x"}]}}}`)
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		var v Value
		if err := json.Unmarshal([]byte(value), &v); err != nil {
			return
		}
		again, err := json.Marshal(v)
		var w Value
		if err != nil || json.Unmarshal(again, &w) != nil || !v.equal(w) {
			t.Errorf("%s became %s", value, again)
		}
		item := Item{"a": v, "b": v, "c": v}
		before := item.size()
		for _, member := range []string{"ConditionExpression", "ProjectionExpression", "UpdateExpression"} {
			e := expressions{ExpressionAttributeNames: map[string]string{"#n": "a"}, ExpressionAttributeValues: map[string]Value{":v": v}}
			switch member {
			case "ConditionExpression":
				e.ConditionExpression = &text
			case "ProjectionExpression":
				e.ProjectionExpression = &text
			default:
				e.UpdateExpression = &text
			}
			c, err := e.compile()
			if err != nil {
				continue
			}
			if c.condition != nil {
				c.condition.holds(item)
			}
			c.shown(item)
			if c.update != nil {
				_, _ = c.update.apply(item)
			}
		}
		if item.size() != before {
			t.Errorf("%q changed the stored item", text)
		}
	})
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"0": "0", "-0.00": "0", "007.50": "7.5", "1e3": "1000", "1E-3": "0.001", "-12.5e1": "-125", "+3": "3", ".5": "0.5", "5.": "5",
		"12345678901234567890123456789012345678": "12345678901234567890123456789012345678",
		"1E125":                                  "1" + strings.Repeat("0", 125), "1E-130": "0." + strings.Repeat("0", 129) + "1",
		"123456789012345678901234567890123456789": "!38 significant", "1E126": "!overflow", "1E-131": "!underflow",
		"": "!converted", "a": "!converted", "1e": "!converted", "--1": "!converted", "1.2.3": "!converted", "1e99999": "!converted",
	} {
		n, err := parseNumber(in)
		if text, refused := strings.CutPrefix(want, "!"); refused {
			if err == nil || !strings.Contains(err.Error(), text) {
				t.Errorf("%q: %v, %v", in, n, err)
			}
		} else if err != nil || n.String() != want {
			t.Errorf("%q: %v, %v", in, n, err)
		}
	}
	ordered := []string{"-1e100", "-20", "-3", "-0.5", "-0.05", "0", "1E-130", "0.05", "0.5", "3", "20", "21", "1e100"}
	for i, a := range ordered {
		for j, b := range ordered {
			x, _ := parseNumber(a)
			y, _ := parseNumber(b)
			if c := x.compare(y); (c < 0) != (i < j) || (c > 0) != (i > j) {
				t.Errorf("%s and %s: %d", a, b, c)
			}
		}
	}
}
