package iam

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Kind is what is wrong with a request's credentials. Each protocol of AWS has a
// name of its own for it.
type Kind int

// The kinds.
const (
	NoToken      Kind = iota + 1 // the request is not signed
	UnknownKey                   // nobody has the access key
	BadSignature                 // it is signed otherwise
	Expired                      // temporary credentials are over
	BadToken                     // the session token is not that of the key
	Skewed                       // the clocks are too far apart
	Malformed                    // the signature cannot be read
	Denied                       // who calls may not
)

// Error is a refusal. Its text is AWS's, for clients.
type Error struct {
	Kind    Kind
	Message string
}

// Error is the message.
func (e *Error) Error() string { return e.Message }

// Identity is who calls. The zero value is nobody.
type Identity struct {
	// ARN and ID are GetCallerIdentity's.
	ARN, ID string
	// Name is the user's, or the role's.
	Name string
	// Role is the ARN of an assumed role, "" of a user.
	Role string

	grants *[]grant
}

// DBUser is the database user whom Redshift gives the identity (GetCredentials,
// GetClusterCredentialsWithIAM).
func (i Identity) DBUser() string {
	if i.Role != "" {
		return "IAMR:" + strings.ToLower(i.Name)
	}
	return "IAM:" + strings.ToLower(i.Name)
}

// Credentials are temporary ones.
type Credentials struct {
	AccessKey, Secret, Token string
	Until                    time.Time
}

// secretOf is what is known of an access key.
type secretOf struct {
	who    Identity
	secret string
	token  string
	until  time.Time // zero is for ever
}

// Directory knows users, roles and the temporary credentials that it has issued. It
// is safe for concurrent use.
type Directory struct {
	account string
	open    bool
	now     func() time.Time
	roles   map[string]role

	mu   sync.Mutex
	keys map[string]secretOf
	temp int // how many of keys are temporary
}

// maxIssued bounds the temporary credentials that are remembered; beyond it,
// expired and then any are forgotten.
const maxIssued = 10_000

// Open makes a Directory in which every access key is a user's, whatever it is
// signed with, and every role is there and may do everything.
func Open(account string, now func() time.Time) *Directory {
	return &Directory{account: account, open: true, now: now, keys: map[string]secretOf{}, roles: map[string]role{}}
}

// New makes a Directory of a JSON document (docs/emulator.md), outside of which
// there is nobody.
func New(account string, now func() time.Time, text []byte) (*Directory, error) {
	doc, err := parse(text)
	if err != nil {
		return nil, err
	}
	d := Open(account, now)
	d.open = false
	for _, u := range doc.Users {
		d.keys[u.Key] = secretOf{who: Identity{ARN: "arn:aws:iam::" + account + ":user/" + u.Name, ID: "AIDA" + u.Key, Name: u.Name, grants: u.Allow}, secret: u.Secret}
	}
	for _, r := range doc.Roles {
		d.roles[r.ARN] = r
	}
	return d, nil
}

// IsOpen tells whether nobody is checked.
func (d *Directory) IsOpen() bool { return d.open }

// key finds what is known of an access key.
func (d *Directory) key(id string) (secretOf, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, ok := d.keys[id]
	if !ok && d.open {
		return secretOf{who: Identity{ARN: "arn:aws:iam::" + d.account + ":user/" + id, ID: id, Name: id}}, true
	}
	return s, ok
}

func (d *Directory) expired(s secretOf) bool { return !s.until.IsZero() && !d.now().Before(s.until) }

// Keys checks keys that a statement brings, such as COPY's.
func (d *Directory) Keys(id, secret, token string) (Identity, error) {
	s, ok := d.key(id)
	switch {
	case d.open:
	case !ok:
		return Identity{}, &Error{UnknownKey, "The AWS Access Key Id you provided does not exist in our records."}
	case subtle.ConstantTimeCompare([]byte(secret), []byte(s.secret)) == 0:
		return Identity{}, &Error{BadSignature, "The request signature we calculated does not match the signature you provided. Check your key and signing method."}
	case subtle.ConstantTimeCompare([]byte(token), []byte(s.token)) == 0:
		return Identity{}, &Error{BadToken, "The provided token is malformed or otherwise invalid."}
	case d.expired(s):
		return Identity{}, &Error{Expired, "The provided token has expired."}
	}
	return s.who, nil
}

// Assume gives the identity of a role to who calls; service is Redshift's own
// request, for COPY and UNLOAD.
func (d *Directory) assume(arn, principal string) (Identity, bool) {
	m := roleName.FindStringSubmatch(arn)
	if m == nil {
		return Identity{}, false
	}
	who := Identity{ARN: "arn:" + m[1] + ":sts::" + m[2] + ":assumed-role/" + m[3], Name: m[3], Role: arn}
	if d.open {
		return who, true
	}
	r, ok := d.roles[arn]
	who.grants = r.Allow
	trusts := r.Trust == nil || slices.ContainsFunc(*r.Trust, func(t string) bool {
		return t == "*" || t == principal || principal == redshift && t == "redshift.amazonaws.com"
	})
	return who, ok && trusts
}

// AssumeRole issues credentials of a role, as sts does. The identity's ARN and ID
// end with the session's name.
func (d *Directory) AssumeRole(by Identity, arn, session string, valid time.Duration) (Identity, Credentials, error) {
	principal := by.Name
	if by.Role != "" {
		principal = by.Role
	}
	who, ok := d.assume(arn, principal)
	if !ok || d.Allow(by, "sts:AssumeRole", arn) != nil {
		return Identity{}, Credentials{}, &Error{Denied, "User: " + by.ARN + " is not authorized to perform: sts:AssumeRole on resource: " + arn}
	}
	who.ARN += "/" + session
	who.ID = "AROA" + rand.Text()[:17] + ":" + session
	c := Credentials{
		AccessKey: "ASIA" + rand.Text()[:16], Secret: (rand.Text() + rand.Text())[:40],
		Token: strings.Repeat(rand.Text(), 4), Until: d.now().Add(valid),
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.temp >= maxIssued {
		d.forget()
	}
	d.keys[c.AccessKey] = secretOf{who: who, secret: c.Secret, token: c.Token, until: c.Until}
	d.temp++
	return who, c, nil
}

// forget makes room for temporary credentials. The lock is held.
func (d *Directory) forget() {
	for _, all := range []bool{false, true} {
		for id, s := range d.keys {
			if d.temp >= maxIssued && !s.until.IsZero() && (all || d.expired(s)) {
				delete(d.keys, id)
				d.temp--
			}
		}
	}
}

// Allow tells whether somebody may do something, "s3:GetObject" on "bucket/key".
// The error is an *Error.
func (d *Directory) Allow(who Identity, action, resource string) error {
	if d.open || allowed(who.grants, action, resource) {
		return nil
	}
	message := "User: " + who.ARN + " is not authorized to perform: " + action
	if strings.HasPrefix(action, "s3:") {
		message += ` on resource: "arn:aws:s3:::` + resource + `"`
	}
	return &Error{Denied, message + " because no identity-based policy allows the " + action + " action"}
}

// Allows tells whether Redshift may do something to an object in the name of a
// role, or of roles that are assumed one after another ("arn,arn"). key may be empty.
// The error is an *Error with AWS's message.
func (d *Directory) Allows(roles, bucket, key, action string) error {
	principal, who := redshift, Identity{}
	for arn := range strings.SplitSeq(roles, ",") {
		var ok bool
		if who, ok = d.assume(arn, principal); !ok {
			return &Error{Denied, "Not authorized to get credentials of role " + arn}
		}
		principal = arn
	}
	resource := bucket
	if key != "" {
		resource += "/" + key
	}
	return d.Allow(who, action, resource)
}

// identityKey is the context's key for who calls.
type identityKey struct{}

// With gives a request its caller.
func With(r *http.Request, who Identity) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), identityKey{}, who))
}

// Caller is who With said; nobody otherwise.
func Caller(ctx context.Context) Identity {
	who, _ := ctx.Value(identityKey{}).(Identity)
	return who
}
