package scalar

import (
	"fmt"
	"time"
)

// timeZone tells of a zone of the IANA database as it is now: its abbreviation, its
// offset and whether it is summer there (t or f), with | between. Other names, which
// the session's time zone cannot be, have none.
func timeZone(args []string) (string, bool, error) {
	loc, err := time.LoadLocation(args[0])
	if err != nil || args[0] == "Local" {
		return "", false, nil
	}
	now := time.Now().In(loc)
	name, offset := now.Zone()
	sign := ""
	if offset < 0 {
		sign, offset = "-", -offset
	}
	dst := "f"
	if now.IsDST() {
		dst = "t"
	}
	return fmt.Sprintf("%s|%s%02d:%02d:%02d|%s", name, sign, offset/3600, offset/60%60, offset%60, dst), true, nil
}
