package credentials

import "context"

// Static is the Provider of a user and a password that are known and do not
// expire.
func Static(user, password string) Provider {
	return static{Credentials{User: user, Password: NewSecret(password)}}
}

type static struct{ c Credentials }

// Retrieve implements Provider.
func (s static) Retrieve(ctx context.Context) (Credentials, error) {
	if err := ctx.Err(); err != nil {
		return Credentials{}, err
	}
	return s.c, nil
}
