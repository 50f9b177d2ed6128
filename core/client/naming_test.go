package client_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tandem/core/client"
	"tandem/core/testnet"
)

// named waits until a device calls a friend so.
func (q *quad) named(d *tab, name string) {
	d.t.Helper()
	d.until("the friend's name", func(v *client.Snapshot) bool { return q.chat(d, v).Name == name })
}

// A new display name is on all devices of the account and of friends; an older
// one that comes later does not undo it; and who is blocked hears nothing.
func TestANewNameReachesFriends(t *testing.T) {
	long(t)
	t.Parallel()
	friended(t, func(t *testing.T, net *testnet.Network, q *quad) {
		for bad, want := range map[string]error{"  ": client.ErrNameEmpty, strings.Repeat("x", 101): client.ErrNameLong} {
			if err := q.a1.SetName(bad); !errors.Is(err, want) {
				t.Errorf("%d characters: %v", len(bad), err)
			}
		}
		q.b2.stop()
		q.a1.must(q.a1.SetName(" Ada Lovelace "))
		q.a2.until("the own name", func(v *client.Snapshot) bool { return v.Name == "Ada Lovelace" })
		q.named(q.b1, "Ada Lovelace")
		b3 := open(t, net, "B3")
		add(q.b1, b3)
		q.named(b3, "Ada Lovelace")

		q.a1.line.set(true)
		q.a1.must(q.a1.SetName("Ada King"))
		wait(time.Second)
		q.a2.must(q.a2.SetName("Ada Byron"))
		q.named(q.b1, "Ada Byron")
		q.a1.line.set(false)
		q.a1.until("the own name", func(v *client.Snapshot) bool { return v.Name == "Ada Byron" && v.Network.Queue == 0 })
		q.b2.start()
		wait(time.Minute)
		for _, d := range []*tab{q.b1, q.b2, b3} {
			q.named(d, "Ada Byron")
			d.reload()
			q.named(d, "Ada Byron")
		}

		q.a1.must(q.a1.Block(q.bob))
		q.a1.must(q.a1.SetName("Countess"))
		q.a2.until("the own name", func(v *client.Snapshot) bool { return v.Name == "Countess" })
		wait(time.Minute)
		q.named(q.b1, "Ada Byron")
	})
}
