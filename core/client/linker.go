package client

import (
	"errors"

	"tandem/core"
	"tandem/core/devices"
	"tandem/core/envelope"
	"tandem/core/identity"
	"tandem/core/linking"
	"tandem/core/ratchet"
	"tandem/core/store"
	"tandem/core/wire"
)

// linker is the primary's side of linking: the machine and what the dialog
// shows beside it.
type linker struct {
	machine *linking.Primary
	ended   bool // the newest attempt ended without a link, for cause
	cause   linking.Reason
	unheard core.Millis // when a device was refused with no dialog to say so; 0 = none
	flooded bool
	patience
}

func newLinker(keys *identity.Keyring) linker {
	return linker{machine: linking.NewPrimary(keys.Shared.Account, keys.Device, keys.Root.ListKey().Ed())}
}

// loadLinker reads the attempts that the primary knows of.
func (c *Client) loadLinker() error {
	records, err := c.blobs(store.Linking)
	if err != nil {
		return err
	}
	keys := c.account.keys
	machine, err := linking.LoadPrimary(keys.Shared.Account, keys.Device, keys.Root.ListKey().Ed(), records)
	if err != nil {
		return store.ErrDamaged
	}
	c.linker = linker{machine: machine}
	return nil
}

// dueLinker is when the machine wants a Tick.
func (c *Client) dueLinker() core.Millis {
	if c.linker.machine == nil || c.silent() {
		return never
	}
	if at, ok := c.linker.machine.Due(c.now()); ok {
		return at
	}
	return never
}

func (c *Client) tickLinker() {
	if c.dueLinker() <= c.now() {
		_ = c.moveLinker(linking.Tick{}) // what the store refuses is due again
	}
}

// moveLinker is one step of the machine in a transaction of its own.
func (c *Client) moveLinker(in linking.PrimaryInput) error {
	return c.update(func(t *tx) error {
		_, err := c.stepLinker(t, in)
		return err
	})
}

// stepLinker moves the machine and gathers what follows.
func (c *Client) stepLinker(t *tx, in linking.PrimaryInput) (linking.Outcome, error) {
	out, err := c.linker.machine.Step(c.now(), in)
	if err != nil {
		return out, linkingRefusal(err)
	}
	t.linking = true
	saveAttempts(t, out.Save)
	if !out.Remove.IsZero() {
		if err := c.remove(t, out.Remove); err != nil {
			return out, err
		}
	}
	t.then(func() {
		for _, l := range out.Send {
			c.postLinker(l)
		}
		for _, e := range out.Tell {
			c.toldLinker(e)
		}
	})
	return out, nil
}

// postLinker seals a letter and stores it in the network; the machine repeats
// what must arrive.
func (c *Client) postLinker(l linking.Letter) {
	var data []byte
	var err error
	switch l.Form {
	case linking.ToDevice:
		if l.Kind == linking.KindReject {
			c.endAnswer(l)
			return
		}
		data, err = c.sealLetter(l, c.account.keys.Device, c.account.id())
	case linking.Ping:
		c.soon(func() { c.ping(l.To) })
		return
	case linking.ToSession:
		data, err = c.sealBody(l.To, envelope.PreKey, l.Bytes)
	case linking.ToAccount: // nothing of this side goes there
		return
	}
	if err == nil {
		c.storeLetter(l, data, func(error) {})
	}
}

// toldLinker reacts to an event of the machine.
func (c *Client) toldLinker(e linking.Event) {
	c.dirty = true
	switch e.What {
	case linking.Linked:
		c.link.success = true
		c.linker.ended = false
		if v := c.linker.machine.View(c.now()); v.Open && len(v.Askers) == 0 {
			c.soon(func() { _ = c.moveLinker(linking.CloseDialog{}) }) // it ends nobody's attempt
		}
	case linking.Ended:
		c.linker.ended, c.linker.cause = true, e.Reason
		c.linker.unheard = 0
		if !c.linker.machine.View(c.now()).Open && isRefusal(e.Reason) {
			c.linker.unheard = c.now()
		}
	case linking.Flooded:
		c.linker.flooded = true
	case linking.Changed:
		if len(c.linker.machine.View(c.now()).Askers) > 0 {
			c.linker.ended = false
		}
		c.hurryMail()
	case linking.Notice, linking.Wipe:
	}
}

// isRefusal is for the ends that nobody but the machine decided. The dialog that
// is opened next says them, if it is opened while they are news.
func isRefusal(r linking.Reason) bool {
	return r == linking.ReasonLimit || r == linking.ReasonLinked || r == linking.ReasonOwn
}

// OpenDialog is Link Device.
func (c *Client) OpenDialog() error {
	return c.dialog(linking.OpenDialog{})
}

// CloseDialog is Cancel in the dialog.
func (c *Client) CloseDialog() error {
	return c.dialog(linking.CloseDialog{})
}

// Reject is the no to a device.
func (c *Client) Reject(attempt [16]byte) error {
	return c.dialog(linking.Reject{Attempt: attempt})
}

func (c *Client) dialog(in linking.PrimaryInput) error {
	return c.do(func() error {
		if c.phase != Main {
			return ErrNotNow
		}
		if c.account.role() != core.Primary {
			return ErrNotPrimary
		}
		if !c.account.signs() {
			return ErrNotNow // restored, and the other devices were not asked for yet
		}
		switch in.(type) {
		case linking.OpenDialog:
			news := c.linker.unheard != 0 && c.now() < c.linker.unheard+linking.Lifetime
			c.linker.ended, c.linker.flooded, c.linker.unheard = c.linker.ended && news, false, 0
			c.linker.patience = patience{}
		case linking.CloseDialog:
			c.linker.ended, c.linker.flooded = false, false
			if c.linker.over { // it is closed already
				c.linker.patience, c.dirty = patience{}, true
				return nil
			}
		}
		if err := c.moveLinker(in); err != nil {
			return err
		}
		if _, opened := in.(linking.OpenDialog); opened {
			c.pasts.chosen = PastMonth
			c.countPast()
		}
		c.hurryMail()
		return nil
	})
}

// Authorise takes a device into the account: one transaction holds the new
// list, the session and the grant; then all of it goes out. name is what the
// device is called from now on; empty: as it called itself.
func (c *Client) Authorise(attempt [16]byte, name string) error {
	name, err := checkDeviceName(name)
	if err != nil {
		return err
	}
	return c.do(func() error {
		if c.phase != Main {
			return ErrNotNow
		}
		if c.account.role() != core.Primary {
			return ErrNotPrimary
		}
		if !c.account.signs() {
			return ErrNotNow
		}
		if c.net == nil || !c.net.Synced() {
			return ErrOffline // a list is dated by the network
		}
		defer func() { c.pasts.chosen = PastMonth }()
		return c.update(func(t *tx) error { return c.authorise(t, attempt, name) })
	})
}

func (c *Client) authorise(t *tx, attempt linking.Attempt, name string) error {
	candidate, err := c.linker.machine.Candidate(attempt)
	if err != nil {
		return linkingRefusal(err)
	}
	if name != "" {
		candidate.Facts.Name = name
	}
	signed, err := c.listWith(candidate)
	if errors.Is(err, devices.ErrFull) || errors.Is(err, devices.ErrList) {
		return c.refuseCandidate(t, attempt, err)
	}
	if err != nil {
		return err
	}
	session, body, err := c.grant(t, candidate, signed)
	if err != nil {
		return err
	}
	out, err := c.stepLinker(t, linking.Authorise{
		Attempt: attempt, Roster: roster(c.account.list()), List: signed, Pairwise: body,
	})
	if err != nil || out.Adopt == nil {
		return err
	}
	if err := c.adoptList(t, out.Adopt); err != nil {
		return err
	}
	c.saveSession(t, session)
	c.saveFacts(t, candidate.Device, facts{Facts: candidate.Facts})
	c.promisePast(t, candidate.Device)
	t.then(c.hurryAfterGrant)
	return nil
}

// refuseCandidate ends the attempt of a device that no list can take in: the
// machine finds the reason, and tells both sides.
func (c *Client) refuseCandidate(t *tx, attempt linking.Attempt, why error) error {
	out, err := c.stepLinker(t, linking.Authorise{
		Attempt: attempt, Roster: roster(c.account.list()), List: []byte{0}, Pairwise: []byte{0},
	})
	if err == nil && out.Adopt != nil {
		return why // it knows of none: nothing has happened
	}
	return err
}

// listWith signs the account's list with one more secondary.
func (c *Client) listWith(candidate linking.Candidate) ([]byte, error) {
	now, keys, list := c.now(), c.account.keys, c.account.list()
	epoch, err := c.nextEpoch()
	if err != nil {
		return nil, err
	}
	if list.Epoch == 0 {
		list.Devices[0].Added = now
	}
	next, err := list.With(devices.Entry{
		ID: candidate.Device, Ed: candidate.Ed, Role: core.Secondary, Added: now, Consent: candidate.Consent,
	}, epoch, now)
	if err != nil {
		return nil, err
	}
	return devices.Sign(now, next, keys.Root.ListKey(), keys.Shared.Account)
}

// grant encrypts the grant in a new session with the candidate.
func (c *Client) grant(t *tx, candidate linking.Candidate, list []byte) (*ratchet.Session, []byte, error) {
	bundle, err := ratchet.ParseBundle(candidate.Bundle)
	if err != nil || core.IDFromX25519(bundle.Identity) != candidate.Device {
		return nil, nil, linking.ErrInput
	}
	session, err := ratchet.Initiate(c.account.keys.Device, bundle, c.now())
	if err != nil {
		return nil, nil, err
	}
	content, err := c.linker.machine.SealGrant(candidate.Attempt, c.account.keys.Shared, linking.Grant{
		List: list, Profile: c.account.name, DeviceName: candidate.Facts.Name, Known: c.knownFacts(),
	})
	if err != nil {
		return nil, nil, err
	}
	if content.Header, err = c.header(t, candidate.Device); err != nil {
		return nil, nil, err
	}
	_, body, err := session.Encrypt(wire.Pad(content.Marshal()))
	return session, body, err
}

// knownFacts are the names of the account's devices.
func (c *Client) knownFacts() []linking.Known {
	var out []linking.Known
	for _, d := range c.account.list().Devices {
		out = append(out, linking.Known{Device: d.ID, Facts: c.account.deviceFacts(d.ID)})
	}
	return out
}

// linkingToAccount hands a linking message from the account mailbox to the
// machine. Secondaries ignore it.
func (c *Client) linkingToAccount(t *tx, from envelope.FromSession) (ours bool, err error) {
	if c.linker.machine == nil {
		return false, nil
	}
	out, err := c.stepLinker(t, linking.Heard{
		Kind: linking.Kind(from.Content.Linking.Kind), Signed: from.Content.Linking.Signed, Roster: roster(c.account.list()),
	})
	// What had no effect may be read again: a flood leaves no marks.
	return len(out.Save) > 0 || len(out.Send) > 0, err
}

// linkingToDevice hands a linking message from the device mailbox to whichever
// machine this device runs.
func (c *Client) linkingToDevice(t *tx, s envelope.Sealed) (ours bool, err error) {
	content, err := wire.ParseContent(wire.Unpad(s.Body))
	if err != nil || content.Linking == nil {
		return false, nil
	}
	heard := linking.Heard{Kind: linking.Kind(content.Linking.Kind), Signed: content.Linking.Signed}
	switch {
	case c.linker.machine != nil:
		heard.Roster = roster(c.account.list())
		_, err = c.stepLinker(t, heard)
	case c.join.machine != nil:
		err = c.stepJoin(t, heard)
	default:
		return false, nil
	}
	return true, err
}

// heardFrom tells linking that a sibling spoke: whatever it said, it has the
// account.
func (c *Client) heardFrom(t *tx, sibling core.ID) error {
	if c.linker.machine != nil {
		_, err := c.stepLinker(t, linking.Spoke{From: sibling})
		return err
	}
	if c.join.machine != nil {
		return c.stepJoin(t, linking.Spoke{From: sibling})
	}
	return nil
}

// linkingOpen reports whether mailboxes should be read quickly.
func (c *Client) linkingOpen() bool {
	return c.linker.machine != nil && c.linker.machine.Open(c.now()) ||
		c.join.machine != nil && c.join.machine.Open(c.now())
}
