package copycmd

import (
	"errors"
	"fmt"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestGolden reads statements and prints what AppendSQL makes of them, or why
// they are refused.
func TestGolden(t *testing.T) {
	t.Parallel()
	datadriven.Walk(t, "testdata/golden", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			var v interface{ AppendSQL([]byte) ([]byte, error) }
			var err error
			switch d.Cmd {
			case "copy":
				v, err = ParseCopy(d.Input)
			case "unload":
				v, err = ParseUnload(d.Input)
			default:
				d.Fatalf(t, "unknown command %s", d.Cmd)
			}
			var pe *ParseError
			if errors.As(err, &pe) {
				return fmt.Sprintf("42601 %v %s\n", err, pe.Hint)
			}
			sql, err := v.AppendSQL(nil)
			if err != nil {
				return fmt.Sprintf("invalid: %v\n", err)
			}
			return string(sql) + "\n"
		})
	})
}
