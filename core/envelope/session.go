package envelope

import (
	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

// sessionTail is what follows the padded content inside the box: the sender's
// Ed25519 key and the signature.
const sessionTail = 32 + 64

// Author is the key of an account or device that signs what it sends.
type Author interface {
	Ed() core.EdKey
	Sign(message []byte) []byte
}

// Opener is the key that a mailbox belongs to.
type Opener interface {
	ID() core.ID
	OpenBox(sealed []byte) ([]byte, error)
}

// FromSession is what arrived in Session's 1-1 format.
type FromSession struct {
	Sender  core.ID
	Ed      core.EdKey
	Sent    core.Millis // the envelope's
	Content *wire.Content
}

// SealSession writes content in Session's 1-1 format: pad, sign, seal, wrap
// (network.md §8). sent is network time; it goes into the content as its
// SigTimestamp, because receivers drop a message whose two times differ. The
// result is the data of a store. content is not changed.
func SealSession(by Author, to core.ID, sent core.Millis, content *wire.Content) []byte {
	stamped := *content
	stamped.SigTimestamp = sent
	padded := wire.Pad(stamped.Marshal())
	ed := by.Ed()
	signature := by.Sign(signedBySession(padded, ed, to))
	plain := append(append(padded, ed[:]...), signature...)
	return outer{kind: typeSession, timestamp: sent, content: identity.SealBox(to, plain)}.marshal()
}

// signedBySession is padded ‖ sender's Ed25519 key ‖ recipient's X25519 key.
func signedBySession(padded []byte, ed core.EdKey, to core.ID) []byte {
	x := to.X25519()
	out := append([]byte{}, padded...)
	out = append(out, ed[:]...)
	return append(out, x[:]...)
}

// OpenSession is the inverse of SealSession: it opens, verifies the signature
// and parses. Error: ErrEnvelope.
func OpenSession(mine Opener, data []byte) (FromSession, error) {
	o, err := parseOuter(data)
	if err != nil || o.kind != typeSession {
		return FromSession{}, ErrEnvelope
	}
	plain, err := mine.OpenBox(o.content)
	if err != nil || len(plain) < sessionTail {
		return FromSession{}, ErrEnvelope
	}
	padded, tail := plain[:len(plain)-sessionTail], plain[len(plain)-sessionTail:]
	from := FromSession{Ed: core.EdKey(tail[:32]), Sent: o.timestamp}
	if !identity.Verify(from.Ed, signedBySession(padded, from.Ed, mine.ID()), tail[32:]) {
		return FromSession{}, ErrEnvelope
	}
	if from.Sender, err = identity.IDFromEd(from.Ed); err != nil {
		return FromSession{}, ErrEnvelope
	}
	if from.Content, err = wire.ParseContent(wire.Unpad(padded)); err != nil {
		return FromSession{}, ErrEnvelope
	}
	if at := from.Content.SigTimestamp; at != 0 && at != from.Sent {
		return FromSession{}, ErrEnvelope
	}
	return from, nil
}
