package client_test

import (
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/testnet"
)

// The dialog counts down from 10:00 while nobody asks, and then says that it is
// over; a device that asks afterwards is noticed, and served when one tries again.
func TestADialogWaitsTenMinutes(t *testing.T) {
	long(t)
	t.Parallel()
	world(t, func(t *testing.T, net *testnet.Network) {
		p, s := open(t, net, "phone"), open(t, net, "tablet")
		p.until("Welcome", phase(client.Welcome))
		account := p.register("Ada")
		p.must(p.OpenDialog())
		p.line.set(true) // ten minutes are cheaper without a network
		opened := func(v *client.Snapshot) bool { return v.Dialog.Open && v.Dialog.Deadline > 0 }
		d := p.until("a countdown", opened).Dialog
		if left := d.Deadline - core.Millis(time.Now().UnixMilli()); left > 10*core.Minute || left < 10*core.Minute-2*core.Second || d.Over || d.Code == "" {
			t.Errorf("%d ms are left of %+v", left, d)
		}
		wait(9 * time.Minute)
		if d := p.Snapshot().Dialog; !d.Open || d.Over || d.Code == "" {
			t.Errorf("after nine minutes: %+v", d)
		}
		over := p.until("the end", func(v *client.Snapshot) bool { return v.Dialog.Over }).Dialog
		if !over.Open || over.Code != "" || over.Deadline != 0 || over.Notice {
			t.Errorf("over: %+v", over)
		}
		p.must(p.CloseDialog())
		if d := p.Snapshot().Dialog; d.Open || d.Over {
			t.Errorf("closed: %+v", d)
		}

		p.must(p.OpenDialog())
		p.until("the end", func(v *client.Snapshot) bool { return v.Dialog.Over })
		p.line.set(false)
		s.until("Welcome", phase(client.Welcome))
		s.must(s.Join(account.Hex()))
		p.until("a notice", func(v *client.Snapshot) bool { return v.Dialog.Notice && v.Dialog.Over })
		p.must(p.OpenDialog())
		p.until("the words", dialog(client.DialogWords))
		if d := p.Snapshot().Dialog; d.Over || d.Deadline != 0 {
			t.Errorf("while a device asks: %+v", d)
		}
	})
}
