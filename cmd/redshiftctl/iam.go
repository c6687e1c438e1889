package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"github.com/llm-dev-ops/redshift"
	"github.com/llm-dev-ops/redshift/credentials"
	"github.com/llm-dev-ops/redshift/credentials/awsauth"
)

// iamLogin holds the flags of a login that AWS gives, instead of a password.
type iamLogin struct {
	cluster, workgroup, secret string
	dbUser                     string
	roles                      []string
	profile, region, endpoint  string
}

func (l *iamLogin) flags(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&l.cluster, "cluster", "", "log in to this cluster with temporary credentials of AWS, by `identifier` (REDSHIFT_CLUSTER)")
	fs.StringVar(&l.workgroup, "workgroup", "", "log in to this serverless workgroup with temporary credentials of AWS, by `name` (REDSHIFT_WORKGROUP)")
	fs.StringVar(&l.secret, "secret", "", "log in with this secret of Secrets Manager, by `name` or ARN (REDSHIFT_SECRET)")
	fs.StringVar(&l.dbUser, "db-user", "", "database `user` for --cluster (default: that of the IAM identity)")
	fs.StringSliceVar(&l.roles, "assume-role", nil, "`ARN` of a role to ask AWS as; several are assumed one after another")
	fs.StringVar(&l.profile, "aws-profile", "", "`profile` of the AWS configuration (AWS_PROFILE)")
	fs.StringVar(&l.region, "aws-region", "", "AWS `region` (AWS_REGION)")
	fs.StringVar(&l.endpoint, "aws-endpoint", "", "`URL` of another AWS (AWS_ENDPOINT_URL)")
}

// fromEnvironment takes what no flag says.
func (l *iamLogin) fromEnvironment() {
	for name, field := range map[string]*string{"REDSHIFT_CLUSTER": &l.cluster, "REDSHIFT_WORKGROUP": &l.workgroup, "REDSHIFT_SECRET": &l.secret} {
		if *field == "" {
			*field = os.Getenv(name)
		}
	}
}

// wanted: a flag or, where no password login is asked for, the environment names
// a cluster, a workgroup or a secret.
func (l *iamLogin) wanted(password bool) bool {
	if l.cluster == "" && l.workgroup == "" && l.secret == "" {
		if password {
			return false
		}
		l.fromEnvironment()
	}
	return l.cluster != "" || l.workgroup != "" || l.secret != ""
}

// apply sets the credentials, and host, port and database where nothing else
// says them.
func (l *iamLogin) apply(ctx context.Context, cfg *redshift.Config) error {
	given := 0
	for _, s := range []string{l.cluster, l.workgroup, l.secret} {
		if s != "" {
			given++
		}
	}
	if given > 1 {
		return usagef("--cluster, --workgroup and --secret exclude each other")
	}
	identity := awsauth.Identity{Region: l.region, Profile: l.profile, Endpoint: l.endpoint, Roles: l.roles}
	var p *awsauth.Provider
	var err error
	switch {
	case l.cluster != "":
		p, err = awsauth.NewCluster(ctx, awsauth.ClusterConfig{Identity: identity, Cluster: l.cluster, DbUser: l.dbUser, Database: cfg.Database})
	case l.workgroup != "":
		p, err = awsauth.NewServerless(ctx, awsauth.ServerlessConfig{Identity: identity, Workgroup: l.workgroup, Database: cfg.Database})
	default:
		p, err = awsauth.NewSecret(ctx, awsauth.SecretConfig{Identity: identity, Secret: l.secret})
	}
	if err != nil {
		return usageError{err}
	}
	cfg.Credentials = credentials.Provider(p)
	if cfg.Host != "" {
		return nil
	}
	e, err := p.Endpoint(ctx)
	if err != nil {
		return err
	}
	cfg.Host = e.Host
	if cfg.Port == 0 {
		cfg.Port = e.Port
	}
	if cfg.Database == "" {
		cfg.Database = e.Database
	}
	return nil
}
