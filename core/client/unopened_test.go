package client

import (
	"bytes"
	"fmt"
	"testing"

	"tandem/core"
	"tandem/core/devices"
	"tandem/core/envelope"
	"tandem/core/friends"
	"tandem/core/identity"
	"tandem/core/ratchet"
	"tandem/core/store"
	"tandem/core/wire"
)

// ratchetPeer is a contact's device that speaks in its session with a member.
type ratchetPeer struct {
	m       *member
	keys    *identity.Keyring
	session *ratchet.Session
}

func (m *member) peer() *ratchetPeer {
	m.t.Helper()
	p, now := &ratchetPeer{m: m, keys: identity.NewKeyring(identity.NewRoot(), 0)}, m.now()
	account, device := p.keys.Shared.Account.ID(), p.keys.Device
	list, err := devices.Sign(now, devices.List{Account: account, Epoch: uint64(now), Issued: now, Devices: []devices.Entry{
		{ID: device.ID(), Ed: device.Ed(), Role: core.Primary, Added: now, Consent: devices.Consent(device, account, device.ID())},
	}}, p.keys.Root.ListKey(), p.keys.Shared.Account)
	if err == nil {
		_, err = m.account.book.Step(now, devices.Offered{Account: account, Signed: list})
	}
	if err != nil {
		m.t.Fatal(err)
	}
	m.people.contacts[account] = friends.Contact{List: list}
	m.indexDevices()
	m.tells(func(t *tx) error {
		prekeys, err := m.prekeys(t)
		if err == nil {
			p.session, err = ratchet.Initiate(device, prekeys.Bundle(now, false), now)
		}
		return err
	})
	return p
}

// writes is the next message of the device.
func (p *ratchetPeer) writes(counter uint64) envelope.Sealed {
	p.m.t.Helper()
	content := &wire.Content{
		Data: &wire.DataMessage{Body: fmt.Sprint(counter)}, SigTimestamp: p.m.now(), Header: &wire.Header{Counter: counter, Sent: p.m.now()},
	}
	kind, body, err := p.session.Encrypt(wire.Pad(content.Marshal()))
	if err != nil {
		p.m.t.Fatal(err)
	}
	return envelope.Sealed{Sender: p.keys.Device.ID(), Account: p.keys.Shared.Account.ID(), Kind: envelope.Kind(kind), Body: body, Created: p.m.now()}
}

func (p *ratchetPeer) arrives(s envelope.Sealed) {
	p.m.t.Helper()
	p.m.tells(func(t *tx) error { _, err := p.m.receivePairwise(t, s); return err })
	p.m.drain()
	p.tries()
}

// tries has what is reached opened.
func (p *ratchetPeer) tries() {
	for p.m.dueUnopened() != never {
		p.m.tickUnopened()
	}
}

// A message that cannot be opened is kept, also over a reload, at most 64 of one
// device; a new session is asked for; and when what was missing has come it is
// shown, once.
func TestUnopenedMessagesAreKept(t *testing.T) {
	t.Parallel()
	m := newMember(t)
	p := m.peer()
	from := p.keys.Device.ID()
	kept := func() int {
		saved, err := m.db.All(m.ctx, store.Unopened)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(m.kin.unopened[from]); n != len(saved) {
			t.Fatalf("%d are kept, and %d known", len(saved), n)
		}
		return len(saved)
	}
	p.arrives(p.writes(1))
	bridge, late := p.writes(2), []envelope.Sealed(nil)
	for n := range uint64(ratchet.MaxSkip + maxUnopened + 10) {
		if s := p.writes(n + 3); n >= ratchet.MaxSkip {
			late = append(late, s)
		} else if n == ratchet.MaxSkip-100 {
			bridge = s
		}
	}
	for _, s := range late {
		p.arrives(s)
		p.arrives(s) // another node has it as well
	}
	if !m.kin.broken[from] || kept() != maxUnopened {
		t.Fatalf("%d are kept, a session is asked for: %v", kept(), m.kin.broken[from])
	}
	if err := m.loadKin(); err != nil || kept() != maxUnopened {
		t.Fatalf("after a reload %d: %v", kept(), err)
	}
	stranger := late[0]
	stranger.Sender, stranger.Account = core.ID{5, 9}, core.ID{5, 8}
	m.tells(func(t *tx) error { m.unreadable(t, stranger); return nil })
	m.tells(func(t *tx) error { _, err := m.receivePairwise(t, bridge); return err })
	if err := m.loadKin(); err != nil || m.dueUnopened() == never {
		t.Errorf("what a session reaches is not tried after a reload: %v", err)
	}
	if p.tries(); kept() != 0 || m.kin.broken[from] {
		t.Errorf("%d are still kept", kept())
	}
	if n := len(m.log.rows[p.keys.Shared.Account.ID()]); n != 2+maxUnopened {
		t.Errorf("%d messages are shown", n)
	}

	// What names a chain of the session and is not of it is tried once more, and then
	// forgotten; so is what came another way meanwhile; and what has no form is not kept.
	bent := func(s envelope.Sealed) envelope.Sealed {
		s.Body = bytes.Clone(s.Body)
		s.Body[len(s.Body)-1] ^= 1
		return s
	}
	p.arrives(bent(p.writes(9000)))
	m.tells(func(t *tx) error { m.unreadable(t, late[0]); return nil })
	none := late[0]
	none.Body = []byte{1}
	if p.arrives(none); kept() != 2 || m.dueUnopened() != never || !m.kin.broken[from] {
		t.Errorf("%d are kept, or tried again without a reason", kept())
	}
	if p.arrives(p.writes(9001)); kept() != 0 {
		t.Errorf("%d are kept that were reached", kept())
	}

	// What is too old goes, and with its device all of it.
	old, fresh := bent(p.writes(9002)), bent(p.writes(9003))
	old.Created = 1
	p.arrives(old)
	p.arrives(fresh)
	before := kept()
	m.tells(m.sweepUnopened)
	if before != 2 || kept() != 1 {
		t.Errorf("of %d there are %d", before, kept())
	}
	m.tells(func(t *tx) error { m.forgetPeer(t, from); return nil })
	if kept() != 0 {
		t.Error("something is kept of a device that is gone")
	}
}

// One whose handler panics is forgotten, and the device lives on.
func TestAnUnopenedMessageThatPanics(t *testing.T) {
	t.Parallel()
	m := newMember(t)
	p := m.peer()
	p.arrives(p.writes(1))
	bridge := p.writes(2)
	for n := range uint64(ratchet.MaxSkip) {
		if s := p.writes(n + 3); n == ratchet.MaxSkip/2 {
			bridge = s
		}
	}
	p.arrives(p.writes(9000))
	m.tells(func(t *tx) error { _, err := m.receivePairwise(t, bridge); return err })
	if m.dueUnopened() == never {
		t.Fatal("there is nothing to try")
	}
	panics := 0
	m.cfg.Panicked = func(any) { panics++ }
	m.account.book = nil
	p.tries()
	if saved, err := m.db.All(m.ctx, store.Unopened); panics != 1 || len(saved) > 0 || err != nil || m.phase != Main {
		t.Errorf("%d panics, %d are kept: %v", panics, len(saved), err)
	}
}
