package bind

import (
	"github.com/llm-dev-ops/redshift/emulator/internal/rstype"
)

// identitySpecials tell of AWS's side of the session.
var identitySpecials = map[string]special{
	"current_session_arn": func(b *binder, c *call) (node, error) { return textOrNull(b.env.SessionARN), c.want(0, 0) },
	"default_iam_role": func(b *binder, c *call) (node, error) {
		role := b.env.DefaultRole
		if role == "" {
			role = "none" // r_DEFAULT_IAM_ROLE.md
		}
		return textOrNull(role), c.want(0, 0)
	},
	// NULL outside of a view of Lake Formation, of which there are none (GET_MOUNTED_ROLE.md).
	"get_mounted_role":         func(_ *binder, c *call) (node, error) { return textOrNull(""), c.want(0, 0) },
	"has_assumerole_privilege": hasAssumeRole,
	"age":                      age,
	// What has no letter in ASCII stays: assumed. An encoding is that of the text's
	// bytes, which are UTF-8 here.
	"to_ascii": func(b *binder, c *call) (node, error) {
		args := "t"
		if len(c.args) == 2 {
			args = "tt"
		}
		return leaderForm(args, "t", "strip_accents($1)")(b, c)
	},
}

func init() {
	for name, f := range identitySpecials {
		specials[name] = f
	}
}

func textOrNull(v string) node {
	n := node{sql: text(v), typ: rstype.Type{Kind: rstype.Varchar, Len: int32(max(len(v), 128))}, exact: true}
	if v == "" {
		n.sql = "CAST(NULL AS VARCHAR)"
	}
	return n
}

// identityColumn is a function that is written without parentheses and whose name may
// be a column's: CURRENT_AWS_ACCOUNT, CURRENT_NAMESPACE.
func (b *binder) identityColumn(name string) (node, bool) {
	switch name {
	case "current_aws_account":
		// The document says INTEGER, which does not hold its 12 digits.
		return node{sql: "CAST(" + text(b.env.Account) + " AS BIGINT)", typ: typed(rstype.Int8), exact: true}, b.env.Account != ""
	case "current_namespace":
		return textOrNull(b.env.Namespace), true
	}
	return node{}, false
}

// hasAssumeRole is HAS_ASSUMEROLE_PRIVILEGE: everybody has it until ASSUMEROLE is
// revoked from PUBLIC, which the emulator refuses (r_GRANT.md).
func hasAssumeRole(b *binder, c *call) (node, error) {
	if err := c.want(2, 3); err != nil {
		return node{}, err
	}
	at := len(c.args) - 2
	if at == 1 {
		if _, err := b.operand(c, 0, "42704: user %s does not exist", b.userSubjects, b.userSubject); err != nil {
			return node{}, err
		}
	}
	arn, err := b.asText(c.args[at], c.offset(at))
	if err != nil {
		return arn, err
	}
	command, err := b.asText(c.args[at+1], c.offset(at+1))
	if err != nil {
		return command, err
	}
	return node{
		sql: "CASE WHEN " + arn.sql + " IS NULL OR " + command.sql + " IS NULL THEN NULL WHEN lower(" + command.sql +
			") IN ('copy', 'unload', 'external function', 'create model') THEN TRUE ELSE error('22023: unrecognized privilege type: \"' || " + command.sql + " || '\"') END",
		typ: typed(rstype.Bool),
	}, nil
}

// age is the time from one moment to another, or to today's midnight, in months and
// days: PostgreSQL's interval, which is described as INTERVAL DAY TO SECOND here.
func age(b *binder, c *call) (node, error) {
	args, sql := "m", "age(CAST(CAST(now() AS DATE) AS TIMESTAMP), CAST($1 AS TIMESTAMP))"
	if len(c.args) == 2 {
		args, sql = "mm", "age(CAST($1 AS TIMESTAMP), CAST($2 AS TIMESTAMP))"
	}
	n, err := leaderForm(args, "s", sql)(b, c)
	n.typ, n.exact = typed(rstype.IntervalDS), false
	return n, err
}
