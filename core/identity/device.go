package identity

import "crypto/rand"

// Device is the key of one installation: its own mailbox and pairwise
// sessions. It never leaves the device (multi-device.md §2).
type Device struct {
	secret
	seed func() [32]byte
	*pair
}

// NewDevice draws a fresh device key.
func NewDevice() *Device {
	var seed [32]byte
	rand.Read(seed[:])
	return deviceFromSeed(seed)
}

func deviceFromSeed(seed [32]byte) *Device {
	return &Device{seed: hide(seed), pair: newPair(seed[:])}
}

// MarshalSecret is for the sealed store only: 32 bytes.
func (d *Device) MarshalSecret() []byte {
	seed := d.seed()
	return seed[:]
}

// ParseDevice reads what MarshalSecret wrote. Error: ErrForm.
func ParseDevice(b []byte) (*Device, error) {
	if len(b) != 32 {
		return nil, ErrForm
	}
	return deviceFromSeed([32]byte(b)), nil
}

// Account is the account key in expanded form, held by every linked device: it
// signs, agrees and opens as the account, but the 13 words cannot be computed
// from it.
type Account struct{ *pair }
