package redshift

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/llm-dev-ops/redshift/internal/redshiftsql/lex"
	"github.com/llm-dev-ops/redshift/transport"
)

func TestParseURL(t *testing.T) {
	t.Parallel()
	c, err := ParseURL("redshift://u%40x:hunter2%2F@h.example:5440/prod?sslmode=require&query_group=etl&timeout=90&connect_timeout=5s&pool_size=3&application_name=a")
	if err != nil {
		t.Fatal(err)
	}
	cred, _ := c.Credentials.Retrieve(t.Context())
	if c.Host != "h.example" || c.Port != 5440 || c.Database != "prod" || cred.User != "u@x" || cred.Password.Reveal() != "hunter2/" ||
		c.TLS.Mode != transport.TLSRequire || c.DefaultQueryGroup != "etl" || c.DefaultTimeout != 90*time.Second || c.PoolSize != 3 {
		t.Errorf("got %+v", c)
	}
	if s := fmt.Sprintf("%v %+v %#v", c, c, c); strings.Contains(s, "hunter2") {
		t.Error("the configuration shows the password")
	}
	for _, bad := range []string{
		"postgres://u:hunter2@h/d", "redshift://u:hunter2@/d", "redshift://u:hunter2@h:0/d", "redshift://u:hunter2@h:99999/d",
		"redshift://u:hunter2@h/d/e", "redshift://u:hunter2@h/d?sslmode=x", "redshift://u:hunter2@h/d?nonsense=1",
		"redshift://u:hunter2@h/d?timeout=-1s", "redshift://u:hunter2@h/d?timeout=1&timeout=2", "redshift://u:hunter2/@h/d", "redshift://u:hunter2%zz@h/d",
		"redshift://:hunter2@h/d", "redshift://u:hunter2#@h/d", "redshift:u:hunter2@h", "u:hunter2@h", "redshift://h/d?a=%zz", "",
	} {
		_, err := ParseURL(bad)
		if !errors.Is(err, ErrUsage) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestConfigFromEnv(t *testing.T) {
	t.Parallel()
	env := map[string]string{"REDSHIFT_URL": "redshift://u:p@h/d", "REDSHIFT_HOST": "i", "REDSHIFT_PORT": "1", "REDSHIFT_USER": "v", "REDSHIFT_PASSWORD": "hunter2", "REDSHIFT_SSLMODE": "disable"}
	c, err := ConfigFromLookup(func(k string) string { return env[k] })
	if err != nil || c.Host != "i" || c.Port != 1 || c.Database != "d" || c.TLS.Mode != transport.TLSDisable {
		t.Errorf("got %+v, %v", c, err)
	}
	env = map[string]string{"REDSHIFT_URL": "redshift://u@h/d", "REDSHIFT_PASSWORD": "hunter2"}
	c, err = ConfigFromLookup(func(k string) string { return env[k] })
	if err != nil {
		t.Fatal(err)
	}
	if who, err := c.Credentials.Retrieve(t.Context()); err != nil || who.User != "u" || who.Password.Reveal() != "hunter2" {
		t.Errorf("got %v, %v", who, err)
	}
	for _, bad := range []map[string]string{
		{"REDSHIFT_PASSWORD": "hunter2"}, {"REDSHIFT_PORT": "hunter2"}, {"REDSHIFT_URL": "hunter2"}, {"REDSHIFT_SSLMODE": "hunter2"},
	} {
		_, err := ConfigFromLookup(func(k string) string { return bad[k] })
		if !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "REDSHIFT_") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v", err)
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	if err := (Config{}).Validate(); err != nil {
		t.Error(err)
	}
	for field, c := range map[string]Config{
		"Port": {Port: 70000}, "PoolSize": {PoolSize: -1, MinConnections: -1}, "MinConnections": {MinConnections: 11}, "DefaultTimeout": {DefaultTimeout: 25 * time.Hour},
		"MaxRetries": {MaxRetries: -2}, "TLS.Mode": {TLS: TLS{Mode: "x"}}, "MaxCopyErrors": {MaxCopyErrors: -1}, "FetchSize": {FetchSize: -1},
	} {
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "Config."+field+" ") {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		state   string
		code    int
		message string
		is      []error
		isnt    error
	}{
		{"42P01", 0, "relation does not exist", []error{ErrTableNotFound, ErrInvalidSQL, State("42P01")}, ErrColumnNotFound},
		{"42703", 0, "", []error{ErrColumnNotFound, ErrInvalidSQL}, ErrTableNotFound},
		{"42501", 0, "", []error{ErrPermissionDenied}, ErrInvalidSQL},
		{"42601", 0, "", []error{ErrInvalidSQL}, ErrTableNotFound},
		{"28000", 0, "", []error{ErrAuthenticationFailed}, nil},
		{"08006", 0, "", []error{ErrConnectionFailed}, nil},
		{"57014", 0, "", []error{ErrQueryCancelled}, ErrQueryTimeout},
		{"57014", 0, "canceling statement due to statement timeout", []error{ErrQueryTimeout}, ErrQueryCancelled},
		{"57999", 0, "", []error{ErrQueryTimeout}, nil},
		{"40001", 0, "", []error{ErrSerializationFailure}, nil},
		{"XX000", 1023, "1023", []error{ErrSerializationFailure, Code(1023)}, ErrServer},
		{"53100", 0, "", []error{ErrDiskFull}, nil},
		{"53200", 0, "", []error{ErrOutOfMemory}, nil},
		{"53300", 0, "", []error{ErrResourceBusy}, nil},
		{"22012", 0, "", []error{ErrData}, nil},
		{"XX000", 0, "Load into table 't' failed.  Check 'stl_load_errors' system table for details.", []error{ErrCopy}, nil},
		{"XX000", 0, "Spectrum Scan Error", []error{ErrSpectrum}, nil},
		{"XX000", 0, "", []error{ErrServer}, nil},
	} {
		err := wrap(fmt.Errorf("x: %w", &transport.ServerError{SQLState: c.state, Code: c.code, Message: c.message}))
		for _, target := range c.is {
			if !errors.Is(err, target) {
				t.Errorf("%v is not %v", err, target)
			}
		}
		if c.isnt != nil && errors.Is(err, c.isnt) {
			t.Errorf("%v is %v", err, c.isnt)
		}
		var server *transport.ServerError
		if !errors.As(err, &server) {
			t.Errorf("%v lost its cause", err)
		}
	}
	login := &transport.ConnectError{Addr: "a", Stage: "login", Err: &transport.ServerError{SQLState: "28P01"}}
	if err := wrap(login); !errors.Is(err, ErrAuthenticationFailed) || !SafeToRetry(err) {
		t.Errorf("%v", err)
	}
	if SafeToRetry(nil) || wrap(nil) != nil {
		t.Error("nil is an error")
	}
}

func FuzzQuote(f *testing.F) {
	for _, s := range []string{"", "a", `a"b`, `it's \ here`, "\x00", "é\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, q := range []struct {
			quote func(string) (string, error)
			value func(string) string
		}{
			{func(s string) (string, error) { return Ident(s) }, func(s string) string { v, _ := lex.IdentValue(s); return v }},
			{Literal, lex.StringValue},
		} {
			text, err := q.quote(s)
			if err != nil {
				if s != "" && !strings.Contains(s, "\x00") {
					t.Errorf("%q: %v", s, err)
				}
				continue
			}
			l := lex.New(text)
			if tok := l.Next(); tok.Kind == lex.EOF || l.Message() != "" || l.Next().Kind != lex.EOF {
				t.Errorf("%q is not one token", text)
			}
			if got := q.value(text); got != s {
				t.Errorf("%q was quoted as %q, which is %q", s, text, got)
			}
		}
	})
}

func FuzzParseURL(f *testing.F) {
	f.Add("redshift://u:p@h:1/d?sslmode=disable")
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := ParseURL(s); err == nil && (c.Host == "" || c.Validate() != nil) {
			t.Errorf("%q gives what is not valid", s)
		}
	})
}
