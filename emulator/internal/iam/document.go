// Package iam says who calls the emulator's doors and what they may do: users with
// access keys, roles with those they trust, and the signatures of requests.
//
// COPY and UNLOAD ask for their role's rights with Directory.Allows, and for those of
// keys with Directory.Keys and Directory.Allow. A Directory of Open lets everybody do
// everything.
package iam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// document is the file of --iam (docs/emulator.md).
type document struct {
	Users []user `json:"users"`
	Roles []role `json:"roles"`
}

type user struct {
	Name   string   `json:"name"`
	Key    string   `json:"access_key"`
	Secret string   `json:"secret_key"`
	Allow  *[]grant `json:"allow"` // everything without
}

type role struct {
	ARN   string    `json:"arn"`
	Trust *[]string `json:"trust"` // users' names, roles' ARNs, "redshift"; all without
	Allow *[]grant  `json:"allow"` // everything without
}

// grant allows actions on resources: "s3:Get*" on "bucket/prefix*". Other services
// than S3 have no resources: theirs are "*".
type grant struct {
	Action   string `json:"action"`
	Resource string `json:"resource"`
	action   *regexp.Regexp
	resource *regexp.Regexp
}

var (
	userName  = regexp.MustCompile(`^[\w+=,.@-]{1,64}$`)
	accessKey = regexp.MustCompile(`^\w{3,128}$`)
	roleName  = regexp.MustCompile(`^arn:(aws[a-z-]*):iam::(\d{12}):role/(?:.*/)?([\w+=,.@-]{1,64})$`)
)

// redshift is who trusts a role for COPY and UNLOAD, as AWS's policies may call it
// too.
const redshift = "redshift"

// parse reads a document. Its errors do not hold secrets.
func parse(text []byte) (doc document, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&doc); err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return doc, fmt.Errorf("iam: %s is no %s", wrong.Field, wrong.Type)
		}
		if strings.HasPrefix(err.Error(), "json: unknown field") {
			return doc, fmt.Errorf("iam: %s", strings.TrimPrefix(err.Error(), "json: "))
		}
		return doc, errors.New("iam: the document is no JSON")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return doc, errors.New("iam: there is more than one document")
	}
	for i, u := range doc.Users {
		switch {
		case !userName.MatchString(u.Name):
			return doc, fmt.Errorf("iam: user %d: the name %q is none", i+1, u.Name)
		case !accessKey.MatchString(u.Key):
			return doc, fmt.Errorf("iam: user %s: the access key has 3 to 128 letters and digits", u.Name)
		case u.Secret == "":
			return doc, fmt.Errorf("iam: user %s has no secret key", u.Name)
		}
		if err := compile(u.Allow); err != nil {
			return doc, fmt.Errorf("iam: user %s: %w", u.Name, err)
		}
	}
	for i, r := range doc.Roles {
		if !roleName.MatchString(r.ARN) {
			return doc, fmt.Errorf("iam: role %d: %q is no ARN of a role", i+1, r.ARN)
		}
		if err := compile(r.Allow); err != nil {
			return doc, fmt.Errorf("iam: role %s: %w", r.ARN, err)
		}
	}
	return doc, nil
}

func compile(grants *[]grant) error {
	if grants == nil {
		return nil
	}
	for i, g := range *grants {
		service, _, ok := strings.Cut(g.Action, ":")
		if g.Action != "*" && (!ok || service == "") {
			return fmt.Errorf("the action %q has no service: \"s3:GetObject\", \"s3:*\", \"*\"", g.Action)
		}
		if g.Resource == "" {
			g.Resource = "*"
		}
		g.resource = glob(strings.TrimPrefix(g.Resource, "arn:aws:s3:::"), "")
		g.action = glob(g.Action, "(?i)")
		(*grants)[i] = g
	}
	return nil
}

func glob(text, flags string) *regexp.Regexp {
	parts := strings.Split(text, "*")
	for i, p := range parts {
		parts[i] = regexp.QuoteMeta(p)
	}
	return regexp.MustCompile(flags + "(?s)^" + strings.Join(parts, ".*") + "$") // of quoted text
}

func allowed(grants *[]grant, action, resource string) bool {
	if grants == nil {
		return true
	}
	for _, g := range *grants {
		if g.action.MatchString(action) && g.resource.MatchString(resource) {
			return true
		}
	}
	return false
}
