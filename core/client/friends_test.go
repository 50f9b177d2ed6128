package client_test

import (
	"slices"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/testnet"
)

// asks: this account is asked by another one, in one row.
func asks(account core.ID) func(*client.Snapshot) bool {
	return func(s *client.Snapshot) bool { return len(s.Requests) == 1 && s.Requests[0].Account == account }
}

// stands: so is the friendship with an account, and nothing waits for an answer.
func stands(account core.ID, want client.Friendship, devices int) func(*client.Snapshot) bool {
	return func(s *client.Snapshot) bool {
		row := rowOf(s, account)
		return len(s.Requests) == 0 && row.Friendship == want && (want != client.Friends || row.Devices == devices)
	}
}

func rowOf(s *client.Snapshot, account core.ID) client.ChatRow {
	for _, row := range s.Chats {
		if row.Conversation == account {
			return row
		}
	}
	return client.ChatRow{}
}

// listed waits until an account has signed its device list, without which it
// asks nobody.
func (d *tab) listed() {
	d.t.Helper()
	d.until("its own list", func(s *client.Snapshot) bool { return s.Network.LastPoll > 0 })
	wait(10 * time.Second)
}

// said are the texts of a conversation.
func said(s *client.Snapshot, account core.ID) (texts []string) {
	for _, m := range s.Logs[account] {
		texts = append(texts, m.Body)
	}
	return texts
}

// One device asks, the other one sees who and what, and accepts: they are
// friends, by name, each with the other's list, and the text is the first
// message on both.
func TestOneAsksOneAccepts(t *testing.T) {
	t.Parallel()
	world(t, func(t *testing.T, net *testnet.Network) {
		a, b := open(t, net, "A1"), open(t, net, "B1")
		ada, bob := a.register("Ada"), b.register("Bob")
		a.listed()
		b.listed()
		a.must(a.Befriend(bob.Hex(), "Hello Bob"))
		a.until("it is asked", stands(bob, client.Asked, 0))
		v := b.until("the request", asks(ada))
		if r := v.Requests[0]; r.Name != "Ada" || r.Text != "Hello Bob" || r.Plain {
			t.Errorf("the row is %+v", r)
		}
		b.must(b.Accept(ada))
		for _, d := range []*tab{a, b} {
			other := map[*tab]core.ID{a: bob, b: ada}[d]
			v := d.until("friends", stands(other, client.Friends, 1))
			if got := said(v, other); !slices.Equal(got, []string{"Hello Bob"}) {
				t.Errorf("%s shows %q", d.name, got)
			}
		}
		a.until("his name", func(s *client.Snapshot) bool { return rowOf(s, bob).Name == "Bob" })
		if x, y := rowOf(a.Snapshot(), bob).Safety, rowOf(b.Snapshot(), ada).Safety; len(x) != 30 || len(y) != 30 || x == y {
			t.Errorf("safety numbers %q and %q", x, y)
		}
		for _, d := range []*tab{a, b} {
			d.reload()
			d.until("friends after a reload", stands(map[*tab]core.ID{a: bob, b: ada}[d], client.Friends, 1))
		}
	})
}
