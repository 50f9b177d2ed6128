package interop

import (
	"context"
	"errors"
	"testing"

	"go.mau.fi/libsignal/ecc"
	"go.mau.fi/libsignal/keys/identity"
	"go.mau.fi/libsignal/keys/prekey"
	"go.mau.fi/libsignal/protocol"
	"go.mau.fi/libsignal/serialize"
	"go.mau.fi/libsignal/session"
	"go.mau.fi/libsignal/signalerror"
	"go.mau.fi/libsignal/state/record"
	"go.mau.fi/libsignal/util/keyhelper"
	"go.mau.fi/libsignal/util/optional"

	"tandem/core/ratchet"
)

// stranger is a device that runs go.mau.fi/libsignal.
type stranger struct {
	t       *testing.T
	records *records
	builder *session.Builder
	cipher  *session.Cipher
	signed  *record.SignedPreKey
	nextID  uint32
}

func newStranger(t *testing.T) *stranger {
	t.Helper()
	identity, err := keyhelper.GenerateIdentityKeyPair()
	if err != nil {
		t.Fatal(err)
	}
	form := serialize.NewProtoBufSerializer()
	signed, err := keyhelper.GenerateSignedPreKey(identity, 1, form.SignedPreKeyRecord)
	if err != nil {
		t.Fatal(err)
	}
	s := &stranger{t: t, signed: signed, nextID: 1, records: &records{
		form:         form,
		identity:     identity,
		registration: keyhelper.GenerateRegistrationID(),
		signed:       signed,
		oneTime:      map[uint32]*record.PreKey{},
	}}
	address := protocol.NewSignalAddress("ours", 1)
	s.builder = session.NewBuilder(s.records, s.records, s.records, s.records, address, form)
	s.cipher = session.NewCipher(s.builder, address)
	return s
}

func (s *stranger) bundle(oneTime bool) ratchet.Bundle {
	s.t.Helper()
	b := ratchet.Bundle{
		Identity:  s.records.identity.PublicKey().PublicKey().PublicKey(),
		SignedID:  s.signed.ID(),
		Signed:    s.signed.KeyPair().PublicKey().PublicKey(),
		Signature: s.signed.Signature(),
	}
	if oneTime {
		pair, err := ecc.GenerateKeyPair()
		if err != nil {
			s.t.Fatal(err)
		}
		s.records.oneTime[s.nextID] = record.NewPreKey(s.nextID, pair, s.records.form.PreKeyRecord)
		b.OneTimeID, b.OneTime = s.nextID, pair.PublicKey().PublicKey()
		s.nextID++
	}
	return b
}

func (s *stranger) begin(b ratchet.Bundle) {
	s.t.Helper()
	id := optional.NewEmptyUint32()
	var oneTime ecc.ECPublicKeyable
	if b.OneTimeID != 0 {
		id = optional.NewOptionalUint32(b.OneTimeID)
		oneTime = ecc.NewDjbECPublicKey(b.OneTime)
	}
	err := s.builder.ProcessBundle(context.Background(), prekey.NewBundle(0, 1, id, b.SignedID, oneTime,
		ecc.NewDjbECPublicKey(b.Signed), b.Signature, identity.NewKey(ecc.NewDjbECPublicKey(b.Identity))))
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *stranger) ready() bool { return s.records.session != nil }

func (s *stranger) write(text string) letter {
	s.t.Helper()
	m, err := s.cipher.Encrypt(context.Background(), []byte(text))
	if err != nil {
		s.t.Fatal(err)
	}
	kind := ratchet.KindMessage
	if m.Type() == protocol.PREKEY_TYPE {
		kind = ratchet.KindPreKey
	}
	return letter{text, kind, m.Serialize()}
}

func (s *stranger) opens(l letter) {
	s.t.Helper()
	plain, err := s.decrypt(l)
	if err != nil {
		s.t.Fatalf("the stranger on %q: %v", l.text, err)
	}
	if string(plain) != l.text {
		s.t.Fatalf("the stranger opened %q, want %q", plain, l.text)
	}
}

func (s *stranger) drops(l letter) {
	s.t.Helper()
	if _, err := s.decrypt(l); !errors.Is(err, signalerror.ErrOldCounter) {
		s.t.Fatalf("the stranger on %q again: %v", l.text, err)
	}
}

func (s *stranger) decrypt(l letter) ([]byte, error) {
	form := s.records.form
	if l.kind == ratchet.KindPreKey {
		m, err := protocol.NewPreKeySignalMessageFromBytes(l.body, form.PreKeySignalMessage, form.SignalMessage)
		if err != nil {
			return nil, err
		}
		return s.cipher.DecryptMessage(context.Background(), m)
	}
	m, err := protocol.NewSignalMessageFromBytes(l.body, form.SignalMessage)
	if err != nil {
		return nil, err
	}
	return s.cipher.Decrypt(context.Background(), m)
}
