package gluedoor

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsjson"
)

// maxType and maxParameter are the longest type of a column and value of a
// parameter in bytes (API_Column, KeyString and ParametersMapValue).
const (
	maxType      = 131072
	maxParameter = 512000
)

// tableInput checks what a table is to be like.
func (in *input) tableInput() (*tableInput, error) {
	t := in.TableInput
	if t == nil {
		return nil, invalid("TableInput is missing")
	}
	name, err := named(t.Name, "tableInput.name")
	if err != nil {
		return nil, err
	}
	t.Name = name
	columns := slices.Clone(t.PartitionKeys)
	if t.StorageDescriptor != nil {
		columns = append(columns, t.StorageDescriptor.Columns...)
	}
	for _, c := range columns {
		if _, err := named(c.Name, "tableInput.columns.name"); err != nil {
			return nil, err
		}
		if len(c.Type) > maxType {
			return nil, invalid("the type of the column %s is longer than %d bytes", c.Name, maxType)
		}
	}
	for key, value := range t.Parameters {
		if len(value) > maxParameter {
			return nil, invalid("the parameter %s is longer than %d bytes", key, maxParameter)
		}
	}
	return t, nil
}

func (d *Door) createTable(in *input) (document, error) {
	db, err := d.database(in.DatabaseName)
	if err != nil {
		return nil, err
	}
	t, err := in.tableInput()
	if err != nil {
		return nil, err
	}
	if d.tables[tableName{db.Name, t.Name}] != nil {
		return nil, exists("Table")
	}
	at := now()
	return document{}, d.keepTable(&stored{ID: awsjson.RequestID(), Next: 1, Table: table{
		tableInput: *t, DatabaseName: db.Name, CreateTime: at, UpdateTime: at,
		CreatedBy: "arn:aws:iam::" + d.cfg.Account + ":root", CatalogID: d.cfg.Account, VersionID: "0",
	}})
}

func (d *Door) getTable(in *input) (document, error) {
	s, err := d.table(in.DatabaseName, in.Name)
	if err != nil {
		return nil, err
	}
	return document{"Table": s.Table}, nil
}

// getTables takes a regular expression that the whole name must match (as
// Athena's SHOW TABLES does it; assumed).
func (d *Door) getTables(in *input) (document, error) {
	db, err := d.database(in.DatabaseName)
	if err != nil {
		return nil, err
	}
	pattern, err := regexp.Compile("^(?:" + in.Expression + ")$")
	if err != nil {
		return nil, invalid("the expression %q is no regular expression", in.Expression)
	}
	var all []table
	for _, s := range d.tablesOf(db.Name) {
		if in.Expression == "" || pattern.MatchString(s.Table.Name) {
			all = append(all, s.Table)
		}
	}
	part, next, err := page(in, 100, all, func(t table) string { return t.Name })
	return answer("TableList", part, next), err
}

func (d *Door) updateTable(in *input) (document, error) {
	t, err := in.tableInput()
	if err != nil {
		return nil, err
	}
	old, err := d.table(in.DatabaseName, t.Name)
	if err != nil {
		return nil, err
	}
	if in.VersionID != "" && in.VersionID != old.Table.VersionID {
		return nil, awsjson.Errorf("ConcurrentModificationException", "Update table failed due to concurrent modifications.")
	}
	next := *old
	next.Table.tableInput, next.Table.UpdateTime, next.Table.VersionID = *t, now(), strconv.Itoa(old.Next)
	next.Next++
	if !in.SkipArchive {
		next.Archived = append(slices.Clip(old.Archived), old.Table)
	}
	return document{}, d.keepTable(&next)
}

func (d *Door) deleteTable(in *input) (document, error) {
	s, err := d.table(in.DatabaseName, in.Name)
	if err != nil {
		return nil, err
	}
	return document{}, d.dropTable(s)
}

// detail is one failure of a batch.
func detail(err *awsjson.Error) document {
	return document{"ErrorCode": err.Code, "ErrorMessage": err.Message}
}

// batch does something for each entry of a batch and gathers the failures; what is
// no client's fault ends it.
func batch[T any](entries []T, most int, member string, do func(T) error, failure func(T, document) document) (document, error) {
	if len(entries) > most {
		return nil, invalid("1 validation error detected: Value at '%s' failed to satisfy constraint: Member must have length less than or equal to %d", member, most)
	}
	failures := []document{}
	for _, e := range entries {
		err := do(e)
		if refused, ok := errors.AsType[*awsjson.Error](err); ok {
			failures = append(failures, failure(e, detail(refused)))
		} else if err != nil {
			return nil, err
		}
	}
	return document{"Errors": failures}, nil
}

func (d *Door) batchDeleteTable(in *input) (document, error) {
	if _, err := d.database(in.DatabaseName); err != nil {
		return nil, err
	}
	return batch(in.TablesToDelete, 100, "tablesToDelete", func(name string) error {
		s, err := d.table(in.DatabaseName, name)
		if err != nil {
			return err
		}
		return d.dropTable(s)
	}, func(name string, why document) document { return document{"TableName": name, "ErrorDetail": why} })
}

// versions are a table's, the newest first.
func (s *stored) versions() []table {
	all := append([]table{s.Table}, s.Archived...)
	slices.Reverse(all[1:])
	return all
}

func asVersion(t table) document { return document{"Table": t, "VersionId": t.VersionID} }

func (d *Door) getTableVersion(in *input) (document, error) {
	s, err := d.table(in.DatabaseName, in.TableName)
	if err != nil {
		return nil, err
	}
	for _, t := range s.versions() {
		if in.VersionID == "" || t.VersionID == in.VersionID {
			return document{"TableVersion": asVersion(t)}, nil
		}
	}
	return nil, notFound("Table version %s not found.", in.VersionID)
}

func (d *Door) getTableVersions(in *input) (document, error) {
	s, err := d.table(in.DatabaseName, in.TableName)
	if err != nil {
		return nil, err
	}
	all := s.versions()
	// The token's order is that of the list: the newest first.
	place := map[string]int{}
	for i, t := range all {
		place[t.VersionID] = i
	}
	part, next, err := page(in, 100, all, func(t table) string { return strconv.Itoa(1e9 + place[t.VersionID]) })
	if err != nil {
		return nil, err
	}
	versions := make([]document, len(part))
	for i, t := range part {
		versions[i] = asVersion(t)
	}
	return answer("TableVersions", versions, next), nil
}

func (d *Door) removeVersion(in *input, version string) error {
	s, err := d.table(in.DatabaseName, in.TableName)
	if err != nil {
		return err
	}
	if version == s.Table.VersionID {
		return invalid("the current version of a table cannot be deleted")
	}
	next := *s
	next.Archived = slices.DeleteFunc(slices.Clone(s.Archived), func(t table) bool { return t.VersionID == version })
	if len(next.Archived) == len(s.Archived) {
		return notFound("Table version %s not found.", version)
	}
	return d.keepTable(&next)
}

func (d *Door) deleteTableVersion(in *input) (document, error) {
	return document{}, d.removeVersion(in, in.VersionID)
}

func (d *Door) batchDeleteTableVersion(in *input) (document, error) {
	if _, err := d.table(in.DatabaseName, in.TableName); err != nil {
		return nil, err
	}
	return batch(in.VersionIDs, 100, "versionIds", func(version string) error { return d.removeVersion(in, version) },
		func(version string, why document) document {
			return document{"TableName": in.TableName, "VersionId": version, "ErrorDetail": why}
		})
}

// searchTables finds tables by properties and text (API_SearchTables).
func (d *Door) searchTables(in *input) (document, error) {
	found := []table{}
	for _, s := range d.tablesOf("") {
		ok, err := s.matches(in)
		if err != nil {
			return nil, err
		}
		if ok {
			found = append(found, s.Table)
		}
	}
	key := func(t table) string { return t.DatabaseName + "\x00" + t.Name }
	if len(in.SortCriteria) > 1 {
		return nil, invalid("SortCriteria takes one criterion")
	}
	for _, c := range in.SortCriteria {
		slices.SortStableFunc(found, func(a, b table) int {
			x, y := property(a, c.FieldName), property(b, c.FieldName)
			if c.Sort == "DESC" {
				x, y = y, x
			}
			return strings.Compare(x, y)
		})
		place := map[string]int{}
		for i, t := range found {
			place[t.DatabaseName+"\x00"+t.Name] = i
		}
		key = func(t table) string { return strconv.Itoa(1e9 + place[t.DatabaseName+"\x00"+t.Name]) }
	}
	part, next, err := page(in, 1000, found, key)
	return answer("TableList", part, next), err
}

// property is one of a table that can be searched and sorted by. Times are as
// wide as they need to be to compare as text.
func property(t table, key string) string {
	time := func(at float64) string { return strconv.FormatFloat(1e12+at, 'f', 3, 64) }
	switch strings.ToLower(key) {
	case "name":
		return t.Name
	case "databasename", "database":
		return t.DatabaseName
	case "description":
		return t.Description
	case "owner":
		return t.Owner
	case "tabletype", "type":
		return t.TableType
	case "createtime":
		return time(t.CreateTime)
	case "updatetime", "lastupdatetime":
		return time(t.UpdateTime)
	case "lastaccesstime":
		return time(t.LastAccessTime)
	case "classification":
		return t.Parameters["classification"]
	}
	return t.Parameters[key]
}

var separators = regexp.MustCompile(`[^\p{L}\p{N}_]+`)

func (s *stored) matches(in *input) (bool, error) {
	for _, f := range in.Filters {
		got := property(s.Table, f.Key)
		if strings.HasSuffix(strings.ToLower(f.Key), "time") {
			ok, err := compareTimes(got, f)
			if err != nil || !ok {
				return false, err
			}
			continue
		}
		// "split into tokens … each token is exact-match compared"
		if got != f.Value && !slices.Contains(separators.Split(got, -1), f.Value) {
			return false, nil
		}
	}
	text := in.SearchText
	if text == "" {
		return true, nil
	}
	texts := []string{s.Table.Name, s.Table.DatabaseName, s.Table.Description}
	texts = slices.AppendSeq(texts, maps.Values(s.Table.Parameters))
	columns := slices.Clone(s.Table.PartitionKeys)
	if s.Table.StorageDescriptor != nil {
		columns = append(columns, s.Table.StorageDescriptor.Columns...)
	}
	for _, c := range columns {
		texts = append(texts, c.Name, c.Comment)
	}
	if len(text) > 1 && text[0] == '"' && text[len(text)-1] == '"' {
		return slices.Contains(texts, text[1:len(text)-1]), nil
	}
	return slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(strings.ToLower(t), strings.ToLower(text)) }), nil
}

// compareTimes compares seconds since 1970.
func compareTimes(got string, f filter) (bool, error) {
	want, err := strconv.ParseFloat(f.Value, 64)
	if err != nil {
		return false, invalid("the value of %s is not a number of seconds", f.Key)
	}
	have, err := strconv.ParseFloat(got, 64)
	if err != nil {
		return false, err
	}
	have -= 1e12
	switch f.Comparator {
	case "", "EQUALS":
		return have == want, nil
	case "GREATER_THAN":
		return have > want, nil
	case "LESS_THAN":
		return have < want, nil
	case "GREATER_THAN_EQUALS":
		return have >= want, nil
	case "LESS_THAN_EQUALS":
		return have <= want, nil
	}
	return false, invalid("the comparator %q is none", f.Comparator)
}
