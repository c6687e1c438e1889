// Package faults decides which calls of the emulator's doors go wrong, by rules
// that a start or a test gives: the same rules, seed and order of calls always
// decide alike.
package faults

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Action is what happens to a call.
type Action string

// The actions. Latency alone lets the call go on.
const (
	// Throttle is the service's own refusal of too many calls.
	Throttle Action = "throttle"
	// Error is a refusal with the rule's code.
	Error Action = "error"
	// Latency makes the call late by the rule's delay.
	Latency Action = "latency"
	// Drop ends the connection instead of an answer; nothing is done.
	Drop Action = "drop"
	// Lose does what is asked and ends the connection instead of an answer.
	Lose Action = "lose"
	// Timeout gives no answer: the connection is silent for the rule's delay, or
	// until the client goes, and ends then; nothing is done.
	Timeout Action = "timeout"
	// Kill ends the session that the call is in.
	Kill Action = "kill"
)

// Wire is the service's name of the wire protocol; the others have AWS's names
// for signing.
const Wire = "wire"

var services = []string{"s3", "redshift-data", "redshift", "redshift-serverless", "secretsmanager", "sts", "glue", "dynamodb", Wire}

// duration is a time.Duration as Go writes it: "150ms".
type duration time.Duration

func (d *duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err == nil && v < 0 {
		err = fmt.Errorf("%s is negative", text)
	}
	*d = duration(v)
	return err
}

func (d duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// rule is one rule as it is written.
type rule struct {
	Name        string   `json:"name,omitempty"`
	Service     string   `json:"service"`             // "*" is every one of AWS's
	Operation   string   `json:"operation,omitempty"` // a pattern; "" is "*"
	Resource    string   `json:"resource,omitempty"`  // a pattern; "" is "*"
	After       int      `json:"after,omitempty"`     // passes the first calls
	Every       int      `json:"every,omitempty"`     // takes each n-th of the others
	Probability *float64 `json:"probability,omitempty"`
	Count       int      `json:"count,omitempty"` // fires so often at most
	Action      Action   `json:"action"`
	Delay       duration `json:"delay,omitempty"`
	Code        string   `json:"code,omitempty"`
	Message     string   `json:"message,omitempty"`
	Status      int      `json:"status,omitempty"`
}

// file is a document of rules.
type file struct {
	Seed  uint64 `json:"seed"`
	Rules []rule `json:"rules"`
}

// maxRules bounds a document.
const maxRules = 1000

func parse(document []byte) (file, error) {
	var f file
	d := json.NewDecoder(bytes.NewReader(document))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return f, fmt.Errorf("fault rules: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return f, errors.New("fault rules: there is more than one document")
	}
	if len(f.Rules) > maxRules {
		return f, fmt.Errorf("fault rules: %d of them; %d are the most", len(f.Rules), maxRules)
	}
	for i, r := range f.Rules {
		if err := r.validate(); err != nil {
			return f, fmt.Errorf("fault rules: rule %d: %w", i+1, err)
		}
	}
	return f, nil
}

var sqlstate = regexp.MustCompile(`^[0-9A-Z]{5}$`)

func (r rule) validate() error {
	if r.Service != "*" && !slices.Contains(services, r.Service) {
		return fmt.Errorf("the service %q is none of * %s", r.Service, strings.Join(services, " "))
	}
	if r.After < 0 || r.Every < 0 || r.Count < 0 {
		return errors.New("after, every and count are not negative")
	}
	if p := r.Probability; p != nil && (*p < 0 || *p > 1) {
		return fmt.Errorf("the probability %v is not between 0 and 1", *p)
	}
	if r.Status != 0 && (r.Action != Error || r.Service == Wire || r.Status < 400 || r.Status > 599) {
		return fmt.Errorf("status %d: the action error of AWS's services takes one, of 400 to 599", r.Status)
	}
	if (r.Code != "" || r.Message != "") && r.Action != Error {
		return errors.New("code and message are for the action error")
	}
	switch r.Action {
	case Drop:
	case Throttle, Lose:
		if r.Service == Wire {
			return fmt.Errorf("the wire protocol has no action %s", r.Action)
		}
	case Error:
		if r.Code == "" {
			return errors.New("the action error needs a code")
		}
		if r.Service == Wire && !sqlstate.MatchString(r.Code) {
			return fmt.Errorf("the code %q is no SQLSTATE", r.Code)
		}
	case Latency:
		if r.Delay == 0 {
			return errors.New("the action latency needs a delay")
		}
	case Timeout:
	case Kill:
		if r.Service != Wire && r.Service != "redshift-data" {
			return errors.New("the action kill is for the services wire and redshift-data, which have sessions")
		}
	default:
		return fmt.Errorf("the action %q is none of throttle, error, latency, drop, lose, timeout, kill", r.Action)
	}
	if r.Delay != 0 && r.Action != Latency && r.Action != Timeout {
		return errors.New("a delay is for latency and timeout")
	}
	return nil
}

// glob makes a pattern of a text in which * stands for anything.
func glob(text string) *regexp.Regexp {
	if text == "" {
		text = "*"
	}
	parts := strings.Split(text, "*")
	for i, p := range parts {
		parts[i] = regexp.QuoteMeta(p)
	}
	return regexp.MustCompile("(?s)^" + strings.Join(parts, ".*") + "$") // of quoted text
}
