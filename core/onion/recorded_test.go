package onion

import (
	_ "embed"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"tandem/core"
	"tandem/core/identity"
)

//go:embed testdata/recorded.json
var recordedJSON []byte

type recordedCase struct {
	Name    string
	Request struct {
		Guard string
		Body  string `json:"body_hex"`
	}
	HTTP      int
	Encoding  string
	Body      string
	Plaintext *struct {
		Status int
		Text   *string
	}
}

// The real server's decisions, layer by layer: whose bytes it refuses and in
// which words, and what it seals for whom.
func TestRecorded(t *testing.T) {
	rec := load[struct {
		Nodes map[string]struct{ Seed, Ed25519 string }
		Cases []recordedCase
	}](t, recordedJSON)
	byName, byKey := map[string]*identity.Device{}, map[core.EdKey]*identity.Device{}
	for name, n := range rec.Nodes {
		d, err := identity.ParseDevice(unhex(t, n.Seed))
		if err != nil || d.Ed() != core.EdKey(key32of(t, n.Ed25519)) {
			t.Fatalf("node %s: %v", name, err)
		}
		byName[name], byKey[d.Ed()] = d, d
	}
	if len(rec.Cases) < 60 {
		t.Fatalf("only %d cases", len(rec.Cases))
	}
	for _, c := range rec.Cases {
		t.Run(c.Name, func(t *testing.T) {
			replay(t, c, byName[c.Request.Guard], byKey)
		})
	}
}

func replay(t *testing.T, c recordedCase, at *identity.Device, nodes map[core.EdKey]*identity.Device) {
	s, err := ParseBody(unhex(t, c.Request.Body))
	var frame *FrameError
	if errors.As(err, &frame) {
		want := c.Body
		if i := strings.Index(want, "parse error"); i > 0 { // the words are nlohmann's
			want = want[:i+len("parse error")]
		}
		if c.HTTP != 400 || c.Encoding != "plain" || frame.Text != want {
			t.Errorf("refused with %q, recorded %d %q", frame.Text, c.HTTP, c.Body)
		}
		return
	}
	for hops := 1; ; hops++ {
		l, err := Peel(at, s)
		switch {
		case hops > MaxHops:
			expectPlain(t, c, 400, "onion request max path length exceeded")
			return
		case err != nil:
			expectPlain(t, c, 400, "Invalid ciphertext")
			return
		case l.Kind == Refused:
			expectSealed(t, c, l)
			return
		case l.Kind == ToServer:
			if c.Encoding != "plain" {
				t.Errorf("relayed to a server, recorded %+v", c.Plaintext)
			}
			return
		case l.Kind == ForMe:
			if c.HTTP != 200 || (c.Encoding == "raw") != l.binary || c.Plaintext == nil || (c.Plaintext.Text != nil && *c.Plaintext.Text == "Invalid json") {
				t.Errorf("taken as a request, recorded %d %s", c.HTTP, c.Encoding)
			}
			return
		}
		s = l.Next
		if at = nodes[l.To]; at == nil {
			expectPlain(t, c, 502, "Next node not found: "+l.To.Hex())
			return
		}
	}
}

func expectPlain(t *testing.T, c recordedCase, status int, text string) {
	t.Helper()
	if c.HTTP != status || c.Encoding != "plain" || (c.Body != text && !strings.Contains(c.Body, "<")) {
		t.Errorf("plain %d %q, recorded %d %q", status, text, c.HTTP, c.Body)
	}
}

func expectSealed(t *testing.T, c recordedCase, l Layer) {
	t.Helper()
	if c.Encoding != "base64" || c.Plaintext == nil || c.Plaintext.Text == nil {
		// Two targets that the real server lets through (number 34).
		if c.Name != "server-target-dotdot" && c.Name != "server-target-fragment" {
			t.Errorf("refused with %q, recorded %d %s", l.Text, c.HTTP, c.Encoding)
		}
		return
	}
	sealed, err := base64.StdEncoding.DecodeString(string(l.SealReply(l.Status, []byte(l.Text))))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := l.reply.Open(sealed)
	want := `{"body":"` + *c.Plaintext.Text + `","status":400}`
	if err != nil || string(plain) != want {
		t.Errorf("sealed %v %s, recorded %s", err, plain, want)
	}
}
