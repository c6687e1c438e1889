package iam

import (
	"strings"
	"testing"
	"time"
)

const (
	loader  = "arn:aws:iam::123456789012:role/loader"
	chained = "arn:aws:iam::123456789012:role/chained"
)

func TestAllows(t *testing.T) {
	t.Parallel()
	d := directory(t, time.Now)
	for _, c := range []struct{ role, bucket, key, action, want string }{
		{loader, "calls", "in/a.csv", "s3:GetObject", ""},
		{loader, "calls", "in/a.csv", "S3:getobject", ""},
		{loader, "calls", "", "s3:ListBucket", ""},
		{loader, "calls", "out/a.csv", "s3:GetObject", `is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::calls/out/a.csv"`},
		{loader, "calls", "in/a.csv", "s3:PutObject", "s3:PutObject"},
		{loader, "other", "in/a.csv", "s3:GetObject", "not authorized"},
		{loader + "," + chained, "other", "x", "s3:PutObject", ""},
		{chained, "other", "x", "s3:PutObject", "Not authorized to get credentials of role " + chained},
		{chained + "," + loader, "calls", "in/a", "s3:GetObject", "Not authorized to get credentials of role " + chained},
		{"arn:aws:iam::123456789012:role/none", "calls", "in/a.csv", "s3:GetObject", "Not authorized to get credentials of role"},
		{"", "calls", "in/a.csv", "s3:GetObject", "Not authorized"},
	} {
		err := d.Allows(c.role, c.bucket, c.key, c.action)
		if (err == nil) != (c.want == "") || err != nil && (kind(err) != Denied || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if err := Open("1", time.Now).Allows(chained, "b", "k", "s3:PutObject"); err != nil {
		t.Error(err)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	now := time.Now()
	d := directory(t, func() time.Time { return now })
	const id, secret = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	ann, err := d.Keys(id, secret, "")
	if err != nil || ann.DBUser() != "IAM:ann" {
		t.Fatal(ann, err)
	}
	who, c, err := d.AssumeRole(ann, loader, "s", time.Hour)
	if err != nil || who.DBUser() != "IAMR:loader" || who.ARN != "arn:aws:sts::123456789012:assumed-role/loader/s" {
		t.Fatal(who, err)
	}
	for _, k := range []struct {
		id, secret, token string
		want              Kind
	}{
		{c.AccessKey, c.Secret, c.Token, 0},
		{c.AccessKey, c.Secret, "", BadToken},
		{c.AccessKey, "x", c.Token, BadSignature},
		{id, "x", "", BadSignature},
		{"AKIANONE", secret, "", UnknownKey},
	} {
		if _, err := d.Keys(k.id, k.secret, k.token); kind(err) != k.want {
			t.Errorf("%+v: %v", k, err)
		}
	}
	if _, _, err := d.AssumeRole(ann, chained, "s", time.Hour); kind(err) != Denied || !strings.Contains(err.Error(), "user/ann is not authorized to perform: sts:AssumeRole on resource: "+chained) {
		t.Error(err)
	}
	for range maxIssued + 5 {
		if _, _, err := d.AssumeRole(ann, loader, "s", time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if len(d.keys) != maxIssued+1 || d.temp != maxIssued {
		t.Errorf("%d keys, %d temporary", len(d.keys), d.temp)
	}
	_, c, err = d.AssumeRole(ann, loader, "s", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Hour)
	if _, err := d.Keys(c.AccessKey, c.Secret, c.Token); kind(err) != Expired {
		t.Error(err)
	}
}

// What is wrong with a document is said without its secrets.
func TestDocument(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"users":[{"name":"a","access_key":"AKIA","secret_key":"hunter2"`:                               "no JSON",
		`{"users":[{"name":"a","access_key":"AKIA","secret_key":7}]}`:                                    "secret_key is no string",
		`{"users":[{"name":"a","access_key":"AKIA","secret":"hunter2"}]}`:                                `unknown field "secret"`,
		`{"users":[{"name":"a b","access_key":"AKIA","secret_key":"hunter2"}]}`:                          "name",
		`{"users":[{"name":"a","access_key":"A/","secret_key":"hunter2"}]}`:                              "access key",
		`{"users":[{"name":"a","access_key":"AKIA"}]}`:                                                   "no secret key",
		`{"users":[{"name":"a","access_key":"AKIA","secret_key":"hunter2","allow":[{"action":"Get"}]}]}`: "has no service",
		`{"roles":[{"arn":"role/x"}]}`:                                                                   "no ARN of a role",
		`{} {}`:                                                                                          "more than one",
	} {
		_, err := New("1", time.Now, []byte(text))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
