package client_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"tandem/core/client"
	"tandem/core/client/courier"
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

// timeless is a cable into a network that answers, and does not say what time it is.
type timeless struct{ *cable }

func (x timeless) Sync(ctx context.Context) error { return errors.Join(errValve, x.travel(ctx)) }

func (x timeless) Status() courier.Status {
	s := x.cable.Status()
	s.LastSuccess = x.cloud.now()
	return s
}

// Without the network's time nothing can be signed: a device that has none is not
// online, whoever answers, and says why.
func TestWithoutTheTimeNobodyIsOnline(t *testing.T) {
	t.Parallel()
	offFriends(t, func(t *testing.T, net *testnet.Network, q *quad) {
		q.a1.carrier = timeless{&cable{cloud: newCloud(1, weather{})}}
		q.a1.start()
		q.a1.until("the cause", func(v *client.Snapshot) bool {
			if v.Network.State == client.Online {
				t.Fatal("it is online")
			}
			return v.Network.State == client.Offline && strings.Contains(v.Network.Cause, "what time it is")
		})
	})
}
