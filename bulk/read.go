package bulk

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
	"github.com/llm-dev-ops/redshift/s3stage"
)

// Via is the way that a query's rows take.
type Via string

// The ways.
const (
	// ViaAuto is ViaUnload where the plan has a Stage, the query can be unloaded,
	// and EXPLAIN's estimate is at least ReadPlan.UnloadRows; else ViaWire. It is
	// the default.
	ViaAuto Via = "auto"
	// ViaWire streams the rows over the connection.
	ViaWire Via = "wire"
	// ViaUnload has the server write files to S3 and reads them.
	ViaUnload Via = "unload"
)

// Unloader is what a read needs of a redshift.Client, Tx or Conn.
type Unloader interface {
	redshift.Querier
	Unload(ctx context.Context, cmd redshift.UnloadCommand) (*redshift.UnloadResult, error)
}

// ReadPlan says what is read and how.
type ReadPlan struct {
	// Query is a SELECT. With arguments, or a LIMIT or TOP at its outermost level,
	// UNLOAD cannot run it.
	Query redshift.Query
	// Via defaults to ViaAuto.
	Via Via
	// Stage is where UNLOAD's files go, and Prefix, such as s3://bucket/staging,
	// below what: a folder of the read's own is made there, and removed.
	Stage  Stage
	Prefix string
	// IAMRole is as in redshift.UnloadOptions, whose default it has.
	IAMRole string
	// Format is that of UNLOAD's files: Auto, Parquet, CSVZstd or CSVGzip. Defaults
	// to Auto, which is Parquet where it carries all the columns, else CSVZstd.
	Format Format
	// Ordered keeps the order of the query's ORDER BY: the server then writes the
	// files one after another (PARALLEL OFF). Over the wire it is kept anyway.
	Ordered bool
	// Files is how many files are read at a time. Defaults to 2. Each holds some
	// thousand rows in memory, and itself, if it is Parquet, in a temporary file.
	Files int
	// UnloadRows is the estimate from which ViaAuto unloads. Defaults to
	// 1,000,000.
	UnloadRows int64
}

func (p ReadPlan) withDefaults() ReadPlan {
	if p.Via == "" {
		p.Via = ViaAuto
	}
	if p.Files == 0 {
		p.Files = 2
	}
	if p.UnloadRows == 0 {
		p.UnloadRows = 1_000_000
	}
	if p.Format == "" {
		p.Format = Auto
	}
	return p
}

// Validate says offline what is wrong with the plan, as a redshift.ErrUsage.
func (p ReadPlan) Validate() error {
	p = p.withDefaults()
	switch {
	case p.Query.SQL == "":
		return usage("bulk: ReadPlan.Query is missing")
	case !slices.Contains([]Via{ViaAuto, ViaWire, ViaUnload}, p.Via):
		return usage("bulk: ReadPlan.Via %q is none", p.Via)
	case !slices.Contains([]Format{Auto, Parquet, CSVZstd, CSVGzip}, p.Format):
		return usage("bulk: ReadPlan.Format %q is none", p.Format)
	case p.Files < 0 || p.UnloadRows < 0:
		return usage("bulk: ReadPlan.Files and UnloadRows cannot be negative")
	case p.Via == ViaUnload && p.Stage == nil:
		return usage("bulk: ReadPlan.Via unload needs a Stage")
	}
	if p.Stage != nil {
		if _, err := s3stage.ParseURI(p.Prefix); err != nil {
			return usage("bulk: ReadPlan.Prefix: %v", err)
		}
	}
	if p.Via == ViaUnload {
		return unloadable(p.Query)
	}
	return nil
}

// Read gives the rows of a query, which are the same whichever way they take, but
// for their order without an ORDER BY, and for a SUPER that is JSON's null, which
// UNLOAD does not tell from NULL. The Rows must be closed: only then the files of
// an UNLOAD are removed. ctx bounds them until then.
func Read(ctx context.Context, client Unloader, plan ReadPlan) (*redshift.Rows, error) {
	if err := plan.Validate(); err != nil {
		return nil, err
	}
	plan = plan.withDefaults()
	columns, err := way(ctx, client, &plan)
	if err != nil {
		return nil, err
	}
	if plan.Via == ViaWire {
		return client.Query(ctx, plan.Query)
	}
	return unload(ctx, client, plan, columns)
}

// unloadable says why UNLOAD would refuse a query ("UNLOAD", Usage notes).
func unloadable(q redshift.Query) error {
	if len(q.Args) > 0 {
		return usage("bulk: UNLOAD takes no query with arguments")
	}
	stmt, err := parse.Statement(q.SQL)
	if err != nil {
		return nil // the server says better what is wrong
	}
	s, ok := stmt.(*ast.Query)
	if !ok {
		return usage("bulk: UNLOAD takes a SELECT alone")
	}
	body, _ := s.Body.(*ast.Select)
	if s.Limit != nil || body != nil && body.Top != nil {
		return usage("bulk: UNLOAD takes no query with a LIMIT at its outermost level")
	}
	return nil
}

// way decides for ViaAuto, and describes the columns for ViaUnload.
func way(ctx context.Context, client Unloader, plan *ReadPlan) ([]redshift.Column, error) {
	if plan.Via == ViaWire {
		return nil, nil
	}
	auto := plan.Via == ViaAuto
	if auto {
		plan.Via = ViaWire
		if plan.Stage == nil || unloadable(plan.Query) != nil {
			return nil, nil
		}
		n, err := estimate(ctx, client, plan.Query)
		if err != nil || n < plan.UnloadRows {
			return nil, err
		}
	}
	rows, err := client.Query(ctx, redshift.Query{
		SQL: "SELECT * FROM (\n" + statement(plan.Query) + "\n) bulk_rows LIMIT 0", QueryGroup: plan.Query.QueryGroup,
	})
	if err != nil {
		return nil, fmt.Errorf("bulk: the columns of the query: %w", err)
	}
	columns := rows.Columns()
	if err := rows.Close(); err != nil {
		return nil, fmt.Errorf("bulk: the columns of the query: %w", err)
	}
	plan.Via = ViaUnload
	return columns, nil
}

// statement is the query without what ends it.
func statement(q redshift.Query) string { return strings.TrimRight(q.SQL, "; \t\r\n") }

// estimate is the number of rows that the planner expects, 0 where it does not
// say.
func estimate(ctx context.Context, client Unloader, q redshift.Query) (int64, error) {
	rows, err := client.Query(ctx, redshift.Query{SQL: "EXPLAIN " + statement(q), QueryGroup: q.QueryGroup})
	if err != nil {
		return 0, err
	}
	plan, err := redshift.Collect(rows, redshift.ByPos[string])
	if err != nil || len(plan) == 0 {
		return 0, err
	}
	_, after, _ := strings.Cut(plan[0], " rows=")
	digits, _, _ := strings.Cut(after, " ")
	n, _ := strconv.ParseInt(digits, 10, 64)
	return n, nil
}

// inParquet reports whether UNLOAD writes all the columns to Parquet so that
// nothing is lost: types, scales, and names that differ.
func inParquet(columns []redshift.Column) bool {
	seen := make(map[string]bool)
	for _, c := range columns {
		_, _, scaled := c.PrecisionScale()
		if !carries(c) || c.Type == redshift.TypeNumeric && !scaled || seen[c.Name] {
			return false
		}
		seen[c.Name] = true
	}
	return true
}

// unload has the files written, and opens them as rows.
func unload(ctx context.Context, client Unloader, plan ReadPlan, columns []redshift.Column) (rows *redshift.Rows, err error) {
	prefix, err := s3stage.UniquePrefix(plan.Prefix)
	if err != nil {
		return nil, usage("bulk: ReadPlan.Prefix: %v", err)
	}
	cleanUp := func() error { return plan.Stage.CleanUp(ctx, prefix) }
	defer func() {
		if rows == nil {
			_ = cleanUp() // the other error says more
		}
	}()
	at, err := s3stage.ParseURI(prefix)
	if err != nil {
		return nil, err
	}
	cmd := redshift.UnloadCommand{
		Query: statement(plan.Query), Destination: redshift.S3Destination{Bucket: at.Bucket, Prefix: at.Key},
		Format: redshift.Parquet{},
		Options: redshift.UnloadOptions{
			IAMRole: plan.IAMRole, Manifest: true, MaxFileSizeMB: 64,
			QueryGroup: plan.Query.QueryGroup, Label: plan.Query.Label,
		},
	}
	if plan.Ordered {
		cmd.Options.Parallel = redshift.Off
	}
	files := &files{columns: columns, stage: plan.Stage, count: plan.Files, cleanUp: cleanUp}
	switch carried := inParquet(columns); {
	case plan.Format == Parquet && !carried:
		return nil, usage("bulk: Parquet does not carry all columns of the query; ReadPlan.Format CSVZstd does")
	case plan.Format == CSVZstd, plan.Format == CSVGzip, !carried:
		files.null, files.gzip = newMarker(), plan.Format == CSVGzip
		cmd.Format = redshift.CSV{}
		cmd.Options.Compression, cmd.Options.NullAs = redshift.Zstd, &files.null
		if files.gzip {
			cmd.Options.Compression = redshift.Gzip
		}
	}
	res, err := client.Unload(ctx, cmd)
	if err != nil {
		return nil, err
	}
	var manifest s3stage.Manifest
	if res.RowsUnloaded != 0 { // without rows there may be no file, or an empty manifest
		if manifest, err = plan.Stage.ReadManifest(ctx, prefix+"manifest"); err != nil {
			return nil, err
		}
	}
	for _, e := range manifest.Entries {
		files.uris = append(files.uris, e.URL)
	}
	// The names count up, with more digits when they must.
	slices.SortFunc(files.uris, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	return files.rows(ctx)
}
