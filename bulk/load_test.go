package bulk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/s3stage"
	"github.com/llm-dev-ops/redshift/transport"
	"github.com/llm-dev-ops/redshift/transport/transporttest"
)

// two are the columns of t, in an order that is not the alphabet's.
var two = []redshift.Column{column("name", redshift.TypeVarchar, 4+9), column("id", redshift.TypeInteger, -1)}

type item struct {
	ID   int
	Name *string
}

func items(n int, end error) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		for i := range n {
			name := fmt.Sprint("n", i)
			if !yield(item{i, &name}, nil) {
				return
			}
		}
		if end != nil {
			yield(item{}, end)
		}
	}
}

// copies has the fake answer the COPY of the manifest that the stage gets.
func copies(t *testing.T, f *transporttest.Fake, m *memory, answer transporttest.Answer) {
	m.listed = func(uri string) {
		at, err := s3stage.ParseURI(uri)
		if err != nil {
			t.Error(err)
		}
		sql, err := redshift.CopyCommand{
			Table: redshift.TableRef{Name: "t"}, Columns: []string{"id", "name"},
			Source: redshift.S3{Bucket: at.Bucket, Prefix: at.Key, Manifest: true}, Format: redshift.Parquet{},
			Options: redshift.CopyOptions{IAMRole: "default"},
		}.SQL()
		if err != nil {
			t.Error(err)
		}
		f.On(sql, answer)
	}
}

func loaded(n int) transporttest.Answer {
	return transporttest.Answer{Tag: "COPY", Notices: []transport.Notice{
		{Message: fmt.Sprintf("Load into table 't' completed, %d record(s) loaded successfully.", n)},
	}}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	m := newMemory()
	c, f := client(t, two...)
	copies(t, f, m, loaded(10_000))
	res, err := Load(t.Context(), c, LoadPlan{
		Table: redshift.TableRef{Name: "t"}, Source: Structs(items(10_000, nil)), Stage: m, Prefix: "s3://bucket/p", PartSize: 1000,
	})
	if err != nil {
		t.Fatal(err)
	}
	if res.Rows != 10_000 || res.Inserted != 10_000 || res.Files != 3 || res.Format != Parquet || res.Copy == nil {
		t.Errorf("%+v", res)
	}
	if m.len() != 0 {
		t.Error("something is left")
	}
	total := 0
	for uri, data := range m.last {
		if !strings.HasSuffix(uri, ".parquet") {
			man, err := s3stage.ParseManifest(data)
			if err != nil || len(man.Entries) != 3 {
				t.Fatalf("%+v %v", man, err)
			}
			for _, e := range man.Entries {
				if e.Meta == nil || e.Meta.ContentLength != int64(len(m.last[e.URL])) || !e.Mandatory {
					t.Errorf("%+v", e)
				}
			}
			continue
		}
		file, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		if fields := file.Schema().Fields(); len(fields) != 2 || fields[0].Name() != "id" || fields[1].Name() != "name" {
			t.Errorf("%v", file.Schema())
		}
		total += int(file.NumRows())
	}
	if total != 10_000 {
		t.Errorf("%d rows are staged", total)
	}
}

// What goes wrong leaves nothing behind, and is not copied.
func TestLoadFails(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	for name, test := range map[string]struct {
		source BatchSource
		put    error
		answer transporttest.Answer
		want   error
		copied bool
	}{
		"source": {source: Structs(items(20_000, boom)), want: boom},
		"stage":  {source: Structs(items(20_000, nil)), put: boom, want: boom},
		"short":  {source: Structs(items(2, nil)), answer: loaded(1), want: redshift.ErrCopy, copied: true},
		"server": {
			source: Structs(items(2, nil)), want: redshift.ErrPermissionDenied, copied: true,
			answer: transporttest.Answer{Err: &transport.ServerError{Severity: "ERROR", SQLState: "42501", Message: "no"}},
		},
		"half a row": {source: feeder(func(b *Batch) error { return b.Column(0).Null() }), want: redshift.ErrData},
		"too many": {source: feeder(func(b *Batch) error {
			return errors.Join(b.Column(0).Null(), b.Column(1).Null(), b.Column(1).Null(), b.EndRow())
		}), want: redshift.ErrData},
		"values":     {source: Rows(nil, func(yield func([]any, error) bool) { yield([]any{1}, nil) }), want: redshift.ErrData},
		"no column":  {source: Rows([]string{"x"}, nil), want: redshift.ErrUsage},
		"twice":      {source: Rows([]string{"id", "id"}, nil), want: redshift.ErrUsage},
		"no field":   {source: Structs(func(func(struct{ Other int }, error) bool) {}), want: redshift.ErrUsage},
		"no rows":    {source: Rows(nil, nil), want: redshift.ErrUsage},
		"no items":   {source: Structs[item](nil), want: redshift.ErrUsage},
		"no reader":  {source: CSV(nil, CSVOptions{}), want: redshift.ErrUsage},
		"no struct":  {source: Structs(func(func(int, error) bool) {}), want: redshift.ErrUsage},
		"JSON":       {source: JSONLines(strings.NewReader(`{"id": 1} {"id": `)), want: redshift.ErrData},
		"JSON's key": {source: JSONLines(strings.NewReader(`{"x": 1}`)), want: redshift.ErrData},
		"CSV":        {source: CSV(strings.NewReader("a,1,2\n"), CSVOptions{}), want: redshift.ErrData},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMemory()
			m.fail = test.put
			c, f := client(t, two...)
			copies(t, f, m, test.answer)
			_, err := Load(t.Context(), c, LoadPlan{Table: redshift.TableRef{Name: "t"}, Source: test.source, Stage: m, Prefix: "s3://bucket/p", PartSize: 1000})
			if !errors.Is(err, test.want) {
				t.Errorf("%v", err)
			}
			if m.len() != 0 {
				t.Error("something is left")
			}
			if copied := strings.Contains(strings.Join(f.Log(), "\n"), "COPY"); copied != test.copied {
				t.Errorf("copied: %v", f.Log())
			}
		})
	}
}

// Rows that are loaded are told, though the files cannot be removed.
func TestLoadLeft(t *testing.T) {
	t.Parallel()
	m := newMemory()
	m.stuck = errors.New("stuck")
	c, f := client(t, two...)
	copies(t, f, m, loaded(1))
	res, err := Load(t.Context(), c, LoadPlan{Table: redshift.TableRef{Name: "t"}, Source: Structs(items(1, nil)), Stage: m, Prefix: "s3://bucket/p"})
	if !errors.Is(err, m.stuck) || res == nil || res.Inserted != 1 {
		t.Errorf("%+v %v", res, err)
	}
}

// feeder is a source of one's own.
type feeder func(*Batch) error

func (f feeder) Columns([]redshift.Column) ([]string, error) { return nil, nil }

func (f feeder) Feed(_ context.Context, b *Batch) error { return f(b) }

// Nothing is asked of the server or the stage for a plan that is wrong.
func TestPlans(t *testing.T) {
	t.Parallel()
	good := LoadPlan{Table: redshift.TableRef{Name: "t"}, Source: rowless, Stage: newMemory(), Prefix: "s3://bucket/p"}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*LoadPlan){
		"table":  func(p *LoadPlan) { p.Table.Name = "" },
		"source": func(p *LoadPlan) { p.Source = nil },
		"stage":  func(p *LoadPlan) { p.Stage = nil },
		"prefix": func(p *LoadPlan) { p.Prefix = "/tmp" },
		"mode":   func(p *LoadPlan) { p.Mode = "merge" },
		"format": func(p *LoadPlan) { p.Format = "orc" },
		"upsert": func(p *LoadPlan) { p.Mode = Upsert },
		"keys":   func(p *LoadPlan) { p.Keys = []string{"id"} },
		"size":   func(p *LoadPlan) { p.PartSize = -1 },
	} {
		p := good
		spoil(&p)
		if _, err := Load(t.Context(), nil, p); !errors.Is(err, redshift.ErrUsage) {
			t.Errorf("%s: %v", name, err)
		}
	}
	read := ReadPlan{Query: redshift.SQL("SELECT 1"), Via: ViaUnload, Stage: newMemory(), Prefix: "s3://bucket/p"}
	if err := read.Validate(); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*ReadPlan){
		"query":  func(p *ReadPlan) { p.Query.SQL = "" },
		"via":    func(p *ReadPlan) { p.Via = "post" },
		"stage":  func(p *ReadPlan) { p.Stage = nil },
		"prefix": func(p *ReadPlan) { p.Prefix = "s3://" },
		"args":   func(p *ReadPlan) { p.Query = redshift.SQL("SELECT $1", 1) },
		"limit":  func(p *ReadPlan) { p.Query = redshift.SQL("SELECT 1 LIMIT 1") },
		"files":  func(p *ReadPlan) { p.Files = -1 },
	} {
		p := read
		spoil(&p)
		if _, err := Read(t.Context(), nil, p); !errors.Is(err, redshift.ErrUsage) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

var rowless = feeder(func(*Batch) error { return nil })
