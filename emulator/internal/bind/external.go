package bind

import (
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/ast"
)

// externalKinds are SVV_EXTERNAL_SCHEMAS.eskind by the words behind FROM.
var externalKinds = map[string]int16{
	"data catalog": 1, "hive metastore": 2, "postgres": 3, "redshift": 4, "mysql": 8, "kinesis": 9, "msk": 10, "kafka": 10,
}

// externalNeeds are the options without which a source cannot be reached
// (r_CREATE_EXTERNAL_SCHEMA.md).
var externalNeeds = map[string][]string{
	"data catalog": {"database", "iam_role"}, "hive metastore": {"database", "uri", "iam_role"},
	"postgres": {"database", "uri", "iam_role", "secret_arn"}, "mysql": {"database", "uri", "iam_role", "secret_arn"},
	"redshift": {"database"}, "kinesis": {"iam_role"}, "msk": {"iam_role"}, "kafka": {"uri"},
}

// externalSchema is CREATE EXTERNAL SCHEMA. It is kept and shown; what is in it
// is not read.
func (c *change) externalSchema(s *ast.CreateSchema) error {
	options := map[string]string{}
	for _, o := range s.Options {
		if _, twice := options[o.Name]; twice {
			return errorAt(o.Pos(), "42601", "conflicting or redundant options: %s is said twice", strings.ToUpper(o.Name))
		}
		options[o.Name] = o.Value
	}
	for _, name := range externalNeeds[s.Source] {
		if _, ok := options[name]; !ok {
			return errorAt(s.Pos(), "42601", "CREATE EXTERNAL SCHEMA FROM %s requires %s", strings.ToUpper(s.Source), strings.ToUpper(name)) // assumed text
		}
	}
	if _, ok := options["create external database if not exists"]; ok && s.Source != "data catalog" {
		return errorAt(s.Pos(), "0A000", "CREATE EXTERNAL DATABASE cannot be used with %s", strings.ToUpper(s.Source)) // assumed text
	}
	id := s.Name
	name := c.newName(*id)
	if d, ok := c.env.Catalog.Database(c.env.Database); ok && c.who().Holds(d.Grants(), catalog.Create) == 0 && !c.system("create schema") {
		return errorAt(s.Pos(), "42501", "permission denied for database %s", d.Name)
	}
	owner := c.env.UserID
	if s.Authorization != nil {
		u, err := c.user(*s.Authorization)
		if err != nil {
			return err
		}
		owner = u.ID
	}
	c.lockName("schema", c.env.Database, name)
	if _, ok := c.env.Catalog.Schema(c.env.Database, name); ok {
		if s.IfNotExists {
			c.notice("INFO", "42P06", "Schema \""+name+"\" already exists and will be skipped")
			return nil
		}
		return errorAt(id.Pos(), "42P06", "Schema %q already exists", name)
	}
	n, err := c.newID()
	if err != nil {
		return err
	}
	c.apply(catalog.Change{Schema: &catalog.Schema{
		ID: n, Database: c.env.Database, Name: name, Owner: owner,
		External: &catalog.External{Kind: externalKinds[s.Source], Source: s.Source, Options: options},
	}})
	return nil
}

// alterExternalSchema is ALTER EXTERNAL SCHEMA (r_ALTER_EXTERNAL_SCHEMA.md).
func (c *change) alterExternalSchema(a *ast.AlterExternalSchema) error {
	c.tag("ALTER EXTERNAL SCHEMA", "DDL")
	s, err := c.ownSchema(a.Name, "")
	if err != nil {
		return err
	}
	if s.External == nil {
		return errorAt(a.Name.Pos(), "42809", "schema %q is not an external schema", s.Name)
	}
	changed := *s
	changed.External = &catalog.External{Kind: s.External.Kind, Source: s.External.Source, Options: map[string]string{}}
	for k, v := range s.External.Options {
		changed.External.Options[k] = v
	}
	for _, o := range a.Options {
		changed.External.Options[o.Name] = o.Value
	}
	c.apply(catalog.Change{Schema: &changed})
	return nil
}

// externalTable is CREATE EXTERNAL TABLE, which is read and checked, and refused.
func (c *change) externalTable(s *ast.CreateExternalTable) error {
	c.tag("CREATE EXTERNAL TABLE", "DDL")
	c.plan.NoTransaction = true
	if len(s.Name.Parts) < 2 {
		return errorAt(s.Name.Pos(), "42601", "an external table needs the name of its external schema") // assumed text
	}
	if _, err := c.inExternalSchema(s.Name); err != nil {
		return err
	}
	return c.noSpectrum(s.Name)
}

// inExternalSchema finds the external schema of a table's name.
func (c *change) inExternalSchema(name ast.Name) (*catalog.Schema, error) {
	id := name.Parts[len(name.Parts)-2]
	s, err := c.schema(c.ident(id), id.Pos())
	if err != nil {
		return nil, err
	}
	if s.External == nil {
		return nil, errorAt(id.Pos(), "42809", "schema %q is not an external schema", s.Name) // assumed text
	}
	return s, nil
}

// noSpectrum says that what is in an external schema cannot be used.
func (b *binder) noSpectrum(name ast.Name) error {
	e := unsupported(name.Pos(), "the external table %s: nothing is read in place", name)
	e.Hint = "COPY loads the files into a table."
	return e
}
