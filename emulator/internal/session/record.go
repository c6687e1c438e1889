package session

import (
	"github.com/llm-dev-ops/redshift/emulator/internal/event"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// family says in which of the STL views a statement shows (facts, section 6).
func family(s ast.Stmt) event.Family {
	switch s.(type) {
	case *ast.Query, *ast.Insert, *ast.Update, *ast.Delete, *ast.Merge, *ast.Copy, *ast.Unload, *ast.CreateTableAs:
		return event.Query
	case *ast.CreateTable, *ast.CreateView, *ast.CreateSchema, *ast.AlterTable, *ast.AlterSchema, *ast.AlterExternalSchema, *ast.CreateExternalTable, *ast.AlterMaterializedView, *ast.Drop:
		return event.DDL
	default:
		return event.Utility
	}
}

// queryType is SYS_QUERY_HISTORY.query_type.
func queryType(s ast.Stmt) string {
	switch s.(type) {
	case *ast.Query:
		return "SELECT"
	case *ast.Insert:
		return "INSERT"
	case *ast.Update:
		return "UPDATE"
	case *ast.Delete:
		return "DELETE"
	case *ast.Copy:
		return "COPY"
	case *ast.Unload:
		return "UNLOAD"
	case *ast.CreateTableAs:
		return "CTAS"
	case *ast.CreateTable, *ast.CreateView, *ast.CreateSchema, *ast.AlterTable, *ast.AlterSchema, *ast.Drop, *ast.Truncate:
		return "DDL"
	case *ast.Explain:
		return "EXPLAIN"
	default:
		return "UTILITY"
	}
}
