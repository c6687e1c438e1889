package dynamodoor

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsjson"
	"github.com/llm-dev-ops/redshift/emulator/internal/durable"
)

// Config says where tables are kept.
type Config struct {
	// Region and Account are in the tables' ARNs. Account defaults to
	// "123456789012".
	Region, Account string
	// Dir is a folder for the tables, which must exist and belong to one Door.
	// Defaults to "": in memory.
	Dir string
	// Logger gets a debug line per request. Defaults to discarding.
	Logger *slog.Logger
}

// Door is the service dynamodb. It is safe for concurrent use.
type Door struct {
	cfg     Config
	service *awsjson.Service

	mu     sync.RWMutex
	tables map[string]*table
}

// New opens the tables of a folder, or makes an empty Door. Close ends it.
func New(cfg Config) (*Door, error) {
	if cfg.Account == "" {
		cfg.Account = "123456789012"
	}
	d := &Door{cfg: cfg, tables: map[string]*table{}}
	d.service = &awsjson.Service{
		Name: "dynamodb", Target: "DynamoDB_20120810", Version: "1.0", Logger: cfg.Logger,
		Operations: map[string]awsjson.Operation{
			"CreateTable": awsjson.Do(d.createTable), "DescribeTable": awsjson.Do(d.describeTable),
			"ListTables": awsjson.Do(d.listTables), "DeleteTable": awsjson.Do(d.deleteTable),
			"PutItem": awsjson.Do(d.putItem), "GetItem": awsjson.Do(d.getItem), "DeleteItem": awsjson.Do(d.deleteItem),
			"UpdateItem": awsjson.Do(d.updateItem), "BatchWriteItem": awsjson.Do(d.batchWrite), "BatchGetItem": awsjson.Do(d.batchGet),
			"Scan": awsjson.Do(d.scan), "Query": awsjson.Do(d.query),
		},
		Known: []string{
			"BatchExecuteStatement", "CreateBackup", "CreateGlobalTable", "DeleteBackup", "DeleteResourcePolicy", "DescribeBackup",
			"DescribeContinuousBackups", "DescribeContributorInsights", "DescribeEndpoints", "DescribeExport", "DescribeGlobalTable",
			"DescribeGlobalTableSettings", "DescribeImport", "DescribeKinesisStreamingDestination", "DescribeLimits",
			"DescribeTableReplicaAutoScaling", "DescribeTimeToLive", "DisableKinesisStreamingDestination",
			"EnableKinesisStreamingDestination", "ExecuteStatement", "ExecuteTransaction", "ExportTableToPointInTime",
			"GetResourcePolicy", "ImportTable", "ListBackups", "ListContributorInsights", "ListExports", "ListGlobalTables",
			"ListImports", "ListTagsOfResource", "PutResourcePolicy", "RestoreTableFromBackup", "RestoreTableToPointInTime",
			"TagResource", "TransactGetItems", "TransactWriteItems", "UntagResource", "UpdateContinuousBackups",
			"UpdateContributorInsights", "UpdateGlobalTable", "UpdateGlobalTableSettings", "UpdateKinesisStreamingDestination",
			"UpdateTable", "UpdateTableReplicaAutoScaling", "UpdateTimeToLive",
		},
	}
	if cfg.Dir != "" {
		if err := d.open(); err != nil {
			return nil, errors.Join(err, d.Close())
		}
	}
	return d, nil
}

// open reads the folder, and writes each table anew without what is gone.
func (d *Door) open() error {
	files, err := os.ReadDir(d.cfg.Dir)
	if err != nil {
		return fmt.Errorf("dynamodb: %w", err)
	}
	for _, f := range files {
		path := filepath.Join(d.cfg.Dir, f.Name())
		if strings.HasSuffix(f.Name(), durable.Suffix) {
			if err := os.Remove(path); err != nil {
				return fmt.Errorf("dynamodb: %w", err)
			}
		}
		if !strings.HasSuffix(f.Name(), journalSuffix) {
			continue
		}
		t, err := readJournal(path)
		if err != nil {
			return err
		}
		if t.log, err = newJournal(d.cfg.Dir, t); err != nil {
			return err
		}
		d.tables[t.Name] = t
	}
	return nil
}

// Close closes the tables' files. No call may be under way.
func (d *Door) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var errs []error
	for _, t := range d.tables {
		if t.log != nil {
			errs = append(errs, t.log.file.Close())
		}
	}
	clear(d.tables)
	return errors.Join(errs...)
}

// ServeHTTP answers one call.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.service.ServeHTTP(w, r) }

// Info tells of a table.
type Info struct {
	// Items and Bytes are what the table holds now.
	Items, Bytes int64
	// Keys are the names of the partition key and, if there is one, the sort key.
	Keys []string
}

// Table tells of a table; ok is false without one of that name.
func (d *Door) Table(name string) (info Info, ok bool) {
	t, err := d.table(name)
	if err != nil {
		return Info{}, false
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	info = Info{Items: t.count, Bytes: t.bytes}
	for _, k := range t.Key {
		info.Keys = append(info.Keys, k.Name)
	}
	return info, true
}

// Items gives the items of one of n segments, numbered from 0, in the order of
// Scan. It may run beside writes, whose items it gives or not, and beside other
// segments. It ends with an error when ctx does or there is no such table.
func (d *Door) Items(ctx context.Context, name string, i, n int) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		t, err := d.table(name)
		if err == nil && (n < 1 || i < 0 || i >= n) {
			err = fmt.Errorf("dynamodb: segment %d of %d", i, n)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		first, last := segment(i, n)
		var after *place
		for {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			var page []entry
			size := 0
			t.page(first, last, after, func(e entry) bool {
				page = append(page, e)
				size += e.size
				return size < maxPage
			})
			for _, e := range page {
				if !yield(e.item, nil) {
					return
				}
			}
			if size < maxPage {
				return
			}
			after = &page[len(page)-1].place
		}
	}
}

// table finds a table by its name or ARN.
func (d *Door) table(name string) (*table, error) {
	if strings.HasPrefix(name, "arn:") {
		_, name, _ = strings.Cut(name, ":table/")
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	t := d.tables[name]
	if t == nil {
		return nil, notFound()
	}
	return t, nil
}

func notFound() *awsjson.Error {
	return awsjson.Errorf("ResourceNotFoundException", "Requested resource not found")
}

// names are the tables' in order.
func (d *Door) names() []string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	names := make([]string, 0, len(d.tables))
	for name := range d.tables {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
