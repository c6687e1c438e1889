package gluedoor

import "encoding/json"

// The documents of AWS's model. Times are seconds since 1970.

type databaseInput struct {
	Name                          string
	Description                   string            `json:",omitempty"`
	LocationURI                   string            `json:"LocationUri,omitempty"`
	Parameters                    map[string]string `json:",omitempty"`
	CreateTableDefaultPermissions json.RawMessage   `json:",omitempty"`
	TargetDatabase                json.RawMessage   `json:",omitempty"`
}

type database struct {
	databaseInput
	CreateTime float64
	CatalogID  string `json:"CatalogId"`
}

type column struct {
	Name       string
	Type       string            `json:",omitempty"`
	Comment    string            `json:",omitempty"`
	Parameters map[string]string `json:",omitempty"`
}

type serde struct {
	Name                 string            `json:",omitempty"`
	SerializationLibrary string            `json:",omitempty"`
	Parameters           map[string]string `json:",omitempty"`
}

type order struct {
	Column    string
	SortOrder int
}

type storage struct {
	Columns                []column          `json:",omitempty"`
	Location               string            `json:",omitempty"`
	AdditionalLocations    []string          `json:",omitempty"`
	InputFormat            string            `json:",omitempty"`
	OutputFormat           string            `json:",omitempty"`
	Compressed             bool              `json:",omitempty"`
	NumberOfBuckets        int               `json:",omitempty"`
	SerdeInfo              *serde            `json:",omitempty"`
	BucketColumns          []string          `json:",omitempty"`
	SortColumns            []order           `json:",omitempty"`
	Parameters             map[string]string `json:",omitempty"`
	SkewedInfo             json.RawMessage   `json:",omitempty"`
	StoredAsSubDirectories bool              `json:",omitempty"`
	SchemaReference        json.RawMessage   `json:",omitempty"`
}

type tableInput struct {
	Name              string
	Description       string            `json:",omitempty"`
	Owner             string            `json:",omitempty"`
	LastAccessTime    float64           `json:",omitempty"`
	LastAnalyzedTime  float64           `json:",omitempty"`
	Retention         int               `json:",omitempty"`
	StorageDescriptor *storage          `json:",omitempty"`
	PartitionKeys     []column          `json:",omitempty"`
	ViewOriginalText  string            `json:",omitempty"`
	ViewExpandedText  string            `json:",omitempty"`
	TableType         string            `json:",omitempty"`
	Parameters        map[string]string `json:",omitempty"`
	TargetTable       json.RawMessage   `json:",omitempty"`
}

type table struct {
	tableInput
	DatabaseName                  string
	CreateTime                    float64
	UpdateTime                    float64
	CreatedBy                     string
	CatalogID                     string `json:"CatalogId"`
	VersionID                     string `json:"VersionId"`
	IsRegisteredWithLakeFormation bool
}

type partitionInput struct {
	Values            []string
	LastAccessTime    float64           `json:",omitempty"`
	LastAnalyzedTime  float64           `json:",omitempty"`
	StorageDescriptor *storage          `json:",omitempty"`
	Parameters        map[string]string `json:",omitempty"`
}

type partition struct {
	partitionInput
	DatabaseName string
	TableName    string
	CreationTime float64
	CatalogID    string `json:"CatalogId"`
}

// valueList are a partition's values where several partitions are named.
type valueList struct{ Values []string }

// input are the members of all requests.
type input struct {
	CatalogID             string `json:"CatalogId"`
	Name                  string
	DatabaseName          string
	TableName             string
	DatabaseInput         *databaseInput
	TableInput            *tableInput
	PartitionInput        *partitionInput
	PartitionInputList    []partitionInput
	PartitionValues       []string
	PartitionValueList    []string
	PartitionsToGet       []valueList
	PartitionsToDelete    []valueList
	Entries               []updateEntry
	TablesToDelete        []string
	VersionID             string   `json:"VersionId"`
	VersionIDs            []string `json:"VersionIds"`
	SkipArchive           bool
	Expression            string
	ExcludeColumnSchema   bool
	NextToken             string
	MaxResults            *int
	Segment               *struct{ SegmentNumber, TotalSegments int }
	Filters               []filter
	SearchText            string
	SortCriteria          []struct{ FieldName, Sort string }
	PartitionIndexes      json.RawMessage
	OpenTableFormatInput  json.RawMessage
	UpdateOpenTableFormat json.RawMessage `json:"UpdateOpenTableFormatInput"`
	TransactionID         string          `json:"TransactionId"`
}

type updateEntry struct {
	PartitionValueList []string
	PartitionInput     partitionInput
}

type filter struct{ Key, Value, Comparator string }

// document is an answer, or a part of one.
type document map[string]any
