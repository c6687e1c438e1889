package pgwire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/credentials"
)

// startup gives the parameters of the startup message. Redshift refuses those
// that it does not know, so these are the ones that AWS's drivers send, and
// nobody can add others. Without a user the token names it (the JDBC driver's
// ConnectionFactoryImpl).
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
	if list := compressionParameter(cfg.Compression); list != "" {
		p[compressionOption] = list
	}
	id := cred.Identity
	for name, value := range map[string]string{
		"user": cred.User, "idp_type": id.Type, "provider_name": id.Provider, "token_type": id.TokenType,
		"identity_namespace": id.Namespace, "idc_client_display_name": id.Client, "plugin_name": id.Plugin,
	} {
		if value != "" {
			p[name] = value
		}
	}
	return p
}

// appendStartup appends the startup message. The parameters come in the order
// of their names, so that equal logins are equal bytes, which pgproto3's are not.
func appendStartup(dst []byte, params map[string]string) []byte {
	at := len(dst)
	dst = binary.BigEndian.AppendUint32(dst, 0)
	dst = binary.BigEndian.AppendUint32(dst, pgproto3.ProtocolVersion30)
	for _, name := range slices.Sorted(maps.Keys(params)) {
		dst = append(append(dst, name...), 0)
		dst = append(append(dst, params[name]...), 0)
	}
	dst = append(dst, 0)
	binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at))
	return dst
}

// maxStartup is the longest startup message that the server takes (the ODBC
// driver's MAX_STARTUP_PACKET_LENGTH).
const maxStartup = 10000

// checkCredentials refuses what cannot be sent.
func checkCredentials(cfg Config, cred credentials.Credentials) error {
	if cred.User == "" && cred.Token.IsZero() {
		return errors.New("the provider has given no user")
	}
	size := 9
	for name, value := range startup(cfg, cred) {
		if strings.Contains(value, "\x00") {
			return fmt.Errorf("the credentials' %s holds a zero byte", name)
		}
		size += len(name) + len(value) + 2
	}
	if size > maxStartup {
		return fmt.Errorf("user, identity and application name are too long: the startup message may have %d bytes", maxStartup)
	}
	if strings.Contains(cred.Password.Reveal(), "\x00") || strings.Contains(cred.Token.Reveal(), "\x00") {
		return errors.New("the password or the token holds a zero byte")
	}
	return nil
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
