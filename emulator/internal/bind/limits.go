package bind

import "github.com/llm-dev-ops/redshift/emulator/internal/catalog"

// Limits are how many objects there may be (amazon-redshift-limits.md); a field that
// is 0 is the documented quota.
type Limits struct {
	// Databases of a cluster, those of the system apart. Defaults to 60, and to 100 on
	// serverless.
	Databases int
	// Schemas of a database. Defaults to 9,900.
	Schemas int
	// Tables of a cluster, with temporary ones and materialized views. Defaults to
	// 200,000, the quota of the largest nodes.
	Tables int
	// Procedures of a database. Defaults to 10,000.
	Procedures int
}

func (l Limits) withDefaults(serverless bool) Limits {
	given := func(v *int, quota int) {
		if *v == 0 {
			*v = quota
		}
	}
	given(&l.Databases, 60)
	if serverless && l.Databases == 60 {
		l.Databases = 100
	}
	given(&l.Schemas, 9900)
	given(&l.Tables, 200_000)
	given(&l.Procedures, 10_000)
	return l
}

// room says whether one more object of a kind may be made; the texts are assumed.
func (c *change) room(have, limit int, what string, offset int) error {
	if have < limit {
		return nil
	}
	e := errorAt(offset, "54000", "there can be at most %d %s", limit, what)
	e.Hint = "Drop some that are not needed."
	return e
}

func (c *change) roomForDatabase(offset int) error {
	have := 0
	for _, d := range c.env.Catalog.Databases() {
		if d.Name != "template0" && d.Name != "template1" && d.Name != "padb_harvest" {
			have++
		}
	}
	return c.room(have, c.env.Limits.withDefaults(c.env.Serverless).Databases, "databases", offset)
}

func (c *change) roomForSchema(offset int) error {
	have := c.env.Catalog.CountSchemas(c.env.Database)
	return c.room(have, c.env.Limits.withDefaults(false).Schemas, "schemas in a database", offset)
}

func (c *change) roomForTable(offset int) error {
	have := c.env.Catalog.CountRelations((*catalog.Relation).Stored)
	return c.room(have, c.env.Limits.withDefaults(false).Tables, "tables in a cluster", offset)
}
