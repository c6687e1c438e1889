package parse

import (
	"strings"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
)

// statementHints say what Redshift has in place of statements of other databases.
var statementHints = map[string]string{
	"savepoint":  "Redshift has no savepoints.",
	"release":    "Redshift has no savepoints.",
	"listen":     "Redshift has no LISTEN and NOTIFY.",
	"notify":     "Redshift has no LISTEN and NOTIFY.",
	"unlisten":   "Redshift has no LISTEN and NOTIFY.",
	"do":         "Redshift has no anonymous blocks; make a procedure and CALL it.",
	"if":         "Redshift has IF in procedures only.",
	"begin":      "Redshift has blocks in procedures only.",
	"reindex":    "Redshift has no indexes; VACUUM REINDEX is for interleaved sort keys.",
	"cluster":    "Redshift has no indexes; VACUUM SORT ONLY sorts a table by its sort key.",
	"optimize":   "Redshift has VACUUM and ANALYZE.",
	"values":     "Redshift has VALUES only inside other statements; write SELECT.",
	"table":      "Redshift has TABLE only inside other statements; write SELECT.",
	"from":       "A query begins with SELECT.",
	"pivot":      "Redshift has PIVOT and UNPIVOT in FROM: SELECT * FROM t PIVOT (SUM(x) FOR y IN ('a', 'b')).",
	"unpivot":    "Redshift has PIVOT and UNPIVOT in FROM: SELECT * FROM t UNPIVOT (x FOR y IN (a, b)).",
	"replace":    "Redshift has MERGE.",
	"upsert":     "Redshift has MERGE.",
	"describe":   "Redshift has SHOW TABLE and SHOW COLUMNS FROM TABLE.",
	"desc":       "Redshift has SHOW TABLE and SHOW COLUMNS FROM TABLE.",
	"summarize":  "Redshift has SHOW COLUMNS FROM TABLE, and the view SVV_TABLE_INFO.",
	"attach":     "Redshift reads other databases by names of three parts, and data in S3 by CREATE EXTERNAL SCHEMA.",
	"detach":     "Redshift has DROP DATABASE and DROP SCHEMA.",
	"install":    "Redshift has no extensions.",
	"load":       "Redshift has no extensions; COPY loads data.",
	"pragma":     "Redshift has SET and SHOW.",
	"discard":    "RESET ALL resets a session's settings.",
	"checkpoint": "Redshift stores by itself what is committed.",
	"reassign":   "ALTER TABLE t OWNER TO u gives one table to another owner.",
	"move":       "Redshift has FETCH; a cursor goes forward only.",
	"export":     "Redshift has UNLOAD.",
	"import":     "Redshift has COPY, and CREATE EXTERNAL SCHEMA.",
	"put":        "Files are put into S3 by its own tools, and then loaded by COPY.",
	"undrop":     "Redshift restores dropped tables from snapshots.",
	"exec":       "Redshift has CALL.",
	"kill":       "Redshift has CANCEL pid, and PG_TERMINATE_BACKEND(pid).",
	"security":   "Redshift has no labels.",
}

// failStatement leaves with a syntax error at a word that begins no statement.
func (p *parser) failStatement() { p.failHint(statementHints[p.word]) }

// createHints say what Redshift has in place of objects of other databases.
var createHints = map[string]string{
	"index":        "Redshift has no indexes; sort keys take their place.",
	"unique":       "Redshift has no indexes; sort keys take their place.",
	"sequence":     "Redshift has no sequences; use an IDENTITY column.",
	"unlogged":     "Redshift has CREATE TABLE … BACKUP NO.",
	"transient":    "Redshift has CREATE TABLE … BACKUP NO.",
	"recursive":    "Redshift has WITH RECURSIVE in a view's query.",
	"macro":        "Redshift has CREATE FUNCTION … LANGUAGE sql.",
	"policy":       "Redshift has CREATE RLS POLICY and CREATE MASKING POLICY.",
	"stage":        "Redshift loads from S3 by COPY.",
	"file":         "Redshift has file formats as options of COPY.",
	"language":     "Redshift has sql, plpgsql and plpythonu, and no others.",
	"server":       "Redshift has CREATE EXTERNAL SCHEMA … FROM POSTGRES.",
	"foreign":      "Redshift has CREATE EXTERNAL TABLE in an external schema.",
	"warehouse":    "A cluster or workgroup is made by AWS's interfaces.",
	"statistics":   "Redshift has ANALYZE.",
	"collation":    "Redshift has the collations CASE_SENSITIVE and CASE_INSENSITIVE.",
	"publication":  "Redshift has CREATE DATASHARE.",
	"subscription": "Redshift has CREATE DATABASE … FROM DATASHARE.",
	"stream":       "Redshift has materialized views that refresh incrementally.",
	"task":         "Redshift's query editor and the Data API with EventBridge run statements by schedule.",
}

// failCreate leaves at what CREATE, ALTER or DROP does not know.
func (p *parser) failCreate(verb string) {
	hint := ""
	if verb == "CREATE" {
		hint = createHints[p.word]
	}
	if hint == "" {
		switch p.word {
		case "index", "sequence", "type", "domain", "trigger", "rule", "extension", "aggregate", "operator", "cast", "conversion",
			"tablespace", "foreign", "publication", "subscription", "server", "statistics", "event", "access", "text", "policy", "owned":
			hint = verb + " " + upper([]string{p.word}) + " is PostgreSQL's; Redshift does not have it."
		}
	}
	if hint == "" {
		hint = p.hint()
	}
	p.failHint(hint)
}

// hints know common ways to go wrong by the word at which the parser stopped.
var hints = map[string]string{
	"returning":      "RETURNING is PostgreSQL's; Redshift returns no rows from INSERT, UPDATE and DELETE.",
	"fetch":          "Redshift limits with LIMIT n or SELECT TOP n.",
	"lateral":        "Redshift has no LATERAL; a SUPER array is unnested by FROM t, t.arr AS x.",
	"apply":          "Redshift has no APPLY; a SUPER array is unnested by FROM t, t.arr AS x.",
	"values":         "Redshift has VALUES in INSERT and MERGE alone; write SELECT … UNION ALL SELECT ….",
	"tablesample":    "Redshift has no TABLESAMPLE.",
	"only":           "Redshift has no table inheritance, and so no ONLY.",
	"overriding":     "Redshift has no OVERRIDING; COPY takes EXPLICIT_IDS, and GENERATED BY DEFAULT AS IDENTITY takes values.",
	"overwrite":      "Redshift has TRUNCATE, or DELETE, and INSERT in one transaction.",
	"ignore":         "Redshift has MERGE, or INSERT … SELECT … WHERE NOT EXISTS.",
	"groups":         "Redshift's frames are of ROWS.",
	"auto_increment": "Redshift has IDENTITY(seed, step).",
	"autoincrement":  "Redshift has IDENTITY(seed, step).",
	"engine":         "Redshift has DISTSTYLE, DISTKEY, SORTKEY, ENCODE and BACKUP.",
	"partitioned":    "Redshift has SORTKEY and DISTKEY; external tables are PARTITIONED BY.",
	"clone":          "Redshift has CREATE TABLE x (LIKE t), and CREATE TABLE x AS SELECT.",
	"unsigned":       "Redshift's numbers have signs; NUMERIC holds what BIGINT does not.",
	"symmetric":      "Redshift has no BETWEEN SYMMETRIC.",
	"array":          "Redshift has no array types; SUPER holds arrays.",
	"modify":         "Redshift has ALTER TABLE … ALTER COLUMN c TYPE VARCHAR(n), and no other changes of type.",
	"change":         "Redshift has ALTER TABLE … RENAME COLUMN and ALTER COLUMN c TYPE VARCHAR(n).",
	"validate":       "Redshift's constraints are informational.",
	"deferrable":     "Redshift's constraints are informational, and never checked.",
	"exclude":        "Redshift has no exclusion constraints; in a select list EXCLUDE (a, b) follows the *.",
	"using":          "Redshift has no USING here.",
	"sample":         "Redshift has no samples; ORDER BY RANDOM() LIMIT n draws rows.",
	"search":         "Redshift has no SEARCH; keep a level or path as a column.",
	"owned":          "Redshift drops objects one by one.",
	"prepared":       "Redshift has no two-phase commit.",
	"stored":         "Redshift has no generated columns; a view computes them.",
	"comment":        "Redshift has COMMENT ON.",
	"encode":         "Redshift has TO_HEX and FROM_VARBYTE; ENCODE is a column's compression.",
	"unique":         "Redshift has no UNIQUE predicate.",
	"concurrently":   "Redshift has no CONCURRENTLY.",
	"first":          "Redshift adds columns at the end.",
	"after":          "Redshift adds columns at the end.",
}

// wordHint is that of the word at which the parser stopped and its neighbours.
func (p *parser) wordHint() string {
	before := lex.Fold(lastWord(p.src[:p.tok.Pos]))
	switch p.word {
	case "on":
		switch {
		case p.peekIs("conflict"):
			return "ON CONFLICT is PostgreSQL's; Redshift merges with MERGE, or DELETE and INSERT in one transaction."
		case p.peekIs("duplicate"):
			return "ON DUPLICATE KEY is MySQL's; Redshift merges with MERGE."
		}
	case "for":
		switch {
		case p.peekIs("update"), p.peekIs("share"):
			return "Redshift has no row locks (FOR UPDATE, FOR SHARE); LOCK takes a whole table."
		case p.peekIs("system_time"):
			return "Redshift has no tables as of another time."
		}
	case "row", "rows":
		if before != "" {
			return "Redshift limits with LIMIT n OFFSET m."
		}
	case "percent":
		return "Redshift limits to a number of rows, and not to a share of them."
	case "with":
		switch {
		case p.peekIs("ties"):
			return "Redshift has no WITH TIES; QUALIFY RANK() OVER (ORDER BY …) <= n keeps them."
		case p.peekIs("rollup"), p.peekIs("cube"):
			return "Redshift writes GROUP BY ROLLUP (a, b)."
		case p.peekIs("ordinality"):
			return "Redshift has FROM t, t.items AS i AT idx."
		case p.peekKind(lex.LParen):
			return "Redshift has no WITH (…) here."
		}
	case "any", "all", "some":
		switch before {
		case "like", "ilike", "to":
			return "Redshift has no LIKE ANY; write several LIKE with OR, or one SIMILAR TO '(a|b)'."
		case "by":
			return "Redshift has no ORDER BY ALL; name the columns."
		}
	case "by":
		if before == "union" || before == "all" {
			return "Redshift matches the columns of set operations by position."
		}
	case "from":
		switch before {
		case ",":
			return "There is a comma too many."
		case "select":
			return "SELECT has at least one column."
		}
	case "table":
		switch before {
		case "replace":
			return "Redshift has no CREATE OR REPLACE TABLE; drop the table first, or keep it with IF NOT EXISTS."
		case "create":
			return "Redshift has SHOW TABLE t."
		}
	case "if":
		if p.peekIs("not") {
			return "Redshift has IF NOT EXISTS for CREATE TABLE, SCHEMA and their kin, and not here."
		}
	}
	switch before {
	case "set":
		if p.word == "tablespace" || p.word == "logged" || p.word == "unlogged" {
			return "Redshift's storage has no such settings."
		}
	case "except", "replace", "rename":
		return "Redshift has SELECT * EXCLUDE (a, b), and renames with AS."
	}
	return hints[p.word]
}

// lastWord is the word that ends text, or its last character, blanks left aside.
func lastWord(text string) string {
	text = strings.TrimRight(text, " \t\r\n")
	i := len(text)
	for i > 0 && (text[i-1] == '_' || text[i-1]|0x20 >= 'a' && text[i-1]|0x20 <= 'z') {
		i--
	}
	if i == len(text) && i > 0 {
		i--
	}
	return text[i:]
}

// operatorHints say what Redshift has in place of operators of others.
var operatorHints = map[string]string{
	"==":  "Redshift compares with =.",
	"<=>": "Redshift has no operator that takes NULLs for equal; DECODE(a, b, 1, 0) = 1 does.",
	"->":  "Redshift navigates SUPER by value.name, and texts by JSON_EXTRACT_PATH_TEXT.",
	"->>": "Redshift navigates SUPER by value.name, and texts by JSON_EXTRACT_PATH_TEXT.",
	"#>":  "Redshift navigates SUPER by value.name, and texts by JSON_EXTRACT_PATH_TEXT.",
	"#>>": "Redshift navigates SUPER by value.name, and texts by JSON_EXTRACT_PATH_TEXT.",
	"=>":  "Redshift's functions take their arguments by position.",
	"&&":  "Redshift has AND.",
	"**":  "Redshift has ^ and POWER(x, y).",
	"//":  "The operator / of two integers cuts the fraction.",
	"@>":  "Redshift has ARRAY_CONTAINS for SUPER arrays.",
	"?":   "Parameters are $1, $2 …",
	"{":   "Redshift has OBJECT('a', 1), and JSON_PARSE('{\"a\": 1}').",
	"[":   "Redshift has ARRAY(1, 2) of SUPER.",
	"`":   "Redshift quotes names with \"…\".",
	"@":   "Redshift has no variables outside of procedures; SET app.x TO 1 and CURRENT_SETTING('app.x') keep a value.",
	":":   "Parameters are $1, $2 …; of the Data API :name.",
	"!":   "Redshift has NOT and <>.",
}

// operatorHint is that of the signs that stand around a place.
func operatorHint(src string, at int) string {
	const signs = "=<>-+#&*/@?!|:~^%"
	from, to := at, at
	for from > 0 && strings.IndexByte(signs, src[from-1]) >= 0 {
		from--
	}
	for to < len(src) && strings.IndexByte(signs, src[to]) >= 0 {
		to++
	}
	if to == at && to < len(src) {
		to++
	}
	if src[from:to] == ":" && (to == len(src) || src[to]|0x20 < 'a' || src[to]|0x20 > 'z') {
		return "" // no name of a parameter
	}
	return operatorHints[src[from:to]]
}

// hint knows common ways to go wrong by where the parser stopped.
func (p *parser) hint() string {
	if p.qualified {
		return "QUALIFY directly behind FROM is read as an alias: give the table one of its own (r_QUALIFY_clause)."
	}
	switch p.tok.Kind {
	case lex.EString:
		return "Redshift has no E'...' strings; a backslash escapes in an ordinary '...' string."
	case lex.BitString:
		return "Redshift has no bit strings; make a VARBYTE with to_varbyte('1f', 'hex')."
	case lex.Assign:
		if strings.HasPrefix(lex.Fold(strings.TrimSpace(p.src)), "update") {
			return "Redshift assigns with = in UPDATE and SET."
		}
		return "Redshift assigns with = in UPDATE and SET, and takes arguments by position."
	case lex.String:
		switch lex.Fold(lastWord(p.src[:p.tok.Pos])) {
		case "regexp", "rlike":
			return "Redshift matches regular expressions with ~, and counts matches with REGEXP_COUNT."
		case "similar":
			return "Redshift has SIMILAR TO."
		case "glob":
			return "Redshift has LIKE, ILIKE, SIMILAR TO and ~."
		case "from", "join":
			return "Redshift loads files by COPY, and reads them as external tables."
		case "outfile":
			return "Redshift has UNLOAD."
		}
		return ""
	case lex.Ident:
	case lex.EOF:
		return ""
	default:
		return operatorHint(p.src, p.tok.Pos)
	}
	if h := p.wordHint(); h != "" {
		return h
	}
	if lex.IsReserved(p.word) {
		switch p.word {
		case "tag", "user", "open", "oid", "system", "raw", "top", "new", "old", "snapshot",
			"timestamp", "offset", "partition", "identity", "language", "parallel", "delta", "resort", "recover":
			return `"` + p.word + `" is a reserved word; as a name it stands in double quotes.`
		}
	}
	return ""
}
