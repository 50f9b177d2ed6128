package linking

import (
	"slices"

	"tandem/core"
	"tandem/core/identity"
)

// Joined is the account, as Finish gives it to the loop. The machine keeps
// none of it.
type Joined struct {
	Shared  identity.Shared
	Device  *identity.Device
	Grant   Grant
	Primary core.ID // the device of Session
	ListKey core.EdKey
	Session []byte // opaque, as Granted brought it
	Secrets []byte // opaque
}

// String keeps the account out of logs.
func (Joined) String() string { return "[secret]" }

// GoString keeps the account out of %#v.
func (Joined) GoString() string { return "[secret]" }

// Grant opens the sealed grant for the moment, in Holding: the loop reads the
// outbox with the reading key in it. Nothing of it may be stored. Error:
// ErrNotNow.
func (s *Secondary) Grant() (identity.Shared, Grant, error) {
	if s.stage() != Holding {
		return identity.Shared{}, Grant{}, ErrNotNow
	}
	a, ok := s.rec.agreement()
	g, err := readGrant(s.rec.grant)
	if !ok || err != nil {
		return identity.Shared{}, Grant{}, ErrNotNow
	}
	shared, given, ok := g.open(a)
	if !ok {
		return identity.Shared{}, Grant{}, ErrNotNow
	}
	return shared, given, nil
}

// finish checks everything and makes this a device of the account, or ends the
// attempt (multi-device.md §5, "S checks before it stores").
func (s *Secondary) finish(now core.Millis, in Finish) (Outcome, error) {
	if s.stage() != Holding {
		return Outcome{}, ErrNotNow
	}
	if in.Read == nil {
		return Outcome{}, ErrInput
	}
	if now >= s.rec.ends() {
		return s.end(now, ReasonExpired, false), nil
	}
	joined, reason := s.check(in)
	if reason != ReasonNone {
		return s.end(now, reason, false), nil
	}
	next := *s.rec
	next.last = write(next.device, s.head(KindDone), nil).Marshal()
	next.since = now
	out := s.become(now, Confirming, next)
	out.Joined = joined
	return out, nil
}

// check opens the grant and compares all that it says with the challenge that
// the words covered. The reason is why not; None = all is well.
func (s *Secondary) check(in Finish) (*Joined, Reason) {
	shared, given, err := s.Grant()
	if err != nil {
		return nil, ReasonInvalid
	}
	c, err := readChallenge(s.rec.challenge)
	if err != nil || shared.Account.ID() != s.rec.account || shared.Account.Ed() != c.ed {
		return nil, ReasonInvalid
	}
	view, err := in.Read(given.List)
	if err != nil || !view.lists(s.rec.device.ID(), c) {
		return nil, ReasonInvalid
	}
	for _, signed := range in.Outbox {
		newer, err := in.Read(signed)
		if err != nil || newer.ListKey != view.ListKey || newer.Epoch <= view.Epoch {
			continue
		}
		if slices.Contains(newer.Removed, s.rec.device.ID()) {
			return nil, ReasonUnlinked
		}
	}
	return &Joined{
		Shared: shared, Device: s.rec.device, Grant: given, Primary: s.rec.peer,
		ListKey: c.listKey, Session: s.rec.session, Secrets: s.rec.secrets,
	}, ReasonNone
}

// lists reports whether the granted list is that of the challenge: its list
// key, its device as primary, this device once and as secondary.
func (v ListView) lists(device core.ID, c *challenge) bool {
	times := 0
	for _, id := range v.Secondaries {
		if id == device {
			times++
		}
	}
	return v.ListKey == c.listKey && v.Primary == c.peer && times == 1 && !slices.Contains(v.Removed, device)
}
