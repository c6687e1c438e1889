package redshift

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/credentials"
	"github.com/llm-dev-ops/redshift/transport"
)

const role = "arn:aws:iam::123456789012:role/Loader"

var sales = CopyCommand{Table: TableRef{"public", "sales"}, Source: S3{Bucket: "bucket", Prefix: "sales/"}, Format: CSV{Header: true}}

const copyFailed = "Load into table 'sales' failed.  Check 'stl_load_errors' system table for details."

var loadErrorColumns = []Column{
	{Name: "query", Type: TypeInteger},
	{Name: "session", Type: TypeInteger},
	{Name: "tbl", Type: TypeInteger},
	{Name: "starttime", Type: TypeTimestamp},
	{Name: "filename", Type: TypeChar},
	{Name: "line_number", Type: TypeBigInt},
	{Name: "colname", Type: TypeChar},
	{Name: "type", Type: TypeChar},
	{Name: "col_length", Type: TypeChar},
	{Name: "position", Type: TypeInteger},
	{Name: "err_code", Type: TypeInteger},
	{Name: "err_reason", Type: TypeChar},
	{Name: "raw_line", Type: TypeChar},
	{Name: "raw_field_value", Type: TypeChar},
}

func loadErrorRow(query string) []string {
	return []string{
		query, "1", "100", "2026-01-02 03:04:05.678", "s3://bucket/sales/a.csv   ", "3", "qty   ", "int4  ", "0", "0", "1207",
		"Invalid digit, Value 'x', Pos 0, Type: Integer  ", "1,x  ", "x  ",
	}
}

var history = answer{
	cols: []Column{{Name: "r", Type: TypeBigInt}, {Name: "f", Type: TypeBigInt}, {Name: "b", Type: TypeNumeric}},
	rows: [][]string{{"7", "2", "4096"}}, tag: "SELECT",
}

// loader answers by what statements begin with or hold.
func loader(answers map[string]answer) func(*scriptedSession, transport.Statement) answer {
	return func(s *scriptedSession, stmt transport.Statement) answer {
		for part, a := range answers {
			if strings.Contains(stmt.SQL, part) {
				return a
			}
		}
		return answer{tag: "OK", state: s.state}
	}
}

func TestCopy(t *testing.T) {
	t.Parallel()
	c, tr := newClient(t, Config{DefaultCopyIAMRole: role, MaxCopyErrors: 5}, loader(map[string]answer{
		"COPY": {tag: "COPY", says: "Load into table 'sales' completed, 7 record(s) loaded successfully.\n" +
			"Load into table 'sales' completed, 2 record(s) could not be loaded.  Check 'stl_load_errors' system table for details."},
		"sys_load_history": history,
		"stl_load_errors":  {cols: loadErrorColumns, rows: [][]string{loadErrorRow("9"), loadErrorRow("9"), loadErrorRow("8")}, tag: "SELECT"},
	}))
	res, err := c.Copy(t.Context(), sales)
	if err != nil {
		t.Fatal(err)
	}
	const want = `COPY "public"."sales" FROM 's3://bucket/sales/' IAM_ROLE '` + role + `' FORMAT AS CSV IGNOREHEADER 1 MAXERROR 5`
	if _, sent, _ := strings.Cut(tr.log[0], " */ "); sent != want || idOf(tr.log[0]) != res.ID {
		t.Errorf("sent %s, want %s", tr.log[0], want)
	}
	if res.RowsLoaded != 7 || res.RowsRejected != 2 || res.FilesScanned != 2 || res.BytesScanned != 4096 || len(res.Notices) != 2 {
		t.Errorf("got %+v", res)
	}
	if len(res.LoadErrors) != 2 { // the third is of an earlier COPY
		t.Fatalf("got %v", res.LoadErrors)
	}
	e := res.LoadErrors[0]
	at := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	if e != (LoadError{
		9, 1, 100, at, "s3://bucket/sales/a.csv", 3, "qty", "int4", "0", 0, 1207,
		"Invalid digit, Value 'x', Pos 0, Type: Integer", "1,x", "x",
	}) {
		t.Errorf("got %+v", e)
	}
	if got := e.String(); got != "s3://bucket/sales/a.csv:3: column qty (int4): Invalid digit, Value 'x', Pos 0, Type: Integer (1207)" {
		t.Errorf("got %s", got)
	}
	if tr.opened != 1 {
		t.Errorf("%d sessions were used", tr.opened)
	}
}

// TestCopyCounts: without a message the session is asked, and what the history
// has of another COPY is not taken.
func TestCopyCounts(t *testing.T) {
	t.Parallel()
	one := answer{cols: []Column{{Name: "n", Type: TypeBigInt}}, rows: [][]string{{"6"}}, tag: "SELECT"}
	c, _ := newClient(t, Config{DefaultCopyIAMRole: role}, loader(map[string]answer{
		"COPY": {tag: "COPY"}, "pg_last_copy_count": one, "sys_load_history": history,
	}))
	res, err := c.Copy(t.Context(), sales)
	if err != nil || res.RowsLoaded != 6 || res.BytesScanned != -1 || res.FilesScanned != -1 || res.LoadErrors != nil {
		t.Fatalf("got %+v, %v", res, err)
	}
	// What cannot be asked is missing and no failure.
	c, tr := newClient(t, Config{DefaultCopyIAMRole: role}, loader(map[string]answer{
		"COPY": {tag: "COPY"}, "select": {fail: &transport.ServerError{SQLState: "42501", Message: "no"}},
	}))
	res, err = c.Copy(t.Context(), sales)
	if err != nil || res.RowsLoaded != -1 || res.BytesScanned != -1 {
		t.Fatalf("got %+v, %v", res, err)
	}
	tr.caps.Session = false // nothing else can be known
	if res, err = c.Copy(t.Context(), sales); err != nil || res.RowsLoaded != -1 {
		t.Fatalf("got %+v, %v", res, err)
	}
}

func TestCopyFails(t *testing.T) {
	t.Parallel()
	failure := answer{fail: &transport.ServerError{SQLState: "XX000", Message: copyFailed}}
	rows := answer{cols: loadErrorColumns, rows: [][]string{loadErrorRow("9")}, tag: "SELECT"}
	c, _ := newClient(t, Config{DefaultCopyIAMRole: role}, loader(map[string]answer{"COPY": failure, "stl_load_errors": rows}))
	_, err := c.Copy(t.Context(), sales)
	var failed *CopyError
	if !errors.As(err, &failed) || len(failed.LoadErrors) != 1 || failed.Table.Name != "sales" || !errors.Is(err, ErrCopy) || !errors.Is(err, State("XX000")) {
		t.Fatalf("got %#v", err)
	}
	if !strings.Contains(err.Error(), "a.csv:3: column qty") {
		t.Errorf("got %v", err)
	}
	var own *Error
	if !errors.As(err, &own) || own.Retryable != Partial {
		t.Errorf("got %+v", own)
	}

	// Serverless has no STL views.
	detail := answer{cols: loadErrorColumns[:12], rows: [][]string{loadErrorRow("9")[:12]}, tag: "SELECT"}
	for _, stl := range []answer{{tag: "SELECT", cols: loadErrorColumns}, {fail: &transport.ServerError{SQLState: "42501", Message: "permission denied"}}} {
		c, _ = newClient(t, Config{DefaultCopyIAMRole: role}, loader(map[string]answer{"COPY": failure, "stl_load_errors": stl, "sys_load_error_detail": detail}))
		_, err = c.Copy(t.Context(), sales)
		if !errors.As(err, &failed) || len(failed.LoadErrors) != 1 || failed.LoadErrors[0].RawValue != "" {
			t.Fatalf("got %v", err)
		}
	}

	// Any refusal is a failed COPY, and asks only where there is something.
	c, tr := newClient(t, Config{DefaultCopyIAMRole: role}, always(answer{fail: &transport.ServerError{SQLState: "42P01", Message: "no"}}))
	if _, err = c.Copy(t.Context(), sales); !errors.Is(err, ErrCopy) || !errors.Is(err, ErrTableNotFound) || len(tr.log) != 1 {
		t.Errorf("got %v after %q", err, tr.log)
	}
}

// TestCopyLost: what became of a COPY without an answer is asked for by its id.
func TestCopyLost(t *testing.T) {
	t.Parallel()
	lost := answer{fail: &transport.LostError{Sent: true, Err: errors.New("reset")}}
	none := answer{tag: "SELECT"}
	seen := func(status, message string) answer {
		a := answer{tag: "SELECT"}
		for _, name := range []string{"text", "state", "query", "pid", "xid", "rows", "message", "start", "end"} {
			a.cols = append(a.cols, Column{Name: name, Type: TypeVarchar})
		}
		for _, i := range []int{2, 3, 4, 5} {
			a.cols[i].Type = TypeBigInt
		}
		a.cols[7].Type, a.cols[8].Type = TypeTimestamp, TypeTimestamp
		a.rows = [][]string{{idComment("l-1"), status, "9", "1", "77", "0", message, "2026-01-02 03:04:05", "2026-01-02 03:04:06"}}
		return a
	}
	tx := func(status string) answer {
		return answer{cols: []Column{{Name: "status", Type: TypeVarchar}}, rows: [][]string{{status}}, tag: "SELECT"}
	}
	loads := answer{cols: append(append([]Column{}, history.cols...), Column{Name: "e", Type: TypeBigInt}), rows: [][]string{{"7", "2", "4096", "0"}}, tag: "SELECT"}
	for name, test := range map[string]struct {
		shown  []answer // by SYS_QUERY_HISTORY, in turn
		tx     answer
		copies int
		err    []error // none for success
	}{
		"done":                  {shown: []answer{seen("success", "")}, tx: tx("committed"), copies: 1},
		"done, not a superuser": {shown: []answer{seen("success", "")}, tx: answer{fail: &transport.ServerError{SQLState: "42501", Message: "no"}}, copies: 1},
		"shown late":            {shown: []answer{none, none, seen("success", "")}, tx: tx("committed"), copies: 1},
		"running":               {shown: []answer{seen("running", ""), seen("running", ""), seen("running", ""), seen("running", ""), seen("running", ""), seen("running", ""), seen("success", "")}, tx: tx("committed"), copies: 1},
		"rolled back":           {shown: []answer{seen("success", "")}, tx: tx("rolledback"), copies: 3, err: []error{ErrConnectionFailed}},
		"given up":              {shown: []answer{seen("canceled", "")}, copies: 3, err: []error{ErrConnectionFailed}},
		"failed":                {shown: []answer{seen("failed", copyFailed)}, copies: 1, err: []error{ErrCopy}},
		"refused":               {shown: []answer{seen("failed", "column x is odd")}, copies: 1, err: []error{ErrCopy, ErrServer}},
		"never shown":           {shown: []answer{none}, copies: 1, err: []error{ErrOutcomeUnknown}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			c, tr := newClient(t, Config{DefaultCopyIAMRole: role, MaxRetries: 2, RetryBackoff: time.Microsecond}, func(s *scriptedSession, stmt transport.Statement) answer {
				switch {
				case strings.Contains(stmt.SQL, "COPY "):
					return lost
				case strings.Contains(stmt.SQL, "sys_query_history"):
					asked++
					return test.shown[min(asked, len(test.shown))-1]
				case strings.Contains(stmt.SQL, "sys_transaction_history"):
					return test.tx
				case strings.Contains(stmt.SQL, "sys_load_history"):
					return loads
				}
				return none
			})
			load := sales
			load.Options.ID = "l-1"
			res, err := c.Copy(t.Context(), load)
			copies := 0
			for _, sql := range tr.log {
				if strings.HasPrefix(sql, idComment("l-1")) {
					copies++
				}
			}
			if copies != test.copies {
				t.Errorf("%d copies, want %d: %q", copies, test.copies, tr.log)
			}
			if len(test.err) == 0 {
				if err != nil || res.ID != "l-1" || res.RowsLoaded != 7 || res.FilesScanned != 2 || res.BytesScanned != 4096 || res.Duration != time.Second {
					t.Fatalf("got %+v, %v", res, err)
				}
				return
			}
			for _, kind := range test.err {
				if !errors.Is(err, kind) {
					t.Errorf("got %v", err)
				}
			}
			if errors.Is(err, ErrOutcomeUnknown) != (test.err[0] == ErrOutcomeUnknown) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestCopyUnsent(t *testing.T) {
	t.Parallel()
	n := 0
	c, tr := newClient(t, Config{DefaultCopyIAMRole: role}, func(s *scriptedSession, stmt transport.Statement) answer {
		if n++; n == 1 {
			return answer{err: &transport.LostError{Err: errors.New("dead")}}
		}
		return answer{tag: "COPY", says: "Load into table 'sales' completed, 0 record(s) loaded successfully."}
	})
	res, err := c.Copy(t.Context(), sales)
	if err != nil || res.RowsLoaded != 0 || tr.discarded != 1 {
		t.Fatalf("got %+v, %v", res, err)
	}
}

func TestCopyCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c, tr := newClient(t, Config{DefaultCopyIAMRole: role}, func(*scriptedSession, transport.Statement) answer {
		cancel()
		return answer{hang: true}
	})
	if _, err := c.Copy(ctx, sales); !errors.Is(err, ErrQueryCancelled) || errors.Is(err, ErrCopy) || tr.cancelled != 1 {
		t.Errorf("got %v after %q", err, tr.log)
	}
}

// TestCopyInTx: rejected rows are asked for on another session, as the failed
// transaction answers nothing.
func TestCopyInTx(t *testing.T) {
	t.Parallel()
	rows := answer{cols: loadErrorColumns, rows: [][]string{loadErrorRow("9")}, tag: "SELECT"}
	c, tr := newClient(t, Config{DefaultCopyIAMRole: role}, loader(map[string]answer{
		"COPY":            {fail: &transport.ServerError{SQLState: "XX000", Message: copyFailed}, state: transport.StateFailedTx},
		"stl_load_errors": rows,
		"BEGIN":           {tag: "BEGIN", state: transport.StateInTx},
	}))
	err := c.InTx(t.Context(), TxOptions{}, func(tx *Tx) error {
		_, err := tx.Copy(t.Context(), sales)
		return err
	})
	var failed *CopyError
	if !errors.As(err, &failed) || len(failed.LoadErrors) != 1 || tr.opened != 2 {
		t.Fatalf("got %v on %d sessions", err, tr.opened)
	}
	if asked := strings.Join(tr.log, "\n"); !strings.Contains(asked, "session = 1 ") {
		t.Errorf("asked\n%s", asked)
	}
}

// TestCopyOnConn: the session is the caller's, and is asked itself unless it has
// a transaction.
func TestCopyOnConn(t *testing.T) {
	t.Parallel()
	for _, state := range []transport.SessionState{transport.StateIdle, transport.StateInTx} {
		c, tr := newClient(t, Config{DefaultCopyIAMRole: role, DefaultUnloadIAMRole: role}, loader(map[string]answer{
			"COPY":               {tag: "COPY", says: "Load into table 'sales' completed, 7 record(s) loaded successfully.", state: state},
			"UNLOAD":             {tag: "UNLOAD", says: "UNLOAD completed, 7 record(s) unloaded successfully.", state: state},
			"sys_load_history":   history,
			"sys_unload_history": history,
		}))
		conn, err := c.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if res, err := conn.Copy(t.Context(), sales); err != nil || res.RowsLoaded != 7 || res.BytesScanned != 4096 {
			t.Errorf("got %+v, %v", res, err)
		}
		if res, err := conn.Unload(t.Context(), report); err != nil || res.RowsUnloaded != 7 || res.BytesWritten != 4096 {
			t.Errorf("got %+v, %v", res, err)
		}
		if asked := tr.opened - 1; (asked > 0) != (state == transport.StateInTx) {
			t.Errorf("%v: %d other sessions", state, asked)
		}
		conn.Release()
		if _, err := conn.Copy(t.Context(), sales); !errors.Is(err, ErrUsage) {
			t.Errorf("got %v", err)
		}
		if _, err := conn.Unload(t.Context(), report); !errors.Is(err, ErrUsage) {
			t.Errorf("got %v", err)
		}
	}
}

func TestCopyRefused(t *testing.T) {
	t.Parallel()
	c, tr := newClient(t, Config{MaxCopyErrors: 5}, always(two))
	secret := credentials.NewSecret("hunter2")
	for what, cmd := range map[string]CopyCommand{
		"IAMRole":          sales,
		"source":           {Table: TableRef{Name: "t"}},
		"table":            {Source: S3{Bucket: "b-b", Prefix: "p"}},
		"IGNOREBLANKLINES": {Table: TableRef{Name: "t"}, Source: S3{Bucket: "bucket"}, Format: JSON{}, Options: CopyOptions{IAMRole: role, IgnoreBlankLines: true}},
		"COMPUPDATE":       {Table: TableRef{Name: "t"}, Source: S3{Bucket: "bucket"}, Options: CopyOptions{IAMRole: role, CompUpdate: "maybe"}},
		"STATUPDATE":       {Table: TableRef{Name: "t"}, Source: S3{Bucket: "bucket"}, Options: CopyOptions{IAMRole: role, StatUpdate: 7}},
		"COMPRESSION":      {Table: TableRef{Name: "t"}, Source: S3{Bucket: "bucket"}, Options: CopyOptions{IAMRole: role, Compression: "RAR"}},
		"ACCESS_KEY_ID":    {Table: TableRef{Name: "t"}, Source: S3{Bucket: "bucket"}, Options: CopyOptions{IAMRole: role, Keys: AccessKeys{ID: "AK", Secret: secret}}},
	} {
		_, err := c.Copy(t.Context(), cmd)
		if !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), what) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v", what, err)
		}
	}
	// The Config's bound is not put where it is not allowed.
	for _, cmd := range []CopyCommand{
		{Table: TableRef{Name: "t"}, Source: S3{Bucket: "bucket", Prefix: "p"}, Format: Parquet{}, Options: CopyOptions{IAMRole: role}},
		{Table: TableRef{Name: "t"}, Source: S3{Bucket: "bucket", Prefix: "p"}, Options: CopyOptions{IAMRole: "default", IgnoreAllErrors: true}},
	} {
		if q, err := c.copyQuery(cmd); err != nil || strings.Contains(q.SQL, "MAXERROR") {
			t.Errorf("got %s, %v", q.SQL, err)
		}
	}
	if len(tr.log) != 0 {
		t.Errorf("sent %q", tr.log)
	}
}

// TestParseStatements: what the grammar writes of AWS's examples, the commands
// give back.
func TestParseStatements(t *testing.T) {
	t.Parallel()
	again := map[string]func(string) (string, error){
		"copy": func(sql string) (string, error) {
			cmd, err := ParseCopy(sql)
			if err != nil {
				return "", err
			}
			if err := cmd.Validate(); err != nil {
				return "", err
			}
			return cmd.SQL()
		},
		"unload": func(sql string) (string, error) {
			cmd, err := ParseUnload(sql)
			if err != nil {
				return "", err
			}
			if err := cmd.Validate(); err != nil {
				return "", err
			}
			return cmd.SQL()
		},
	}
	for kind, parse := range again {
		golden, err := os.ReadFile("internal/redshiftsql/copycmd/testdata/golden/" + kind)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for line := range strings.Lines(string(golden)) {
			if line = strings.TrimSuffix(line, "\n"); !strings.HasPrefix(line, strings.ToUpper(kind)+" ") {
				continue
			}
			n++
			back, err := parse(line)
			if strings.Contains(line, "JOB CREATE") {
				if !errors.Is(err, ErrUsage) {
					t.Errorf("%s\ngot %v", line, err)
				}
				continue
			}
			if strings.Contains(line, "GB") {
				continue // comes back in MB
			}
			if err != nil || back != line {
				t.Errorf("%s\n%s, %v", line, back, err)
			}
		}
		if n < 20 {
			t.Errorf("only %d cases of %s", n, kind)
		}
	}
	for _, sql := range []string{"COPY", "SELECT 1", "COPY t FROM 's3://b-b/k' IAM_ROLE default IGNOREHEADR 1"} {
		if _, err := ParseCopy(sql); !errors.Is(err, ErrUsage) {
			t.Errorf("%s: got %v", sql, err)
		}
	}
	var e *Error
	if _, err := ParseCopy("COPY t FROM 's3://bucket/k' IAM_ROLE default IGNOREHEADR 1"); !errors.As(err, &e) || e.Position == 0 || e.Hint == "" {
		t.Errorf("got %v", err)
	}
}

func TestLoadErrors(t *testing.T) {
	t.Parallel()
	ids := answer{cols: []Column{{Name: "oid", Type: transport.OIDOID}}, rows: [][]string{{"100"}, {"200"}}, tag: "SELECT"}
	c, tr := newClient(t, Config{}, loader(map[string]answer{
		"pg_class":        ids,
		"stl_load_errors": {cols: loadErrorColumns, rows: [][]string{loadErrorRow("9"), {"8", "\x00", "\x00", "\x00", "\x00", "\x00", "\x00", "\x00", "\x00", "\x00", "\x00", "\x00", "\x00", "\x00"}}, tag: "SELECT"},
	}))
	got, err := c.LoadErrors(t.Context(), LoadErrorFilter{
		QueryID: 9, PID: 3, Table: TableRef{Schema: "public", Name: "sales"}, Since: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Limit: 2,
	})
	if err != nil || len(got) != 2 || got[1] != (LoadError{QueryID: 8}) {
		t.Fatalf("got %+v, %v", got, err)
	}
	if p := tr.params[0]; len(p) != 2 || string(p[0].Value) != "sales" || string(p[1].Value) != "public" {
		t.Errorf("sent %v", p)
	}
	const where = "where query = 9 and session = 3 and tbl in (100, 200) and starttime >= '2026-01-02 03:04:05' order by 1 desc, 5, 6 limit 2"
	if !strings.HasSuffix(tr.log[1], where) {
		t.Errorf("asked %s", tr.log[1])
	}
	if _, err := c.LoadErrors(t.Context(), LoadErrorFilter{Limit: -1}); !errors.Is(err, ErrUsage) {
		t.Errorf("got %v", err)
	}
	c, _ = newClient(t, Config{}, always(answer{cols: ids.cols, tag: "SELECT"}))
	if _, err := c.LoadErrors(t.Context(), LoadErrorFilter{Table: TableRef{Name: "nosuch"}}); !errors.Is(err, ErrTableNotFound) {
		t.Errorf("got %v", err)
	}
	c, _ = newClient(t, Config{}, always(answer{fail: &transport.ServerError{SQLState: "57014", Message: "cancelled"}}))
	if _, err := c.LoadErrors(t.Context(), LoadErrorFilter{}); !errors.Is(err, ErrQueryCancelled) {
		t.Errorf("got %v", err)
	}
}
