package session

import (
	"errors"
	"strings"

	"github.com/llm-dev-ops/redshift/emulator/internal/iam"
	"github.com/llm-dev-ops/redshift/internal/redshiftsql/copycmd"
)

// s3Refusals are the codes of S3's answers to credentials.
var s3Refusals = map[iam.Kind]struct{ code, text string }{
	iam.UnknownKey:   {"InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."},
	iam.BadSignature: {"SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. Check your key and signing method."},
	iam.Expired:      {"ExpiredToken", "The provided token has expired."},
	iam.BadToken:     {"InvalidToken", "The provided token is malformed or otherwise invalid."},
	iam.Denied:       {"AccessDenied", "Access Denied"},
}

// allowed asks the directory about what a COPY or UNLOAD does in the name of its roles
// or keys; nil is a directory in which everybody may do everything. The texts are those
// of s3serviceexception-error.
func (b *backend) allowed(auth *copycmd.Auth) func(action, bucket, key string) error {
	d := b.core.cfg.Directory
	if d == nil || d.IsOpen() {
		return nil
	}
	roles := strings.Join(auth.Roles, ",")
	if auth.Default {
		roles = b.core.cfg.DefaultRole
	}
	id, secret, token := auth.AccessKeyID, string(auth.SecretAccessKey), string(auth.SessionToken)
	for part := range strings.SplitSeq(string(auth.Credentials), ";") {
		switch name, value, _ := strings.Cut(part, "="); name {
		case "aws_iam_role":
			roles = value
		case "aws_access_key_id":
			id = value
		case "aws_secret_access_key":
			secret = value
		case "token":
			token = value
		}
	}
	return func(action, bucket, key string) error {
		var err error
		if id == "" {
			err = d.Allows(roles, bucket, key, action)
		} else {
			var who iam.Identity
			if who, err = d.Keys(id, secret, token); err == nil {
				resource := bucket
				if key != "" {
					resource += "/" + key
				}
				err = d.Allow(who, action, resource)
			}
		}
		var refused *iam.Error
		if !errors.As(err, &refused) || strings.HasPrefix(refused.Message, "Not authorized to get credentials") {
			return err
		}
		r, ok := s3Refusals[refused.Kind]
		if !ok {
			r = s3Refusals[iam.Denied]
		}
		if strings.HasPrefix(action, "dynamodb:") {
			return errors.New("DynamoDBServiceException:" + refused.Message + ",Status 400,Error AccessDeniedException") // assumed
		}
		return errors.New("S3ServiceException:" + r.text + ",Status 403,Error " + r.code)
	}
}
