package client_test

import (
	"testing"
	"time"

	"tandem/core"
	"tandem/core/testnet"
)

func TestTwoDevicesOneAccount(t *testing.T) {
	world(t, func(t *testing.T, net *testnet.Network) {
		p, s := open(t, net, "phone"), open(t, net, "laptop")
		p.register("Ada")
		link(p, s)
		p.must(p.SendNote("from the phone"))
		s.until("the note", shows("from the phone"))
		wait(time.Second) // in one millisecond the order is anybody's
		s.must(s.SendNote("from the laptop"))
		p.until("the answer", shows("from the phone|from the laptop"))
		p.reload()
		s.reload()
		for _, d := range []*tab{p, s} {
			got := d.until("history", shows("from the phone|from the laptop"))
			for _, m := range got.Logs[got.Account] {
				if m.Direction != core.Out {
					t.Errorf("%s shows its own note as somebody else's", d.name)
				}
			}
		}
		wait(time.Second)
		p.must(p.SendNote("after the reload"))
		s.until("the third note", shows("from the phone|from the laptop|after the reload"))
	})
}
