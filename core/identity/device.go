package identity

import (
	"crypto/rand"

	"tandem/core"
)

// Device is the key of one installation: its own mailbox and pairwise
// sessions. It never leaves the device (multi-device.md §2).
type Device struct {
	seed [32]byte
	*pair
}

// NewDevice draws a fresh device key.
func NewDevice() *Device {
	d := &Device{}
	rand.Read(d.seed[:])
	d.pair = newPair(d.seed[:])
	return d
}

// MarshalSecret is for the sealed store only: 32 bytes.
func (d *Device) MarshalSecret() []byte { return append([]byte{}, d.seed[:]...) }

// ParseDevice reads what MarshalSecret wrote. Error: ErrForm.
func ParseDevice(b []byte) (*Device, error) {
	if len(b) != len(Device{}.seed) {
		return nil, ErrForm
	}
	d := &Device{seed: [32]byte(b)}
	d.pair = newPair(d.seed[:])
	return d, nil
}

// Account is the account key in expanded form, held by every linked device: it
// signs, agrees and opens as the account, but the 13 words cannot be computed
// from it.
type Account struct{ *pair }

// Verify that a peer says who it is: the Ed25519 key converts to the ID.
func Matches(id core.ID, ed core.EdKey) bool {
	got, err := IDFromEd(ed)
	return err == nil && got == id
}
