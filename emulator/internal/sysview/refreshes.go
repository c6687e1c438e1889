package sysview

import "github.com/llm-dev-ops/redshift/emulator/internal/event"

func refreshUser(r *event.Refresh) int32 { return r.UserID }

var svlMVRefreshStatus = cells[event.Refresh]{
	"db_name":     func(r *event.Refresh, _ Facts) any { return r.Database },
	"userid":      func(r *event.Refresh, _ Facts) any { return int64(r.UserID) },
	"schema_name": func(r *event.Refresh, _ Facts) any { return r.Schema },
	"mv_name":     func(r *event.Refresh, _ Facts) any { return r.Name },
	"xid":         func(r *event.Refresh, _ Facts) any { return r.XID },
	"starttime":   func(r *event.Refresh, _ Facts) any { return timestamp(r.Start) },
	"endtime":     func(r *event.Refresh, _ Facts) any { return timestamp(r.End) },
	"status":      func(r *event.Refresh, _ Facts) any { return r.Status },
	"refresh_type": func(r *event.Refresh, _ Facts) any {
		if r.Auto {
			return "Auto"
		}
		return "Manual"
	},
	// Of views on data that others share.
	"consumer_account": null[event.Refresh], "consumer_region": null[event.Refresh], "consumer_namespace": null[event.Refresh],
}

var sysMVRefreshHistory = cells[event.Refresh]{
	"user_id":          svlMVRefreshStatus["userid"],
	"session_id":       func(r *event.Refresh, _ Facts) any { return int64(r.PID) },
	"transaction_id":   svlMVRefreshStatus["xid"],
	"database_name":    svlMVRefreshStatus["db_name"],
	"schema_name":      svlMVRefreshStatus["schema_name"],
	"mv_id":            func(r *event.Refresh, _ Facts) any { return int64(r.ViewID) },
	"mv_name":          svlMVRefreshStatus["mv_name"],
	"refresh_type":     svlMVRefreshStatus["refresh_type"],
	"status":           svlMVRefreshStatus["status"],
	"start_time":       svlMVRefreshStatus["starttime"],
	"end_time":         svlMVRefreshStatus["endtime"],
	"duration":         func(r *event.Refresh, _ Facts) any { return r.End.Sub(r.Start).Microseconds() },
	"consumer_account": null[event.Refresh], "consumer_region": null[event.Refresh], "consumer_namespace": null[event.Refresh],
}
