package sysview

import (
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/event"
)

func connectionUser(c *event.Connection) int32   { return c.UserID }
func transactionUser(t *event.Transaction) int32 { return t.UserID }

func elapsed(start, end, now time.Time) time.Duration {
	if end.IsZero() {
		end = now
	}
	return end.Sub(start)
}

var stlConnectionLog = cells[event.Connection]{
	"event":            func(c *event.Connection, _ Facts) any { return c.Event },
	"recordtime":       func(c *event.Connection, _ Facts) any { return timestamp(c.At) },
	"remotehost":       func(c *event.Connection, _ Facts) any { return c.Host },
	"remoteport":       func(c *event.Connection, _ Facts) any { return c.Port },
	"pid":              func(c *event.Connection, _ Facts) any { return int64(c.PID) },
	"dbname":           func(c *event.Connection, _ Facts) any { return c.Database },
	"username":         func(c *event.Connection, _ Facts) any { return c.User },
	"authmethod":       func(c *event.Connection, _ Facts) any { return c.AuthMethod },
	"duration":         func(c *event.Connection, _ Facts) any { return micros(c.Duration) },
	"sslversion":       func(c *event.Connection, _ Facts) any { return c.TLSVersion },
	"sslcipher":        func(c *event.Connection, _ Facts) any { return c.TLSCipher },
	"mtu":              constant[event.Connection](int64(0)),
	"sslcompression":   null[event.Connection],
	"sslexpansion":     null[event.Connection],
	"iamauthguid":      null[event.Connection],
	"application_name": func(c *event.Connection, _ Facts) any { return c.Application },
	"os_version":       func(c *event.Connection, _ Facts) any { return c.OSVersion },
	"driver_version":   func(c *event.Connection, _ Facts) any { return c.DriverVersion },
	"plugin_name":      func(c *event.Connection, _ Facts) any { return c.PluginName },
	"protocol_version": func(c *event.Connection, _ Facts) any { return int64(c.ProtocolVersion) },
	"sessionid":        null[event.Connection],
	"compression":      null[event.Connection],
}

var sysConnectionLog = cells[event.Connection]{
	"event":             stlConnectionLog["event"],
	"record_time":       stlConnectionLog["recordtime"],
	"remote_host":       stlConnectionLog["remotehost"],
	"remote_port":       stlConnectionLog["remoteport"],
	"session_id":        stlConnectionLog["pid"],
	"database_name":     stlConnectionLog["dbname"],
	"user_name":         stlConnectionLog["username"],
	"auth_method":       stlConnectionLog["authmethod"],
	"duration":          stlConnectionLog["duration"],
	"ssl_version":       stlConnectionLog["sslversion"],
	"ssl_cipher":        stlConnectionLog["sslcipher"],
	"mtu":               stlConnectionLog["mtu"],
	"ssl_compression":   null[event.Connection],
	"ssl_expansion":     null[event.Connection],
	"iam_auth_guid":     null[event.Connection],
	"application_name":  stlConnectionLog["application_name"],
	"driver_version":    stlConnectionLog["driver_version"],
	"os_version":        stlConnectionLog["os_version"],
	"plugin_name":       stlConnectionLog["plugin_name"],
	"protocol_version":  stlConnectionLog["protocol_version"],
	"global_session_id": null[event.Connection],
}

var sysTransactionHistory = cells[event.Transaction]{
	"user_id":                func(t *event.Transaction, _ Facts) any { return int64(t.UserID) },
	"transaction_id":         func(t *event.Transaction, _ Facts) any { return t.XID },
	"isolation_level":        func(t *event.Transaction, _ Facts) any { return t.Isolation },
	"status":                 func(t *event.Transaction, _ Facts) any { return t.Status },
	"transaction_start_time": func(t *event.Transaction, _ Facts) any { return timestamp(t.Start) },
	"commit_start_time":      func(t *event.Transaction, _ Facts) any { return timestamp(t.CommitStart) },
	"commit_end_time": func(t *event.Transaction, _ Facts) any {
		if t.CommitStart.IsZero() {
			return nil
		}
		return timestamp(t.End)
	},
	"blocks_committed":    null[event.Transaction],
	"undo_transaction_id": null[event.Transaction],
}
