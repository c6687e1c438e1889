package repotest

import (
	"strconv"
	"strings"
	"testing"
)

// A rule says what the packages that match it may import of ours. The first
// matching rule holds. The table is docs/design.md's.
type rule struct {
	pkg    string   // a folder; with "/..." also everything below it
	may    []string // folders of ours; "/..." as above
	reason string
}

var ownImports = []rule{
	{"cmd/...", []string{"..."}, ""},
	{"examples/...", []string{"..."}, ""},
	{"internal/e2e/...", []string{"..."}, ""},
	{"sqldriver", []string{"..."}, ""},
	{"emulator/...", []string{"emulator/...", "internal/redshiftsql/..."}, "the emulator never imports the client, so that it cannot agree with the client's mistakes"},
	{"internal/redshiftsql/...", []string{"internal/redshiftsql/..."}, "the grammar stands on nothing of ours"},
	{"transport/pgwire", []string{"transport", "credentials", "internal/redshiftsql/..."}, "a transport knows the seam and no client"},
	{"transport/dataapi", []string{"transport", "credentials", "internal/redshiftsql/..."}, "a transport knows the seam and no client"},
	{"transport/transporttest", []string{"transport", "credentials"}, "the suite knows the seam alone"},
	{"transport", nil, "the seam imports nothing of ours"},
	{"credentials", nil, "the ports import nothing of ours"},
	{"credentials/awsauth", []string{"credentials"}, "login knows no client"},
	{"resilience", nil, "the ports import nothing of ours"},
	{"s3stage", []string{"credentials", "internal/redshiftsql/..."}, "staging knows no client"},
	{"internal/sample/...", nil, "it makes data and knows no database"},
	{"internal/repotest", nil, "it reads the repository, it does not use it"},
	{".", []string{"transport", "transport/pgwire", "credentials", "resilience", "internal/redshiftsql/lex", "internal/redshiftsql/copycmd"}, "the data path lives in the root; management stands above it"},
	// Services above the client.
	{"...", []string{".", "transport", "credentials", "s3stage", "internal/redshiftsql/...", "bulk"}, "services stand on the client and beside each other"},
}

// outside says which packages alone may import a module of others.
var outside = []rule{
	{"github.com/duckdb/", []string{"emulator/internal/engine"}, "cgo stays in one room, so that consumers of the client never fetch or build it"},
	{"github.com/aws/aws-sdk-go-v2", []string{"transport/dataapi", "credentials/awsauth", "s3stage", "gluecatalog", "cmd/...", "internal/e2e/..."}, "the client's consumers choose whether they want the AWS SDK"},
	{"github.com/failsafe-go/", []string{"resilience"}, "it is pre-1.0 and stays behind the port"},
	{"github.com/parquet-go/", []string{"bulk/...", "cmd/...", "internal/e2e/...", "internal/sample", "emulator/internal/unload"}, "one room writes Parquet; UNLOAD writes the footers of files that it cuts"},
	{"github.com/apache/arrow-go/", []string{"redshiftarrow", "cmd/...", "internal/e2e/..."}, "Arrow is a room that nobody else pays for"},
	{"go.opentelemetry.io/", []string{"otelredshift"}, "telemetry is an adapter"},
	{"github.com/jackc/pgx/", []string{"transport/pgwire", "emulator/internal/wire"}, "the wire protocol has one room on each side"},
	{"github.com/jackc/puddle/", []string{"transport/pgwire"}, "the pool is the wire's"},
	{"github.com/peterstace/simplefeatures", []string{"emulator/internal/spatial"}, "geometry has one room"},
	{"github.com/spf13/cobra", []string{"cmd/..."}, "the command line is a program, not a library"},
}

// testOnly are packages that tests may import besides.
var testOnly = map[string][]string{
	".":                        {"internal/redshiftsql/parse", "internal/redshiftsql/ast"}, // what the client writes is read back
	"emulator/internal/s3door": {"s3stage"},                                                // the door is proved by the client's own stage
}

func matches(pattern, pkg string) bool {
	if pattern == "..." {
		return true
	}
	if p, ok := strings.CutSuffix(pattern, "/..."); ok {
		return pkg == p || strings.HasPrefix(pkg, p+"/")
	}
	return pattern == pkg
}

func anyMatch(patterns []string, pkg string) bool {
	for _, p := range patterns {
		if matches(p, pkg) {
			return true
		}
	}
	return false
}

func TestImports(t *testing.T) {
	t.Parallel()
	for _, f := range goFiles(t) {
		for _, imp := range f.ast.Imports {
			to, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if to == module {
				checkOwn(t, f, ".")
			} else if own, ok := strings.CutPrefix(to, module+"/"); ok {
				checkOwn(t, f, own)
			} else if !f.test {
				checkOutside(t, f, to)
			}
		}
	}
}

func checkOwn(t *testing.T, f goFile, to string) {
	t.Helper()
	if to == f.pkg {
		return // an external test package
	}
	if f.test {
		if to == "transport/transporttest" || to == "redshifttest" || anyMatch(testOnly[f.pkg], to) {
			return
		}
		if to == "emulator" && f.pkg != "emulator" && !matches("internal/e2e/...", f.pkg) && !matches("cmd/...", f.pkg) {
			t.Errorf("%s imports the emulator: a consumer's go mod tidy would fetch DuckDB; the test belongs in internal/e2e", f.path)
			return
		}
	}
	for _, r := range ownImports {
		if !matches(r.pkg, f.pkg) {
			continue
		}
		if !anyMatch(r.may, to) {
			t.Errorf("%s imports %s: %s (see docs/design.md)", f.path, to, r.reason)
		}
		return
	}
}

func checkOutside(t *testing.T, f goFile, to string) {
	t.Helper()
	for _, r := range outside {
		if strings.HasPrefix(to, r.pkg) && !anyMatch(r.may, f.pkg) {
			t.Errorf("%s imports %s, which only %v may: %s", f.path, to, r.may, r.reason)
		}
	}
}
