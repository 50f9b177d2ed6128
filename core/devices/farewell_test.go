package devices_test

import (
	"bytes"
	"testing"

	"tandem/core"
	"tandem/core/devices"
	"tandem/core/identity"
	"tandem/core/wire"
)

// farewell is a body with some of its fields changed, signed by a device.
func farewell(by *identity.Device, domain string, change func(fields map[int][]byte)) []byte {
	id, ed := by.ID(), by.Ed()
	account := identity.NewRoot().Account().ID()
	fields := map[int][]byte{
		1: wire.AppendUint(nil, 1, 10),
		2: wire.AppendBytes(nil, 2, account[:]),
		3: wire.AppendBytes(nil, 3, id[:]),
		4: wire.AppendBytes(nil, 4, ed[:]),
		5: wire.AppendUint(nil, 5, 7),
		6: wire.AppendUint(nil, 6, 1),
	}
	change(fields)
	var body []byte
	for number := 1; number <= 7; number++ {
		body = append(body, fields[number]...)
	}
	return wire.SignBody(by, domain, body).Marshal()
}

// A farewell counts if the device itself signed it, for this account, and in
// full; nothing else does.
func TestFarewell(t *testing.T) {
	by, other := identity.NewDevice(), identity.NewDevice()
	account := identity.NewRoot().Account().ID()
	for _, reason := range []devices.Reason{devices.Leaves, devices.Obeys} {
		f, err := devices.ParseFarewell(devices.SignFarewell(by, account, 7, reason), account)
		want := devices.Farewell{Account: account, Device: by.ID(), Ed: by.Ed(), Epoch: 7, Reason: reason}
		if err != nil || f != want {
			t.Errorf("%+v, %v", f, err)
		}
	}
	if _, err := devices.ParseFarewell(devices.SignFarewell(by, account, 7, devices.Leaves), other.ID()); err != devices.ErrFarewell {
		t.Errorf("of another account: %v", err)
	}
	const domain = "tandem farewell v1"
	mine := func(fields map[int][]byte) { fields[2] = wire.AppendBytes(nil, 2, account[:]) }
	if _, err := devices.ParseFarewell(farewell(by, domain, mine), account); err != nil {
		t.Fatalf("the test's own: %v", err)
	}
	id, ed := other.ID(), other.Ed()
	for name, change := range map[string]func(fields map[int][]byte){
		"another type":       func(f map[int][]byte) { f[1] = wire.AppendUint(nil, 1, 8) },
		"another device":     func(f map[int][]byte) { f[3] = wire.AppendBytes(nil, 3, id[:]) },
		"another key":        func(f map[int][]byte) { f[4] = wire.AppendBytes(nil, 4, ed[:]) },
		"both of another":    func(f map[int][]byte) { f[3], f[4] = wire.AppendBytes(nil, 3, id[:]), wire.AppendBytes(nil, 4, ed[:]) },
		"an epoch too high":  func(f map[int][]byte) { f[5] = wire.AppendUint(nil, 5, 1<<62+1) },
		"no reason":          func(f map[int][]byte) { f[6] = wire.AppendUint(nil, 6, 0) },
		"a reason of later":  func(f map[int][]byte) { f[6] = wire.AppendUint(nil, 6, 3) },
		"a reason twice":     func(f map[int][]byte) { f[6] = append(f[6], f[6]...) },
		"too long":           func(f map[int][]byte) { f[7] = wire.AppendBytes(nil, 50, make([]byte, 512)) },
		"no type":            func(f map[int][]byte) { delete(f, 1) },
		"no account":         func(f map[int][]byte) { delete(f, 2) },
		"no device":          func(f map[int][]byte) { delete(f, 3) },
		"no key":             func(f map[int][]byte) { delete(f, 4) },
		"no epoch":           func(f map[int][]byte) { delete(f, 5) },
		"no reason at all":   func(f map[int][]byte) { delete(f, 6) },
		"an ID of no device": func(f map[int][]byte) { f[3] = wire.AppendBytes(nil, 3, make([]byte, 33)) },
	} {
		signed := farewell(by, domain, func(f map[int][]byte) { mine(f); change(f) })
		if _, err := devices.ParseFarewell(signed, account); err != devices.ErrFarewell {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := devices.ParseFarewell(farewell(by, "tandem device list v1", mine), account); err != devices.ErrFarewell {
		t.Errorf("signed under another domain: %v", err)
	}
	for i, signed := 0, devices.SignFarewell(by, account, 7, devices.Leaves); i < len(signed); i++ {
		bad := bytes.Clone(signed)
		bad[i] ^= 1
		if _, err := devices.ParseFarewell(bad, account); err == nil {
			t.Errorf("byte %d was changed", i)
		}
	}
}

func FuzzParseFarewell(f *testing.F) {
	by, account := identity.NewDevice(), core.ID{5, 1}
	f.Add(devices.SignFarewell(by, account, 7, devices.Leaves))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := devices.ParseFarewell(b, account)
		if err != nil && (err != devices.ErrFarewell || got != devices.Farewell{}) {
			t.Fatalf("%+v, %v", got, err)
		}
		if err == nil && got.Account != account {
			t.Fatal("of another account")
		}
	})
}
