package catalog

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

// storedColumn is a Column without its methods; its type is stored by OID and
// modifier, which do not change.
type storedColumn struct {
	plainColumn
	Type storedType
}

type plainColumn Column

type storedType struct {
	OID uint32
	Mod int32
}

// MarshalJSON implements json.Marshaler.
func (c Column) MarshalJSON() ([]byte, error) {
	return json.Marshal(storedColumn{plainColumn(c), storedType{c.Type.OID(), c.Type.Typmod()}})
}

// UnmarshalJSON implements json.Unmarshaler.
func (c *Column) UnmarshalJSON(data []byte) error {
	var s storedColumn
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	t := rstype.FromOID(s.Type.OID, s.Type.Mod)
	if t.OID() != s.Type.OID {
		return fmt.Errorf("column %q has the type %d, which is not known", s.Name, s.Type.OID)
	}
	*c = Column(s.plainColumn)
	c.Type = t
	return nil
}

// SQL gives the DuckDB statements that keep the change in the schema rs, for
// the transaction that makes it. The tables have no keys: DuckDB refuses to
// insert a key that the same transaction has deleted.
func (c Change) SQL() []string {
	switch {
	case c.User != nil:
		return put("users", c.User.ID, c.User)
	case c.Database != nil:
		return put("databases", c.Database.ID, c.Database)
	case c.Schema != nil:
		return put("schemas", c.Schema.ID, c.Schema)
	case c.Relation != nil:
		return put("relations", c.Relation.ID, c.Relation)
	case c.Group != nil:
		return put("groups", c.Group.ID, c.Group)
	case c.Role != nil:
		return put("roles", c.Role.ID, c.Role)
	case c.DefaultACL != nil:
		return put("default_acls", c.DefaultACL.ID, c.DefaultACL)
	case c.Routine != nil:
		return put("routines", c.Routine.ID, c.Routine)
	case c.DropRoutine != nil:
		return []string{remove("routines", c.DropRoutine.ID)}
	case c.Language != nil:
		return put("languages", c.Language.ID, c.Language)
	case c.DropGroup != nil:
		return []string{remove("groups", c.DropGroup.ID)}
	case c.DropRole != nil:
		return []string{remove("roles", c.DropRole.ID)}
	case c.DropDefaultACL != nil:
		return []string{remove("default_acls", c.DropDefaultACL.ID)}
	case c.DropUser != nil:
		return []string{remove("users", c.DropUser.ID)}
	case c.DropDatabase != nil:
		return []string{remove("databases", c.DropDatabase.ID)}
	case c.DropSchema != nil:
		return []string{remove("schemas", c.DropSchema.ID)}
	case c.DropRelation != nil:
		return []string{remove("relations", c.DropRelation.ID)}
	}
	return nil
}

func put(table string, id int32, object any) []string {
	body, err := json.Marshal(object)
	if err != nil {
		// Objects are strings, numbers and lists of them, which always marshal.
		panic(fmt.Sprintf("catalog: %s %d: %v", table, id, err))
	}
	return []string{
		remove(table, id),
		"INSERT INTO rs." + table + " VALUES (" + itoa(id) + ", '" + strings.ReplaceAll(string(body), "'", "''") + "')",
	}
}

func remove(table string, id int32) string {
	return "DELETE FROM rs." + table + " WHERE id = " + itoa(id)
}

func itoa(id int32) string { return strconv.Itoa(int(id)) }
