package redshift

import (
	"context"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

// UnloadCommand is an UNLOAD: the rows of a query into files.
type UnloadCommand struct {
	// Query is the SELECT, not quoted and without parameters. Its outermost
	// level may have no LIMIT.
	Query string
	// Destination is where the files go.
	Destination S3Destination
	// Format of the files. Defaults to Text{}.
	Format UnloadFormat
	// Options are the rest.
	Options UnloadOptions
}

// S3Destination is a place in S3: files are named after the prefix.
type S3Destination struct{ Bucket, Prefix string }

// String is s3://bucket/prefix.
func (d S3Destination) String() string { return "s3://" + d.Bucket + "/" + d.Prefix }

// UnloadOptions are the options of an UNLOAD. The zero value of each leaves it
// to the server, but for IAMRole.
type UnloadOptions struct {
	// IAMRole is as in CopyOptions. Defaults to Config.DefaultUnloadIAMRole if
	// there are no Keys.
	IAMRole string
	// Keys are used instead of a role.
	Keys AccessKeys
	// Region of the bucket, if it is not the cluster's.
	Region string

	// Parallel says whether every slice writes files of its own; the server's
	// default is On.
	Parallel Switch
	// MaxFileSizeMB is 5 to 6348.8 (6.2 GB), the default, in MB of 1<<20 bytes.
	MaxFileSizeMB float64
	// RowGroupSizeMB is 32 to 128, for Parquet alone.
	RowGroupSizeMB float64
	// Compression of the files; no Lzop, and none for Parquet, which has its own.
	Compression Compression
	// Extension is put behind the names of files.
	Extension string

	// Manifest writes an object that lists the files; ManifestVerbose, with it,
	// sizes, counts and columns too.
	Manifest, ManifestVerbose bool
	// PartitionBy are columns whose values make folders; PartitionInclude keeps
	// them in the files.
	PartitionBy      []string
	PartitionInclude bool
	// NullAs is the text that stands for NULL.
	NullAs *string

	// Encrypted encrypts with KMSKeyID, with the bucket's key if EncryptedAuto,
	// or with Keys.MasterSymmetricKey.
	Encrypted, EncryptedAuto bool
	KMSKeyID                 string

	// AllowOverwrite replaces files that are there; CleanPath deletes all that
	// is there first.
	AllowOverwrite, CleanPath bool

	// Extra is as in CopyOptions.
	Extra string

	// ID is a Query.ID, by which Client.Outcome and UnloadStatus find the UNLOAD.
	// Defaults to none, and of a SubmitUnload to a NewID.
	ID string

	// QueryGroup routes the statement. Defaults to Config.DefaultQueryGroup.
	QueryGroup string
	// Label names the statement for people, where the transport has a place.
	Label string
}

// UnloadResult is what an UNLOAD has done.
type UnloadResult struct {
	// RowsUnloaded is -1 where the server did not say.
	RowsUnloaded int64
	// FilesCreated and BytesWritten are -1 where the server did not say.
	FilesCreated, BytesWritten int64
	// ManifestPath is s3://bucket/key of the manifest, "" for none.
	ManifestPath string
	// Duration is the time from the start of the statement to its end.
	Duration time.Duration
	// Notices are the messages that came with it.
	Notices []Notice
}

// ParseUnload reads an UNLOAD statement; see ParseCopy.
func ParseUnload(sql string) (UnloadCommand, error) {
	u, err := copycmd.ParseUnload(sql)
	if err == nil {
		err = u.Validate()
	}
	if err != nil {
		return UnloadCommand{}, invalid("UNLOAD", err)
	}
	bucket, prefix, _ := strings.Cut(strings.TrimPrefix(u.To, "s3://"), "/")
	u.MaxFileSize, u.RowGroupSize = megabytes(u.MaxFileSize), megabytes(u.RowGroupSize)
	u.QueryPos = 0
	cmd := UnloadCommand{
		Query: u.Query, Destination: S3Destination{bucket, prefix}, Format: unloadFormat(u),
		Options: UnloadOptions{
			Region: u.Region, Parallel: switchOf(u.Parallel), MaxFileSizeMB: u.MaxFileSize.N, RowGroupSizeMB: u.RowGroupSize.N,
			Compression: compressions[u.Compression], Extension: u.Extension, Manifest: u.Manifest, ManifestVerbose: u.ManifestVerbose,
			PartitionBy: u.PartitionBy, PartitionInclude: u.PartitionInclude, NullAs: u.NullAs,
			Encrypted: u.Encrypted, EncryptedAuto: u.EncryptedAuto, KMSKeyID: u.KMSKeyID,
			AllowOverwrite: u.AllowOverwrite, CleanPath: u.CleanPath, Extra: u.Extra,
		},
	}
	cmd.Options.IAMRole, cmd.Options.Keys = authorizationOf(u.Auth)
	if back, err := cmd.statement(); err != nil || !reflect.DeepEqual(back, u) {
		return UnloadCommand{}, usage("the UNLOAD has options that do not go with its format")
	}
	return cmd, nil
}

func megabytes(s copycmd.Size) copycmd.Size {
	if s.Unit == copycmd.GB {
		return copycmd.Size{N: s.N * 1024}
	}
	return s
}

// Validate says offline what is wrong with the command: what is missing, out of
// range, or does not go together. It does not read the query. The error is an
// ErrUsage. A missing role is wrong here; Unload takes the Config's.
func (cmd UnloadCommand) Validate() error {
	u, err := cmd.statement()
	if err == nil {
		err = u.Validate()
	}
	return invalid("UNLOAD", err)
}

// SQL is the statement, without a Config's defaults. It holds keys in clear. The
// error is that of Validate.
func (cmd UnloadCommand) SQL() (string, error) {
	u, err := cmd.statement()
	if err != nil {
		return "", invalid("UNLOAD", err)
	}
	sql, err := u.AppendSQL(nil)
	return string(sql), invalid("UNLOAD", err)
}

// statement is the command in the grammar's terms.
func (cmd UnloadCommand) statement() (copycmd.Unload, error) {
	o := cmd.Options
	u := copycmd.Unload{
		Query: cmd.Query, To: cmd.Destination.String(), Auth: authorization(o.IAMRole, o.Keys), Region: o.Region,
		Parallel: o.Parallel.toggle(), MaxFileSize: copycmd.Size{N: o.MaxFileSizeMB}, RowGroupSize: copycmd.Size{N: o.RowGroupSizeMB},
		Compression: o.Compression.number(), Extension: o.Extension, Manifest: o.Manifest, ManifestVerbose: o.ManifestVerbose,
		PartitionBy: o.PartitionBy, PartitionInclude: o.PartitionInclude, NullAs: o.NullAs,
		Encrypted: o.Encrypted, EncryptedAuto: o.EncryptedAuto, KMSKeyID: o.KMSKeyID,
		AllowOverwrite: o.AllowOverwrite, CleanPath: o.CleanPath, Extra: o.Extra,
	}
	if cmd.Format != nil {
		cmd.Format.unloadFormat(&u)
	}
	return u, faultOf(cmd.Format, true)
}

// Unload writes the rows of a query to S3 with UNLOAD, bounded by ctx and
// Config.MaxQueryTimeout. What is wrong with the command is an ErrUsage and
// nothing is sent; what the server refuses is an ErrUnload. What the result
// tells beyond the rows is asked for afterwards, as Copy does.
func (c *Client) Unload(ctx context.Context, cmd UnloadCommand) (*UnloadResult, error) {
	q, err := c.unloadQuery(cmd)
	if err != nil {
		return nil, err
	}
	var res *UnloadResult
	err = c.seated(ctx, q, func(st *seat, r *Result, err error) error {
		res, err = st.unloaded(ctx, cmd, r, err)
		return err
	})
	return res, err
}

// Unload is Client.Unload within the transaction.
func (tx *Tx) Unload(ctx context.Context, cmd UnloadCommand) (*UnloadResult, error) {
	q, err := tx.c.unloadQuery(cmd)
	if err != nil {
		return nil, err
	}
	if err := tx.active(); err != nil {
		return nil, err
	}
	st, r, err := tx.c.seat(ctx, tx.l.s, q)
	return st.unloaded(ctx, cmd, r, err)
}

// Unload is Client.Unload on this session.
func (conn *Conn) Unload(ctx context.Context, cmd UnloadCommand) (*UnloadResult, error) {
	q, err := conn.c.unloadQuery(cmd)
	if err != nil {
		return nil, err
	}
	if err := conn.usable(); err != nil {
		return nil, err
	}
	st, r, err := conn.c.seat(ctx, conn.l.s, q)
	return st.unloaded(ctx, cmd, r, err)
}

func (c *Client) unloadQuery(cmd UnloadCommand) (Query, error) {
	o := &cmd.Options
	if o.IAMRole == "" && o.Keys.none() {
		o.IAMRole = c.cfg.DefaultUnloadIAMRole
	}
	u, err := cmd.statement()
	if err != nil {
		return Query{}, invalid("UNLOAD", err)
	}
	if o.ID != "" {
		if err := checkID(o.ID); err != nil {
			return Query{}, err
		}
	}
	q, err := commandQuery("UNLOAD", u.AppendSQL, o.QueryGroup, o.Label)
	q.ID = o.ID
	return q, err
}

// unloadError is an UNLOAD that the server has refused.
type unloadError struct{ cause error }

func (e *unloadError) Error() string   { return e.cause.Error() }
func (e *unloadError) Unwrap() []error { return []error{ErrUnload, e.cause} }

// unloaded makes the result, or the error, of an UNLOAD that has run.
func (st *seat) unloaded(ctx context.Context, cmd UnloadCommand, r *Result, err error) (*UnloadResult, error) {
	if err != nil {
		if answered(err) {
			err = &unloadError{err}
		}
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, closing)
	defer cancel()
	res := &UnloadResult{RowsUnloaded: -1, FilesCreated: -1, BytesWritten: -1, Duration: r.Duration, Notices: r.Notices, ManifestPath: cmd.manifest()}
	for _, n := range r.Notices {
		if count, ok := records(n.Message, "unloaded successfully"); ok {
			res.RowsUnloaded = count
		}
	}
	if res.RowsUnloaded < 0 && st.c.t.Caps().Session {
		res.RowsUnloaded, _ = st.number(ctx, "select pg_last_unload_count()")
	}
	st.written(ctx, res)
	return res, nil
}

// manifest is where the manifest is: behind the prefix, which is a folder's
// with PARTITION BY (r_UNLOAD).
func (cmd UnloadCommand) manifest() string {
	if !cmd.Options.Manifest {
		return ""
	}
	to := cmd.Destination.String()
	if len(cmd.Options.PartitionBy) > 0 && !strings.HasSuffix(to, "/") {
		to += "/"
	}
	return to + "manifest"
}

// written asks for files and bytes. The history may be late: what it has
// belongs to this UNLOAD only if the rows are the same.
func (st *seat) written(ctx context.Context, res *UnloadResult) {
	pid := strconv.Itoa(st.pid(ctx))
	if pid == "0" {
		return
	}
	for _, sql := range []string{
		"select unloaded_rows, unloaded_files_count, unloaded_files_size from sys_unload_history where session_id = " + pid + " order by query_id desc limit 1",
		"select sum(line_count), count(*), sum(transfer_size) from stl_unload_log where pid = " + pid + " group by query order by query desc limit 1",
	} {
		r, err := st.ask(ctx, SQL(sql))
		if err != nil || len(r.Rows) != 1 {
			continue
		}
		var rows, files, bytes *int64
		if r.Rows[0].Scan(&rows, &files, &bytes) == nil && rows != nil && *rows == res.RowsUnloaded && files != nil && bytes != nil {
			res.FilesCreated, res.BytesWritten = *files, *bytes
			return
		}
	}
}
