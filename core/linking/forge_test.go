package linking

import (
	"crypto/rand"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

// Messages as somebody could make them who holds the right keys, or the wrong
// ones: a former device has the account key.

func (s *story) head(kind Kind) head {
	return head{kind: kind, attempt: s.attempt, account: s.h.id(), device: s.j.device.ID()}
}

// forgeRequest is another request under the same id.
func (s *story) forgeRequest(by *identity.Device, change func(*request)) Heard {
	h := s.head(KindRequest)
	h.device = by.ID()
	bundle, _ := fakeBundle()
	q := request{
		head: h, facts: core.Facts{Name: "other", Platform: "other"}, bundle: bundle,
		consent: by.Sign(consentOf(h.account, h.device)), created: s.now,
	}
	rand.Read(q.commitment[:])
	if change != nil {
		change(&q)
	}
	return Heard{Kind: KindRequest, Signed: write(by, q.head, q.fields()).Marshal()}
}

// forgeChallenge is a fresh challenge by the account key.
func (s *story) forgeChallenge(change func(*challenge)) Heard {
	return s.forgeChallengeBy(s.h.keys.Shared.Account, change)
}

func (s *story) forgeChallengeBy(by signer, change func(*challenge)) Heard {
	list := s.h.root.ListKey()
	key := list.Ed()
	c := challenge{
		head: s.head(KindChallenge), peer: s.h.keys.Device.ID(), peerEd: s.h.keys.Device.Ed(), listKey: key,
		listKeySig: by.Sign(wire.Domain(domainListKey, key[:])),
		ephemeral:  identity.NewEphemeral().Public(),
	}
	rand.Read(c.nonce[:])
	if change != nil {
		change(&c)
	}
	return Heard{Kind: KindChallenge, Signed: write(by, c.head, c.fields()).Marshal()}
}

func (s *story) forgeReveal(by *identity.Device, change func(*reveal)) Heard {
	v := reveal{head: s.head(KindReveal)}
	v.device = by.ID()
	rand.Read(v.challenge[:])
	rand.Read(v.ephemeral[:])
	rand.Read(v.nonce[:])
	if change != nil {
		change(&v)
	}
	return Heard{Kind: KindReveal, Signed: write(by, v.head, v.fields()).Marshal()}
}

// forgeEnd is LinkDone, LinkReject or LinkCancel. device names the joiner in
// the head; by signs.
func (s *story) forgeEnd(kind Kind, by signer, device core.ID) Heard {
	e := ending{head: s.head(kind), created: s.now, reason: ReasonRejected}
	e.device = device
	return Heard{Kind: kind, Signed: write(by, e.head, e.fields()).Marshal()}
}

// forgeGrant is the right grant under a key that is not K.
func (s *story) forgeGrant() Granted {
	var k, transcript [32]byte
	rand.Read(k[:])
	sealed := s.h.keys.Shared.SealGrant(k, transcript, Grant{List: s.h.signed}.marshal())
	signed := write(s.h.keys.Shared.Account, s.head(KindGrant), wire.AppendBytes(nil, 6, sealed))
	return Granted{From: s.h.keys.Device.ID(), Signed: signed.Marshal(), Session: []byte("session")}
}

// granted is the real one, if it was made.
func (s *story) granted() Granted {
	if s.grant.Bytes == nil {
		return s.forgeGrant()
	}
	plain, session, err := fakeDecrypt(s.j.secrets, s.grant.Bytes)
	if err != nil {
		s.t.Fatal(err)
	}
	content, err := wire.ParseContent(wire.Unpad(plain))
	if err != nil {
		s.t.Fatal(err)
	}
	return Granted{From: s.h.keys.Device.ID(), Signed: content.Linking.Signed, Session: session}
}

func anyField(*wire.Message, wire.Field) error { return nil }
