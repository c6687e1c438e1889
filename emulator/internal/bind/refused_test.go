package bind

import (
	"errors"
	"testing"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/parse"
)

// TestInstead: a function that Redshift does not have is refused, with a hint at what
// it has, and is none of those that it documents.
func TestInstead(t *testing.T) {
	t.Parallel()
	for name, hint := range instead {
		sql := "SELECT " + name + "(1)"
		stmt, err := parse.Statement(sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		_, err = Statement(stmt, sampleEnv(sql))
		e, _ := errors.AsType[*Error](err)
		if e == nil || e.State != "42883" || e.Hint != hint || e.Offset != 7 {
			t.Errorf("%s: %v", sql, err)
		}
		if knownFunction(name) {
			t.Errorf("%s is documented", name)
		}
	}
}
