package pgcatalog

import "github.com/llm-dev-ops/redshift/emulator/internal/catalog"

// materialized are the materialized views that the user owns, all for a superuser.
func materialized(r *record, yield func() bool) {
	allRelations(r, func() bool {
		if r.relation.Kind != catalog.Materialized || !r.facts.Superuser && r.relation.Owner != r.facts.UserID {
			return true
		}
		return yield()
	})
}

// materializedCells are STV_MV_INFO's (r_STV_MV_INFO.md) and SVV_MV_INFO's.
var materializedCells = map[string]cell{
	"db_name": common["database_name"], "database_name": common["database_name"], "schema": common["schema_name"], "schema_name": common["schema_name"],
	"name": common["table_name"], "owner_user_name": owner, "user_name": owner,
	// No refresh is given up half way, so that no transaction is waited for.
	"updated_upto_xid": constant(int64(0)),
	"is_stale": func(r *record) any {
		if r.facts.Stale[r.relation.ID] {
			return "t"
		}
		return "f"
	},
	"state": func(r *record) any {
		switch {
		case r.relation.Unrefreshable != 0:
			return int64(r.relation.Unrefreshable)
		case r.relation.Incremental:
			return int64(1)
		}
		return int64(0)
	},
	// Queries are never rewritten to read a view.
	"autorewrite": constant("f"),
	"autorefresh": func(r *record) any {
		if r.relation.AutoRefresh {
			return "t"
		}
		return "f"
	},
}

func owner(r *record) any { return r.userName(r.relation.Owner) }
