package bulk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/s3stage"
)

// Mode says what becomes of the rows that the table has.
type Mode string

// The modes of a load. Each changes the table in one transaction.
const (
	// Append keeps them. It is the default.
	Append Mode = "append"
	// Replace deletes them first, with DELETE and not TRUNCATE, which would
	// commit. Without new rows the table becomes empty.
	Replace Mode = "replace"
	// Upsert deletes those with the keys of a new row first. Of new rows with
	// equal keys the last of the source counts. The source must give all columns.
	Upsert Mode = "upsert"
)

// Format is that of the files in between.
type Format string

// The formats.
const (
	// Auto is Parquet where COPY takes all the columns' types from it, else
	// CSVZstd. It is the default.
	Auto Format = "auto"
	// Parquet is compressed with Snappy.
	Parquet Format = "parquet"
	// CSVZstd is CSV compressed with ZSTD.
	CSVZstd Format = "csv+zstd"
	// CSVGzip is CSV compressed with GZIP, for a Read alone.
	CSVGzip Format = "csv+gzip"
)

// Client is what a load needs of a redshift.Client or a redshift.Tx.
type Client interface {
	redshift.Querier
	Copy(ctx context.Context, cmd redshift.CopyCommand) (*redshift.CopyResult, error)
}

// LoadPlan says what is loaded and how.
type LoadPlan struct {
	// Table must exist.
	Table redshift.TableRef
	// Source gives the rows.
	Source BatchSource
	// Mode defaults to Append.
	Mode Mode
	// Keys are the columns that make a row the same, for Upsert. NULL in one is
	// an error.
	Keys []string
	// Columns are the table's columns that the source may give; others get their
	// defaults. Defaults to all.
	Columns []string
	// SortBy orders the rows of each file by these columns, best those of the
	// table's sort key, so that the server has less to sort. A file then is of
	// about 2 * PartSize before it is encoded, and the rows of one are held in
	// memory twice.
	SortBy []string
	// Stage is where the files go, and Prefix, such as s3://bucket/staging, below
	// what: a folder of the load's own is made there, and removed.
	Stage  Stage
	Prefix string
	// IAMRole is as in redshift.CopyOptions, whose default it has.
	IAMRole string
	// Format defaults to Auto.
	Format Format
	// PartSize is the size of a file at which another one begins, in encoded
	// bytes. Defaults to 16 MiB.
	PartSize int64
	// Slices is how many slices the server has, each of which loads a file at a
	// time: the first so many files are of 1 MiB, the next of 2, and so on up to
	// PartSize, so that a small load has work for all, and a large one few
	// files. SortBy makes files of one size. Defaults to what STV_SLICES says to a
	// redshift.Client, and else to 1.
	Slices int
	// Uploads is how many files are sent at a time. One file more than that is
	// held in memory. Defaults to 2.
	Uploads int
	// ID names the load, as redshift.CopyOptions.ID.
	ID string
	// Ledger makes the load happen once for the ID, as redshift.CopyOptions.Ledger
	// does: all of it, whatever its Mode, is one transaction with a row of that
	// table, which redshift.Client.CreateLedger makes. Where the ledger has the ID
	// already, neither the source nor the stage is touched. It needs an ID and a
	// redshift.Client.
	Ledger redshift.TableRef
	// Resume keeps what was staged when the load is interrupted, for another one
	// with the same ID, Prefix and Format: a file whose content is there
	// already is not sent again. Rows must come in the same order. It needs an ID,
	// and a Stage that can list objects; of one ID there may be one load at a time.
	// Files are removed after a success, and after a failure that a repetition
	// would have again: a row that does not fit, or a COPY that was refused.
	Resume bool
	// QueryGroup and Label are for the COPY, as in redshift.CopyOptions.
	QueryGroup, Label string
	// Progress is called after each file that was sent, one call at a time. nil
	// is none.
	Progress func(LoadProgress)
}

// LoadProgress is the state of a load before its COPY.
type LoadProgress struct {
	// Rows were encoded so far.
	Rows int64
	// Files and Bytes were sent so far.
	Files int
	Bytes int64
}

// LoadResult is what a load has done.
type LoadResult struct {
	// ID is the plan's.
	ID string
	// Repeated: the ledger has a load of this ID, and this is its result as far as
	// the ledger keeps it. Then Files and Bytes are those that COPY has read, and
	// Deleted is -1 but for an Append, and Inserted -1 for an Upsert.
	Repeated bool
	// Rows were read from the source.
	Rows int64
	// Deleted is the number of the table's rows that Replace or Upsert deleted.
	Deleted int64
	// Inserted is the number of rows that the table got: Rows, but for those of
	// an Upsert that a later one replaced.
	Inserted int64
	// Format is that of the files; Files and Bytes are how many were staged.
	Format Format
	Files  int
	Bytes  int64
	// Resumed is how many of the files were there already.
	Resumed int
	// Copy is the COPY's result, nil where there were no rows.
	Copy *redshift.CopyResult
	// Duration is that of the whole load.
	Duration time.Duration
}

func (p LoadPlan) withDefaults() LoadPlan {
	if p.Mode == "" {
		p.Mode = Append
	}
	if p.Format == "" {
		p.Format = Auto
	}
	if p.PartSize == 0 {
		p.PartSize = 16 << 20
	}
	if p.Uploads == 0 {
		p.Uploads = 2
	}
	return p
}

// Validate says offline what is wrong with the plan, as a redshift.ErrUsage.
func (p LoadPlan) Validate() error {
	p = p.withDefaults()
	switch {
	case p.Table.Name == "":
		return usage("bulk: LoadPlan.Table names no table")
	case p.Source == nil:
		return usage("bulk: LoadPlan.Source is missing")
	case p.Stage == nil:
		return usage("bulk: LoadPlan.Stage is missing")
	case !slices.Contains([]Mode{Append, Replace, Upsert}, p.Mode):
		return usage("bulk: LoadPlan.Mode %q is none", p.Mode)
	case !slices.Contains([]Format{Auto, Parquet, CSVZstd}, p.Format):
		return usage("bulk: LoadPlan.Format %q is none", p.Format)
	case p.Mode == Upsert && len(p.Keys) == 0:
		return usage("bulk: LoadPlan.Mode Upsert needs Keys")
	case p.Mode != Upsert && len(p.Keys) > 0:
		return usage("bulk: LoadPlan.Keys are for Mode Upsert")
	case p.PartSize < 0 || p.Uploads < 0 || p.Slices < 0:
		return usage("bulk: LoadPlan.PartSize, Uploads and Slices cannot be negative")
	case p.ID == "" && (p.Resume || p.Ledger != redshift.TableRef{}):
		return usage("bulk: LoadPlan.Ledger and Resume need an ID")
	}
	if _, lists := p.Stage.(lister); p.Resume && !lists {
		return usage("bulk: LoadPlan.Resume needs a Stage that lists objects")
	}
	if _, err := s3stage.ParseURI(p.Prefix); err != nil {
		return usage("bulk: LoadPlan.Prefix: %v", err)
	}
	return nil
}

// Load brings the rows of a source into a table: all of them or none. The files
// are below a prefix of their own in S3, and are removed when Load returns, also
// after a failure or when ctx has ended.
//
// On a redshift.Client each mode is a transaction of its own, which a
// serialization failure repeats; on a redshift.Tx it is part of that one. Other
// types of client can Append alone. What is wrong with a row is a *RowError, and
// nothing was copied; what the server refuses is a *redshift.CopyError. Where the
// connection broke, so that it cannot be known what became of the rows, it is a
// redshift.ErrOutcomeUnknown, and with a Ledger a second Load with the ID loads only
// what was not. A result beside an error means that the rows are
// loaded, but that what was staged could not be removed.
func Load(ctx context.Context, client Client, plan LoadPlan) (*LoadResult, error) {
	began := time.Now()
	if err := plan.Validate(); err != nil {
		return nil, err
	}
	l := &load{plan: plan.withDefaults(), client: client}
	switch client.(type) {
	case *redshift.Client, *redshift.Tx:
	default:
		if l.plan.Mode != Append {
			return nil, usage("bulk: LoadPlan.Mode %s needs a redshift.Client or a redshift.Tx", l.plan.Mode)
		}
	}
	l.result.ID = plan.ID
	if done, err := l.before(ctx); done || err != nil {
		if err != nil {
			return nil, err
		}
		l.result.Duration = time.Since(began)
		return &l.result, nil
	}
	if err := l.prepare(ctx); err != nil {
		return nil, err
	}
	if err := l.run(ctx); err != nil {
		return nil, err
	}
	l.result.Duration = time.Since(began)
	return &l.result, l.left
}

// load is a load under way.
type load struct {
	plan   LoadPlan
	client Client
	result LoadResult

	columns []redshift.Column // that the files have, without the number
	sort    []int             // of these
	batch   *Batch
	encoder encoder
	null    string // the marker of CSV
	left    error  // of the removal
}

// prepare compares the source with the table. Nothing is sent to S3.
func (l *load) prepare(ctx context.Context) error {
	p := &l.plan
	table, err := describe(ctx, l.client, p.Table, p.Columns)
	if err != nil {
		return err
	}
	given, err := p.Source.Columns(table)
	if err != nil {
		return err
	}
	if given == nil {
		given = names(table)
	}
	byName := make(map[string]redshift.Column, len(table))
	for _, c := range table {
		byName[c.Name] = c
	}
	seen := make(map[string]bool)
	for _, n := range given {
		c, ok := byName[n]
		if !ok {
			c, ok = byName[strings.ToLower(n)]
		}
		if !ok {
			return usage("bulk: the source has a column %q, which %s has not", n, p.Table.Name)
		}
		if seen[c.Name] {
			return usage("bulk: the source has the column %q twice", c.Name)
		}
		seen[c.Name] = true
		l.columns = append(l.columns, c)
	}
	if len(l.columns) == 0 {
		return usage("bulk: the source has no columns")
	}
	keys := make(map[string]bool)
	for _, k := range p.Keys {
		if !seen[k] {
			return usage("bulk: the key %q is no column of the source", k)
		}
		keys[k] = true
	}
	if p.Mode == Upsert {
		if err := l.complete(ctx, seen); err != nil {
			return err
		}
	}
	l.batch = newBatch(l.columns, keys, p.Mode == Upsert)
	for _, n := range p.SortBy {
		at := slices.IndexFunc(l.columns, func(c redshift.Column) bool { return c.Name == n })
		if at < 0 {
			return usage("bulk: the column %q of SortBy is none of the source", n)
		}
		l.sort = append(l.sort, at)
	}
	if len(l.sort) > 0 {
		l.batch.rows, l.batch.bytes = sortedRows, int(2*p.PartSize)
	}
	if p.Slices == 0 {
		p.Slices = sliceCount(ctx, l.client)
	}
	return l.choose()
}

// sliceCount is how many slices the server has, 1 where it does not say. A failure
// would break a transaction, so that a Tx is not asked.
func sliceCount(ctx context.Context, c Client) int {
	if _, ok := c.(*redshift.Client); !ok {
		return 1
	}
	res, err := c.Execute(ctx, redshift.SQL("SELECT count(*) FROM stv_slices"))
	var n int64
	if err != nil || len(res.Rows) != 1 || res.Rows[0].Scan(&n) != nil {
		return 1
	}
	return int(min(max(n, 1), 10_000))
}

// complete refuses an Upsert that would lose the values of columns not given.
func (l *load) complete(ctx context.Context, seen map[string]bool) error {
	all, err := describe(ctx, l.client, l.plan.Table, nil)
	if err != nil {
		return err
	}
	for _, c := range all {
		if !seen[c.Name] {
			return usage("bulk: an Upsert would lose the values of column %q, which the source does not give", c.Name)
		}
	}
	return nil
}

func (l *load) choose() error {
	format := l.plan.Format
	for _, c := range l.columns {
		if carries(c) || format == CSVZstd {
			continue
		}
		if format == Parquet {
			return usage("bulk: Parquet does not carry column %q (%s); LoadPlan.Format CSVZstd does", c.Name, redshift.TypeName(c.Type))
		}
		format = CSVZstd
	}
	if format == Auto {
		format = Parquet
	}
	l.result.Format = format
	if format == Parquet {
		l.encoder = newParquet(l.batch)
		return nil
	}
	e := newCSVEncoder(l.marker())
	l.encoder, l.null = e, e.null
	return nil
}

// run stages the rows, and copies them.
func (l *load) run(ctx context.Context) (err error) {
	prefix, err := l.prefix()
	if err != nil {
		return usage("bulk: LoadPlan.Prefix: %v", err)
	}
	defer func() {
		if l.plan.Resume && mayResume(err) {
			return
		}
		if failed := l.plan.Stage.CleanUp(ctx, prefix); failed != nil {
			l.left = fmt.Errorf("bulk: what was staged at %s is not removed: %w", prefix, failed)
		}
	}()
	objects, err := l.stage(ctx, prefix)
	if err != nil {
		return err
	}
	l.result.Rows = l.batch.row
	manifest := s3stage.URI{}
	if len(objects) > 0 {
		at, err := l.plan.Stage.PutManifest(ctx, prefix+"manifest", s3stage.NewManifest(objects))
		if err != nil {
			return err
		}
		if manifest, err = s3stage.ParseURI(at.URI); err != nil {
			return err
		}
	}
	return l.change(ctx, manifest)
}

// stage encodes the rows and sends them.
func (l *load) stage(ctx context.Context, prefix string) ([]s3stage.Object, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	there, err := l.there(ctx, prefix)
	if err != nil {
		return nil, err
	}
	u := newUploads(ctx, cancel, l.plan, prefix, l.suffix(), there)
	l.batch.flush = func(b *Batch) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if len(l.sort) == 0 {
			return u.append(l.encoder, b)
		}
		b.sort(l.sort)
		u.whole = true
		if err := u.append(l.encoder, b); err != nil {
			return err
		}
		return u.finish(l.encoder)
	}
	err = l.plan.Source.Feed(ctx, l.batch)
	if err == nil && l.batch.open() {
		err = l.batch.Fail(errors.New("the source ended within it"))
	}
	if err == nil {
		err = l.batch.pass()
	}
	if err == nil {
		err = u.finish(l.encoder)
	}
	if err != nil {
		cancel(err)
	}
	objects, failed := u.wait()
	if err == nil {
		err = failed
	}
	l.result.Files, l.result.Bytes, l.result.Resumed = u.done.Files, u.done.Bytes, u.resumed
	return objects, err
}

func (l *load) suffix() string {
	if l.result.Format == Parquet {
		return ".parquet"
	}
	return ".csv.zst"
}
