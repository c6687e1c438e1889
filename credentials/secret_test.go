package credentials

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const hidden = "hunter2-é\x00"

func TestSecretIsNeverPrinted(t *testing.T) {
	t.Parallel()
	c := Credentials{User: "u", Password: NewSecret(hidden)}
	values := []any{c.Password, &c.Password, c, &c, []Secret{c.Password}, map[string]any{"k": c.Password}}
	for _, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "% x", "%08.3f", "%c", "%U", "%t", "%p"} {
			got := fmt.Sprintf(verb, v)
			check(t, verb, got)
		}
		j, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		check(t, "json", string(j))
		var b bytes.Buffer
		slog.New(slog.NewJSONHandler(&b, nil)).Info("m", "v", v)
		slog.New(slog.NewTextHandler(&b, nil)).Info("m", "v", v)
		check(t, "slog", b.String())
	}
	text, _ := c.Password.MarshalText()
	check(t, "text", string(text)+c.Password.String()+c.Password.GoString())
	if got := fmt.Sprintf("%d %#v", c.Password, c.Password); got != "[redacted] [redacted]" {
		t.Errorf("got %q", got)
	}
	if c.Password.Reveal() != hidden {
		t.Error("Reveal does not give the secret")
	}
}

func check(t *testing.T, how, got string) {
	t.Helper()
	for _, leak := range []string{"hunter2", "68756e74657232", "68 75 6e"} {
		if strings.Contains(strings.ToLower(got), leak) {
			t.Errorf("%s shows the secret: %s", how, got)
		}
	}
}

func TestZeroSecret(t *testing.T) {
	t.Parallel()
	var s Secret
	if !s.IsZero() || s.Reveal() != "" || NewSecret("x").IsZero() {
		t.Error("the zero value is not the empty secret")
	}
}

func TestStatic(t *testing.T) {
	t.Parallel()
	p := Static("u", "p")
	c, err := p.Retrieve(context.Background())
	if err != nil || c.User != "u" || c.Password.Reveal() != "p" || !c.Expires.IsZero() {
		t.Errorf("got %v, %v", c, err)
	}
	check(t, "provider", fmt.Sprintf("%v %+v %#v", Static("u", hidden), Static("u", hidden), Static("u", hidden)))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := p.Retrieve(ctx); err == nil {
		t.Error("an ended context is ignored")
	}
}
