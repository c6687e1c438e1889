package tpch

// Table is one of the eight tables.
type Table struct {
	Name string
	// Columns are the definitions of the columns, between parentheses in CREATE
	// TABLE. PostgreSQL takes them too.
	Columns string
	// Attributes are what Redshift has behind them.
	Attributes string
}

// Create is the CREATE TABLE for Redshift.
func (t Table) Create() string {
	return "CREATE TABLE " + t.Name + " (" + t.Columns + ") " + t.Attributes
}

// Tables are the tables, those that others refer to first. Joins of orders with
// their lines stay on their slice, and small tables are on all nodes.
func Tables() []Table {
	return []Table{
		{"region", `
	r_regionkey INTEGER NOT NULL PRIMARY KEY,
	r_name      CHAR(25) NOT NULL,
	r_comment   VARCHAR(152)
`, "DISTSTYLE ALL SORTKEY (r_regionkey)"},
		{"nation", `
	n_nationkey INTEGER NOT NULL PRIMARY KEY,
	n_name      CHAR(25) NOT NULL,
	n_regionkey INTEGER NOT NULL,
	n_comment   VARCHAR(152)
`, "DISTSTYLE ALL SORTKEY (n_nationkey)"},
		{"supplier", `
	s_suppkey   INTEGER NOT NULL PRIMARY KEY,
	s_name      CHAR(25) NOT NULL,
	s_address   VARCHAR(40) NOT NULL,
	s_nationkey INTEGER NOT NULL,
	s_phone     CHAR(15) NOT NULL,
	s_acctbal   NUMERIC(12,2) NOT NULL,
	s_comment   VARCHAR(101) NOT NULL
`, "DISTSTYLE ALL SORTKEY (s_suppkey)"},
		{"customer", `
	c_custkey    INTEGER NOT NULL PRIMARY KEY,
	c_name       VARCHAR(25) NOT NULL,
	c_address    VARCHAR(40) NOT NULL,
	c_nationkey  INTEGER NOT NULL,
	c_phone      CHAR(15) NOT NULL,
	c_acctbal    NUMERIC(12,2) NOT NULL,
	c_mktsegment CHAR(10) NOT NULL,
	c_comment    VARCHAR(117) NOT NULL
`, "DISTKEY (c_custkey) SORTKEY (c_custkey)"},
		{"part", `
	p_partkey     INTEGER NOT NULL PRIMARY KEY,
	p_name        VARCHAR(55) NOT NULL,
	p_mfgr        CHAR(25) NOT NULL,
	p_brand       CHAR(10) NOT NULL,
	p_type        VARCHAR(25) NOT NULL,
	p_size        INTEGER NOT NULL,
	p_container   CHAR(10) NOT NULL,
	p_retailprice NUMERIC(12,2) NOT NULL,
	p_comment     VARCHAR(23) NOT NULL
`, "DISTKEY (p_partkey) SORTKEY (p_partkey)"},
		{"partsupp", `
	ps_partkey    INTEGER NOT NULL,
	ps_suppkey    INTEGER NOT NULL,
	ps_availqty   INTEGER NOT NULL,
	ps_supplycost NUMERIC(12,2) NOT NULL,
	ps_comment    VARCHAR(199) NOT NULL,
	PRIMARY KEY (ps_partkey, ps_suppkey)
`, "DISTKEY (ps_partkey) SORTKEY (ps_partkey)"},
		{"orders", `
	o_orderkey      BIGINT NOT NULL PRIMARY KEY,
	o_custkey       INTEGER NOT NULL,
	o_orderstatus   CHAR(1) NOT NULL,
	o_totalprice    NUMERIC(12,2) NOT NULL,
	o_orderdate     DATE NOT NULL,
	o_orderpriority CHAR(15) NOT NULL,
	o_clerk         CHAR(15) NOT NULL,
	o_shippriority  INTEGER NOT NULL,
	o_comment       VARCHAR(79) NOT NULL
`, "DISTKEY (o_orderkey) SORTKEY (o_orderdate, o_orderkey)"},
		{"lineitem", `
	l_orderkey      BIGINT NOT NULL,
	l_partkey       INTEGER NOT NULL,
	l_suppkey       INTEGER NOT NULL,
	l_linenumber    INTEGER NOT NULL,
	l_quantity      NUMERIC(12,2) NOT NULL,
	l_extendedprice NUMERIC(12,2) NOT NULL,
	l_discount      NUMERIC(12,2) NOT NULL,
	l_tax           NUMERIC(12,2) NOT NULL,
	l_returnflag    CHAR(1) NOT NULL,
	l_linestatus    CHAR(1) NOT NULL,
	l_shipdate      DATE NOT NULL,
	l_commitdate    DATE NOT NULL,
	l_receiptdate   DATE NOT NULL,
	l_shipinstruct  CHAR(25) NOT NULL,
	l_shipmode      CHAR(10) NOT NULL,
	l_comment       VARCHAR(44) NOT NULL,
	PRIMARY KEY (l_orderkey, l_linenumber)
`, "DISTKEY (l_orderkey) SORTKEY (l_shipdate, l_orderkey)"},
	}
}
