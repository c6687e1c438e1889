package pgwire

import (
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"

	"github.com/llm-dev-ops/redshift/credentials"
)

// startup gives the parameters of the startup message. Redshift refuses those
// that it does not know, so these are the ones that AWS's drivers send, and
// nobody can add others.
func startup(cfg Config, cred credentials.Credentials) map[string]string {
	p := map[string]string{
		"database":           cfg.Database,
		"application_name":   cfg.ApplicationName,
		"client_encoding":    "UTF8",
		"DateStyle":          "ISO",
		"extra_float_digits": "2",
		"driver_version":     driverVersion(),
		"os_version":         runtime.GOOS + " " + runtime.GOARCH,
	}
	if cfg.ProtocolVersion > 0 {
		p["client_protocol_version"] = strconv.Itoa(cfg.ProtocolVersion)
	}
	p["user"] = cred.User
	return p
}

// driverVersion is what STL_CONNECTION_LOG shows as driver_version.
var driverVersion = sync.OnceValue(func() string {
	const path, name = "github.com/llm-dev-ops/redshift", "Redshift Go Driver"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return name
	}
	version := ""
	if info.Main.Path == path {
		version = info.Main.Version
	}
	for _, m := range info.Deps {
		if m.Path == path {
			version = m.Version
		}
	}
	if version == "" || version == "(devel)" {
		return name
	}
	return name + " " + version
})
