package client_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/envelope"
	"tandem/core/identity"
	"tandem/core/linking"
	"tandem/core/ratchet"
	"tandem/core/snode"
	"tandem/core/store"
	"tandem/core/testnet"
)

// A flood of valid requests leaves the dialog of use; 10,000 are in make soak.
func TestFloodOfRequests(t *testing.T) {
	long(t)
	t.Parallel()
	flood(t, 1000)
}

// flood: so many devices ask, before the dialog and beside it. The one with the
// link code comes first and is linked, eight are listed and the others counted,
// and little is kept of all of them.
func flood(t *testing.T, size int) {
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, l := pair(t, net)
		account := p.account()
		s := open(t, net, "tablet")
		s.until("Welcome", phase(client.Welcome))
		wait(5 * time.Second)
		before := len(p.disk.Snapshot())
		bundle := someBundle(net)
		for range size / 2 {
			pour(t, net, account, requestOf(t, net, account, identity.NewDevice(), bundle))
		}
		p.until("a quiet notice", func(v *client.Snapshot) bool { return v.Dialog.Notice })
		if d := p.Snapshot().Dialog; d.Open || d.Code != "" {
			t.Errorf("a flood opens the dialog: %+v", d)
		}
		p.must(p.OpenDialog())
		for range size / 2 {
			pour(t, net, account, requestOf(t, net, account, identity.NewDevice(), bundle))
		}
		start := time.Now()
		v := p.until("too many", func(v *client.Snapshot) bool { return v.Dialog.Cause == client.CauseFlood })
		s.must(s.Join(v.Dialog.Code))
		s.until("words", join(client.JoinWords))
		first := func(v *client.Snapshot) bool {
			return len(v.Dialog.Askers) > 0 && v.Dialog.Askers[0].Proved && v.Dialog.Askers[0].Stage == client.DialogWords
		}
		d := p.until("words", first).Dialog
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("the words took %v", took)
		}
		if a, b := strings.Join(d.Askers[0].Words, " "), strings.Join(s.Snapshot().Join.Words, " "); a != b {
			t.Fatalf("words differ: %q and %q", a, b)
		}
		d = p.until("all are counted", func(v *client.Snapshot) bool { return v.Dialog.More > size-30 }).Dialog
		if len(d.Askers) != 8 || d.More > size {
			t.Errorf("%d askers, %d more", len(d.Askers), d.More)
		}
		if after := len(p.disk.Snapshot()); after > before+150 {
			t.Errorf("%d records became %d", before, after)
		}
		p.must(p.Reject(d.Askers[0].Attempt))
		s.until("the end", join(client.JoinGone))
		if v := s.Snapshot(); v.Join.Cause != client.CauseRejected {
			t.Errorf("cause %d", v.Join.Cause)
		}
		// Rejected by mistake: with the code of now it works at once.
		s.must(s.Acknowledge())
		s.must(s.Join(p.Snapshot().Dialog.Code))
		attempt := p.until("words", first).Dialog.Askers[0].Attempt
		if err := p.Authorise(attempt, strings.Repeat("é", 33)); !errors.Is(err, client.ErrDeviceNameLong) {
			t.Errorf("a name of 66 bytes: %v", err)
		}
		p.must(p.Authorise(attempt, "  The tablet  "))
		s.until("the grant", join(client.JoinHolding))
		s.must(s.Finish())
		s.until("the end", linked(3))
		p.until("the end", linked(3))
		tablet := s.Snapshot().Devices[0].ID
		for _, d := range []*tab{p, s, l} { // by the name that it got at Authorise
			d.until("its name", func(v *client.Snapshot) bool {
				return slices.ContainsFunc(v.Devices, func(r client.DeviceRow) bool {
					return r.ID == tablet && r.This == (d == s) && r.Facts.Name == "The tablet" && r.Facts.Platform == "tablet"
				})
			})
		}
		p.must(p.CloseDialog())
		wait(11 * time.Minute)
		if d := p.Snapshot().Dialog; d.Notice || d.More != 0 || len(d.Askers) != 0 {
			t.Errorf("after their time: %+v", d)
		}
		if n := p.count(t, store.Linking); n > 2 {
			t.Errorf("%d attempts are kept", n)
		}
	})
}

// someBundle is a prekey bundle: nobody looks into one before Authorise.
func someBundle(net *testnet.Network) []byte {
	d := identity.NewDevice()
	return ratchet.NewPreKeys(net.Now(), d).Bundle(net.Now(), true).Marshal()
}

// requestOf is a device's valid request to join, as it lies in the mailbox.
func requestOf(t *testing.T, net *testnet.Network, account core.ID, device *identity.Device, bundle []byte) []byte {
	t.Helper()
	out, err := linking.NewSecondary().Step(net.Now(), linking.Link{
		Account: account, Facts: core.Facts{Name: "Anybody", Platform: "Anything"},
		Device: device, Bundle: bundle, Secrets: []byte{1},
	})
	if err != nil {
		t.Fatal(err)
	}
	content := out.Send[0].Content()
	content.SigTimestamp = net.Now()
	return envelope.SealSession(device, account, net.Now(), content)
}

// pour puts a message into a mailbox, without a client.
func pour(t *testing.T, net *testnet.Network, to core.ID, data []byte) {
	t.Helper()
	call := snode.Store(core.Mailbox{Owner: to}, data, net.Now(), 10*core.Minute, nil)
	answer := net.Swarm(to)[0].Serve(context.Background(), "POST", "/storage_rpc/v1", testnet.Header{}, call.Body())
	if answer.Status != 200 {
		t.Fatalf("not stored: %d %s", answer.Status, answer.Body)
	}
}
