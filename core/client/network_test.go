package client_test

import (
	"errors"
	"testing"

	"tandem/core/client"
	"tandem/core/testnet"
)

// What Settings > Network shows, and its one button.
func TestRebuildPath(t *testing.T) {
	world(t, func(t *testing.T, net *testnet.Network) {
		d := open(t, net, "phone")
		d.register("Ada")
		n := d.until("a path", func(s *client.Snapshot) bool {
			return len(s.Network.Path) == 3 && s.Network.LastPoll != 0
		}).Network
		if n.Profile != "local" || n.Gateway != "/gateway" || n.Nodes != testnet.DefaultNodes || !n.Synced || n.State != client.Online {
			t.Errorf("%+v", n)
		}
		for _, h := range n.Path {
			if h.IP == "" || h.Since == 0 || h.Worked < h.Since {
				t.Errorf("%+v", h)
			}
		}
		d.must(d.RebuildPath())
		d.until("another guard", func(s *client.Snapshot) bool {
			return len(s.Network.Path) == 3 && s.Network.Path[0].IP != n.Path[0].IP && s.Network.State == client.Online
		})
		d.stop()
		if err := d.RebuildPath(); !errors.Is(err, client.ErrClosed) {
			t.Errorf("after the end: %v", err)
		}
	})
}
