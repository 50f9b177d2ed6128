package ratchet

import (
	"crypto/rand"
	"encoding/binary"
	"slices"

	"tandem/core"
)

const (
	// maxSigned bounds the signed prekeys: KeepFor holds seven of RotateAfter,
	// one more is for a clock that was wrong.
	maxSigned = 8
	// MaxOneTime bounds the one-time prekeys, one for each session that was
	// asked for and not begun: six devices of 341 friends. Beyond it the oldest
	// is dropped.
	MaxOneTime = 2048
	// idMask: libsignal's ids have 24 bits, and go.mau.fi never deletes the
	// greatest.
	idMask = 0xffffff
)

// PreKeys are the secret halves of the bundles that this device gives away.
// It is a value of the store: only Rotate and Bundle change it.
type PreKeys struct {
	identity [32]byte
	signed   []signedPreKey // oldest first, never empty
	oneTime  []oneTimePreKey
}

type signedPreKey struct {
	id        uint32
	pair      keyPair
	signature [64]byte
	created   core.Millis
}

type oneTimePreKey struct {
	id      uint32
	pair    keyPair
	created core.Millis
}

// NewPreKeys draws the first signed prekey.
func NewPreKeys(now core.Millis, id Identity) *PreKeys {
	p := &PreKeys{identity: id.PublicKey()}
	p.sign(now, id)
	return p
}

// Rotate makes a new signed prekey when the newest is RotateAfter old, and
// drops the keys that are older than KeepFor. Call it at start and daily; save
// the keys when it says that they changed. Error: ErrIdentity.
func (p *PreKeys) Rotate(now core.Millis, id Identity) (changed bool, err error) {
	if id.PublicKey() != p.identity {
		return false, ErrIdentity
	}
	changed = p.correct(now)
	if now-p.newest().created >= RotateAfter {
		p.sign(now, id)
		changed = true
	}
	signed, oneTime := len(p.signed), len(p.oneTime)
	p.signed = slices.DeleteFunc(p.signed, func(k signedPreKey) bool { return expired(k.created, now) })
	p.oneTime = slices.DeleteFunc(p.oneTime, func(k oneTimePreKey) bool { return expired(k.created, now) })
	return changed || len(p.signed) != signed || len(p.oneTime) != oneTime, nil
}

// correct counts the age of keys that seem to come from the future, made while
// the clock was wrong, from now.
func (p *PreKeys) correct(now core.Millis) (changed bool) {
	for i := range p.signed {
		if k := &p.signed[i]; k.created > now {
			k.created, changed = now, true
		}
	}
	for i := range p.oneTime {
		if k := &p.oneTime[i]; k.created > now {
			k.created, changed = now, true
		}
	}
	return changed
}

func expired(created, now core.Millis) bool { return now-created > KeepFor }

// Bundle is what to give away. With oneTime it holds a one-time prekey that was
// drawn for it: save the keys before it is sent, and give it to one peer only.
func (p *PreKeys) Bundle(now core.Millis, oneTime bool) Bundle {
	s := p.newest()
	b := Bundle{Identity: p.identity, SignedID: s.id, Signed: s.pair.public, Signature: s.signature}
	if oneTime {
		k := oneTimePreKey{p.freshID(), drawPair(), now}
		p.oneTime = append(p.oneTime, k)
		if len(p.oneTime) > MaxOneTime {
			p.oneTime = p.oneTime[1:]
		}
		b.OneTimeID, b.OneTime = k.id, k.pair.public
	}
	return b
}

// String keeps the keys out of logs.
func (p *PreKeys) String() string { return "[secret]" }

// GoString keeps the keys out of %#v.
func (p *PreKeys) GoString() string { return "[secret]" }

// MarshalJSON keeps the keys out of JSON.
func (p *PreKeys) MarshalJSON() ([]byte, error) { return []byte(`"[secret]"`), nil }

func (p *PreKeys) newest() signedPreKey { return p.signed[len(p.signed)-1] }

func (p *PreKeys) sign(now core.Millis, id Identity) {
	pair := drawPair()
	p.signed = append(p.signed, signedPreKey{
		id:        p.freshID(),
		pair:      pair,
		signature: id.XEdSign(encodeKey(pair.public)),
		created:   now,
	})
	if len(p.signed) > maxSigned {
		p.signed = p.signed[1:]
	}
}

// freshID is random: a running number would tell every peer how many others
// there are.
func (p *PreKeys) freshID() uint32 {
	for {
		var b [4]byte
		rand.Read(b[:])
		id := binary.BigEndian.Uint32(b[:]) & idMask
		if id == 0 || id == idMask || p.hasID(id) {
			continue
		}
		return id
	}
}

func (p *PreKeys) hasID(id uint32) bool {
	return slices.ContainsFunc(p.signed, func(k signedPreKey) bool { return k.id == id }) ||
		slices.ContainsFunc(p.oneTime, func(k oneTimePreKey) bool { return k.id == id })
}

// find returns the pairs that a prekey message names; oneTime is nil where it
// names none. Error: ErrNoPreKey.
func (p *PreKeys) find(m preKeyMessage, now core.Millis) (signed keyPair, oneTime *keyPair, err error) {
	at := slices.IndexFunc(p.signed, func(k signedPreKey) bool { return k.id == m.signed })
	if at < 0 || expired(p.signed[at].created, now) {
		return signed, nil, ErrNoPreKey
	}
	signed = p.signed[at].pair
	if m.oneTime == 0 {
		return signed, nil, nil
	}
	at = slices.IndexFunc(p.oneTime, func(k oneTimePreKey) bool { return k.id == m.oneTime })
	if at < 0 || expired(p.oneTime[at].created, now) {
		return signed, nil, ErrNoPreKey
	}
	return signed, &p.oneTime[at].pair, nil
}

// without is a copy that lacks one one-time prekey.
func (p *PreKeys) without(id uint32) *PreKeys {
	return &PreKeys{
		identity: p.identity,
		signed:   slices.Clone(p.signed),
		oneTime:  slices.DeleteFunc(slices.Clone(p.oneTime), func(k oneTimePreKey) bool { return k.id == id }),
	}
}
