// Package awsdoor is the emulator's one HTTP endpoint for all of AWS's services.
//
// Which service a request is for is told as AWS's SDKs address them: by
// X-Amz-Target, by the credential scope of the signature, by the Action of a
// form. Everything else is S3's, whose requests alone may be unsigned.
package awsdoor

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsjson"
	"github.com/llm-dev-ops/redshift/emulator/internal/awsquery"
	"github.com/llm-dev-ops/redshift/emulator/internal/faults"
	"github.com/llm-dev-ops/redshift/emulator/internal/iam"
	"github.com/llm-dev-ops/redshift/emulator/internal/s3door"
)

// Config says what stands behind the endpoint.
type Config struct {
	// S3 serves what is no other service's. It must be set.
	S3 http.Handler
	// Services are the others by the names they are signed with ("redshift-data").
	// sts is served by the door itself unless it is among them; a service of AWS
	// that is not answers that it is not supported, in its own form.
	Services map[string]http.Handler
	// Directory says who may call. Defaults to an open one.
	Directory *iam.Directory
	// Faults decide which calls go wrong; they are set over HTTP at FaultsPath.
	// Defaults to a Set of the door's own.
	Faults *faults.Set
	// EndSession ends a session of the Data API by its id, for faults. Defaults to
	// doing nothing.
	EndSession func(id string)
	// Account is the account of everybody. Defaults to "123456789012".
	Account string
	// Now is the clock of credentials. Defaults to time.Now.
	Now func() time.Time
	// Logger gets a debug line per request to a service that is not built.
	// Defaults to discarding.
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.Faults == nil {
		c.Faults = faults.New()
	}
	if c.EndSession == nil {
		c.EndSession = func(string) {}
	}
	if c.Account == "" {
		c.Account = "123456789012"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Directory == nil {
		c.Directory = iam.Open(c.Account, c.Now)
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

type door struct {
	cfg Config
	sts *sts
}

// New makes the handler. It must not stand behind http.ServeMux, which rewrites
// S3's paths.
func New(cfg Config) http.Handler {
	cfg = cfg.withDefaults()
	return &door{cfg: cfg, sts: newSTS(cfg)}
}

// FaultsPath is where the rules of faults are listed, set and cleared. No bucket can
// have its first name.
const FaultsPath = "/_emulator/faults"

// ServeHTTP hands a request to its service.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := service(r)
	if name == "s3" && r.URL.Path == FaultsPath && s3door.Identify(r).Bucket == "_emulator" {
		d.cfg.Faults.ServeHTTP(w, r)
		return
	}
	r, what, denied := d.admit(r, name)
	if denied != nil {
		denied.refuse(w, r, name)
		return
	}
	if d.cfg.Faults.Any() && d.fault(w, r, name, what()) {
		return
	}
	d.serve(w, r, name)
}

func (d *door) serve(w http.ResponseWriter, r *http.Request, name string) {
	if name == "s3" {
		d.cfg.S3.ServeHTTP(w, r)
		return
	}
	if h, ok := d.cfg.Services[name]; ok {
		h.ServeHTTP(w, r)
		return
	}
	if name == "sts" {
		d.sts.ServeHTTP(w, r)
		return
	}
	d.cfg.Logger.Debug("a service that is not built", "service", name, "target", r.Header.Get("X-Amz-Target"))
	d.refuse(w, r, name)
}

// refuse answers for a service that is not there, in the form of its protocol.
// The status is not 501 or 500, which SDKs would try again.
func (d *door) refuse(w http.ResponseWriter, r *http.Request, name string) {
	what := name
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		if _, op, ok := cutLast(target); ok {
			what += " " + op
		}
		version := "1.1"
		if r.Header.Get("Content-Type") == "application/x-amz-json-1.0" {
			version = "1.0"
		}
		awsjson.Errorf("UnknownOperationException", "not supported by the emulator: %s", what).Refuse(w, version)
		return
	}
	if form, err := awsquery.Parameters(w, r); err == nil && form.Get("Action") != "" {
		(&awsquery.Error{Code: "InvalidAction", Message: "not supported by the emulator: " + what + " " + form.Get("Action")}).Refuse(w, namespaces[name])
		return
	}
	w.Header().Set("X-Amzn-Errortype", "UnknownOperationException")
	awsjson.Errorf("UnknownOperationException", "not supported by the emulator: %s", what).Refuse(w, "1.1")
}
