package interop

import (
	"context"

	"go.mau.fi/libsignal/keys/identity"
	"go.mau.fi/libsignal/protocol"
	"go.mau.fi/libsignal/serialize"
	"go.mau.fi/libsignal/state/record"
	"go.mau.fi/libsignal/state/store"
)

// records is the store of a stranger, for one peer. The session is kept as
// bytes: the library changes a session that it loaded also where it then fails.
type records struct {
	form         *serialize.Serializer
	identity     *identity.KeyPair
	registration uint32
	signed       *record.SignedPreKey
	oneTime      map[uint32]*record.PreKey
	session      []byte
}

var (
	_ store.IdentityKey  = (*records)(nil)
	_ store.PreKey       = (*records)(nil)
	_ store.SignedPreKey = (*records)(nil)
	_ store.Session      = (*records)(nil)
)

func (r *records) GetIdentityKeyPair() *identity.KeyPair { return r.identity }
func (r *records) GetLocalRegistrationID() uint32        { return r.registration }

func (r *records) SaveIdentity(context.Context, *protocol.SignalAddress, *identity.Key) error {
	return nil
}

func (r *records) IsTrustedIdentity(context.Context, *protocol.SignalAddress, *identity.Key) (bool, error) {
	return true, nil
}

func (r *records) LoadPreKey(_ context.Context, id uint32) (*record.PreKey, error) {
	return r.oneTime[id], nil
}

func (r *records) StorePreKey(_ context.Context, id uint32, k *record.PreKey) error {
	r.oneTime[id] = k
	return nil
}

func (r *records) ContainsPreKey(_ context.Context, id uint32) (bool, error) {
	return r.oneTime[id] != nil, nil
}

func (r *records) RemovePreKey(_ context.Context, id uint32) error {
	delete(r.oneTime, id)
	return nil
}

func (r *records) LoadSignedPreKey(_ context.Context, id uint32) (*record.SignedPreKey, error) {
	if id != r.signed.ID() {
		return nil, nil
	}
	return r.signed, nil
}

func (r *records) LoadSignedPreKeys(context.Context) ([]*record.SignedPreKey, error) {
	return []*record.SignedPreKey{r.signed}, nil
}

func (r *records) StoreSignedPreKey(_ context.Context, _ uint32, k *record.SignedPreKey) error {
	r.signed = k
	return nil
}

func (r *records) ContainsSignedPreKey(_ context.Context, id uint32) (bool, error) {
	return id == r.signed.ID(), nil
}

func (r *records) RemoveSignedPreKey(context.Context, uint32) error { return nil }

func (r *records) LoadSession(context.Context, *protocol.SignalAddress) (*record.Session, error) {
	if r.session == nil {
		return record.NewSession(r.form.Session, r.form.State), nil
	}
	return record.NewSessionFromBytes(r.session, r.form.Session, r.form.State)
}

func (r *records) StoreSession(_ context.Context, _ *protocol.SignalAddress, s *record.Session) error {
	r.session = s.Serialize()
	return nil
}

func (r *records) ContainsSession(context.Context, *protocol.SignalAddress) (bool, error) {
	return r.session != nil, nil
}

func (r *records) GetSubDeviceSessions(context.Context, string) ([]uint32, error) { return nil, nil }

func (r *records) DeleteSession(context.Context, *protocol.SignalAddress) error {
	r.session = nil
	return nil
}

func (r *records) DeleteAllSessions(context.Context) error {
	r.session = nil
	return nil
}
