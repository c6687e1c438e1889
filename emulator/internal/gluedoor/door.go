// Package gluedoor serves the Data Catalog of AWS Glue: databases, tables with
// their versions, and partitions, in memory or in a folder.
package gluedoor

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsjson"
	"github.com/llm-dev-ops/redshift/emulator/internal/durable"
)

// Config says where the catalog is kept.
type Config struct {
	// Account is the catalog's id. Defaults to "123456789012".
	Account string
	// Dir is a folder for the catalog, which must exist and belong to one Door.
	// Defaults to "": in memory.
	Dir string
	// Logger gets a debug line per request. Defaults to discarding.
	Logger *slog.Logger
}

// Door is the service glue. It is safe for concurrent use.
type Door struct {
	cfg     Config
	service *awsjson.Service

	mu        sync.RWMutex
	databases map[string]database
	tables    map[tableName]*stored
}

type tableName struct{ database, name string }

// stored is a table with what belongs to it. It is replaced, not changed.
type stored struct {
	ID         string               `json:"id"` // names its file
	Table      table                `json:"table"`
	Archived   []table              `json:"archived,omitempty"` // versions before, the newest last
	Partitions map[string]partition `json:"partitions,omitempty"`
	Next       int                  `json:"next"` // the next version's number
}

const databasesFile = "databases.json"

// New opens the catalog of a folder, or makes an empty one.
func New(cfg Config) (*Door, error) {
	if cfg.Account == "" {
		cfg.Account = "123456789012"
	}
	d := &Door{cfg: cfg, databases: map[string]database{}, tables: map[tableName]*stored{}}
	if cfg.Dir != "" {
		if err := d.open(); err != nil {
			return nil, fmt.Errorf("glue: %w", err)
		}
	}
	read, write := d.reading, d.writing
	d.service = &awsjson.Service{
		Name: "glue", Target: "AWSGlue", Version: "1.1", Logger: cfg.Logger,
		Operations: map[string]awsjson.Operation{
			"CreateDatabase": write(d.createDatabase), "GetDatabase": read(d.getDatabase), "GetDatabases": read(d.getDatabases),
			"UpdateDatabase": write(d.updateDatabase), "DeleteDatabase": write(d.deleteDatabase),
			"CreateTable": write(d.createTable), "GetTable": read(d.getTable), "GetTables": read(d.getTables),
			"UpdateTable": write(d.updateTable), "DeleteTable": write(d.deleteTable), "BatchDeleteTable": write(d.batchDeleteTable),
			"SearchTables": read(d.searchTables), "GetTableVersion": read(d.getTableVersion), "GetTableVersions": read(d.getTableVersions),
			"DeleteTableVersion": write(d.deleteTableVersion), "BatchDeleteTableVersion": write(d.batchDeleteTableVersion),
			"CreatePartition": write(d.createPartition), "BatchCreatePartition": write(d.batchCreatePartition),
			"GetPartition": read(d.getPartition), "GetPartitions": read(d.getPartitions), "BatchGetPartition": read(d.batchGetPartition),
			"UpdatePartition": write(d.updatePartition), "BatchUpdatePartition": write(d.batchUpdatePartition),
			"DeletePartition": write(d.deletePartition), "BatchDeletePartition": write(d.batchDeletePartition),
		},
		Known: []string{
			"CreatePartitionIndex", "GetPartitionIndexes", "DeletePartitionIndex", "GetColumnStatisticsForTable", "UpdateColumnStatisticsForTable",
			"DeleteColumnStatisticsForTable", "GetColumnStatisticsForPartition", "UpdateColumnStatisticsForPartition",
			"DeleteColumnStatisticsForPartition", "CreateUserDefinedFunction", "GetUserDefinedFunction", "GetUserDefinedFunctions",
			"UpdateUserDefinedFunction", "DeleteUserDefinedFunction", "CreateCatalog", "GetCatalog", "GetCatalogs", "UpdateCatalog", "DeleteCatalog",
			"CreateCrawler", "GetCrawler", "StartCrawler", "CreateConnection", "GetConnection", "GetConnections", "CreateRegistry", "CreateSchema",
			"GetSchema", "RegisterSchemaVersion", "GetSchemaVersion", "GetUnfilteredTableMetadata", "GetUnfilteredPartitionsMetadata",
			"CreateJob", "StartJobRun", "GetTags", "TagResource", "UntagResource", "GetResourcePolicy", "PutResourcePolicy", "DeleteResourcePolicy",
		},
	}
	return d, nil
}

// ServeHTTP answers one call.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.service.ServeHTTP(w, r) }

func (d *Door) open() error {
	files, err := os.ReadDir(d.cfg.Dir)
	if err != nil {
		return err
	}
	read := func(name string, into any) error {
		data, err := os.ReadFile(filepath.Join(d.cfg.Dir, name))
		if err != nil {
			return err
		}
		if err := json.Unmarshal(data, into); err != nil {
			return fmt.Errorf("%s is damaged: %w", name, err)
		}
		return nil
	}
	for _, f := range files {
		switch name := f.Name(); {
		case strings.HasSuffix(name, durable.Suffix):
			if err := os.Remove(filepath.Join(d.cfg.Dir, name)); err != nil {
				return err
			}
		case name == databasesFile:
			if err := read(name, &d.databases); err != nil {
				return err
			}
		default:
			s := &stored{}
			if err := read(name, s); err != nil {
				return err
			}
			d.tables[tableName{s.Table.DatabaseName, s.Table.Name}] = s
		}
	}
	for name, s := range d.tables {
		if _, ok := d.databases[name.database]; !ok { // stopped while it was deleted
			if err := d.dropTable(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// reading and writing make operations of functions that run under the lock.
func (d *Door) reading(f func(*input) (document, error)) awsjson.Operation {
	return awsjson.Do(func(_ context.Context, in *input) (document, error) {
		if err := d.check(in); err != nil {
			return nil, err
		}
		d.mu.RLock()
		defer d.mu.RUnlock()
		return f(in)
	})
}

func (d *Door) writing(f func(*input) (document, error)) awsjson.Operation {
	return awsjson.Do(func(_ context.Context, in *input) (document, error) {
		if err := d.check(in); err != nil {
			return nil, err
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		return f(in)
	})
}

func (d *Door) check(in *input) error {
	if in.CatalogID != "" && in.CatalogID != d.cfg.Account {
		return notFound("Catalog %s not found.", in.CatalogID)
	}
	for _, refused := range []struct {
		name  string
		given bool
	}{
		{"PartitionIndexes", len(in.PartitionIndexes) > 0 && string(in.PartitionIndexes) != "[]"},
		{"OpenTableFormatInput", len(in.OpenTableFormatInput) > 0},
		{"UpdateOpenTableFormatInput", len(in.UpdateOpenTableFormat) > 0},
		{"TransactionId", in.TransactionID != ""},
	} {
		if refused.given {
			return invalid("not supported by the emulator: %s", refused.name)
		}
	}
	return nil
}

func invalid(format string, args ...any) *awsjson.Error {
	return awsjson.Errorf("InvalidInputException", format, args...)
}

func notFound(format string, args ...any) *awsjson.Error {
	return awsjson.Errorf("EntityNotFoundException", format, args...)
}

func exists(what string) *awsjson.Error {
	return awsjson.Errorf("AlreadyExistsException", "%s already exists.", what)
}

// now is a time in the protocol's form.
func now() float64 { return float64(time.Now().UnixMilli()) / 1000 }

var entityName = regexp.MustCompile(`^[^\x00-\x08\x0a-\x1f]{1,255}$`)

// named checks a name and folds it: Hive's names are in lower case.
func named(name, member string) (string, error) {
	if !entityName.MatchString(name) {
		return "", invalid("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must have length between 1 and 255", name, member)
	}
	return strings.ToLower(name), nil
}

// keepDatabases replaces the databases.
func (d *Door) keepDatabases(next map[string]database) error {
	if d.cfg.Dir != "" {
		data, err := json.Marshal(next)
		if err != nil {
			return err
		}
		if err := durable.WriteFile(filepath.Join(d.cfg.Dir, databasesFile), data); err != nil {
			return fmt.Errorf("glue: %w", err)
		}
	}
	d.databases = next
	return nil
}

// keepTable puts a table in the place of the one with its name.
func (d *Door) keepTable(s *stored) error {
	if d.cfg.Dir != "" {
		data, err := json.Marshal(s)
		if err != nil {
			return err
		}
		if err := durable.WriteFile(d.file(s), data); err != nil {
			return fmt.Errorf("glue: %w", err)
		}
	}
	d.tables[tableName{s.Table.DatabaseName, s.Table.Name}] = s
	return nil
}

func (d *Door) dropTable(s *stored) error {
	if d.cfg.Dir != "" {
		if err := durable.Remove(d.file(s)); err != nil {
			return fmt.Errorf("glue: %w", err)
		}
	}
	delete(d.tables, tableName{s.Table.DatabaseName, s.Table.Name})
	return nil
}

func (d *Door) file(s *stored) string { return filepath.Join(d.cfg.Dir, s.ID+".json") }

func (d *Door) database(name string) (database, error) {
	db, ok := d.databases[strings.ToLower(name)]
	if !ok {
		return database{}, notFound("Database %s not found.", name)
	}
	return db, nil
}

// table finds a table, or says whether it or its database is not there.
func (d *Door) table(database, name string) (*stored, error) {
	if _, err := d.database(database); err != nil {
		return nil, err
	}
	s := d.tables[tableName{strings.ToLower(database), strings.ToLower(name)}]
	if s == nil {
		return nil, notFound("Table %s not found.", name)
	}
	return s, nil
}

// tablesOf are a database's tables by name.
func (d *Door) tablesOf(database string) []*stored {
	var all []*stored
	for name, s := range d.tables {
		if database == "" || name.database == database {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b *stored) int {
		return strings.Compare(a.Table.DatabaseName+"\x00"+a.Table.Name, b.Table.DatabaseName+"\x00"+b.Table.Name)
	})
	return all
}

// page cuts a page out of what is in order, behind the entry of the token.
func page[T any](in *input, most int, all []T, key func(T) string) (part []T, next string, err error) {
	if in.MaxResults != nil {
		if *in.MaxResults < 1 || *in.MaxResults > most {
			return nil, "", invalid("1 validation error detected: Value '%d' at 'maxResults' failed to satisfy constraint: Member must have value between 1 and %d", *in.MaxResults, most)
		}
		most = *in.MaxResults
	}
	if in.NextToken != "" {
		after, err := base64.RawURLEncoding.DecodeString(in.NextToken)
		if err != nil {
			return nil, "", invalid("Invalid token")
		}
		if i := slices.IndexFunc(all, func(x T) bool { return key(x) > string(after) }); i >= 0 {
			all = all[i:]
		} else {
			all = nil
		}
	}
	if len(all) <= most {
		return all, "", nil
	}
	return all[:most], base64.RawURLEncoding.EncodeToString([]byte(key(all[most-1]))), nil
}

// answer is a page of a list.
func answer[T any](member string, part []T, next string) document {
	if part == nil {
		part = []T{}
	}
	out := document{member: part}
	if next != "" {
		out["NextToken"] = next
	}
	return out
}

func (d *Door) createDatabase(in *input) (document, error) {
	if in.DatabaseInput == nil {
		return nil, invalid("DatabaseInput is missing")
	}
	name, err := named(in.DatabaseInput.Name, "databaseInput.name")
	if err != nil {
		return nil, err
	}
	if _, ok := d.databases[name]; ok {
		return nil, exists("Database")
	}
	in.DatabaseInput.Name = name
	next := maps.Clone(d.databases)
	next[name] = database{databaseInput: *in.DatabaseInput, CreateTime: now(), CatalogID: d.cfg.Account}
	return document{}, d.keepDatabases(next)
}

func (d *Door) getDatabase(in *input) (document, error) {
	db, err := d.database(in.Name)
	return document{"Database": db}, err
}

func (d *Door) getDatabases(in *input) (document, error) {
	all := slices.SortedFunc(maps.Values(d.databases), func(a, b database) int { return strings.Compare(a.Name, b.Name) })
	part, next, err := page(in, 100, all, func(db database) string { return db.Name })
	return answer("DatabaseList", part, next), err
}

func (d *Door) updateDatabase(in *input) (document, error) {
	old, err := d.database(in.Name)
	if err != nil {
		return nil, err
	}
	if in.DatabaseInput == nil || strings.ToLower(in.DatabaseInput.Name) != old.Name {
		return nil, invalid("a database cannot be renamed: DatabaseInput.Name must be %s", old.Name)
	}
	in.DatabaseInput.Name = old.Name
	next := maps.Clone(d.databases)
	next[old.Name] = database{databaseInput: *in.DatabaseInput, CreateTime: old.CreateTime, CatalogID: old.CatalogID}
	return document{}, d.keepDatabases(next)
}

// deleteDatabase deletes the tables too. Once the database is gone from its file
// they are nobody's.
func (d *Door) deleteDatabase(in *input) (document, error) {
	old, err := d.database(in.Name)
	if err != nil {
		return nil, err
	}
	next := maps.Clone(d.databases)
	delete(next, old.Name)
	if err := d.keepDatabases(next); err != nil {
		return nil, err
	}
	for _, s := range d.tablesOf(old.Name) {
		if err := d.dropTable(s); err != nil {
			return nil, err
		}
	}
	return document{}, nil
}
