// Package secretdoor serves Secrets Manager over secrets in memory or in a
// file.
package secretdoor

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsjson"
	"github.com/llm-dev-ops/redshift/emulator/internal/durable"
)

// Config says where secrets are kept.
type Config struct {
	// Region and Account are in the secrets' ARNs. Account defaults to
	// "123456789012".
	Region, Account string
	// File keeps the secrets. Defaults to "": in memory.
	File string
}

// Door is the service secretsmanager. It is safe for concurrent use.
type Door struct {
	cfg     Config
	service *awsjson.Service

	mu      sync.Mutex
	secrets map[string]*secret // by name
}

// secret is one secret with its two versions that count.
type secret struct {
	Name        string            `json:"name"`
	ARN         string            `json:"arn"`
	Description string            `json:"description,omitempty"`
	Created     time.Time         `json:"created"`
	Changed     time.Time         `json:"changed"`
	Deleted     time.Time         `json:"deleted,omitzero"`
	Current     version           `json:"current"`
	Previous    *version          `json:"previous,omitempty"`
	Tags        []json.RawMessage `json:"tags,omitempty"`
}

type version struct {
	ID      string    `json:"id"`
	Text    *string   `json:"text,omitempty"`
	Binary  []byte    `json:"binary,omitempty"`
	Created time.Time `json:"created"`
}

// New opens the secrets of a file, or makes an empty Door.
func New(cfg Config) (*Door, error) {
	if cfg.Account == "" {
		cfg.Account = "123456789012"
	}
	d := &Door{cfg: cfg, secrets: map[string]*secret{}}
	if cfg.File != "" {
		data, err := os.ReadFile(cfg.File)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, fmt.Errorf("secrets: %w", err)
		default:
			if err := json.Unmarshal(data, &d.secrets); err != nil {
				return nil, fmt.Errorf("secrets: %s is damaged", cfg.File) // the error may quote one
			}
		}
	}
	d.service = &awsjson.Service{
		Name: "secretsmanager", Target: "secretsmanager", Version: "1.1",
		Operations: map[string]awsjson.Operation{
			"CreateSecret": awsjson.Do(d.create), "GetSecretValue": awsjson.Do(d.get), "PutSecretValue": awsjson.Do(d.put),
			"UpdateSecret": awsjson.Do(d.update), "DescribeSecret": awsjson.Do(d.describe), "DeleteSecret": awsjson.Do(d.remove),
			"RestoreSecret": awsjson.Do(d.restore), "ListSecrets": awsjson.Do(d.list),
		},
		Known: []string{
			"BatchGetSecretValue", "CancelRotateSecret", "DeleteResourcePolicy", "GetRandomPassword", "GetResourcePolicy",
			"ListSecretVersionIds", "PutResourcePolicy", "RotateSecret", "TagResource", "UntagResource", "UpdateSecretVersionStage",
			"ValidateResourcePolicy", "RemoveRegionsFromReplication", "ReplicateSecretToRegions", "StopReplicationToReplica",
		},
	}
	return d, nil
}

// ServeHTTP answers one call.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.service.ServeHTTP(w, r) }

// Secret gives the text of a secret by its name or ARN.
func (d *Door) Secret(id string) (text string, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.find(id)
	if s == nil || !s.Deleted.IsZero() || s.Current.Text == nil {
		return "", false
	}
	return *s.Current.Text, true
}

// Set makes or replaces a secret, for the emulator's own.
func (d *Door) Set(name, text string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	next := maps.Clone(d.secrets)
	if old := d.secrets[name]; old != nil {
		if old.Current.Text != nil && *old.Current.Text == text {
			return nil
		}
		changed := *old
		changed.Current, changed.Previous, changed.Changed = newVersion(&text, nil, ""), &old.Current, time.Now()
		next[name] = &changed
	} else {
		next[name] = d.fresh(name, newVersion(&text, nil, ""))
	}
	return d.keep(next)
}

// find looks a secret up by name, ARN, or ARN without its random end. The lock
// is held.
func (d *Door) find(id string) *secret {
	if s := d.secrets[id]; s != nil {
		return s
	}
	for _, s := range d.secrets {
		if s.ARN == id || strings.HasPrefix(s.ARN, id+"-") && len(s.ARN) == len(id)+7 {
			return s
		}
	}
	return nil
}

// keep makes next the state, on disk before in memory. The lock is held.
func (d *Door) keep(next map[string]*secret) error {
	if d.cfg.File != "" {
		data, err := json.Marshal(next)
		if err != nil {
			return err
		}
		if err := durable.WriteFile(d.cfg.File, data); err != nil {
			return err
		}
	}
	d.secrets = next
	return nil
}

var secretName = regexp.MustCompile(`^[A-Za-z0-9/_+=.@!-]{1,512}$`)

func newVersion(text *string, binary []byte, token string) version {
	if token == "" {
		token = awsjson.RequestID()
	}
	return version{ID: token, Text: text, Binary: binary, Created: time.Now()}
}

func (d *Door) fresh(name string, v version) *secret {
	return &secret{
		Name: name, ARN: "arn:aws:secretsmanager:" + d.cfg.Region + ":" + d.cfg.Account + ":secret:" + name + "-" + rand.Text()[:6],
		Created: v.Created, Changed: v.Created, Current: v,
	}
}

func missing() *awsjson.Error {
	return awsjson.Errorf("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}

type input struct {
	Name         string            `json:"Name"`
	ID           string            `json:"SecretId"`
	Text         *string           `json:"SecretString"`
	Binary       []byte            `json:"SecretBinary"`
	Description  string            `json:"Description"`
	Token        string            `json:"ClientRequestToken"`
	Stage        string            `json:"VersionStage"`
	VersionID    string            `json:"VersionId"`
	Force        bool              `json:"ForceDeleteWithoutRecovery"`
	RecoveryDays int               `json:"RecoveryWindowInDays"`
	Tags         []json.RawMessage `json:"Tags"`
	MaxResults   int               `json:"MaxResults"`
	NextToken    string            `json:"NextToken"`
}

func (in *input) value() (*awsjson.Error, bool) {
	switch {
	case in.Text != nil && in.Binary != nil:
		return awsjson.Errorf("InvalidParameterException", "You can't specify both SecretString and SecretBinary."), false
	case in.Text != nil && len(*in.Text) > 65536, len(in.Binary) > 65536:
		return awsjson.Errorf("ValidationException", "the secret is larger than 65536 bytes"), false
	}
	return nil, in.Text != nil || in.Binary != nil
}

type output map[string]any

func at(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func (d *Door) create(_ context.Context, in *input) (output, error) {
	if !secretName.MatchString(in.Name) {
		return nil, awsjson.Errorf("ValidationException", "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!")
	}
	fault, _ := in.value()
	if fault != nil {
		return nil, fault
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if old := d.secrets[in.Name]; old != nil {
		if !old.Deleted.IsZero() {
			return nil, awsjson.Errorf("InvalidRequestException", "You can't create this secret because a secret with this name is already scheduled for deletion.")
		}
		return nil, awsjson.Errorf("ResourceExistsException", "The operation failed because the secret %s already exists.", in.Name)
	}
	s := d.fresh(in.Name, newVersion(in.Text, in.Binary, in.Token))
	s.Description, s.Tags = in.Description, in.Tags
	next := maps.Clone(d.secrets)
	next[s.Name] = s
	if err := d.keep(next); err != nil {
		return nil, err
	}
	return output{"ARN": s.ARN, "Name": s.Name, "VersionId": s.Current.ID}, nil
}

// alive is a secret that is there and not deleted. The lock is held.
func (d *Door) alive(id string) (*secret, error) {
	s := d.find(id)
	if s == nil {
		return nil, missing()
	}
	if !s.Deleted.IsZero() {
		return nil, awsjson.Errorf("InvalidRequestException", "You can't perform this operation on the secret because it was marked for deletion.")
	}
	return s, nil
}

func (d *Door) get(_ context.Context, in *input) (output, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, err := d.alive(in.ID)
	if err != nil {
		return nil, err
	}
	v, stage := &s.Current, "AWSCURRENT"
	if in.Stage == "AWSPREVIOUS" || in.VersionID != "" && in.VersionID != s.Current.ID {
		v, stage = s.Previous, "AWSPREVIOUS"
	}
	wrong := in.Stage != "" && in.Stage != stage || v != nil && in.VersionID != "" && v.ID != in.VersionID
	if v == nil || wrong || v.Text == nil && v.Binary == nil {
		return nil, awsjson.Errorf("ResourceNotFoundException", "Secrets Manager can't find the specified secret value for staging label: %s", cmpOr(in.Stage, stage))
	}
	out := output{"ARN": s.ARN, "Name": s.Name, "VersionId": v.ID, "VersionStages": []string{stage}, "CreatedDate": at(v.Created)}
	if v.Text != nil {
		out["SecretString"] = *v.Text
	} else {
		out["SecretBinary"] = v.Binary
	}
	return out, nil
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// change replaces a secret by what f makes of a copy of it. The lock is held.
func (d *Door) change(s *secret, f func(*secret)) error {
	changed := *s
	f(&changed)
	changed.Changed = time.Now()
	next := maps.Clone(d.secrets)
	next[s.Name] = &changed
	return d.keep(next)
}

func (d *Door) put(_ context.Context, in *input) (output, error) {
	fault, given := in.value()
	if fault != nil {
		return nil, fault
	}
	if !given {
		return nil, awsjson.Errorf("InvalidParameterException", "You must provide either SecretString or SecretBinary.")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s, err := d.alive(in.ID)
	if err != nil {
		return nil, err
	}
	v := newVersion(in.Text, in.Binary, in.Token)
	if err := d.change(s, func(s *secret) {
		s.Previous, s.Current = &version{s.Current.ID, s.Current.Text, s.Current.Binary, s.Current.Created}, v
	}); err != nil {
		return nil, err
	}
	return output{"ARN": s.ARN, "Name": s.Name, "VersionId": v.ID, "VersionStages": []string{"AWSCURRENT"}}, nil
}

func (d *Door) update(ctx context.Context, in *input) (output, error) {
	fault, given := in.value()
	if fault != nil {
		return nil, fault
	}
	if given {
		if _, err := d.put(ctx, in); err != nil {
			return nil, err
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s, err := d.alive(in.ID)
	if err != nil {
		return nil, err
	}
	if in.Description != "" {
		if err := d.change(s, func(s *secret) { s.Description = in.Description }); err != nil {
			return nil, err
		}
	}
	return output{"ARN": s.ARN, "Name": s.Name, "VersionId": s.Current.ID}, nil
}

func (s *secret) describe() output {
	stages := map[string][]string{s.Current.ID: {"AWSCURRENT"}}
	if s.Previous != nil {
		stages[s.Previous.ID] = []string{"AWSPREVIOUS"}
	}
	out := output{
		"ARN": s.ARN, "Name": s.Name, "CreatedDate": at(s.Created), "LastChangedDate": at(s.Changed), "VersionIdsToStages": stages,
	}
	if s.Description != "" {
		out["Description"] = s.Description
	}
	if len(s.Tags) > 0 {
		out["Tags"] = s.Tags
	}
	if !s.Deleted.IsZero() {
		out["DeletedDate"] = at(s.Deleted)
	}
	return out
}

func (d *Door) describe(_ context.Context, in *input) (output, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.find(in.ID)
	if s == nil {
		return nil, missing()
	}
	return s.describe(), nil
}

func (d *Door) remove(_ context.Context, in *input) (output, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.find(in.ID)
	if s == nil {
		return nil, missing()
	}
	days := in.RecoveryDays
	if days == 0 {
		days = 30
	}
	if days < 7 || days > 30 {
		return nil, awsjson.Errorf("InvalidParameterException", "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).")
	}
	when := time.Now().AddDate(0, 0, days)
	var err error
	if in.Force {
		when = time.Now()
		next := maps.Clone(d.secrets)
		delete(next, s.Name)
		err = d.keep(next)
	} else {
		err = d.change(s, func(s *secret) { s.Deleted = when })
	}
	if err != nil {
		return nil, err
	}
	return output{"ARN": s.ARN, "Name": s.Name, "DeletionDate": at(when)}, nil
}

func (d *Door) restore(_ context.Context, in *input) (output, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.find(in.ID)
	if s == nil {
		return nil, missing()
	}
	if err := d.change(s, func(s *secret) { s.Deleted = time.Time{} }); err != nil {
		return nil, err
	}
	return output{"ARN": s.ARN, "Name": s.Name}, nil
}

func (d *Door) list(_ context.Context, in *input) (output, error) {
	size := in.MaxResults
	if size <= 0 || size > 100 {
		size = 100
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	names := slices.Sorted(maps.Keys(d.secrets))
	from, _ := slices.BinarySearch(names, in.NextToken)
	out, found := output{}, []output{}
	for _, name := range names[from:] {
		if !d.secrets[name].Deleted.IsZero() {
			continue
		}
		if len(found) == size {
			out["NextToken"] = name
			break
		}
		found = append(found, d.secrets[name].describe())
	}
	out["SecretList"] = found
	return out, nil
}
