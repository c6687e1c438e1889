package sysview

// ofStatement is a cell of a statement, for a part of its text.
func ofStatement(name string) func(*chunk, Facts) any {
	cell := stlQuery[name]
	return func(c *chunk, f Facts) any { return cell(&c.Statement, f) }
}

var stlQuerytext = cells[chunk]{
	"userid":               ofStatement("userid"),
	"xid":                  ofStatement("xid"),
	"pid":                  ofStatement("pid"),
	"query":                ofStatement("query"),
	"sequence":             func(c *chunk, _ Facts) any { return c.sequence },
	"text":                 func(c *chunk, _ Facts) any { return c.part },
	"user_query_id":        ofStatement("query"),
	"child_query_sequence": constant[chunk](int64(1)), // one child query per statement
	"query_uuid":           null[chunk],
}

var stlText = cells[chunk]{
	"userid": ofStatement("userid"),
	"xid":    ofStatement("xid"),
	"pid":    ofStatement("pid"),
	// Unset is blank here, not "default" (facts: SET/RESET and parameters).
	"label":     func(c *chunk, _ Facts) any { return fit(c.Label, 30) },
	"starttime": ofStatement("starttime"),
	"endtime":   ofStatement("endtime"),
	"sequence":  stlQuerytext["sequence"],
	"text":      stlQuerytext["text"],
}

var svlStatementtext = cells[chunk]{
	"userid":    stlText["userid"],
	"xid":       stlText["xid"],
	"pid":       stlText["pid"],
	"label":     stlText["label"],
	"starttime": stlText["starttime"],
	"endtime":   stlText["endtime"],
	"sequence":  stlText["sequence"],
	"type":      func(c *chunk, _ Facts) any { return string(c.Family) },
	"text":      stlText["text"],
}

var sysQueryText = cells[chunk]{
	"user_id":        ofStatement("userid"),
	"query_id":       ofStatement("query"),
	"transaction_id": ofStatement("xid"),
	"session_id":     ofStatement("pid"),
	"start_time":     ofStatement("starttime"),
	"sequence":       stlQuerytext["sequence"],
	"text":           stlQuerytext["text"],
	"query_uuid":     null[chunk],
}
