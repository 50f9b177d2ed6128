package interop

import (
	"testing"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/ratchet"
)

// now is any time at all.
const now core.Millis = 1_763_750_000_000

// ours is a device that runs core/ratchet.
type ours struct {
	t       *testing.T
	id      *identity.Device
	keys    *ratchet.PreKeys
	session *ratchet.Session
}

func newOurs(t *testing.T) *ours {
	id := identity.NewDevice()
	return &ours{t: t, id: id, keys: ratchet.NewPreKeys(now, id)}
}

func (o *ours) bundle(oneTime bool) ratchet.Bundle { return o.keys.Bundle(now, oneTime) }

func (o *ours) begin(b ratchet.Bundle) {
	o.t.Helper()
	b, err := ratchet.ParseBundle(b.Marshal())
	if err != nil {
		o.t.Fatal(err)
	}
	if o.session == nil {
		o.session, err = ratchet.Initiate(o.id, b, now)
	} else {
		o.session, err = o.session.Renew(o.id, b, now)
	}
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *ours) ready() bool { return o.session != nil }

func (o *ours) write(text string) letter {
	o.t.Helper()
	kind, body, err := o.session.Encrypt([]byte(text))
	if err != nil {
		o.t.Fatal(err)
	}
	return letter{text, kind, body}
}

func (o *ours) opens(l letter) {
	o.t.Helper()
	if opened := o.open(l); opened.Duplicate || string(opened.Plain) != l.text {
		o.t.Fatalf("we opened %q, duplicate %t, want %q", opened.Plain, opened.Duplicate, l.text)
	}
}

func (o *ours) drops(l letter) {
	o.t.Helper()
	if opened := o.open(l); !opened.Duplicate {
		o.t.Fatalf("we opened %q a second time", opened.Plain)
	}
}

// open opens and saves; what is saved goes through the store's form.
func (o *ours) open(l letter) ratchet.Opened {
	o.t.Helper()
	opened, err := ratchet.Open(o.id, o.keys, o.session, l.kind, l.body, now)
	if err != nil {
		o.t.Fatalf("we on %q: %v", l.text, err)
	}
	if opened.Keys != nil {
		o.keys = opened.Keys
	}
	if o.session, err = ratchet.ParseSession(opened.Session.Marshal()); err != nil {
		o.t.Fatal(err)
	}
	return opened
}
