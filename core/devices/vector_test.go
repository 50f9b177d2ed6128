package devices

import (
	"bytes"
	"encoding/hex"
	"testing"

	"tandem/core/identity"
)

// The numbers that core/PROTOCOL.md prints for a second client: the device of
// seed 01…, the account of seed 0b…, which is its own list key here. Remade
// with python-cryptography 48 from the formulas there.
func TestConsentAndSafetyVectors(t *testing.T) {
	device, err := identity.ParseDevice(bytes.Repeat([]byte{0x01}, 32))
	if err != nil {
		t.Fatal(err)
	}
	account, err := identity.ParseDevice(bytes.Repeat([]byte{0x0b}, 32))
	if err != nil {
		t.Fatal(err)
	}
	const consent = "c777fb88904a89ee64e2ceb0bfd18ee47e475f3d6818e3a791548c41bd9ed8b7cb8f1a6f3da9d2bb18340c5982770978a73ba358297eb6de07d38276ab194309"
	if got := hex.EncodeToString(Consent(device, account.ID(), device.ID())); got != consent {
		t.Errorf("consent = %s", got)
	}
	if got := Safety(account.ID(), account.Ed()); got != "258884574789711830292598754470" {
		t.Errorf("safety number = %s", got)
	}
}
