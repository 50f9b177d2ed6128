package client_test

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/identity"
	"tandem/core/onion"
	"tandem/core/opengroup"
	"tandem/core/store"
	"tandem/core/testnet"
)

// lobby starts an open-group server with a room, and says how it is joined.
func lobby(t *testing.T, net *testnet.Network, plain bool) (*testnet.Groups, string, core.ID) {
	t.Helper()
	g, err := net.NewGroups(testnet.GroupOptions{Seed: [32]byte{5}, Host: "groups.example", Plain: plain})
	if err != nil {
		t.Fatal(err)
	}
	g.Open("lobby", "Lobby", "Where all meet")
	id, err := client.ReadGroupURL(g.URL("lobby"))
	if err != nil {
		t.Fatal(err)
	}
	return g, g.URL("lobby"), id
}

func joinsRoom(d *tab, url string) {
	d.t.Helper()
	d.until("the network", func(s *client.Snapshot) bool { return s.Network.Synced })
	d.must(d.Group(client.GroupOrder{Verb: client.JoinGroup, Text: url}))
}

// groupOf is a room's line in the list of chats; nil: it is not there.
func groupOf(s *client.Snapshot, id core.ID) *client.ChatRow {
	for i := range s.Chats {
		if s.Chats[i].Conversation == id && s.Chats[i].Group != nil {
			return &s.Chats[i]
		}
	}
	return nil
}

// readsRoom waits until a room shows exactly these texts, all of them with the server.
func readsRoom(d *tab, id core.ID, want ...string) *client.Snapshot {
	d.t.Helper()
	return d.until(fmt.Sprintf("%q in the room", want), func(s *client.Snapshot) bool {
		if slices.ContainsFunc(s.Logs[id], func(m core.Message) bool { return m.Status == core.Queued }) {
			return false
		}
		return slices.Equal(roomTexts(s.Logs[id]), want)
	})
}

func roomTexts(rows []core.Message) (out []string) {
	for _, m := range rows {
		out = append(out, m.Body)
	}
	return out
}

func postOf(s *client.Snapshot, id core.ID, text string) core.Message {
	for _, m := range s.Logs[id] {
		if m.Body == text {
			return m
		}
	}
	return core.Message{}
}

// The story of issue 6 on two accounts, the first of which has two devices: one
// joins, both are in; each posts, and others see one author; what one does shows
// on the other.
func TestGroupsOnTwoDevices(t *testing.T) {
	t.Parallel()
	unacquainted(t, func(t *testing.T, net *testnet.Network, q *quad) {
		g, url, room := lobby(t, net, false)
		joinsRoom(q.a1, url)
		q.a2.until("the room without joining", func(s *client.Snapshot) bool { return groupOf(s, room) != nil && groupOf(s, room).Group.Loaded })
		joinsRoom(q.b1, url)
		q.a1.must(q.a1.Send(room, "from A1"))
		readsRoom(q.a1, room, "from A1")
		q.a2.must(q.a2.Send(room, "from A2"))
		var author string
		for _, d := range q.all() {
			s := readsRoom(d, room, "from A1", "from A2")
			for i, m := range s.Logs[room] {
				if author == "" {
					author = m.Post.Author
				}
				if m.Post.Author != author {
					t.Errorf("%s sees another author in message %d", d.name, i)
				}
				if own := d == q.a1 || d == q.a2; own != (m.Direction == core.Out) {
					t.Errorf("%s: direction %d in message %d", d.name, m.Direction, i)
				}
			}
		}
		if author[:2] != "15" || strings.Contains(author, q.ada.Hex()[2:]) {
			t.Errorf("the author is %s", author)
		}
		if row := groupOf(q.b2.Snapshot(), room); row.Unread != 2 || row.Name != "Lobby" || row.Group.Members < 2 {
			t.Errorf("%+v", row)
		}
		for _, p := range g.Posts("lobby") { // by a stranger's implementation
			key, err := hex.DecodeString(p.Author[2:])
			if err != nil || !ed25519.Verify(key, p.Data, p.Signature) {
				t.Errorf("the standard library refuses a signature: %v", err)
			}
		}

		id := postOf(q.a2.Snapshot(), room, "from A1").ID
		q.a2.must(q.a2.Group(client.GroupOrder{Verb: client.EditPost, Message: id, Text: "edited on A2"}))
		s := readsRoom(q.a1, room, "edited on A2", "from A2")
		if !s.Logs[room][0].Post.Edited {
			t.Error("it is not said that it was edited")
		}
		reply := client.GroupOrder{Verb: client.ReplyToPost, Message: id, Text: "answered", Token: [16]byte{1}}
		q.b1.must(q.b1.Group(reply))
		q.b1.must(q.b1.Group(reply)) // as after the death of a tab, which is the same command
		s = readsRoom(q.a1, room, "edited on A2", "from A2", "answered")
		if to := postOf(s, room, "answered").Post.Reply; to == nil || to.Body != "edited on A2" || to.Author != author || postOf(s, room, "from A2").Post.Reply != nil {
			t.Errorf("it answers %+v", to)
		}
		q.b1.must(q.b1.Delete(postOf(readsRoom(q.b1, room, "edited on A2", "from A2", "answered"), room, "answered").ID, true))
		if err := q.b1.Group(client.GroupOrder{Verb: client.ReplyToPost, Message: core.MessageID{Device: room, Counter: 7}, Text: "x"}); !errors.Is(err, client.ErrNotNow) {
			t.Errorf("a reply to nothing: %v", err)
		}
		readsRoom(q.a1, room, "edited on A2", "from A2")
		q.b1.must(q.b1.Group(client.GroupOrder{Verb: client.ReactToPost, Message: id, Text: "🍍", On: true}))
		q.a1.until("the reaction", func(s *client.Snapshot) bool { return len(s.Logs[room][0].Post.Reactions) == 1 })
		if err := q.b1.Delete(id, true); !errors.Is(err, client.ErrGroupForbidden) {
			t.Errorf("a stranger deletes: %v", err)
		}
		q.a2.must(q.a2.Delete(id, true))
		readsRoom(q.a1, room, "from A2")
		readsRoom(q.b1, room, "from A2")

		// B moderates.
		q.b1.must(q.b1.Send(room, "by B"))
		s = readsRoom(q.b1, room, "from A2", "by B")
		g.Moderate("lobby", postOf(s, room, "by B").Post.Author)
		q.b1.until("the right", func(s *client.Snapshot) bool { return groupOf(s, room).Group.Moderator })
		s = q.a1.until("the moderator's mark", func(s *client.Snapshot) bool { m := postOf(s, room, "by B"); return m.Post != nil && m.Post.Moderator })
		g.Pin("lobby", int64(postOf(s, room, "from A2").ID.Counter))
		q.a1.until("the pin", func(s *client.Snapshot) bool {
			p := groupOf(s, room).Group.Pinned
			return p != nil && p.Body == "from A2"
		})
		q.b1.must(q.b1.Delete(postOf(q.b1.Snapshot(), room, "from A2").ID, true))
		readsRoom(q.a2, room, "by B")

		// What A1 has read is read on A2.
		q.a1.Viewing(room)
		q.a2.until("all is read", func(s *client.Snapshot) bool { return groupOf(s, room).Unread == 0 })
		q.a1.Viewing(core.ID{})

		q.a2.reload()
		readsRoom(q.a2, room, "by B")
		q.a2.until("the network", func(s *client.Snapshot) bool { return s.Network.Synced })
		q.a2.must(q.a2.Group(client.GroupOrder{Verb: client.LeaveGroup, Group: room}))
		q.a1.until("A1 has left", func(s *client.Snapshot) bool { return groupOf(s, room) == nil && len(s.Logs[room]) == 0 })
		if groupOf(q.b1.Snapshot(), room) == nil {
			t.Error("B has left, too")
		}
	})
}

// A device that is linked later has the groups; a friend is invited and accepts.
func TestGroupsTravel(t *testing.T) {
	long(t)
	t.Parallel()
	friended(t, func(t *testing.T, net *testnet.Network, q *quad) {
		_, url, room := lobby(t, net, true)
		joinsRoom(q.a1, url)
		q.a1.must(q.a1.Send(room, "unblinded"))
		if s := readsRoom(q.a1, room, "unblinded"); s.Logs[room][0].Post.Author != q.ada.Hex() {
			t.Error("a server that does not blind shows another author")
		}
		a3 := open(t, net, "A3")
		link(q.a1, a3)
		readsRoom(a3, room, "unblinded")

		q.a1.must(q.a1.Send(q.bob, url))
		s := q.b2.until("the invitation", func(s *client.Snapshot) bool { return slices.Contains(roomTexts(s.Logs[q.ada]), url) })
		joinsRoom(q.b2, s.Logs[q.ada][len(s.Logs[q.ada])-1].Body)
		readsRoom(q.b1, room, "unblinded")
	})
}

// What a server can do to those who ask it: it is said, posts wait and are made
// once, and other conversations go on.
func TestGroupsInTrouble(t *testing.T) {
	t.Parallel()
	world(t, func(t *testing.T, net *testnet.Network) {
		g, url, room := lobby(t, net, false)
		d := open(t, net, "A")
		account := d.register("Ada")
		d.until("the network", func(s *client.Snapshot) bool { return s.Network.Synced })
		if err := d.Group(client.GroupOrder{Verb: client.JoinGroup, Text: "http://groups.example/lobby"}); !errors.Is(err, client.ErrGroupURL) {
			t.Errorf("no key: %v", err)
		}
		if err := d.Group(client.GroupOrder{Verb: client.JoinGroup, Text: g.URL("nowhere")}); !errors.Is(err, client.ErrGroupMissing) {
			t.Errorf("no room: %v", err)
		}
		if err := d.Group(client.GroupOrder{Verb: client.JoinGroup, Text: strings.Replace(url, "groups.", "other.", 1)}); !errors.Is(err, client.ErrGroupDown) {
			t.Errorf("no server: %v", err)
		}
		wrong := url[:len(url)-2] + "00"
		if err := d.Group(client.GroupOrder{Verb: client.JoinGroup, Text: wrong}); !errors.Is(err, client.ErrGroupKey) {
			t.Errorf("another key: %v", err)
		}
		joinsRoom(d, url)
		d.must(d.Send(room, "well"))
		readsRoom(d, room, "well")

		for code, want := range map[int]error{
			401: client.ErrGroupSignature, 403: client.ErrGroupForbidden, 404: client.ErrGroupMissing, 425: client.ErrGroupClock,
			429: client.ErrGroupBusy, 500: client.ErrGroupServer, 302: client.ErrGroupRequest,
		} {
			g.Lie(func(onion.V4Request) (onion.V4Response, bool) {
				return onion.V4Response{Code: code, Headers: map[string]string{"location": "http://elsewhere.example"}}, true
			})
			d.until(fmt.Sprint(code, " is said"), func(s *client.Snapshot) bool { return errors.Is(groupOf(s, room).Group.Trouble.Err(), want) })
			d.must(d.SendNote(fmt.Sprint("a note during ", code)))
			if got := roomTexts(d.Snapshot().Logs[room]); !slices.Equal(got, []string{"well"}) {
				t.Errorf("%d: the room shows %q", code, got)
			}
		}

		// Answers to posts are lost, and the device dies: each is made once.
		g.Lie(nil)
		d.until("it is well again", func(s *client.Snapshot) bool { return groupOf(s, room).Group.Trouble == 0 })
		net.RegisterServer("groups.example", func(ctx context.Context, r testnet.ServerRequest) (testnet.Response, error) {
			before := len(g.Posts("lobby"))
			answer, err := g.Serve(ctx, r)
			if len(g.Posts("lobby")) > before {
				return testnet.Response{}, errors.New("the answer is lost")
			}
			return answer, err
		})
		d.must(d.Send(room, "once"))
		wait(time.Second)
		d.reload()
		net.RegisterServer("groups.example", g.Serve)
		d.must(d.Send(room, "then"))
		readsRoom(d, room, "well", "once", "then")
		if n := len(g.Posts("lobby")); n != 3 {
			t.Errorf("%d posts", n)
		}

		// One that is refused says so, and goes out when it is tried again.
		g.Restrict("lobby", true)
		d.must(d.Send(room, "refused"))
		s := d.until("the refusal", func(s *client.Snapshot) bool { return postOf(s, room, "refused").Status == core.Failed })
		if m := postOf(s, room, "refused"); m.Cause == "" {
			t.Error("without a cause")
		}
		g.Restrict("lobby", false)
		d.must(d.Retry(postOf(s, room, "refused").ID))
		readsRoom(d, room, "well", "once", "then", "refused")
		if len(d.Snapshot().Logs[account]) != 7 {
			t.Errorf("%d notes", len(d.Snapshot().Logs[account]))
		}
	})
}

// A room is asked about most often while somebody looks at it, and soon when its tab
// is seen again.
func TestGroupsThatAreLookedAt(t *testing.T) {
	t.Parallel()
	world(t, func(t *testing.T, net *testnet.Network) {
		g, url, room := lobby(t, net, false)
		var asked atomic.Int64
		net.RegisterServer("groups.example", func(ctx context.Context, r testnet.ServerRequest) (testnet.Response, error) {
			asked.Add(1)
			return g.Serve(ctx, r)
		})
		d := open(t, net, "A")
		d.register("Ada")
		joinsRoom(d, url)
		wait(15 * time.Second)
		for _, row := range []struct {
			what   string
			viewed core.ID
			hidden bool
			ill    bool
			last   time.Duration
			low    int64
			high   int64
		}{
			{"in the list", core.ID{}, false, false, time.Minute, 5, 7},
			{"on the screen", room, false, false, time.Minute, 16, 21},
			{"behind another tab", room, true, false, 150 * time.Second, 2, 3},
			{"on the screen again", room, false, false, 5 * time.Second, 1, 2},
			{"on the screen, of a server in trouble", room, false, true, 150 * time.Second, 2, 4},
		} {
			d.hidden.Store(row.hidden)
			if row.ill {
				g.Lie(func(onion.V4Request) (onion.V4Response, bool) { return onion.V4Response{Code: 500}, true })
			}
			d.Viewing(row.viewed)
			before := asked.Load()
			wait(row.last)
			if n := asked.Load() - before; n < row.low || n > row.high {
				t.Errorf("%s for %v: the server was asked %d times, want %d to %d", row.what, row.last, n, row.low, row.high)
			}
		}
	})
}

// Ten thousand messages: the newest at once, the rest page by page, never more
// than a window in memory.
func TestLargeGroup(t *testing.T) {
	t.Parallel()
	world(t, func(t *testing.T, net *testnet.Network) {
		g, url, room := lobby(t, net, false)
		a, b := open(t, net, "A"), open(t, net, "B")
		a.register("Ada")
		b.register("Bob")
		joinsRoom(a, url)
		a.must(a.Send(room, "genuine"))
		readsRoom(a, room, "genuine")
		p := g.Posts("lobby")[0]
		for i := range 600 { // all but the last are forgeries, which cost a look each
			data := append(slices.Clone(p.Data), byte(i), byte(i>>8), 1)
			g.Plant("lobby", p.Author, data, p.Signature)
		}
		g.Plant("lobby", p.Author, p.Data, p.Signature)
		joinsRoom(b, url)
		s := b.Snapshot()
		if !s.Older[room] || len(s.Logs[room]) != 1 {
			t.Fatalf("%d rows, older %v", len(s.Logs[room]), s.Older[room])
		}
		for range 10 {
			b.must(b.Older(room))
		}
		if s = b.Snapshot(); s.Older[room] || len(s.Logs[room]) != 1 {
			t.Errorf("%d rows", len(s.Logs[room]))
		}
		b.must(b.Newest(room))
	})
}

// A room without its network: what was said last in it is on the disk, with who said
// it and what is read; what is written waits. Then the server's word counts, and who
// leaves keeps nothing.
func TestGroupsWithoutNetwork(t *testing.T) {
	t.Parallel()
	world(t, func(t *testing.T, net *testnet.Network) {
		g, url, room := lobby(t, net, false)
		key, err := opengroup.ParseURL(url)
		if err != nil {
			t.Fatal(err)
		}
		author := identity.NewRoot().Account().Blind(key.Host.Key)
		says := func(text string) int64 {
			words := opengroup.Words(text, "Somebody", net.Now())
			return g.Plant("lobby", "15"+author.Ed().Hex(), words, author.Sign(words))
		}
		for i := range 150 {
			says(fmt.Sprint("old ", i))
		}
		d := open(t, net, "A")
		d.register("Ada")
		joinsRoom(d, url)
		d.Viewing(room)
		d.must(d.Send(room, "mine"))
		s := d.until("the post", func(s *client.Snapshot) bool { return postOf(s, room, "mine").Status == core.Stored })
		if n := len(s.Logs[room]); n != 101 || !s.Older[room] {
			t.Fatalf("%d rows of a room that is looked at, older %v", n, s.Older[room])
		}
		d.Viewing(core.ID{})
		wait(5 * time.Second)
		gone := says("new <b>")
		g.Moderate("lobby", postOf(s, room, "mine").Post.Author)
		g.Pin("lobby", gone)
		before := d.until("news", func(s *client.Snapshot) bool {
			r := groupOf(s, room)
			return r.Unread == 1 && r.Group.Moderator && r.Group.Pinned != nil
		})

		d.line.set(true)
		d.reload()
		s = d.until("the room from the disk", func(s *client.Snapshot) bool { return groupOf(s, room) != nil })
		row, was := groupOf(s, room), groupOf(before, room)
		if got, want := roomTexts(s.Logs[room]), roomTexts(before.Logs[room]); !slices.Equal(got, want[len(want)-100:]) || !s.Older[room] {
			t.Errorf("%d rows, older %v: %q", len(got), s.Older[room], got)
		}
		if row.Name != "Lobby" || row.Unread != 1 || row.FirstUnread != was.FirstUnread || row.Last != "new <b>" || !row.Group.Write ||
			!row.Group.Moderator || row.Group.Pinned == nil || row.Group.Pinned.Body != "new <b>" || row.Group.Loaded {
			t.Errorf("%+v %+v", row, row.Group)
		}
		if m := postOf(s, room, "mine"); m.Direction != core.Out || m.Post.Author != postOf(before, room, "mine").Post.Author || !m.Post.Moderator {
			t.Errorf("one's own: %+v %+v", m, m.Post)
		}
		if m := postOf(s, room, "old 149"); m.Direction != core.In || m.Post.Name != "Somebody" || m.Sent == 0 {
			t.Errorf("another's: %+v %+v", m, m.Post)
		}
		if err := d.Older(room); err == nil {
			t.Error("older ones came without a network")
		}
		d.must(d.Send(room, "written without"))
		d.until("it waits", func(s *client.Snapshot) bool { return postOf(s, room, "written without").Status == core.Queued })
		d.reload()
		d.until("it still waits", func(s *client.Snapshot) bool {
			return postOf(s, room, "written without").Status == core.Queued && postOf(s, room, "old 149").Post != nil
		})

		g.Withdraw("lobby", gone)
		d.line.set(false)
		s = d.until("the server's word", func(s *client.Snapshot) bool {
			return groupOf(s, room).Group.Loaded && postOf(s, room, "written without").Status == core.Stored && postOf(s, room, "new <b>").Post == nil
		})
		if r := groupOf(s, room); r.Group.Pinned != nil || r.Unread != 0 {
			t.Errorf("%+v %+v", r, r.Group)
		}
		d.must(d.Group(client.GroupOrder{Verb: client.LeaveGroup, Group: room}))
		wait(time.Minute)
		for _, r := range d.disk.reveal(t) {
			if r.kind == store.Room {
				t.Error("a room that was left is on the disk")
			}
		}
	})
}
