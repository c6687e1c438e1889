package e2e

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/emulator"
	"github.com/llm-dev-ops/redshift/transport"
)

// eachTransport runs a test with two clients of the same emulator over each
// transport: the second stands for another process.
func eachTransport(t *testing.T, test func(t *testing.T, c, other *redshift.Client)) {
	t.Helper()
	t.Run("wire", func(t *testing.T) {
		t.Parallel()
		s, c := both(t)
		test(t, c, connect(t, s))
	})
	t.Run("data-api", func(t *testing.T) {
		t.Parallel()
		s := start(t, emulator.Config{})
		test(t, connectData(t, s), connectData(t, s))
	})
}

func submit(t *testing.T, c *redshift.Client, q redshift.Query) *redshift.Job {
	t.Helper()
	j, err := c.Submit(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func status(t *testing.T, j *redshift.Job) redshift.JobStatus {
	t.Helper()
	st, err := j.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// numbers reads the rows of a job that has one column of numbers.
func numbers(t *testing.T, rows *redshift.Rows, err error) []int64 {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var all []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
		all = append(all, n)
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	return all
}

// A job with kept rows is read by its owner and by another process, whole and from
// a token on.
func TestJobKept(t *testing.T) {
	t.Parallel()
	eachTransport(t, func(t *testing.T, c, other *redshift.Client) {
		exec1(t, c, "CREATE TABLE numbers (n INT)")
		exec1(t, c, "INSERT INTO numbers VALUES (1), (2), (3), (4), (5)")
		j := submit(t, c, redshift.Query{SQL: "SELECT n * 10 AS n FROM numbers ORDER BY n -- all;", Keep: true, Label: "for people"})
		if j.ID == "" || j.SubmittedAt.IsZero() {
			t.Errorf("%+v", j)
		}
		if err := j.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if st := status(t, j); st.State != redshift.JobCompleted || st.Progress != 100 || st.Err != nil || st.ID != j.ID {
			t.Errorf("%+v", st)
		}
		for _, j := range []*redshift.Job{j, j, other.Job(j.ID)} {
			rows, err := j.Rows(t.Context())
			if got := numbers(t, rows, err); !slices.Equal(got, []int64{10, 20, 30, 40, 50}) {
				t.Errorf("%v", got)
			}
		}
		rows, err := j.Rows(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if cols := rows.Columns(); len(cols) != 1 || cols[0].Name != "n" {
			t.Errorf("columns %v", cols)
		}
		for range 2 {
			rows.Next()
		}
		token := rows.Token()
		rows.Close()
		rows, err = other.Job(j.ID).RowsAfter(t.Context(), token)
		if got := numbers(t, rows, err); !slices.Equal(got, []int64{30, 40, 50}) {
			t.Errorf("after %s: %v", token, got)
		}
		if end := rows.Token(); end != "row-5" {
			t.Errorf("at the end %s", end)
		}
		if _, err := j.RowsAfter(t.Context(), "x"); !errors.Is(err, redshift.ErrUsage) {
			t.Errorf("a wrong token: %v", err)
		}
		// Submitted again it is the same job.
		again := submit(t, other, redshift.Query{ID: j.ID, SQL: "SELECT n * 10 AS n FROM numbers ORDER BY n -- all;", Keep: true, Label: "for people"})
		rows, err = again.Rows(t.Context())
		if got := numbers(t, rows, err); len(got) != 5 {
			t.Errorf("%v", got)
		}
		if err := other.Job(j.ID).Forget(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// Rows of the owner, without Keep.
func TestJobRows(t *testing.T) {
	t.Parallel()
	eachTransport(t, func(t *testing.T, c, other *redshift.Client) {
		j := submit(t, c, redshift.Query{SQL: "SELECT $1::int AS n UNION ALL SELECT 2 ORDER BY 1", Args: []any{1}})
		rows, err := j.Rows(t.Context())
		if got := numbers(t, rows, err); !slices.Equal(got, []int64{1, 2}) {
			t.Errorf("%v", got)
		}
		if st := status(t, j); st.State != redshift.JobCompleted || st.Rows != 2 {
			t.Errorf("%+v", st)
		}
		_, err = other.Job(j.ID).Rows(t.Context())
		if kept := err == nil; kept != strings.Contains(t.Name(), "data-api") || !kept && !errors.Is(err, transport.ErrUnsupported) {
			t.Errorf("in another process: %v", err)
		}
	})
}

// What fails has its kind, for the owner and for another process.
func TestJobFails(t *testing.T) {
	t.Parallel()
	eachTransport(t, func(t *testing.T, c, other *redshift.Client) {
		j := submit(t, c, redshift.Query{SQL: "INSERT INTO nowhere VALUES (1)"})
		err := j.Wait(t.Context())
		if !errors.Is(err, redshift.ErrTableNotFound) {
			t.Errorf("%v", err)
		}
		if st := status(t, j); st.State != redshift.JobFailed || !errors.Is(st.Err, redshift.ErrTableNotFound) {
			t.Errorf("%+v", st)
		}
		if err := j.Cancel(t.Context()); err != nil {
			t.Error(err)
		}
		j = submit(t, c, redshift.Query{SQL: "SELECT * FROM nowhere"})
		if err := j.Wait(t.Context()); !errors.Is(err, redshift.ErrTableNotFound) {
			t.Errorf("%v", err)
		}
		if st := status(t, other.Job(redshift.NewID())); st.State != redshift.JobUnknown {
			t.Errorf("%+v", st)
		}
	})
}

// Another process sees a job run, cancels it, and all see that it was.
func TestJobCancel(t *testing.T) {
	t.Parallel()
	eachTransport(t, func(t *testing.T, c, other *redshift.Client) {
		j := submit(t, c, redshift.Query{SQL: slow})
		theirs := other.Job(j.ID)
		for st := status(t, theirs); st.State != redshift.JobRunning; st = status(t, theirs) {
			if st.State.Ended() {
				t.Fatalf("%+v", st)
			}
		}
		jobs, err := other.Jobs(t.Context(), redshift.JobFilter{Limit: 5, Since: time.Now().Add(-time.Hour)})
		if err != nil || len(jobs) != 1 || jobs[0].ID != j.ID || jobs[0].State.Ended() {
			t.Errorf("jobs %+v, %v", jobs, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if err := j.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		if err := other.Cancel(t.Context(), j.ID); err != nil {
			t.Fatal(err)
		}
		for _, j := range []*redshift.Job{j, theirs} {
			if err := j.Wait(t.Context()); !errors.Is(err, redshift.ErrQueryCancelled) {
				t.Errorf("%v", err)
			}
			if st := status(t, j); st.State != redshift.JobCancelled {
				t.Errorf("%+v", st)
			}
		}
		if err := other.Cancel(t.Context(), redshift.NewID()); !errors.Is(err, redshift.ErrJobNotFound) {
			t.Errorf("%v", err)
		}
	})
}

// ownedJobs are the jobs of TestJobOwnerDies, by number.
const ownedJobs = 24

// ownedJob is a SELECT, an INSERT or an UPDATE, which would show that it ran twice.
func ownedJob(id string, n int) redshift.Query {
	switch n % 3 {
	case 1:
		return redshift.Query{ID: id, SQL: "INSERT INTO owned VALUES ($1)", Args: []any{n}}
	case 2:
		return redshift.Query{ID: id, SQL: "UPDATE counts SET n = n + 1 WHERE job = $1", Args: []any{n}}
	}
	return redshift.Query{ID: id, SQL: "SELECT " + fmt.Sprint(n) + " AS n", Keep: true}
}

// TestJobOwner is the process that TestJobOwnerDies kills; by itself it does
// nothing.
func TestJobOwner(t *testing.T) {
	ids := strings.Fields(os.Getenv("REDSHIFT_TEST_JOBS"))
	if len(ids) == 0 {
		return
	}
	c := ownerClient(t)
	for i, id := range ids {
		j := submit(t, c, ownedJob(id, i))
		fmt.Println("submitted", id)
		if i%3 == 0 {
			if err := j.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	select {} // until it is killed
}

// The owner is killed at any point; another process submits what it has noted down,
// and none has run twice or is lost.
func TestJobOwnerDies(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	for _, kind := range []string{"wire", "data-api"} {
		for range 3 {
			after, moment := random.IntN(ownedJobs+1), time.Duration(random.Int64N(int64(10*time.Millisecond)))
			t.Run(fmt.Sprintf("%s after %d and %v", kind, after, moment), func(t *testing.T) {
				t.Parallel()
				testOwnerDies(t, kind, after, moment)
				if t.Failed() {
					t.Logf("seed %d", seed)
				}
			})
		}
	}
}

// jobGivenUp reports that the server has ended a job together with its session: it
// has not happened, and is to be submitted again.
func jobGivenUp(err error) bool {
	return errors.Is(err, redshift.ErrQueryCancelled) || errors.Is(err, redshift.ErrConnectionFailed) || errors.Is(err, redshift.State("57P01")) ||
		errors.Is(err, redshift.ErrServer)
}

func testOwnerDies(t *testing.T, kind string, after int, moment time.Duration) {
	s := start(t, emulator.Config{})
	wire := connect(t, s)
	exec1(t, wire, "CREATE TABLE owned (n INT)")
	exec1(t, wire, "CREATE TABLE counts (job INT, n INT)")
	ids := make([]string, ownedJobs)
	for i := range ids {
		ids[i] = redshift.NewID()
		exec1(t, wire, fmt.Sprintf("INSERT INTO counts VALUES (%d, 0)", i))
	}
	owner := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestJobOwner$")
	owner.Env = append(os.Environ(), "REDSHIFT_TEST_JOBS="+strings.Join(ids, " "), "REDSHIFT_TEST_KIND="+kind,
		"REDSHIFT_TEST_URL="+s.URL(), "REDSHIFT_TEST_ENDPOINT="+s.AWSEndpoint())
	out, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	for range after {
		if _, err := fmt.Fscanf(out, "submitted %s\n", new(string)); err != nil {
			t.Fatal(err)
		}
	}
	<-time.After(moment) // so that it dies within a statement, too
	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = owner.Wait()
	c := wire
	if kind == "data-api" {
		c = connectData(t, s)
	}
	for i, id := range ids {
		var err error
		for range 5 {
			j := submit(t, c, ownedJob(id, i))
			if err = j.Wait(t.Context()); err == nil && i%3 == 0 {
				rows, err := j.Rows(t.Context())
				if got := numbers(t, rows, err); !slices.Equal(got, []int64{int64(i)}) {
					t.Errorf("job %d: %v", i, got)
				}
			}
			if !jobGivenUp(err) {
				break
			}
		}
		if err != nil {
			t.Errorf("job %d: %v", i, err)
		}
	}
	if n := value[int64](t, wire, "SELECT count(*) * 1000 + count(DISTINCT n) FROM owned"); n != ownedJobs/3*1001 {
		t.Errorf("inserted rows %d", n)
	}
	if n := value[int64](t, wire, "SELECT sum(n) * 1000 + max(n) FROM counts"); n != ownedJobs/3*1000+1 {
		t.Errorf("updates %d", n)
	}
	n := value[int64](t, wire, "SELECT count(*) FROM sys_query_history WHERE status = 'success' AND query_text LIKE '/* redshift-id=%'")
	if n != ownedJobs {
		t.Errorf("%d jobs have succeeded, of %d", n, ownedJobs)
	}
}

func ownerClient(t *testing.T) *redshift.Client {
	t.Helper()
	if os.Getenv("REDSHIFT_TEST_KIND") == "data-api" {
		return openData(t, os.Getenv("REDSHIFT_TEST_ENDPOINT"))
	}
	cfg, err := redshift.ParseURL(os.Getenv("REDSHIFT_TEST_URL"))
	if err != nil {
		t.Fatal(err)
	}
	cfg.PoolSize, cfg.WorkloadConcurrencyLimit = ownedJobs, -1 // each job holds a session
	return open(t, cfg)
}
